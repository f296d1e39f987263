"""Disputes at the desk: what to do by when, and what becomes of the membership."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View

from commerce import dispute_reasons, received
from commerce.models import Refund
from commerce.payment_forms import endings
from commerce.selectors import disputes as found
from commerce.services import disputes, payments
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor

PAGE = 50


class Disputes(Desk, View):
    permission = "money.view"

    def get(self, request: TenantRequest) -> HttpResponse:
        page = Paginator(found.of(request.community.id), PAGE).get_page(request.GET.get("page"))
        rows = [
            (one, received.way_of(one.payment), dispute_reasons.in_words(one.reason), endings(one.payment))
            for one in page
        ]
        acts = request.membership.may(payments.MANAGE)
        context = {"page_obj": page, "rows": rows, "acts": acts, "now": now()}
        return render(request, "commerce/desk/disputes.html", context)


class ActOnDispute(Desk, View):
    """Ask the provider how it stands, or say what becomes of the membership."""

    permission = payments.MANAGE
    http_method_names = ["post"]

    def post(self, request: TenantRequest, dispute_key: Any) -> HttpResponse:
        dispute = found.of(request.community.id).filter(key=dispute_key).first()
        if dispute is None:
            raise Http404
        who: dict[str, Any] = {"at": now(), "by": Actor.of_request(request)}
        try:
            match request.POST.get("act", ""), request.POST.get("then", ""):
                case "ask", _any:
                    dispute = disputes.refresh(dispute, **who)
                    said = _("The provider says: %(state)s.") % {"state": dispute.get_state_display()}
                case "choose", then if then in Refund.Then.values:
                    reason = request.POST.get("reason", "")
                    disputes.choose(dispute=dispute, then=Refund.Then(then), reason=reason, **who)
                    said = _("It is settled.")
                case _:
                    raise Refused(_("Choose what is to be done."), code="act")
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, said)
        return redirect("commerce:disputes", request.community.slug)
