"""What was paid ahead becomes revenue: each day once, for all that was paid by then, from deferred revenue into revenue.

A day is posted when it is over, in one posting for each currency. What is recognised of a line is reckoned from its
first day on (`commerce.recognition`) and never goes back, so what becomes known late, as a payment or a credit note,
is caught up with on the next day; days on which nobody worked are posted one by one.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Min, QuerySet
from django.db.models.functions import Coalesce, Greatest

from commerce import recognition
from commerce.models import Account, Deferral, RecognitionDay
from commerce.periods import Period
from commerce.services import invoices, ledger
from commerce.services.ledger import Side
from communities.models import Community
from kernel import activity, clock, locks, sweeps
from kernel.locks import locked

#: Lines that are read and written at once.
PORTION = 2_000
#: Days that one run catches up with at most: the next run goes on.
DAYS = 400

Earned = dict[str, dict[Account, int]]


def recognise_all(*, at: datetime) -> int:
    """Post every day that is over and not posted yet, in every community; how many postings there were."""
    with_lines = Deferral.objects.filter(closed=False).exclude(begun_at=None).order_by("community")
    ids = with_lines.values_list("community", flat=True).distinct()
    communities = Community.objects.filter(pk__in=list(ids)).order_by("pk")
    return sweeps.each("Community", communities, lambda community: recognise(community=community, at=at))


def recognise(*, community: Community, at: datetime) -> int:
    """Post the days of this community that are over and not posted yet; how many postings there were.

    Whoever does it twice, or at once with another, posts nothing twice.
    """
    last = clock.last_complete_day(community.zone, at)
    first = _first(community, last)
    if first is None:
        return 0
    days = [first + timedelta(days=n) for n in range(min((last - first).days + 1, DAYS))]
    return sum(_recognise_day(community, day, at) for day in days)


def _first(community: Community, last: date) -> date | None:
    """The first day of which something may be left to post."""
    since = Greatest(Coalesce(F("through") + timedelta(days=1), F("starts_on")), F("starts_on"))
    open_lines = _open(community, last).annotate(since=since).values("since")
    found = open_lines.aggregate(day=Min("since"), begun=Min("begun_at"))
    if found["day"] is None:
        return None
    # Nothing was earned before anything was paid.
    begun = clock.local_day(found["begun"], community.zone)
    first = max(_as_day(found["day"]), begun)
    return first if first <= last else None


def _as_day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


def _open(community: Community, day: date) -> "QuerySet[Deferral]":
    """Lines of which something can be earned on this day, as far as it was paid by its end."""
    return Deferral.objects.filter(
        community_id=community.id,
        closed=False,
        starts_on__lte=day,
        begun_at__lt=clock.day_end(day, community.zone),
    )


@transaction.atomic
def _recognise_day(community: Community, day: date, at: datetime) -> int:
    # One after the other: the second finds every line done.
    locks.advisory(name="commerce.recognise", key=community.id)
    done = RecognitionDay.objects.filter(community_id=community.id, day=day).values_list(
        "currency", flat=True
    )
    earned: Earned = defaultdict(lambda: defaultdict(int))
    lines = _open(community, day).exclude(currency__in=list(done)).exclude(through__gte=day)
    last = 0
    while portion := _portion(lines, after=last):
        _earn(portion, day, earned)
        last = portion[-1].pk
    return sum(_post(community, day, currency, accounts, at) for currency, accounts in sorted(earned.items()))


def _portion(lines: "QuerySet[Deferral]", *, after: int) -> list[Any]:
    """The next lines, locked, and each with the day its subscription was paused on."""
    invoice = "line__invoice"
    paused_on = Coalesce(
        F(f"{invoice}__subscription__paused_on"), F(f"{invoice}__gift__subscription__paused_on")
    )
    rows = locked(lines.filter(pk__gt=after).order_by("pk"))
    return list(rows.annotate(paused_on=paused_on).select_related("line")[:PORTION])


def _earn(portion: list[Any], day: date, earned: Earned) -> None:
    """Recognise these lines through the day, and add what was earned."""
    written = []
    for deferral in portion:
        more = _earned_by(deferral, day) - deferral.recognised
        deferral.recognised += more
        left = deferral.amount - deferral.released - deferral.recognised
        written.append((deferral.pk, deferral.recognised, left == 0))
        earned[deferral.currency][invoices.earned_in(deferral.line)] += more
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [day, *(list(column) for column in zip(*written, strict=True))])


_WRITE = """
    UPDATE commerce_deferral AS line SET recognised = told.recognised, closed = told.closed, through = %s
    FROM unnest(%s::bigint[], %s::bigint[], %s::boolean[]) AS told (id, recognised, closed) WHERE line.id = told.id
"""


def _earned_by(deferral: Any, day: date) -> int:
    """What is earned of a line when the day is over: of what was not credited, and never less than it was."""
    until = day + timedelta(days=1)
    if deferral.paused_on is not None:
        until = min(until, deferral.paused_on)
    kept = deferral.amount - deferral.released
    target: int = recognition.recognised(kept, Period(deferral.starts_on, deferral.ends_on), until)
    return max(target, deferral.recognised) if deferral.amount > 0 else min(target, deferral.recognised)


def _post(community: Community, day: date, currency: str, earned: dict[Account, int], at: datetime) -> int:
    """One posting at the end of the day, from what is deferred to where it is earned."""
    if not any(earned.values()):
        return 0
    source = RecognitionDay.objects.create(
        community_id=community.id,
        currency=currency,
        day=day,
        revenue=earned[Account.REVENUE],
        discount=-earned[Account.DISCOUNT],
        recognised_at=at,
    )
    last = clock.day_end(day, community.zone) - timedelta(microseconds=1)
    ledger.post(
        community=community,
        kind="recognition",
        source_type="recognition_day",
        source_id=source.pk,
        currency=currency,
        sides=[
            Side(Account.DEFERRED, sum(earned.values())),
            *(Side(account, -amount) for account, amount in sorted(earned.items())),
        ],
        at=last,
    )
    # The day is over: what was reckoned of it by now does not know of this.
    activity.announce("revenue.recognised", community_id=community.id, at=last)
    return 1


__all__ = ["recognise", "recognise_all"]
