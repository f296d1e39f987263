"""The further pages of a member's timeline, for the member's page."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views import View

from kernel import timelines
from kernel.doors import Desk
from kernel.tenancy import TenantRequest
from members.forms.notes import NoteForm
from members.models import Membership
from members.selectors import people


def shown(request: TenantRequest, member: Membership) -> dict[str, Any]:
    """What the templates of the timeline ask for: the page that the address names, and the form for a note."""
    kind, cursor = request.GET.get("show", ""), request.GET.get("before", "")
    found = timelines.page(request, member, kind=kind, cursor=cursor)
    form = NoteForm() if request.membership.may("members.note") and not cursor else None
    return {"timeline": found, "latest": not cursor, "member": member, "form": form}


class Timeline(Desk, View):
    permission = "members.view"

    def get(self, request: TenantRequest, number: int) -> HttpResponse:
        member = people.find(community=request.community, number=number)
        if member is None:
            raise Http404
        return render(request, "members/timeline/_days.html", shown(request, member))
