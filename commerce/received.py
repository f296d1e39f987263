"""Payments as staff look at them: narrowed, one by one with all that came of it, and as the ledger has them."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from commerce import dispute_reasons
from commerce.models import Account, Dispute, Entry, Payment, ProviderAccount, Refund, Transaction
from commerce.providers import creditor_reference, providers
from commerce.services.ledger import KINDS
from kernel.clock import day_end, day_start
from kernel.money import Money
from kernel.tenancy import Community
from members.models import Membership

#: Members of one name whose payments are looked for.
MOST_NAMED = 200
_NUMBER = re.compile(r"([A-Za-z0-9]{1,10})-(\d{4})-(\d{1,9})", re.ASCII)
#: What can be asked of a payment's state, and the rows that are in it.
STATES: dict[str, tuple[str | Promise, Q]] = {
    "refunded": (_("Sent back"), Q(refunded__gt=0) | Q(refunding__gt=0)),
    "disputed": (
        _("Disputed"),
        Q(Exists(Dispute.objects.exclude(state=Dispute.State.WON).filter(payment=OuterRef("pk")))),
    ),
    "surplus": (_("Became credit"), Q(surplus=True)),
    "taken_back": (_("Taken back"), Q(reversed_at__isnull=False)),
}


@dataclass(frozen=True)
class Wanted:
    """What is asked for; all of it must hold. `way` is a method, or a rail's key; days are local and included."""

    text: str = ""
    way: str = ""
    state: str = ""
    currency: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Side:
    """One side of a posting, in words."""

    label: str | Promise
    amount: Money


@dataclass(frozen=True)
class Posted:
    label: str | Promise
    day: date
    sides: list[Side]


@dataclass(frozen=True)
class Step:
    """Something that happened to a payment."""

    at: datetime
    words: str | Promise
    amount: Money | None = None
    reason: str | Promise = ""
    tone: str = ""


def received(*, community: Community, wanted: Wanted) -> QuerySet[Payment]:
    """The payments that are asked for, the latest first."""
    found = Payment.objects.of(community.id).select_related("membership", "invoice", "account")
    if wanted.text:
        found = found.filter(_named(community, wanted.text))
    if wanted.way in Payment.Method.values:
        found = found.filter(method=wanted.way)
    elif wanted.way:
        found = found.filter(method=Payment.Method.PROVIDER, account__provider=wanted.way)
    if wanted.state in STATES:
        found = found.filter(STATES[wanted.state][1])
    if wanted.currency:
        found = found.filter(currency=wanted.currency)
    if wanted.since:
        found = found.filter(paid_at__gte=day_start(wanted.since, community.zone))
    if wanted.until:
        found = found.filter(paid_at__lt=day_end(wanted.until, community.zone))
    held = Dispute.objects.exclude(state=Dispute.State.WON).filter(payment=OuterRef("pk"))
    return found.annotate(disputed=Exists(held)).order_by("-paid_at", "-id")


def _named(community: Community, text: str) -> Q:
    """By member, invoice number, reference (ours, the bank's or the provider's) or note."""
    members = Membership.objects.records_of(community.id).search(text).values_list("pk", flat=True)
    asked = Q(membership_id__in=list(members[:MOST_NAMED])) | Q(note__icontains=text)
    asked |= Q(attempt__provider_reference=text) | Q(external_id=text)
    for reference in creditor_reference.found_in(text):
        asked |= Q(attempt__provider_reference=reference)
    if number := _NUMBER.fullmatch(text):
        series, year, sequence = number[1].upper(), int(number[2]), int(number[3])
        asked |= Q(invoice__series__iexact=series, invoice__year=year, invoice__sequence=sequence)
    return asked


