"""Transfers and cash: the treasurer says that they came, one by one or by a bank's statement. Money that came is recorded
whatever it was sent for; a line of a statement once, in however many files it stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from commerce.models import BankLine, Invoice, Payment, PaymentAttempt
from commerce.providers import creditor_reference, statements
from commerce.services import credits, outcomes, payments, standings
from kernel.clock import day_start, local_day
from kernel.errors import Refused
from kernel.locks import locked
from kernel.money import LARGEST, Money
from kernel.tenancy import Community
from members.actors import Actor
from members.models import Membership
from members.services import audit, powers

#: Lines of one file, at most; and days that a transfer can lie back.
MOST_LINES, OLDEST = 5_000, timedelta(days=366)
Method = Payment.Method


@dataclass(frozen=True)
class Read:
    """What became of a file's lines: those to be booked now, those that were known, and those of money that went."""

    new: int
    known: int
    went: int


@transaction.atomic
def came(
    *,
    invoice: Invoice,
    money: Money,
    at: datetime,
    by: Actor,
    paid_at: datetime | None = None,
    method: Payment.Method = Method.BANK,
    attempt: PaymentAttempt | None = None,
    note: str = "",
) -> Payment:
    """A transfer or cash came for an invoice; what becomes of it is told at `payments.receive`. It is the one door for money
    that no provider tells of. `attempt` is the way to pay that a member was told, the open one where none is named: it is
    over with what pays. Ways to pay the same with a provider are closed as soon as somebody can.

    Raises `Refused` for what comes in another way (`method`), for another currency (`currency`), for nothing or more than can
    be (`amount`), for a time that has not come or is long gone (`paid_at`), and for who may not.
    """
    powers.require(by, payments.MANAGE)
    if method not in (Method.BANK, Method.CASH):
        raise Refused(_("By hand come transfers and cash."), code="method", field="method")
    attempt = attempt or _named(invoice, "")
    standings.hold(invoice.membership)
    if attempt is not None:
        attempt = outcomes.hold(attempt)
    invoice = Invoice.objects.select_related("community", "membership").get(pk=invoice.pk)
    community = invoice.community
    paid_at = at if paid_at is None else paid_at
    on = _guard(invoice, money, paid_at, at)
    credit = max(credits.spendable(invoice.membership, invoice.currency).amount, 0)
    is_open = invoice.status == Invoice.Status.OPEN
    ends = not is_open or money.amount >= invoice.due.amount or money.amount + credit >= invoice.due.amount
    # Of one way to pay several transfers may come: it is over with the one that pays, and that one points at it.
    first = attempt is not None and ends and not Payment.objects.filter(attempt=attempt).exists()
    reference = creditor_reference.grouped(attempt.provider_reference) if attempt else ""
    payment = payments.receive(
        invoice=invoice,
        community=community,
        money=money,
        method=method,
        paid_at=paid_at,
        at=at,
        by=by,
        account=attempt.account if attempt else None,
        attempt=attempt if first else None,
        note=note.strip() or reference,
    )
    if attempt is not None and ends:
        outcomes.settled_by_hand(attempt, at=at)
    others = invoice.attempts.filter(state__in=PaymentAttempt.LIVE).exclude(account__provider="offline")
    others.update(next_ask_at=at)
    _record(payment, invoice.membership, on, at, by)
    return payment


def confirm(
    *,
    attempt: PaymentAttempt,
    money: Money,
    on: date,
    at: datetime,
    by: Actor,
    method: Payment.Method = Method.BANK,
) -> Payment:
    """Money came on a day that a member had been told to send; as `came`. What covers the invoice pays it; too little is
    their credit until the rest comes, and what is over stays so."""
    invoice = attempt.invoice
    paid_at = _instant(on, invoice.community, at)
    return came(invoice=invoice, attempt=attempt, money=money, paid_at=paid_at, method=method, at=at, by=by)


