"""Transfers at the desk: those that are awaited are confirmed one by one, or by a bank's statement in one go."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from commerce.models import BankLine, Invoice, Payment
from commerce.providers.statements import LARGEST_FILE
from commerce.selectors import transfers as found
from commerce.services import payments, transfers
from kernel import words
from kernel.clock import local_day, now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.money import Money
from kernel.tenancy import TenantRequest
from members.actors import Actor

#: A statement's lines are shown so many at a time, and booked so many in one go.
PAGE = 100


class Transfers(Desk, View):
    """Who was told where to send the money, and since when."""

    permission = "money.view"

    def get(self, request: TenantRequest) -> HttpResponse:
        community = request.community
        page = Paginator(found.awaited(community.id), PAGE).get_page(request.GET.get("page"))
        context = {
            "page_obj": page,
            "to_book": found.to_book(community.id).count(),
            "acts": request.membership.may(payments.MANAGE),
            "today": local_day(now(), community.zone),
        }
        return render(request, "commerce/desk/transfers.html", context)


class Confirm(Desk, View):
    """It came: when, and how much."""

    permission = payments.MANAGE
    http_method_names = ["post"]

    def post(self, request: TenantRequest, transfer_key: Any) -> HttpResponse:
        attempt = found.awaited(request.community.id).filter(key=transfer_key).first()
        if attempt is None:
            raise Http404
        given = request.POST
        try:
            payment = transfers.confirm(
                attempt=attempt,
                money=Money.parse(given.get("amount", ""), attempt.currency),
                on=_day(given.get("on", "")),
                method=Payment.Method.CASH if given.get("method") == "cash" else Payment.Method.BANK,
                at=now(),
                by=Actor.of_request(request),
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _became(payment))
        return redirect("commerce:transfers", request.community.slug)


class Statement(Desk, View):
    """A statement's lines with what each may be for: the treasurer books them, or sets them aside."""

    permission = payments.MANAGE

    def get(self, request: TenantRequest) -> HttpResponse:
        page = Paginator(found.to_book(request.community.id).order_by("booked_on", "id"), PAGE)
        shown = page.get_page(request.GET.get("page"))
        rows = found.proposed(list(shown.object_list), community_id=request.community.id)
        return render(request, "commerce/desk/bank_statement.html", {"page_obj": shown, "rows": rows})

    def post(self, request: TenantRequest) -> HttpResponse:
        who: dict[str, Any] = {"community": request.community, "at": now(), "by": Actor.of_request(request)}
        try:
            match request.POST.get("act", ""):
                case "read":
                    said = self._read(request, who)
                case "book":
                    booked = transfers.book(chosen=self._chosen(request), **who)
                    many = len(booked)
                    said = ngettext("%(n)s payment is booked.", "%(n)s payments are booked.", many)
                    said %= {"n": words.number(many)}
                case "aside":
                    many = transfers.set_aside(lines=self._ticked(request), **who)
                    said = ngettext("%(n)s line is set aside.", "%(n)s lines are set aside.", many)
                    said %= {"n": words.number(many)}
                case _:
                    raise Refused(_("Choose what is to be done."), code="act")
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, said)
        return redirect("commerce:bank_statement", request.community.slug)

    @staticmethod
    def _read(request: TenantRequest, who: dict[str, Any]) -> str:
        file = request.FILES.get("file")
        if file is None:
            raise Refused(_("Choose a file."), code="required", field="file")
        if file.size is None or file.size > LARGEST_FILE:
            raise Refused(_("A statement is at most 10 MB."), code="too_large")
        read = transfers.read(raw=file.read(), **who)
        text = _("%(new)s new, %(known)s known before, %(went)s of money that went and were left out.")
        return text % {name: words.number(getattr(read, name)) for name in ("new", "known", "went")}

    @staticmethod
    def _ticked(request: TenantRequest) -> list[BankLine]:
        wanted = [key for key in map(_key, request.POST.getlist("line")[:PAGE]) if key]
        return list(found.to_book(request.community.id).filter(key__in=wanted))

    def _chosen(self, request: TenantRequest) -> list[tuple[BankLine, Invoice]]:
        """The ticked lines with the invoice that stands with each: as proposed, or as the treasurer typed it."""
        lines = self._ticked(request)
        proposals = found.proposed(lines, community_id=request.community.id)
        chosen = []
        for proposal in proposals:
            typed = request.POST.get(f"invoice_{proposal.line.key}", "").strip()
            invoice = proposal.invoice
            if typed and (invoice is None or invoice.number != typed):
                invoice = found.by_number(request.community.id, typed)
            if invoice is None:
                text = _("Which invoice is the line of %(day)s over %(amount)s for? Nothing was booked.")
                told = {
                    "day": words.day(proposal.line.booked_on),
                    "amount": words.money(proposal.line.money),
                }
                raise Refused(text % told, code="invoice")
            chosen.append((proposal.line, invoice))
        return chosen


def _became(payment: Payment) -> str:
    if payment.surplus:
        return _("It is noted. It did not cover the invoice by itself, so it is the member's credit.")
    return _("It is noted, and the invoice is paid.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(_("Choose a day."), code="day", field="on") from None


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