def ways(community: Community) -> list[tuple[str, str | Promise]]:
    """What a payment can have come by: by hand, from credit, and by each rail that was ever connected here."""
    keys = (
        ProviderAccount.objects.filter(community_id=community.id)
        .values_list("provider", flat=True)
        .distinct()
        .order_by("provider")
    )
    rails = [(key, providers.get(key).label) for key in keys if key in providers]
    by_hand = [(key, label) for key, label in Payment.Method.choices if key != Payment.Method.PROVIDER]
    return [*((key, label) for key, label in rails if key != "offline"), *by_hand]


def way_of(payment: Payment) -> str | Promise:
    """What it came by: the provider's name, or by hand."""
    return way_called(payment.method, payment.account.provider if payment.account else "")


def way_called(method: str, provider: str) -> str | Promise:
    """What a way to pay is called: by the provider's name, where it was a provider that is known here."""
    if method == Payment.Method.PROVIDER and provider in providers:
        return providers.get(provider).label
    return Payment.Method(method).label


def currencies(community_id: int) -> list[str]:
    """Those in which money has come."""
    return list(
        Payment.objects.of(community_id).values_list("currency", flat=True).distinct().order_by("currency")
    )


def one(*, community_id: int, key: Any) -> Payment | None:
    """A payment with what its page shows."""
    rows = Payment.objects.of(community_id).select_related(
        "membership", "invoice__subscription__plan", "invoice__community", "account", "attempt", "community"
    )
    return rows.filter(key=key).first()


def refunds_of(payment: Payment) -> list[Refund]:
    return list(payment.refunds.select_related("credit_note").order_by("id"))


def disputes_of(payment: Payment) -> list[Dispute]:
    return list(payment.disputes.select_related("credit_note").order_by("id"))


def books_of(payment: Payment, refunds: list[Refund], disputes: list[Dispute]) -> list[Posted]:
    """What the ledger has of it, in its order: of the payment, its refunds with their credit notes, its disputes."""
    sent = [one.credit_note_id for one in refunds if one.credit_note_id]
    notes = [*sent, *(one.credit_note_id for one in disputes if one.credit_note_id)]
    transactions = Transaction.objects.of(payment.community_id).filter(
        Q(source_type="payment", source_id=payment.pk)
        | Q(source_type="refund", source_id__in=[one.pk for one in refunds])
        | Q(source_type="dispute", source_id__in=[one.pk for one in disputes])
        | Q(source_type="credit_note", source_id__in=notes)
    )
    entries = Entry.objects.filter(transaction__in=transactions).select_related("transaction")
    found: dict[int, Posted] = {}
    for entry in entries.order_by("transaction_id", "id"):
        posting = entry.transaction
        posted = found.setdefault(posting.pk, Posted(KINDS[posting.kind], posting.day, []))
        posted.sides.append(Side(Account(entry.account).label, Money(entry.amount, entry.currency)))
    return list(found.values())


def steps_of(payment: Payment, refunds: list[Refund], disputes: list[Dispute]) -> list[Step]:
    """What happened to it, in the order of time."""
    found = [Step(payment.paid_at, _("Came in"), payment.money, payment.note, "accent")]
    if payment.reversed_at is not None:
        found.append(Step(payment.reversed_at, _("Taken back: it was noted by mistake"), tone="bad"))
    for refund in refunds:
        found.append(Step(refund.made_at, _("To be sent back"), refund.money, refund.reason))
        if refund.settled_at is not None:
            went = refund.state == Refund.State.SUCCEEDED
            words = _("Sent back") if went else _("Could not be sent back")
            found.append(Step(refund.settled_at, words, refund.money, refund.problem, "" if went else "bad"))
    for dispute in disputes:
        found.append(
            Step(
                dispute.opened_at,
                _("Disputed with the payer's bank"),
                dispute.money,
                dispute_reasons.in_words(dispute.reason),
                "bad",
            )
        )
        if dispute.decided_at is not None:
            found.append(Step(dispute.decided_at, dispute.get_state_display(), dispute.money))
    return sorted(found, key=lambda step: step.at)
