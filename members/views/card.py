"""The member card, and what it tells to whoever scans it."""

from datetime import UTC

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from kernel.clock import now
from kernel.doors import MembersOnly
from kernel.tenancy import TenantRequest
from members.selectors import card as cards_seen
from members.services import cards


class Card(MembersOnly, View):
    """One's own card, with a code where it is worth something."""

    def get(self, request: TenantRequest) -> HttpResponse:
        membership, context = request.membership, {}
        if cards_seen.is_valid(membership):
            card = cards.current(membership=membership, at=now())
            address = request.build_absolute_uri(reverse("members:verify", args=[cards_seen.token(card)]))
            context = {
                "address": address,
                "qr": cards_seen.qr(address),
                "until": card.issued_at + cards_seen.LASTS,
            }
        context |= {"membership": membership, "hue": cards_seen.hue(membership.tier)}
        response = render(request, "members/own/card.html", context)
        response["Cache-Control"] = "no-store"
        return response


class RenewCard(MembersOnly, View):
    http_method_names = ["post"]

    def post(self, request: TenantRequest) -> HttpResponse:
        cards.renew(membership=request.membership, at=now())
        messages.success(
            request, _("The card has a new code. Pictures of the old one are worth nothing now.")
        )
        return redirect("members:card", request.community.slug)


class Verify(View):
    """Whether the card that was scanned is worth something now, for anyone; the answer is never kept or indexed."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        at = now()
        checked = cards_seen.check(token, at=at)
        with timezone.override(checked.zone if checked else UTC):
            response = render(request, "members/card/verify.html", {"checked": checked, "at": at})
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex"
        response["Referrer-Policy"] = "strict-origin"
        return response
