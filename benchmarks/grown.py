"""The stream's community as figures read one: who brought whom, who was invited, who left and paid, and what was held."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from benchmarks import place, scale, stream

#: Another number, another community: raised whenever what is made here changes.
VERSION = 1
#: Of those who joined later, how many were brought by somebody; of all, how many leave, and how many pay.
BROUGHT, LEAVE, PAY = 0.45, 0.15, 0.10
#: Gatherings held, and comings to each.
HELD, CAME = 500, 200
WAYS = ("wechat/spring", "email/", "web/autumn")
MICROSECOND = timedelta(microseconds=1)


def community(size: scale.Scale) -> Any:
    from communities.models import Community

    slug = f"grown-{size.facts}-{VERSION}"
    found = Community.objects.filter(slug=slug).first()
    if found is None:
        found = _made(slug, size)
    return found


def at(size: scale.Scale) -> datetime:
    """Noon after the last day there is anything of."""
    return size.start + timedelta(days=size.days, hours=12)


def _made(slug: str, size: scale.Scale) -> Any:
    from django.db import transaction

    from engagement.services import facts

    told = stream.make(size)
    # What a run that was cut off has left is not taken for whole: it has another name.
    found = place.found(told, f"{slug}-unfinished")
    place.load(told, found)
    # As `place.found` has them join: everybody at an instant of their own.
    joined = np.array(
        [
            int(day) * 86_400_000_000 + member * 86_399_999_999 // size.members
            for member, day in enumerate(told.joined_day)
        ]
    )
    dice = np.random.default_rng(5)
    inviter = _inviters(told, dice)
    with transaction.atomic():
        _bring(found, inviter)
        _leave(found, joined, size, dice)
        _pay(found, joined, size, dice)
        _hold(found, size, dice)
        rows = list(_growth(found, inviter, joined, size, dice))
        facts.load(community_id=found.pk, rows=rows, at=size.start + timedelta(days=3650))
        found.slug = slug
        found.save(update_fields=["slug"])
    _analyse()
    return found


def _inviters(told: stream.Stream, dice: np.random.Generator) -> Any:
    """By member, 1 on, who brought them, 0 for nobody: somebody who joined not long before, most often."""
    n = len(told.joined_day)
    before = np.arange(n) - 1 - dice.exponential(n / 20, n).astype(np.int64)
    brought = (told.joined_day > 0) & (dice.random(n) < BROUGHT) & (before >= 0)
    return np.where(brought, before + 1, 0)


def _bring(found: Any, inviter: Any) -> None:
    from django.db import connection

    member = np.flatnonzero(inviter) + 1
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE members_membership AS one SET invited_by_id = other.id"
            " FROM unnest(%s::int[], %s::int[]) AS told(member, inviter), members_membership AS other"
            " WHERE one.community_id = %s AND one.number = told.member"
            " AND other.community_id = one.community_id AND other.number = told.inviter",
            [member.tolist(), inviter[member - 1].tolist(), found.pk],
        )


def _leave(found: Any, joined: Any, size: scale.Scale, dice: np.random.Generator) -> None:
    """Some leave, after a hundred days in the mean, as far as there are so many."""
    from django.db import connection

    left = joined + (dice.exponential(100, size.members) * 86_400_000_000).astype(np.int64)
    member = np.flatnonzero((dice.random(size.members) < 3 * LEAVE) & (left < size.days * 86_400_000_000))
    instants = [size.start + int(left[one]) * MICROSECOND for one in member]
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH gone AS (UPDATE members_membership AS one SET status = 'left', left_at = told.at"
            " FROM unnest(%s::int[], %s::timestamptz[]) AS told(member, at)"
            " WHERE one.community_id = %s AND one.number = told.member RETURNING one.id, one.joined_at, told.at)"
            " INSERT INTO members_membershipchange (membership_id, kind, before, after, reason, at)"
            " SELECT id, 'status', '', 'active', '', joined_at FROM gone"
            " UNION ALL SELECT id, 'status', 'active', 'left', '', at FROM gone",
            [(member + 1).tolist(), instants, found.pk],
        )


def _pay(found: Any, joined: Any, size: scale.Scale, dice: np.random.Generator) -> None:
    """Subscriptions of two prices; a third of them have ended."""
    from commerce.models import Plan, Subscription, SubscriptionChange
    from members.models import Membership, Tier

    tier = Tier.objects.create(community=found, key="friends", name="Friends", rank=1)
    plans = [
        Plan.objects.create(
            community=found, tier=tier, name=name, amount=amount, currency="EUR", interval=interval,
            created_at=size.start,
        )
        for name, amount, interval in (("Monthly", 1_000, "month"), ("Yearly", 10_000, "year"))
    ]  # fmt: skip
    chosen = np.flatnonzero(dice.random(size.members) < PAY) + 1
    keys = dict(Membership.objects.of(found.pk).values_list("number", "pk"))
    last = size.first + timedelta(days=size.days)
    made, spans = [], []
    for one in chosen.tolist():
        begun = size.first + timedelta(
            days=int(joined[one - 1] // 86_400_000_000) + int(dice.integers(0, 20))
        )
        ended = begun + timedelta(days=int(dice.integers(20, 150)))
        over = ended < last and one % 2 == 0
        spans.append((begun, ended if over else None))
        made.append(
            Subscription(
                community=found, membership_id=keys[one], plan=plans[one % 3 == 0], amount=plans[one % 3 == 0].amount,
                currency="EUR", anchor=begun, period_start=begun, period_end=begun + timedelta(days=365),
                started_at=_noon(begun),
                **({"status": "ended", "ended_on": ended, "cause": "cancelled"} if over else {"status": "active"}),
            )
        )  # fmt: skip
    Subscription.objects.bulk_create(made, batch_size=5_000)
    changes = []
    for row, (begun, over_on) in zip(made, spans, strict=True):
        for kind, day in (("begun", begun), ("ended", over_on)):
            if day is not None:
                changes.append(
                    SubscriptionChange(
                        subscription=row, kind=kind, day=day, at=_noon(day), plan=row.plan, amount=row.amount, quantity=1
                    )
                )  # fmt: skip
    SubscriptionChange.objects.bulk_create(changes, batch_size=5_000)


def _hold(found: Any, size: scale.Scale, dice: np.random.Generator) -> None:
    from gatherings.models import Attendance, Event
    from members.models import Membership

    events = Event.objects.bulk_create(
        Event(
            community=found, external_id=str(n), title=f"Evening {n}", state="published", timezone="UTC", currency="EUR",
            told_held=True, starts_at=size.start + timedelta(days=n * size.days / HELD), planned_at=size.start,
            changed_at=size.start, published_at=size.start,
        )
        for n in range(HELD)
    )  # fmt: skip
    keys = np.array(list(Membership.objects.of(found.pk).order_by("number").values_list("pk", flat=True)))
    Attendance.objects.bulk_create(
        (
            Attendance(
                event=event, membership_id=int(key), answer="yes" if key % 5 else "",
                answered_at=event.starts_at - timedelta(hours=1), came_at=event.starts_at if key % 4 else None,
            )
            for event in events
            for key in dice.choice(keys[: size.members // 2], min(CAME, size.members // 4), replace=False)
        ),
        batch_size=5_000,
    )  # fmt: skip


def _growth(
    found: Any, inviter: Any, joined: Any, size: scale.Scale, dice: np.random.Generator
) -> Iterator[Any]:
    """Invitations, as many in vain as were taken up, and a payment a month of each who pays by the month."""
    from commerce.models import SubscriptionChange
    from engagement.services.identity import Row

    for member in (np.flatnonzero(inviter) + 1).tolist():
        by, way = int(inviter[member - 1]), WAYS[member % 3]
        when = max(int(joined[by - 1]), int(joined[member - 1]) - int(dice.integers(0, 5 * 86_400_000_000)))
        sent = size.start + when * MICROSECOND
        yield Row(by, "invited", sent, member, "invitation", f"{member}/{way}")
        yield Row(
            by, "invited", sent + timedelta(minutes=1), None, "invitation", f"{size.members + member}/{way}"
        )
    begun = SubscriptionChange.objects.filter(subscription__community=found, kind="begun")
    last = size.first + timedelta(days=size.days)
    for number, day in begun.values_list("subscription__membership__number", "day"):
        while day < last:
            yield Row(number, "paid", _noon(day))
            day += timedelta(days=30)


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def _analyse() -> None:
    """As autovacuum does by itself, for the tables' owner."""
    from benchmarks import crowd

    crowd.analyse()
