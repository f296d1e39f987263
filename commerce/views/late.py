"""Dues that are to be paid, at the desk: what comes next for each, letting it wait, forgiving it, taking it back."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View

from commerce import late
from commerce.models import Invoice
from commerce.services import invoices, lateness
from kernel.clock import local_day, now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor

PAGE = 50


class Late(Desk, View):
    permission = "money.view"

    def get(self, request: TenantRequest) -> HttpResponse:
        community = request.community
        page = Paginator(late.owed_in(community.id), PAGE).get_page(request.GET.get("page"))
        today = local_day(now(), community.zone)
        rows = late.told(list(page.object_list), community_id=community.id, today=today)
        context = {"page_obj": page, "rows": rows, "acts": request.membership.may(lateness.MANAGE)}
        return render(request, "commerce/desk/late.html", context)


class ActOnLate(Desk, View):
    """Let it wait, forgive it, or take it back: each with what it needs, and told to the member."""

    permission = lateness.MANAGE
    http_method_names = ["post"]

    def post(self, request: TenantRequest, invoice_key: Any) -> HttpResponse:
        rows = Invoice.objects.of(request.community.id).select_related("membership", "community")
        invoice = rows.filter(key=invoice_key).first()
        if invoice is None:
            raise Http404
        given: dict[str, Any] = {"invoice": invoice, "at": now(), "by": Actor.of_request(request)}
        reason = request.POST.get("reason", "")
        try:
            match request.POST.get("act", ""):
                case "extend":
                    lateness.extend(until=_day(request.POST.get("until", "")), **given)
                case "forgive":
                    lateness.forgive(reason=reason, **given)
                case "void":
                    invoices.void(reason=reason, community=request.community, **given)
                case _:
                    raise Refused(_("Choose what is to be done."), code="act")
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("It is settled."))
        return redirect("commerce:late", request.community.slug)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(_("Choose a day."), code="day", field="until") from None
