"""The members' directory: found by name, city and interest, and one person of it."""

from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from kernel import access, slots
from kernel.doors import MembersOnly
from kernel.tenancy import TenantRequest
from members.forms.people import FindForm
from members.models import Membership
from members.selectors import merged
from members.selectors import people_directory as directory

#: How many of one's own interests are offered to look for.
OFFERED = 8


class People(MembersOnly, View):
    def get(self, request: TenantRequest) -> HttpResponse:
        form = FindForm(request.GET)
        form.is_valid()
        wanted = form.wanted()
        members = directory.matching(community=request.community, wanted=wanted)
        page = directory.page(members, community_id=request.community.id, cursor=request.GET.get("at", ""))
        alone = not (page.before or page.after)
        many, more = (len(page.people), False) if alone else directory.count(members)
        me = request.membership
        context = {
            "form": form,
            "wanted": wanted,
            "narrowed": bool(wanted.text or wanted.city or wanted.interest),
            "page": page,
            "count": many,
            "more": more,
            "offered": [
                {"words": interest, "url": f"{request.path}?{urlencode({'interest': interest})}"}
                for interest in me.interests[:OFFERED]
            ],
            "unsaid": not me.introduction,
            "unlisted": not me.listed,
        }
        return render(request, "members/people/people.html", context)


class Person(MembersOnly, View):
    """One member, as far as they show themselves; who is not in the directory is not found."""

    def get(self, request: TenantRequest, number: int) -> HttpResponse:
        if number >= 2**31:
            raise Http404
        members = Membership.objects.of(request.community.id)
        try:
            member = access.find(members, request, number=number)
        except Http404:
            kept = merged.of_number(request.community.id, number)
            if kept is None:
                raise
            # Raises as above for who may not see them: where one's page has gone tells who one is.
            access.find(members, request, pk=kept.pk)
            return redirect("members:person", request.community.slug, kept.number)
        context = {
            "person": directory.person(member),
            "own": member.pk == request.membership.pk,
            "listed": member.listed,
            "staff": request.membership.may("members.view"),
            "parts": slots.render("person.main", request, member),
        }
        return render(request, "members/people/person.html", context)
