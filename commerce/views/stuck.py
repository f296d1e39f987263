"""What nobody finished, acted on at the head of the payments."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views import View

from commerce.selectors import stuck
from commerce.services import payments, unstuck
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor

FOUND: dict[str, Any] = {
    "attempt": stuck.attempts,
    "refund": stuck.refunds,
    "event": stuck.events,
    "payment": stuck.payments,
}


class ActOnStuck(Desk, View):
    """Ask again, or settle it with a reason."""

    permission = payments.MANAGE
    http_method_names = ["post"]

    def post(self, request: TenantRequest, kind: str) -> HttpResponse:
        given, number = request.POST, request.POST.get("row", "")
        rows = FOUND.get(kind)
        if rows is None or not (number.isascii() and number.isdigit() and len(number) < 19):
            raise Http404
        one = rows(request.community.id).filter(pk=int(number)).first()
        if one is None:
            raise Http404
        who: dict[str, Any] = {"at": now(), "by": Actor.of_request(request)}
        why = who | {"reason": given.get("reason", "")}
        try:
            match kind, given.get("act", ""):
                case "attempt", "ask":
                    unstuck.ask_attempt(one, **who)
                case "attempt", "settle":
                    unstuck.drop_attempt(one, **why)
                case "refund", "ask":
                    unstuck.ask_refund(one, **who)
                case "refund", "sent" | "settle" as act:
                    unstuck.settle_refund(one, sent=act == "sent", **why)
                case "event", "ask":
                    unstuck.try_event(one, **who)
                case "event", "settle":
                    unstuck.settle_event(one, **why)
                case "payment", "settle":
                    unstuck.settle_payment(one, **why)
                case _:
                    raise Refused(_("Choose what is to be done."), code="act")
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            words = _("It was asked once more.") if given.get("act") == "ask" else _("It is settled.")
            messages.success(request, words)
        return redirect("commerce:payments", request.community.slug)
