"""Ties: the network drawn, who holds it together, and whom to bring together, with the act ready."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from engagement.selectors import cohesion, drawing, week_acts
from engagement.selectors import introductions as seen
from engagement.services import introductions
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.models import Membership

PAGE = 30


class Ties(Desk, View):
    """One sentence that says what to do, the picture, and the lists with their acts."""

    permission = "figures.view"
    http_method_names = ["get"]

    def get(self, request: TenantRequest) -> HttpResponse:
        community, at = request.community, now()
        woven = cohesion.woven(community, at=at)
        made, met = seen.outcome(community)
        context: dict[str, Any] = {
            "woven": woven,
            "say": woven.say,
            "picture": woven.picture,
            "may_introduce": request.membership.may(introductions.INTRODUCE),
            "made": made,
            "met": met,
        }
        return render(request, "engagement/ties.html", context)


class Picture(Desk, View):
    """The picture as rows for the page's script: who stands where, what they are called, and which ties are drawn."""

    permission = "figures.view"
    http_method_names = ["get"]

    def get(self, request: TenantRequest) -> HttpResponseBase:
        found = cohesion.drawn(request.community)
        drawn: Mapping[str, Any] = found.data if found is not None else drawing.NOTHING
        rows = Membership.objects.of(request.community.pk).filter(number__in=drawn["number"])
        names = {
            one.number: one.display_name for one in rows.only("number", "name", "external_id", "erased_at")
        }
        data = {name: drawn[name] for name in drawing.COLUMNS}
        answer = JsonResponse(
            {
                **data,
                "name": [names.get(number, f"#{number}") for number in data["number"]],
                "side": drawing.SIDE,
                "coloured": cohesion.COLOURED,
            }
        )
        answer["Cache-Control"] = "private, no-store"
        return answer


class SubCommunity(Desk, View):
    """The members of one sub-community, the most central first. Parts are found anew each night: a way to one that is gone
    leads to those that are there."""

    permission = "members.view"
    http_method_names = ["get"]

    def get(self, request: TenantRequest, place: int) -> HttpResponse:
        found = cohesion.part(request.community, place)
        if found is None:
            return redirect("engagement:ties", request.community.slug)
        part, numbers = found
        page = Paginator(numbers, PAGE).get_page(request.GET.get("page"))
        here = Membership.objects.of(request.community.pk).filter(number__in=list(page.object_list))
        people = {one.number: one for one in here.select_related("standing")}
        members = [people[number] for number in page.object_list if number in people]
        return render(request, "engagement/ties_part.html", {"part": part, "page": page, "members": members})


class Introductions(Desk, View):
    """All who were introduced or set aside, the latest first, with what followed."""

    permission = "figures.view"
    http_method_names = ["get"]

    def get(self, request: TenantRequest) -> HttpResponse:
        at = now()
        page = Paginator(seen.rows(request.community), PAGE).get_page(request.GET.get("page"))
        made, met = seen.outcome(request.community)
        context = {
            "page": page,
            "rows": list(seen.with_people(request.community, list(page.object_list), at=at)),
            "made": made,
            "met": met,
            "may_introduce": request.membership.may(introductions.INTRODUCE),
        }
        return render(request, "engagement/introductions.html", context)


class Introduce(Desk, View):
    """Introduce the two of `pair`, or set them aside."""

    permission = introductions.INTRODUCE
    http_method_names = ["post"]

    def post(self, request: TenantRequest) -> HttpResponse:
        try:
            self._do(*self._pair())
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect(self._back())

    def _do(self, one: Membership, other: Membership) -> None:
        by, at = Actor.of_request(self.request), now()
        if self.request.POST.get("do") == "set_aside":
            introductions.set_aside(one=one, other=other, at=at, by=by)
            messages.success(self.request, _("They are not proposed again."))
            return
        introductions.introduce(one=one, other=other, at=at, by=by)
        said = _("%(one)s and %(other)s have been written to, each in their language.")
        messages.success(self.request, said % {"one": one, "other": other})

    def _back(self) -> str:
        """To the act of the week that it was done from, or to all who should meet."""
        slug = self.request.community.slug
        try:
            act = week_acts.find(self.request.community, UUID(self.request.POST.get("from", "")))
        except ValueError:
            act = None
        if act is None:
            return reverse("engagement:ties", args=[slug]) + "#introduce"
        return reverse("engagement:week_act", args=[slug, act.key])

    def _pair(self) -> list[Membership]:
        """The two of the form. Raises `Refused` where it does not name two members."""
        given = self.request.POST.get("pair", "").split("-")
        numbers = [int(one) for one in given if one.isascii() and one.isdigit() and len(one) < 10]
        here = Membership.objects.of(self.request.community.pk).filter(number__in=numbers)
        found = {one.number: one for one in here}
        if len(given) != 2 or set(numbers) - set(found) or len(found) != 2:
            raise Refused(_("It takes two different members."), code="same")
        return [found[number] for number in numbers]


class TakeUp(Desk, View):
    """Let two who were set aside be proposed again."""

    permission = introductions.INTRODUCE
    http_method_names = ["post"]

    def post(self, request: TenantRequest, introduction_key: UUID) -> HttpResponse:
        row = seen.find(request.community, introduction_key)
        if row is None:
            raise Http404
        try:
            introductions.take_up(row=row, at=now(), by=Actor.of_request(request))
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("engagement:introductions", request.community.slug)
