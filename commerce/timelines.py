"""What this app tells on a member's timeline: money that came and went back, and what became of their plan.

The same is told to members of themselves on the page of their dues, without what staff wrote for themselves.
"""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import (
    BigIntegerField,
    Case,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy

from commerce import received
from commerce.models import Dispute, Gift, Invoice, Payment, Refund, SubscriptionChange
from commerce.selectors import plans
from kernel import timelines
from kernel.money import Money
from kernel.tenancy import TenantRequest
from kernel.timelines import Bound, Entry, Source, Words
from members.models import Membership
from members.selectors import merged

Kind = SubscriptionChange.Kind
#: The steps of money, in the order in which they stand within one instant.
PAID, TAKEN_BACK, REFUND, DISPUTED, DECIDED = range(5)
#: Keys of rows lie below this: so a step and a key make one number.
_KEYS = 10**16
_NOTHING = Value("", TextField())
_COLUMNS = (
    "moment", "tie", "step", "cents", "coin", "way", "rail", "came", "series_", "year_", "sequence_", "token",
    "stands", "why",
)  # fmt: skip
_SENT = {
    Refund.State.SUCCEEDED: gettext_lazy("Sent back"),
    Refund.State.FAILED: gettext_lazy("Could not be sent back"),
    "credited": gettext_lazy("Given back as credit"),
}
_CAME, _CREDITED = gettext_lazy("Paid"), gettext_lazy("Paid more than was owed, which became credit")
_DECIDED = {
    Dispute.State.WON: gettext_lazy("The dispute was won"),
    Dispute.State.LOST: gettext_lazy("The dispute was lost"),
}
#: What a step is called, by how it stands.
_WORDS: dict[int, Callable[[str], Words]] = {
    PAID: lambda stands: _CREDITED if stands else _CAME,
    TAKEN_BACK: lambda stands: gettext_lazy("Taken back: it was noted by mistake"),
    REFUND: lambda stands: _SENT.get(stands, gettext_lazy("To be sent back")),
    DISPUTED: lambda stands: gettext_lazy("Disputed with the payer's bank"),
    DECIDED: lambda stands: _DECIDED[Dispute.State(stands)],
}
_TONES = {PAID: "accent", TAKEN_BACK: "bad", DISPUTED: "bad"}
#: What a change of a plan is called, and the tone of its mark.
_TURNS: dict[Kind, tuple[Words, str]] = {
    Kind.TRIAL: (gettext_lazy("Tries %(plan)s"), "accent"),
    Kind.BEGUN: (gettext_lazy("Took %(plan)s"), "accent"),
    Kind.CHANGED: (gettext_lazy("Changed to %(plan)s"), ""),
    Kind.CANCELLED: (gettext_lazy("Cancelled %(plan)s, which runs out"), "warn"),
    Kind.KEPT: (gettext_lazy("Kept %(plan)s after all"), ""),
    Kind.EXTENDED: (gettext_lazy("%(plan)s was extended"), ""),
    Kind.PAUSED: (gettext_lazy("Paused %(plan)s"), ""),
    Kind.RESUMED: (gettext_lazy("Went on with %(plan)s"), ""),
    Kind.ENDED: (gettext_lazy("%(plan)s ended"), "warn"),
}
_GIFT, _FREE = gettext_lazy("%(plan)s as a gift"), gettext_lazy("%(plan)s free of charge")


@dataclass(frozen=True)
class Moved:
    """A step of money: `amount` is None where nothing moved; `payment` is the key of the payment's page at the desk,
    `number` the invoice's, which `token` opens, both empty where there is none; `why` is for staff."""

    words: str
    amount: Money | None
    way: str
    payment: UUID
    number: str
    token: str
    why: str


@dataclass(frozen=True)
class Turned:
    """What became of a plan: `price` is what is owed for a period since, None where that is not said."""

    words: str
    price: Money | None
    per: str
    seats: int
    why: str


def register() -> None:
    timelines.add(
        Source("money", gettext_lazy("Money"), _money, "commerce/timeline/_money.html", "money.view"),
    )
    timelines.add(
        Source("plans", gettext_lazy("Plan"), _plans, "commerce/timeline/_plan.html", "money.view"),
    )


def latest(member: Membership, most: int) -> list[tuple[str, Entry]]:
    """What a member is told of themselves: their latest moments with the template of each, newest first; in two queries
    besides that for records that were merged."""
    money = [("commerce/timeline/_own_money.html", entry) for entry in moves(member, None, most)]
    turns = [("commerce/timeline/_plan.html", entry) for entry in changes(member, None, most)]
    return list(heapq.merge(money, turns, key=lambda each: each[1].at, reverse=True))[:most]


def _money(request: TenantRequest, member: Membership, bound: Bound | None, most: int) -> Sequence[Entry]:
    return moves(member, bound, most)


def _plans(request: TenantRequest, member: Membership, bound: Bound | None, most: int) -> Sequence[Entry]:
    return changes(member, bound, most)


def moves(member: Membership, bound: Bound | None, most: int) -> list[Entry]:
    """Every step of money of a member and of records merged into theirs, newest first, in one query."""
    keys = merged.keys_of(member)
    payments = Payment.objects.filter(membership__in=keys)
    refunds = Refund.objects.filter(payment__membership__in=keys)
    disputes = Dispute.objects.filter(payment__membership__in=keys)
    parts = [
        _part(payments, PAID, F("paid_at"), stands=_surplus(), why=F("note")),
        _part(payments.filter(reversed_at__isnull=False), TAKEN_BACK, F("reversed_at")),
        _part(refunds, REFUND, Coalesce("settled_at", "made_at"), stands=_refund_state(), why=F("reason")),
        _part(disputes, DISPUTED, F("opened_at")),
        _part(disputes.filter(decided_at__isnull=False), DECIDED, F("decided_at"), stands=F("state")),
    ]
    if bound is not None:
        parts = [part.filter(bound.q("moment", "tie", int)) for part in parts]
    first, *others = parts
    rows = first.union(*others, all=True).order_by("-moment", "-tie")[:most]
    return [Entry(row["moment"], str(row["tie"]), _moved(row), _TONES.get(row["step"], "")) for row in rows]


def _part(
    rows: QuerySet[Any], step: int, moment: Any, *, stands: Any = _NOTHING, why: Any = _NOTHING
) -> QuerySet[Any, dict[str, Any]]:
    """One kind of steps, in the columns that all kinds have."""
    to = "" if rows.model is Payment else "payment__"
    told = rows.annotate(
        moment=moment,
        tie=ExpressionWrapper(F("pk") + Value(step * _KEYS, BigIntegerField()), BigIntegerField()),
        step=Value(step),
        cents=F("amount"),
        coin=Cast("currency", TextField()),
        way=Cast(f"{to}method", TextField()),
        rail=Cast(f"{to}account__provider", TextField()),
        came=F(f"{to}key"),
        series_=Cast(f"{to}invoice__series", TextField()),
        year_=F(f"{to}invoice__year"),
        sequence_=F(f"{to}invoice__sequence"),
        token=Cast(f"{to}invoice__pay_token", TextField()),
        stands=Cast(stands, TextField()),
        why=Cast(why, TextField()),
    )
    return told.order_by().values(*_COLUMNS)


def _surplus() -> Case:
    """That what came besides what was asked for has become credit."""
    return Case(When(surplus=True, then=Value("surplus")), default=_NOTHING, output_field=TextField())


def _refund_state() -> Case:
    """How far a refund is; one that went into credit is told apart."""
    settled = Q(state=Refund.State.SUCCEEDED, to_credit=True)
    return Case(When(settled, then=Value("credited")), default=F("state"), output_field=TextField())


def _moved(row: dict[str, Any]) -> Moved:
    number = ""
    if row["token"]:
        number = Invoice(series=row["series_"], year=row["year_"], sequence=row["sequence_"]).number
    return Moved(
        words=str(_WORDS[row["step"]](row["stands"])),
        amount=Money(row["cents"], row["coin"]) if row["cents"] else None,
        way=str(received.way_called(row["way"], row["rail"] or "")),
        payment=row["came"],
        number=number,
        token=row["token"] or "",
        why=row["why"],
    )


def changes(member: Membership, bound: Bound | None, most: int) -> list[Entry]:
    """What became of the plans of a member and of records merged into theirs, newest first, in one query."""
    # On which of these days they had it as a gift: the subscription goes on, and may be paid for by now.
    given = Gift.objects.filter(subscription=OuterRef("subscription"), begins_on__lte=OuterRef("day"))
    given = given.filter(Q(ends_on=None) | Q(ends_on__gt=OuterRef("day")))
    rows = SubscriptionChange.objects.filter(subscription__membership__in=merged.keys_of(member))
    rows = rows.select_related("subscription", "plan").annotate(gift=Exists(given)).order_by("-at", "-id")
    if bound is not None:
        rows = rows.filter(bound.q("at", "id", int))
    return [
        Entry(change.at, str(change.pk), _turned(change), _TURNS[Kind(change.kind)][1])
        for change in rows[:most]
    ]


def _turned(change: SubscriptionChange) -> Turned:
    kind, plan = Kind(change.kind), change.plan
    begins = kind in (Kind.BEGUN, Kind.CHANGED)
    owed = change.amount * change.quantity
    words = _TURNS[kind][0]
    if begins and plan.amount and not owed:
        words = _GIFT if change.gift else _FREE  # type: ignore[attr-defined]
    return Turned(
        words=str(words) % {"plan": plan.name},
        price=Money(owed, plan.currency) if begins and owed else None,
        per=plans.per(plan),
        seats=change.quantity,
        why=change.subscription.get_cause_display() if kind is Kind.ENDED else "",
    )
