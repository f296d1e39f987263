"""The operators' forest: the biggest trees first, opened a branch at a time."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View

from kernel.doors import Desk
from kernel.tenancy import TenantRequest
from members.models import Membership
from members.selectors import forest, people

SIZE = 30
FOUND = 20


class Forest(Desk, View):
    """The page; with `member` opened at that member, with `q` what a search found."""

    permission = "members.view"

    def get(self, request: TenantRequest) -> HttpResponse:
        asked, after = (
            request.GET.get("q", "").replace("\x00", "").strip()[:200],
            request.GET.get("after", ""),
        )
        context: dict[str, Any] = {"q": asked, "after": after}
        if asked:
            context["found"] = forest.search(request.community, asked, most=FOUND)
        elif "member" in request.GET:
            context |= self._opened(request)
        else:
            context["trees"] = forest.biggest(request.community, size=SIZE, after=after)
        if request.htmx and after:
            return render(request, "members/invitations/_trees.html", context)
        if request.htmx:
            return render(request, "members/invitations/_forest.html", context)
        return render(request, "members/invitations/forest.html", context)

    @staticmethod
    def _opened(request: TenantRequest) -> dict[str, Any]:
        member = _find(request, request.GET["member"])
        branches = forest.branches(member, size=SIZE, after=request.GET.get("after", ""))
        return {"node": forest.node(member), "path": forest.path(member), "branches": branches}


class Branch(Desk, View):
    """Whom one member brought, put under them in the open page; by itself it is the page opened there."""

    permission = "members.view"

    def get(self, request: TenantRequest, number: int) -> HttpResponse:
        member = _find(request, str(number))
        if not request.htmx:
            place = reverse("members:forest", args=[request.community.slug])
            return redirect(f"{place}?member={member.number}")
        branches = forest.branches(member, size=SIZE, after=request.GET.get("after", ""))
        context = {"of": member, "branches": branches}
        return render(request, "members/invitations/_branch.html", context)


def _find(request: TenantRequest, number: str) -> Membership:
    if not number.isdecimal() or not number.isascii() or len(number) > 9:
        raise Http404
    member = people.find(community=request.community, number=int(number))
    if member is None:
        raise Http404
    return member
