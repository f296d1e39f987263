"""Which invoice a line of a bank's statement is for: proposed to the treasurer, who books it.

Sure is a line that names the reference which the payer was given, over what is due. Everything else is for a person to
look at: the reference with another amount, an invoice's number, or the name and the amount of the only one it can be.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q, QuerySet

from commerce.models import BankLine, Invoice, PaymentAttempt
from commerce.providers import creditor_reference
from kernel.money import Money
from kernel.tenancy import TenantRequest

Status = Invoice.Status
#: Of an invoice's number, however it was spaced.
_NUMBER = re.compile(r"([A-Z0-9]{1,10})[\s\-/.]*(20\d{2})[\s\-/.]*(\d{6})", re.ASCII)


class Certainty(StrEnum):
    SURE = "sure"
    PROBABLE = "probable"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Proposal:
    """A line and the invoice it may be for. `by_reference`: the payer wrote the reference they were given. `short` and `over`
    are what is missing of what is due, and what is over; `too_late`: it was paid, or taken back, meanwhile."""

    line: BankLine
    invoice: Invoice | None
    certainty: Certainty
    by_reference: bool = False

    @property
    def too_late(self) -> bool:
        return self.invoice is not None and self.invoice.status != Status.OPEN

    @property
    def short(self) -> Money | None:
        due = self._due()
        return due - self.line.money if due is not None and self.line.money < due else None

    @property
    def over(self) -> Money | None:
        due = self._due()
        return self.line.money - due if due is not None and due < self.line.money else None

    def _due(self) -> Money | None:
        if self.invoice is None or self.too_late or self.invoice.currency != self.line.currency:
            return None
        return self.invoice.due


def waiting(request: TenantRequest) -> QuerySet[BankLine]:
    return to_book(request.community.id)


def to_book(community_id: int) -> QuerySet[BankLine]:
    return BankLine.objects.filter(community_id=community_id, state=BankLine.State.OPEN)


def awaited(community_id: int) -> QuerySet[PaymentAttempt]:
    """Members who were told where to send the money, and whose money has not come; the longest first."""
    rows = PaymentAttempt.objects.filter(
        invoice__community_id=community_id,
        invoice__status=Status.OPEN,
        account__provider="offline",
        state__in=PaymentAttempt.LIVE,
    )
    return rows.select_related("invoice__membership", "account").order_by("made_at", "id")


def proposed(lines: list[BankLine], *, community_id: int) -> list[Proposal]:
    """Each line with what it may be for, in four queries however many they are."""
    by_reference = _by_reference(community_id, lines)
    by_number = _by_number(community_id, lines)
    open_ones = list(
        Invoice.objects.of(community_id).unpaid().filter(_amounts(lines)).select_related("membership")
    )
    by_name: dict[tuple[str, int, str], list[Invoice]] = defaultdict(list)
    for invoice in open_ones:
        for name in {invoice.membership.name, str(invoice.billed_to.get("name") or "")}:
            by_name[_key(name), invoice.due.amount, invoice.currency].append(invoice)
    return [_propose(line, by_reference, by_number, by_name) for line in lines]


def references_in(line: BankLine) -> list[str]:
    return creditor_reference.found_in(line.text)


def by_number(community_id: int, text: str) -> Invoice | None:
    """The invoice of a number as it is printed."""
    number = number_in(text)
    if number is None:
        return None
    series, year, sequence = number
    rows = Invoice.objects.of(community_id).filter(series__iexact=series, year=year, sequence=sequence)
    return rows.select_related("membership").first()


def number_in(text: str) -> tuple[str, int, int] | None:
    """Series, year and sequence of an invoice's number in a free text."""
    found = _NUMBER.search(text.upper())
    return (found[1], int(found[2]), int(found[3])) if found else None


def _propose(
    line: BankLine,
    by_reference: dict[str, Invoice],
    by_number: dict[tuple[str, int, int], Invoice],
    by_name: dict[tuple[str, int, str], list[Invoice]],
) -> Proposal:
    for reference in references_in(line):
        invoice = by_reference.get(reference)
        if invoice is not None and invoice.currency == line.currency:
            exact = invoice.status == Status.OPEN and invoice.due == line.money
            return Proposal(line, invoice, Certainty.SURE if exact else Certainty.PROBABLE, by_reference=True)
    number = number_in(line.text)
    invoice = by_number.get(number) if number else None
    if invoice is not None and invoice.currency == line.currency:
        return Proposal(line, invoice, Certainty.PROBABLE)
    same = by_name.get((_key(line.counterparty), line.amount, line.currency), [])
    if line.counterparty and len({one.pk for one in same}) == 1:
        return Proposal(line, same[0], Certainty.PROBABLE)
    return Proposal(line, None, Certainty.UNKNOWN)


def _by_reference(community_id: int, lines: Iterable[BankLine]) -> dict[str, Invoice]:
    wanted = {reference for line in lines for reference in references_in(line)}
    rows = PaymentAttempt.objects.filter(
        invoice__community_id=community_id, account__provider="offline", provider_reference__in=wanted
    )
    return {row.provider_reference: row.invoice for row in rows.select_related("invoice__membership")}


def _by_number(community_id: int, lines: Iterable[BankLine]) -> dict[tuple[str, int, int], Invoice]:
    wanted = {number for line in lines if (number := number_in(line.text))}
    rows = Invoice.objects.of(community_id).filter(
        year__in={year for _series, year, _sequence in wanted},
        sequence__in={sequence for _series, _year, sequence in wanted},
    )
    return {(row.series.upper(), row.year, row.sequence): row for row in rows.select_related("membership")}


def _amounts(lines: Iterable[BankLine]) -> Q:
    """Invoices over as much as came at the least: credit may have been used on them."""
    smallest = min((line.amount for line in lines), default=0)
    return Q(gross__gte=smallest)


def _key(name: str) -> str:
    """A name as it is compared: without marks, case and order of its words."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    words = re.findall(r"\w+", "".join(char for char in plain if not unicodedata.combining(char)))
    return " ".join(sorted(words))