@transaction.atomic
def read(*, community: Community, raw: bytes, at: datetime, by: Actor) -> Read:
    """Keep the lines of a statement that are not known yet. Raises `Refused` as `statements.read` does, for too many lines
    (`too_many`), and for who may not; nothing is kept then."""
    powers.require(by, payments.MANAGE)
    lines = statements.read(raw, currency=community.currency)
    if len(lines) > MOST_LINES:
        words = _("A statement has at most %(most)d lines: take one of fewer days.")
        raise Refused(words % {"most": MOST_LINES}, code="too_many")
    came = [line for line in lines if 0 < line.amount.amount <= LARGEST]
    before = BankLine.objects.filter(community_id=community.id).count()
    BankLine.objects.bulk_create(
        (
            BankLine(
                community_id=community.id,
                line_id=line.line_id,
                booked_on=line.booked_on,
                amount=line.amount.amount,
                currency=line.amount.currency,
                text=line.text.replace("\0", "")[:500],
                counterparty=line.counterparty.replace("\0", "")[:200],
                read_at=at,
            )
            for line in came
        ),
        ignore_conflicts=True,
    )
    new = BankLine.objects.filter(community_id=community.id).count() - before
    audit.record(
        action="statement.read",
        object_kind="statement",
        by=by,
        at=at,
        community_id=community.id,
        after={"lines": len(lines), "new": new},
    )
    return Read(new, len(came) - new, len(lines) - len(came))


def book(
    *, community: Community, chosen: Iterable[tuple[BankLine, Invoice]], at: datetime, by: Actor
) -> list[Payment]:
    """Book lines as payments of these invoices; one that is booked or set aside already is left alone. Each is done for
    itself. Raises `Refused` as `came` does; those before it are booked then."""
    powers.require(by, payments.MANAGE)
    made = [_book(line, invoice, community, at, by) for line, invoice in chosen]
    return [payment for payment in made if payment is not None]


@transaction.atomic
def set_aside(*, community: Community, lines: Sequence[BankLine], at: datetime, by: Actor) -> int:
    """Lines that are nobody's dues: they are never proposed again, and what they said is forgotten. How many."""
    powers.require(by, payments.MANAGE)
    rows = BankLine.objects.filter(
        community_id=community.id, pk__in=[line.pk for line in lines], state=BankLine.State.OPEN
    )
    many = rows.update(state=BankLine.State.ASIDE, settled_at=at, text="", counterparty="")
    if many:
        audit.record(
            action="statement.set_aside",
            object_kind="statement",
            by=by,
            at=at,
            community_id=community.id,
            after={"lines": many},
        )
    return many


@transaction.atomic
def _book(line: BankLine, invoice: Invoice, community: Community, at: datetime, by: Actor) -> Payment | None:
    if invoice.community_id != community.id or line.community_id != community.id:
        raise ValueError("Of another community.")
    # Who acts is held before who is acted for, as in `came`.
    powers.require(by, payments.MANAGE)
    standings.hold(invoice.membership)
    line = locked(BankLine.objects.filter(pk=line.pk)).get()
    if line.state != BankLine.State.OPEN:
        return None
    payment = came(
        invoice=invoice,
        attempt=_named(invoice, line.text),
        money=line.money,
        paid_at=_instant(line.booked_on, community, at),
        at=at,
        by=by,
    )
    line.state, line.payment, line.settled_at = BankLine.State.BOOKED, payment, at
    line.save(update_fields=["state", "payment", "settled_at"])
    return payment


def _named(invoice: Invoice, text: str) -> PaymentAttempt | None:
    """The way to pay that the payer used, by the reference that they wrote, else the one that is open."""
    rows = invoice.attempts.filter(account__provider="offline")
    named = rows.filter(provider_reference__in=creditor_reference.found_in(text)).first()
    return named or rows.filter(state__in=PaymentAttempt.LIVE).first()


def _guard(invoice: Invoice, money: Money, paid_at: datetime, at: datetime) -> date:
    """The day on which it came, where all of it can be."""
    if money.currency != invoice.currency:
        message = _("The invoice is in %(currency)s.")
        raise Refused(message % {"currency": invoice.currency}, code="currency", field="currency")
    if not 0 < money.amount <= LARGEST:
        raise Refused(_("More than nothing, please."), code="amount", field="amount")
    zone = invoice.community.zone
    on = local_day(paid_at, zone)
    if paid_at > at or on < local_day(at, zone) - OLDEST:
        message = _("Choose the day on which it came: today, or within the last year.")
        raise Refused(message, code="paid_at", field="paid_at")
    return on


def _instant(day: date, community: Community, at: datetime) -> datetime:
    """Noon of the day; of this day, now where that is earlier."""
    noon = day_start(day, community.zone) + timedelta(hours=time(12).hour)
    return min(noon, at) if day == local_day(at, community.zone) else noon


def _record(payment: Payment, member: Membership, on: date, at: datetime, by: Actor) -> None:
    audit.record(
        action="payment.by_hand",
        object_kind="payment",
        object_id=payment.key,
        by=by,
        at=at,
        community_id=payment.community_id,
        after={
            "member": member.number,
            "amount": str(payment.money),
            "currency": payment.currency,
            "method": payment.method,
            "day": on.isoformat(),
        },
    )
