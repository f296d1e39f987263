"""What a treasurer asks on the first of the month, of one community and currency by currency: as the books stand now.

In six queries, however many members there are: the database adds up, and what it adds up by are days, not people.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Count, Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Coalesce, ExtractDay

from commerce.models import (
    Account,
    Entry,
    Invoice,
    Plan,
    Subscription,
    SubscriptionChange,
)
from commerce.periods import Interval, nth, per_month
from communities.models import Community
from kernel.clock import month_of
from kernel.money import Money, rounded

Status, Kind = Subscription.Status, Subscription.Kind
#: How far ahead renewals are looked for, in days.
SOON, LATER = 30, 90
_ALIVE = (Status.ACTIVE, Status.PAST_DUE, Status.SUSPENDED, Status.CANCELLED)
_MONTHS = {Interval.MONTH: 1, Interval.QUARTER: 3, Interval.YEAR: 12}


@dataclass
class Purse:
    """The money of one currency; `came_before` came on as many days of the month before, `back` went back this month, and
    `soon` is a part of what comes `later`. The counts are of invoices and of renewals."""

    currency: str
    came: Money = field(init=False)
    came_before: Money = field(init=False)
    back: Money = field(init=False)
    late: Money = field(init=False)
    soon: Money = field(init=False)
    later: Money = field(init=False)
    prepaid: Money = field(init=False)
    late_many: int = 0
    soon_many: int = 0
    later_many: int = 0
    #: Exactly, in smallest units: a year's price / 12 need not be whole.
    monthly: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        for name in AMOUNTS:
            setattr(self, name, Money.zero(self.currency))

    @property
    def mrr(self) -> Money:
        """What is contracted for a month, now."""
        return Money(rounded(self.monthly), self.currency)

    @property
    def moved(self) -> bool:
        return bool(self.monthly) or any(getattr(self, name) for name in AMOUNTS)


AMOUNTS = ("came", "came_before", "back", "late", "soon", "later", "prepaid")


@dataclass(frozen=True)
class Span:
    """The days that are put side by side: this month's so far, and as many of the month before."""

    first: date
    today: date
    before_first: date
    before_last: date

    @classmethod
    def of(cls, today: date) -> "Span":
        first = month_of(today)
        before = month_of(first - timedelta(days=1))
        last = min(today.day, monthrange(before.year, before.month)[1])
        return cls(first, today, before, before.replace(day=last))


def purses(community: Community, *, today: date) -> list[Purse]:
    """Of every currency in which something was asked for, moved or is offered: the community's own first, then by name."""
    found: dict[str, Purse] = {}

    def add(currency: str, name: str, amount: Any, many: int = 0) -> None:
        purse = found.setdefault(currency, Purse(currency))
        setattr(purse, name, getattr(purse, name) + Money(int(amount or 0), currency))
        if many:
            setattr(purse, f"{name}_many", getattr(purse, f"{name}_many") + many)

    for currency in Plan.objects.of(community.pk).values_list("currency", flat=True).distinct():
        found.setdefault(currency, Purse(currency))
    span = Span.of(today)
    for row in _moved(community.pk, span):
        for name in ("came", "came_before", "back"):
            add(row["currency"], name, row[name])
    for row in _late(community.pk, today):
        add(row["currency"], "late", row["sum"], row["many"])
    for currency, amount in _prepaid(community.pk):
        add(currency, "prepaid", amount)
    for row in _renewals(community.pk, today):
        for day in _days(row["day"], row["of_month"], Interval(row["plan__interval"]), today):
            for name, ahead in (("soon", SOON), ("later", LATER)):
                if day <= today + timedelta(days=ahead):
                    add(row["currency"], name, row["sum"], row["many"])
    for row in _contracted(community.pk):
        purse = found.setdefault(row["currency"], Purse(row["currency"]))
        purse.monthly += per_month(row["sum"], Interval(row["plan__interval"]))
    return sorted(found.values(), key=lambda one: (one.currency != community.currency, one.currency))


