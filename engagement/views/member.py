"""The timeline of one member, page by page, for the member's page below."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views import View

from engagement.selectors import timeline
from kernel.doors import Desk
from kernel.tenancy import TenantRequest
from members.selectors import merged, people


class Timeline(Desk, View):
    permission = "members.view"

    def get(self, request: TenantRequest, number: int) -> HttpResponse:
        member = people.find(community=request.community, number=number)
        if member is None:
            raise Http404
        before = request.GET.get("before", "")
        found = timeline.of_member(
            community=request.community, number=number, also=merged.numbers_of(member), before=before
        )
        return render(request, "engagement/member/_days.html", {"timeline": found, "member": member})
