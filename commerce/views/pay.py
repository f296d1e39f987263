"""Paying an invoice, by its link alone: whoever holds it may pay, signed in or not."""

import json
from datetime import datetime
from typing import Any

import segno
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views import View

from commerce.models import PaymentAttempt, ProviderAccount
from commerce.providers import providers
from commerce.providers.base import Surface
from commerce.selectors import paying
from commerce.selectors.paying import Bill
from commerce.services import accounts, attempts, credits, payments
from commerce.surfaces import surface
from commerce.views import payers
from kernel.clock import now
from kernel.errors import Refused
from kernel.money import Money
from kernel.payable import payables
from members.actors import Actor


class OfInvoice(View):
    """The door: a link that leads nowhere is a page that is not there. Answers are never kept or indexed, and the link
    goes to no other site: providers are told the site alone, without which WeChat Pay opens no page of its own."""

    request: Any

    @cached_property
    def bill(self) -> Bill:
        found = paying.by_token(self.kwargs["pay_token"])
        if found is None:
            raise Http404
        return found

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        community = self.bill.invoice.community
        # The page wears the community's colour and keeps its clock.
        request.community = community  # type: ignore[attr-defined]
        with timezone.override(community.zone):
            response = super().dispatch(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex"
        response["Referrer-Policy"] = "strict-origin"
        return response

    @property
    def by(self) -> Actor:
        """Whoever holds the link pays for the member, and is nobody else."""
        return Actor(words=_("Pay link"), address=self.request.META.get("REMOTE_ADDR") or None)

    def back(self) -> HttpResponse:
        """To the bill, as a whole page: a part of it would take the place of all."""
        address = reverse("commerce:pay", args=[self.kwargs["pay_token"]])
        return _leave(address) if getattr(self.request, "htmx", False) else redirect(address)


class Pay(OfInvoice):
    """What is owed, for what, and the ways to pay it; a way that was chosen, until it has led somewhere; then a receipt."""

    def get(self, request: HttpRequest, pay_token: str) -> HttpResponse:
        bill = self.bill
        context = {"bill": bill, "invoice": bill.invoice, "community": bill.invoice.community, "now": now()}
        if bill.is_open:
            chosen = _chosen(bill.attempt, self._surface, now())
            context |= {"ways": self._ways(), "chosen": chosen, "credit": self._credit()}
            context["elsewhere"] = not context["ways"] and any(map(self._ways, Surface))
        elif bill.is_of(request.user):
            context["gift"] = bill.invoice.gift
        order = bill.invoice.order
        if order is not None:
            # Whoever holds the link of what was ordered has what was ordered.
            context |= {"order": order, "theirs": payables.get(order.payable).path(order=order.key)}
        part = bool(getattr(request, "htmx", False))
        return render(request, "commerce/pay/_state.html" if part else "commerce/pay/pay.html", context)

    def post(self, request: HttpRequest, pay_token: str) -> HttpResponse:
        """Choose a way. The browser goes there at once; without scripts a link leads on."""
        bill = self.bill
        wanted = request.POST.get("account", "")
        account = next((one.account for one in self._ways() if one.account.key.hex == wanted), None)
        if account is None:
            messages.error(request, _("This way to pay is not offered any more: choose another one."))
            return self.back()
        if self._surface in providers.get(account.provider).named_on:
            return self._ask(account)
        try:
            attempt = attempts.begin(
                invoice=bill.invoice,
                account=account,
                surface=self._surface,
                return_url=request.build_absolute_uri(reverse("commerce:paid", args=[pay_token])),
                save_mandate=request.POST.get("save") == "on",
                client_ip=request.META.get("REMOTE_ADDR", ""),
                own=bill.is_of(request.user),
                at=now(),
                by=self.by,
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
            return self.back()
        shown = attempt.presentation or {}
        if "url" in shown and getattr(request, "htmx", False):
            return _leave(shown["url"])
        return self.back()

    def _ask(self, account: ProviderAccount) -> HttpResponse:
        """The rail has to be told who pays: the payer is sent to be named first."""
        token = self.kwargs["pay_token"]
        try:
            address = payers.sent(self.request, pay_token=token, account=account, surface=self._surface)
        except Refused as refusal:
            messages.error(self.request, str(refusal))
            return self.back()
        if getattr(self.request, "htmx", False):
            return _leave(address)
        invoice = self.bill.invoice
        label = providers.get(account.provider).label
        context = {"address": address, "invoice": invoice, "community": invoice.community, "rail": label}
        return render(self.request, "commerce/pay/leave.html", context)

    @cached_property
    def _surface(self) -> Surface:
        return surface(self.request.headers.get("User-Agent", ""))

    def _ways(self, where: Surface | None = None) -> "list[Way]":
        """Those that lead on where the payer is, or would there."""
        invoice = self.bill.invoice
        found = paying.accounts_for(invoice, accounts.payable(invoice.community, where or self._surface))
        return [Way(account) for account in found]

    def _credit(self) -> Money | None:
        """What the member could pay it from, told to nobody else."""
        invoice = self.bill.invoice
        if not self.bill.is_of(self.request.user):
            return None
        credit = credits.spendable(invoice.membership, invoice.currency, hold=False)
        return credit if credit >= invoice.due else None


class Way:
    """One way to pay, as its button shows it."""

    def __init__(self, account: Any) -> None:
        self.account = account
        rail = providers.get(account.provider)
        self.key, self.label, self.keeps = rail.key, rail.label, "off_session" in rail.capabilities


class PayWithCredit(OfInvoice):
    """What the community owes the member pays what the member owes it: for the member alone."""

    http_method_names = ["post"]

    def post(self, request: Any, pay_token: str) -> HttpResponse:
        invoice = self.bill.invoice
        if not self.bill.is_of(request.user):
            raise Http404
        by = Actor.person(request.user, invoice.membership)
        try:
            payments.with_credit(invoice=invoice, community=invoice.community, at=now(), by=by)
        except Refused as refusal:
            messages.error(request, str(refusal))
        return self.back()


class Paid(OfInvoice):
    """Where a provider sends the payer back: what has become of it is asked of the provider, not of the address."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, pay_token: str) -> HttpResponse:
        if self.bill.attempt is not None:
            attempts.refresh(self.bill.attempt, at=now(), by=self.by)
        return self.back()


class Again(OfInvoice):
    """Give up the way that was chosen, and choose another one."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pay_token: str) -> HttpResponse:
        if self.bill.attempt is not None:
            try:
                attempts.close(self.bill.attempt, at=now(), by=self.by)
            except Refused as refusal:
                messages.error(request, str(refusal))
        return self.back()


class Document(OfInvoice):
    """The invoice itself, to be read and printed."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, pay_token: str) -> HttpResponse:
        bill = self.bill
        context = {"bill": bill, "invoice": bill.invoice, "community": bill.invoice.community}
        return render(request, "commerce/pay/invoice.html", context)


def _leave(address: str) -> HttpResponse:
    answer = HttpResponse(status=204)
    answer["HX-Redirect"] = address
    return answer


def _chosen(attempt: PaymentAttempt | None, here: Surface, at: datetime) -> dict[str, Any] | None:
    """How the payer goes on with the way they chose."""
    if attempt is None or not attempt.presentation:
        return None
    shown = dict(attempt.presentation)
    shown["rail"] = providers.get(attempt.account.provider).label
    shown["is_over"] = not attempts.can_go_on(attempt, at)
    if "content" in shown:
        shown["drawn"] = _qr(shown["content"])
    if "parameters" in shown and attempt.surface == here and not shown["is_over"]:
        shown["handed"] = json.dumps(shown["parameters"])
    return shown


def _qr(content: str) -> SafeString:
    """Black on white also by night: scanners need it."""
    code = segno.make(content, error="m", micro=False)
    return SafeString(code.svg_inline(border=2, dark="#000", light="#fff", lineclass=None, omitsize=True))
