"""What a community's books tell figures, in columns: money that moved, who paid, what was contracted, what was asked for.

Days are proleptic ordinals of local days, as the books have them; instants are whole microseconds since 1970 in UTC;
amounts are in the smallest units of their currency. A currency is a number here (`code_of`). Members stand by the number
of the record that is kept: books stay with who they were written for, and a merged record is read as the other.
"""

from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np

from commerce.models import Invoice, Subscription, SubscriptionChange
from commerce.periods import Interval
from engagement.packing import Whole
from kernel import wire
from members.models import Tier
from members.selectors import merged

#: What money did, and where it came from or how it was earned: a flow in `Books` is its place here.
FLOWS = (
    ("collected", "dues"),
    ("collected", "gifts"),
    ("collected", "other"),
    ("collected", "imported"),
    ("refunded", "dues"),
    ("refunded", "gifts"),
    ("refunded", "other"),
    ("refunded", "imported"),
    ("recognised", "by_day"),
    ("recognised", "at_once"),
    ("recognised", "imported"),
)
#: Kinds of changes, causes and intervals: each is a number in columns, its place here.
CHANGES: tuple[str, ...] = tuple(SubscriptionChange.Kind.values)
CAUSES: tuple[str, ...] = ("", *Subscription.Cause.values)
INTERVALS: tuple[str, ...] = tuple(Interval.values)
#: Stands for an instant that has not come.
NEVER = 4_102_444_800_000_000


class Books(NamedTuple):
    """The ledger's money by day, currency and flow: what is collected, refunded and recognised counts as more."""

    day: Whole
    currency: Whole
    flow: Whole
    amount: Whole


class Payers(NamedTuple):
    """Who had money collected from them, by day and currency; `back` is the instant it was taken back again, or `NEVER`."""

    day: Whole
    currency: Whole
    member: Whole
    back: Whole


class Contracts(NamedTuple):
    """What became of subscriptions, in the order in which it was written: from `day` on, known since `at`. What is written
    later holds over what was written before it, of that day and of any later one.

    `monthly` is the price of a month from then on in twelfths of the smallest unit, all seats together, `net` the same
    without the tax in it; both are 0 for what is no contract of its member's: a trial, a pause, a gift, the end.
    `cause` says why, where it ended.
    """

    subscription: Whole
    member: Whole
    currency: Whole
    interval: Whole
    tier: Whole
    kind: Whole
    cause: Whole
    day: Whole
    at: Whole
    monthly: Whole
    net: Whole


class Asked(NamedTuple):
    """Invoices of dues: when they were written (`asked`), from which day they are for, until when they were to be paid
    (`due`, and `waits` where staff let them wait), how many days of grace follow, when money came (`came`), was booked
    (`paid`), or the invoice was taken back (`void`): `NEVER` where it did not."""

    subscription: Whole
    currency: Whole
    starts: Whole
    due: Whole
    waits: Whole
    grace: Whole
    amount: Whole
    asked: Whole
    came: Whole
    paid: Whole
    void: Whole


class Money(Protocol):
    """What a store hands over. Nothing in it is masked, and it may know of days after `as_of`."""

    @property
    def books(self) -> Books: ...

    @property
    def payers(self) -> Payers: ...

    @property
    def contracts(self) -> Contracts: ...

    @property
    def asked(self) -> Asked: ...

    @property
    def tiers(self) -> dict[int, str]:
        """The keys of tiers by their numbers."""


def code_of(currency: str) -> int:
    """A currency as a number: its three letters' codes, one after the other."""
    return int.from_bytes(currency.encode("ascii"))


def currency_of(code: int) -> str:
    return int(code).to_bytes(3).decode("ascii")


class StoredMoney:
    """`Money` from the tables of commerce. Each part is read when it is first asked for, in one query."""

    def __init__(self, community_id: int) -> None:
        self.community_id = community_id

    @cached_property
    def books(self) -> Books:
        kinds = ("date", "int4", "int4", "int8")
        return Books(*wire.columns(_BOOKS, {"community": self.community_id}, kinds))

    @cached_property
    def payers(self) -> Payers:
        kinds = ("date", "int4", "int4", "timestamptz")
        day, currency, member, back = wire.columns(_PAYERS, {"community": self.community_id}, kinds)
        return Payers(day, currency, self._kept(member), back)

    @cached_property
    def contracts(self) -> Contracts:
        given = {
            "community": self.community_id,
            "changes": list(CHANGES),
            "causes": list(CAUSES),
            "intervals": list(INTERVALS),
            "none": [
                SubscriptionChange.Kind.TRIAL,
                SubscriptionChange.Kind.PAUSED,
                SubscriptionChange.Kind.ENDED,
            ],
        }
        kinds = (
            "int8",
            "int4",
            "int4",
            "int4",
            "int8",
            "int4",
            "int4",
            "date",
            "timestamptz",
            "int8",
            "int8",
        )
        found = Contracts(*wire.columns(_CONTRACTS, given, kinds))
        return found._replace(member=self._kept(found.member))

    @cached_property
    def asked(self) -> Asked:
        kinds = (
            "int8", "int4", "date", "date", "date", "int4", "int8", "timestamptz", "timestamptz",
            "timestamptz", "timestamptz",
        )  # fmt: skip
        given = {"community": self.community_id, "reason": Invoice.Reason.PERIOD}
        return Asked(*wire.columns(_ASKED, given, kinds))

    @cached_property
    def tiers(self) -> dict[int, str]:
        return dict(Tier.objects.of(self.community_id).values_list("pk", "key"))

    @cached_property
    def _stands_for(self) -> dict[int, int]:
        return merged.numbers(self.community_id)

    def _kept(self, member: Whole) -> Whole:
        if not self._stands_for:
            return member
        return np.array([self._stands_for.get(one, one) for one in member.tolist()], np.int64)


