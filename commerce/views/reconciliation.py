"""Providers' books and ours at the desk: what was compared, what differs, and settling it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View

from commerce import reconciling
from commerce.models import Difference
from commerce.services import reconciliation
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor

PAGE, SETTLED = 50, 10


class Reconciliation(Desk, View):
    permission = "money.view"

    def get(self, request: TenantRequest) -> HttpResponse:
        community = request.community
        page = Paginator(reconciling.open_of(community.id), PAGE).get_page(request.GET.get("page"))
        context = {
            "rails": reconciling.rails(community.id),
            "page_obj": page,
            "rows": reconciling.told(page.object_list),
            "settled": reconciling.told(reconciling.settled_of(community.id)[:SETTLED]),
            "acts": request.membership.may(reconciliation.MANAGE),
        }
        return render(request, "commerce/desk/reconciliation.html", context)


class SettleDifference(Desk, View):
    """Say what was found out about a difference, so that it waits no more."""

    permission = reconciliation.MANAGE
    http_method_names = ["post"]

    def post(self, request: TenantRequest, difference_key: Any) -> HttpResponse:
        found = Difference.objects.of(request.community.id).filter(key=difference_key).first()
        if found is None:
            raise Http404
        reason = request.POST.get("reason", "").replace("\x00", "")
        try:
            reconciliation.settle(found, reason=reason, at=now(), by=Actor.of_request(request))
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("It is settled."))
        return redirect("commerce:reconciliation", request.community.slug)
