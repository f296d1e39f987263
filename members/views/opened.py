"""A row of the member table opened in place: how to reach them, where they stand, what may be done."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from kernel.doors import Desk
from kernel.tenancy import TenantRequest
from members.selectors import people
from members.selectors.directory import STATUS_TONES
from members.views.member import possible_acts


class Opened(Desk, View):
    """The part that stands under the row; without htmx the member's page."""

    permission = "members.view"
    http_method_names = ["get"]

    def get(self, request: TenantRequest, number: int) -> HttpResponse:
        member = people.find(community=request.community, number=number)
        if member is None:
            raise Http404
        if not request.htmx:
            return redirect("members:member", request.community.slug, number)
        context = {
            "member": member,
            "status_tone": STATUS_TONES.get(member.status, ""),
            "custom": people.custom(member)[:6],
            "history": people.history(member, most=3),
            "may_change": request.membership.may("members.change"),
            "acts": possible_acts(member, request.membership),
            "columns": request.GET.get("columns", "1"),
        }
        return render(request, "members/_opened.html", context)
