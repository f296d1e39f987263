"""Payments that another system took, row by row: into the books of the day they were made on, without an invoice.

A payment is known again by its own id, and what is in the books stays there: a row that says another amount is rejected.
What went back since the file was last sent is posted as a refund of the difference.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from babel.numbers import list_currencies
from django.utils.translation import gettext_lazy as _

from commerce.models import Account, Payment, Refund
from commerce.services import ledger
from commerce.services.ledger import Posting, Side
from kernel import activity, cells, imports
from kernel.activity import Activity
from kernel.errors import Refused
from kernel.imports import CREATED, UNCHANGED, UPDATED, Column, Job, Load, Rejected, Row, Verdict
from kernel.locks import held, locked
from kernel.money import Money
from members.models import Membership

COLUMNS = (
    Column("payment", _("The payment's own id"), needed=True),
    Column("member", _("The id of the member who paid"), needed=True),
    Column("amount", _("What came, such as 128.00; 0.00 is a payment too"), needed=True),
    Column("currency", _("The currency's code, such as CNY"), needed=True),
    Column("paid_at", _("When"), needed=True),
    Column("kind", _("What it was for, in a word")),
    Column("refunded", _("How much of it went back, in all")),
    Column("refunded_at", _("When it went back; without it, on the day it was paid")),
)
imports.reasons.update(
    {
        "negative": _("%(value)s is less than nothing: what went back stands in “refunded” of the payment."),
        "payment_changed": _(
            "This payment is in the books with another value (%(known)s); what is in the books does not change."
        ),
        "refunded_less": _("In the books %(known)s of this payment has gone back already."),
        "refunded_more": _("More than came (%(known)s) cannot have gone back."),
        "refunded_before": _("It cannot have gone back before it was paid."),
    }
)
CURRENCIES = frozenset(list_currencies())


class Told(NamedTuple):
    """A row that can be read."""

    name: str
    member: Membership
    money: Money
    paid_at: datetime
    kind: str
    refunded: int | None
    refunded_at: datetime


class PaymentLoad(Load):
    def __init__(self, job: Job) -> None:
        self.job = job
        self.community = job.community
        self.latest = job.at + cells.AHEAD

    def take(self, rows: Sequence[Row]) -> list[Verdict]:
        members = self._members(rows)
        here = self._here(rows)
        new: list[Payment] = []
        changed: dict[str, Payment] = {}
        refunds: list[Refund] = []
        verdicts: list[Verdict] = []
        for row in rows:
            try:
                told = self._told(row, members)
                known = here.get(told.name)
                if known is None:
                    payment = here[told.name] = self._payment(told)
                    refunds += self._went_back(told, payment)
                    new.append(payment)
                    verdicts.append(CREATED)
                    continue
                _same(told, known)
                back = self._went_back(told, known)
                again = bool(back) or (bool(told.kind) and told.kind != known.kind)
            except Rejected as rejected:
                verdicts.append(Verdict.of(rejected))
                continue
            known.kind = told.kind or known.kind
            refunds += back
            if again:
                changed[told.name] = known
            verdicts.append(UPDATED if again else UNCHANGED)
        self._write(new, [one for one in changed.values() if one.pk], refunds)
        return verdicts

    # --- what is here -------------------------------------------------------------------------------

    def _members(self, rows: Sequence[Row]) -> dict[str, Membership]:
        """Members by the ids that rows have for them, held before any payment of theirs. A merged record's payments stay with
        it, as all that was written of it."""
        ids = {row.cells["member"] for row in rows if row.cells.get("member")}
        records = Membership.objects.records_of(self.community.id).filter(external_id__in=ids)
        return {str(one.external_id): one for one in held(records.order_by("pk"))}

    def _here(self, rows: Sequence[Row]) -> dict[str, Payment]:
        names = {row.cells["payment"] for row in rows if row.cells.get("payment")}
        payments = Payment.objects.of(self.community.id).filter(external_id__in=names)
        found = locked(payments.order_by("pk")).select_related("membership")
        return {str(one.external_id): one for one in found}

    # --- one row ------------------------------------------------------------------------------------

    def _told(self, row: Row, members: dict[str, Membership]) -> Told:
        if row.problem:
            raise row.problem
        get = row.cells.get
        for column in COLUMNS:
            if column.needed and not get(column.name):
                raise Rejected("needed", column=column.name)
        name = cells.short(row.cells["payment"], most=120, column="payment")
        member = members.get(row.cells["member"])
        if member is None:
            raise Rejected("unknown_member", column="member", value=cells.shown(row.cells["member"]))
        currency = row.cells["currency"].upper()
        if currency not in CURRENCIES:
            raise Rejected("currency", column="currency", value=cells.shown(row.cells["currency"]))
        money = _money(row.cells["amount"], currency, column="amount")
        paid_at = self._instant(row.cells["paid_at"], column="paid_at")
        kind = cells.short(get("kind", ""), most=40, column="kind")
        refunded, refunded_at = None, paid_at
        if text := get("refunded"):
            refunded = _money(text, currency, column="refunded").amount
            if refunded > money.amount:
                raise Rejected("refunded_more", column="refunded", known=str(money))
        if text := get("refunded_at"):
            refunded_at = self._instant(text, column="refunded_at")
            if refunded_at < paid_at:
                raise Rejected("refunded_before", column="refunded_at")
        return Told(name, member, money, paid_at, kind, refunded, refunded_at)

    def _instant(self, text: str, *, column: str) -> datetime:
        return cells.instant(text, zone=self.community.zone, latest=self.latest, column=column)

    def _payment(self, told: Told) -> Payment:
        return Payment(
            community_id=self.community.id,
            membership=told.member,
            method=Payment.Method.IMPORTED,
            amount=told.money.amount,
            currency=told.money.currency,
            paid_at=told.paid_at,
            recorded_at=self.job.at,
            external_id=told.name,
            kind=told.kind,
        )

    def _went_back(self, told: Told, payment: Payment) -> list[Refund]:
        """What went back of it and is not in the books yet; the payment has it from now on."""
        if told.refunded is None or told.refunded == payment.refunded:
            return []
        if told.refunded < payment.refunded:
            known = Money(payment.refunded, payment.currency)
            raise Rejected("refunded_less", column="refunded", known=str(known))
        back = Refund(
            community_id=self.community.id,
            payment=payment,
            state=Refund.State.SUCCEEDED,
            amount=told.refunded - payment.refunded,
            currency=payment.currency,
            then=Refund.Then.KEEP,
            made_at=told.refunded_at,
            settled_at=told.refunded_at,
        )
        payment.refunded = told.refunded
        return [back]

    # --- what is written ----------------------------------------------------------------------------

    def _write(self, new: list[Payment], changed: list[Payment], refunds: list[Refund]) -> None:
        Payment.objects.bulk_create(new)
        Payment.objects.bulk_update(changed, ["kind", "refunded"], batch_size=1000)
        for refund in refunds:
            # By now it has a key.
            refund.payment = refund.payment
        Refund.objects.bulk_create(refunds)
        came = [_posting("payment", one, one.money, one.paid_at) for one in new]
        back = [_posting("refund", one, -one.money, one.made_at) for one in refunds]
        ledger.post_all(community=self.community, postings=[*came, *back])
        activity.publish(
            *(self._fact("paid", one, one, one.paid_at) for one in new),
            *(self._fact("refunded", one, one.payment, one.made_at) for one in refunds),
        )

    def _fact(self, verb: str, happened: Payment | Refund, payment: Payment, at: datetime) -> Activity:
        return Activity(
            community_id=self.community.id,
            member=payment.membership.number,
            verb=verb,
            at=at,
            object_kind="payment",
            object_id=payment.key.hex,
            value=happened.money.decimal,
            staff=payment.membership.is_staff,
            dedupe=f"{verb}:{happened.key.hex}",
        )


def _money(text: str, currency: str, *, column: str) -> Money:
    # A number of another form is told apart from one that is too exact.
    cells.decimal(text, column=column)
    try:
        money = Money.parse(text.removeprefix("+"), currency)
    except Refused:
        raise Rejected("decimals", column=column, value=cells.shown(text), currency=currency) from None
    if money.amount < 0:
        raise Rejected("negative", column=column, value=cells.shown(text))
    return money


def _same(told: Told, known: Payment) -> None:
    """Raises `Rejected` for a row that says another thing of a payment than the books."""
    for column, said, stands in (
        ("member", told.member.pk, known.membership_id),
        ("currency", told.money.currency, known.currency),
        ("amount", told.money.amount, known.amount),
        ("paid_at", told.paid_at, known.paid_at),
    ):
        if said != stands:
            raise Rejected("payment_changed", column=column, known=_shown(column, known))


def _shown(column: str, known: Payment) -> str:
    values = {
        "member": f"#{known.membership.number}",
        "currency": known.currency,
        "amount": str(known.money),
        "paid_at": known.paid_at.isoformat(),
    }
    return values[column]


def _posting(kind: str, source: Payment | Refund, money: Money, at: datetime) -> Posting:
    """What came lies in the bank and is earned; what went back is neither any more."""
    sides = [Side(Account.BANK, money.amount), Side(Account.REVENUE, -money.amount)]
    return Posting(kind, kind, source.pk, money.currency, sides, at)


__all__ = ["COLUMNS", "PaymentLoad"]