def _moved(community_id: int, span: Span) -> Iterable[Mapping[str, Any]]:
    """Collected and refunded, as the figure `revenue` counts them."""
    in_month = Q(day__gte=span.first, day__lte=span.today)
    before = Q(day__gte=span.before_first, day__lte=span.before_last)
    came = Q(transaction__kind__in=("payment", "payment_back"))
    rows = Entry.objects.filter(
        in_month | before, community_id=community_id, account__in=(Account.BANK, Account.CLEARING)
    )
    return (
        rows.filter(came | Q(transaction__kind="refund"))
        .values("currency")
        .annotate(
            came=Sum("amount", filter=in_month & came),
            came_before=Sum("amount", filter=before & came),
            back=-Sum("amount", filter=in_month & Q(transaction__kind="refund")),
        )
        .order_by("currency")
    )


def _late(community_id: int, today: date) -> Iterable[Mapping[str, Any]]:
    rows = Invoice.objects.of(community_id).unpaid().filter(due_on__lt=today)
    owed = Sum(F("gross") - F("credit_used"))
    return rows.values("currency").annotate(sum=owed, many=Count("pk")).order_by("currency")


def _prepaid(community_id: int) -> list[tuple[str, int]]:
    """What stands in deferred revenue, less what is only asked for."""
    with connection.cursor() as cursor:
        cursor.execute(_PREPAID, {"community": community_id})
        return list(cursor.fetchall())


_PREPAID = """
    SELECT currency, sum(amount)::bigint FROM (
        SELECT currency, -amount AS amount FROM commerce_entry
        WHERE community_id = %(community)s AND account = 'deferred'
        UNION ALL
        SELECT invoice.currency, -line.net FROM commerce_invoice AS invoice
        JOIN commerce_invoiceline AS line ON line.invoice_id = invoice.id
        WHERE invoice.community_id = %(community)s AND invoice.status = 'open'
        AND (line.starts_on IS NOT NULL OR line.kind = 'gift')
    ) AS stands GROUP BY currency ORDER BY currency
"""


def _renewals(community_id: int, today: date) -> Iterable[Mapping[str, Any]]:
    """What is asked for next of those who go on, by the day and by the day of the month on which their periods begin."""
    going_on = Subscription.objects.of(community_id).filter(
        status=Status.ACTIVE, kind=Kind.PAID, paused_on=None, period_end__gt=today
    )
    # What was chosen for the next period holds then; a price that was agreed to stays.
    next_price = Coalesce(F("next_plan__amount"), F("amount")) * Coalesce(F("next_quantity"), F("quantity"))
    return (
        going_on.filter(plan__interval__in=list(_MONTHS), period_end__lte=today + timedelta(days=LATER))
        .annotate(day=F("period_end"), of_month=ExtractDay("anchor"))
        .values("currency", "day", "of_month", "plan__interval")
        .annotate(sum=Sum(next_price, output_field=BigIntegerField()), many=Count("pk"))
        .order_by("currency", "day")
    )


def _days(first: date, of_month: int, interval: Interval, today: date) -> list[date]:
    """The days from the first on, within what is looked at, on which a period begins."""
    # A month with 31 days holds the anchor's day, whichever that is.
    anchor = date(first.year - 1, 1, of_month)
    found, n = [first], 0
    while found[-1] <= today + timedelta(days=LATER):
        n += 1
        day = nth(anchor, Interval.MONTH, 12 + first.month - 1 + n * _MONTHS[interval])
        found.append(day)
    return found[:-1]


def _contracted(community_id: int) -> Iterable[Mapping[str, Any]]:
    """The prices of a period of all that has begun and goes on, by interval: what the figure `mrr` counts, now."""
    begun = SubscriptionChange.objects.filter(subscription=OuterRef("pk"), kind=SubscriptionChange.Kind.BEGUN)
    rows = Subscription.objects.of(community_id).filter(
        Exists(begun), status__in=_ALIVE, kind=Kind.PAID, paused_on=None, plan__interval__in=list(_MONTHS)
    )
    price = Sum(F("amount") * F("quantity"), output_field=BigIntegerField())
    return rows.values("currency", "plan__interval").annotate(sum=price).order_by("currency")