_CURRENCY = "(ascii({0}) << 16) + (ascii(substr({0}, 2)) << 8) + ascii(substr({0}, 3))"
#: What was paid for: 0 dues, 1 gifts, 2 other, 3 imported.
_SOURCE = """CASE WHEN payment.method = 'imported' THEN 3 WHEN invoice.reason IN ('period', 'change') THEN 0
    WHEN invoice.reason = 'gift' THEN 1 ELSE 2 END"""

# What lies with banks and providers is collected and refunded; what is in revenue, less what coupons took off, is earned.
_BOOKS = f"""
    SELECT day, currency, flow, sum(amount)::bigint FROM (
        SELECT entry.day, {_CURRENCY.format("entry.currency")} AS currency,
            CASE WHEN entry.account IN ('bank', 'clearing')
                THEN CASE WHEN posting.kind = 'refund' THEN 4 ELSE 0 END + {_SOURCE}
                WHEN posting.kind = 'recognition' THEN 8 WHEN payment.method = 'imported' THEN 10 ELSE 9 END AS flow,
            CASE WHEN entry.account IN ('bank', 'clearing') AND posting.kind <> 'refund'
                THEN entry.amount ELSE -entry.amount END AS amount
        FROM commerce_entry AS entry
        JOIN commerce_transaction AS posting ON posting.id = entry.transaction_id
        LEFT JOIN commerce_refund AS refund ON posting.source_type = 'refund' AND refund.id = posting.source_id
        LEFT JOIN commerce_payment AS payment ON payment.id = CASE
            WHEN posting.source_type = 'payment' THEN posting.source_id ELSE refund.payment_id END
        LEFT JOIN commerce_invoice AS invoice ON invoice.id = payment.invoice_id
        WHERE entry.community_id = %(community)s AND (entry.account IN ('revenue', 'discount')
            OR entry.account IN ('bank', 'clearing') AND posting.kind IN ('payment', 'payment_back', 'refund'))
    ) AS moved GROUP BY day, currency, flow ORDER BY day, currency, flow
"""
_PAYERS = f"""
    SELECT DISTINCT entry.day, {_CURRENCY.format("entry.currency")}, membership.number,
        coalesce(payment.reversed_at, '2100-01-01Z')
    FROM commerce_entry AS entry
    JOIN commerce_transaction AS posting ON posting.id = entry.transaction_id
    JOIN commerce_payment AS payment ON payment.id = posting.source_id
    JOIN members_membership AS membership ON membership.id = payment.membership_id
    WHERE entry.community_id = %(community)s AND entry.account IN ('bank', 'clearing')
    AND posting.kind = 'payment' AND posting.source_type = 'payment'
"""
_CONTRACTS = f"""
    SELECT subscription, number, currency, interval, tier, kind, cause, day, at,
        price * twelfths, round(price::numeric * 10000 / (10000 + tax_rate))::bigint * twelfths
    FROM (
        SELECT change.id, subscription.id AS subscription, membership.number,
            {_CURRENCY.format("plan.currency")} AS currency,
            array_position(%(intervals)s, plan.interval::text) - 1 AS interval, plan.tier_id::bigint AS tier,
            array_position(%(changes)s, change.kind::text) - 1 AS kind,
            CASE WHEN change.kind = 'ended' THEN array_position(%(causes)s, subscription.cause::text) - 1 ELSE 0 END
                AS cause,
            change.day, change.at, plan.tax_rate, change.amount * change.quantity AS price,
            CASE WHEN change.kind = ANY(%(none)s) THEN 0 ELSE
                CASE plan.interval WHEN 'month' THEN 12 WHEN 'quarter' THEN 4 WHEN 'year' THEN 1 ELSE 0 END END
                AS twelfths
        FROM commerce_subscriptionchange AS change
        JOIN commerce_subscription AS subscription ON subscription.id = change.subscription_id
        JOIN commerce_plan AS plan ON plan.id = change.plan_id
        JOIN members_membership AS membership ON membership.id = subscription.membership_id
        WHERE subscription.community_id = %(community)s AND change.kind NOT IN ('cancelled', 'kept', 'extended')
    ) AS told ORDER BY id
"""
_ASKED = f"""
    SELECT invoice.subscription_id, {_CURRENCY.format("invoice.currency")}, invoice.period_start, invoice.due_on,
        greatest(invoice.due_on, invoice.extended_to), least(plan.grace_days, coalesce(settings.lapse_days, 30))::int,
        invoice.gross, invoice.issued_at, coalesce(payment.paid_at, invoice.paid_at, '2100-01-01Z'),
        coalesce(invoice.paid_at, '2100-01-01Z'), coalesce(invoice.voided_at, '2100-01-01Z')
    FROM commerce_invoice AS invoice
    JOIN commerce_subscription AS subscription ON subscription.id = invoice.subscription_id
    JOIN commerce_plan AS plan ON plan.id = subscription.plan_id
    LEFT JOIN commerce_moneysettings AS settings ON settings.community_id = invoice.community_id
    LEFT JOIN commerce_payment AS payment
        ON payment.invoice_id = invoice.id AND NOT payment.surplus AND payment.reversed_at IS NULL
    WHERE invoice.community_id = %(community)s AND invoice.reason = %(reason)s AND invoice.period_start IS NOT NULL
    ORDER BY invoice.id
"""
