"""Dues of a crowd: seven in ten have a plan, in every way that there is, five in a hundred a seat in somebody's group."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

#: Of a hundred members, up to which number: how their subscription stands.
STANDS: tuple[tuple[int, dict[str, Any]], ...] = (
    (55, {"status": "active"}),
    (58, {"status": "past_due"}),
    (59, {"status": "suspended"}),
    (62, {"status": "trialing"}),
    (64, {"status": "cancelled"}),
    (65, {"status": "active", "period_end": None}),
    (66, {"status": "pending", "period_end": None}),
    (68, {"status": "active", "kind": "gift"}),
    (70, {"status": "active", "kind": "complimentary"}),
    (80, {"status": "ended", "ended_on": date(2026, 1, 1), "cause": "cancelled"}),
)
#: Who of a hundred pays for a group, and who sits in it.
PAYER, SEATED = 50, range(80, 85)


def plans(community: Any, tier: Any, at: Any) -> list[Any]:
    from commerce.models import Plan

    terms = [
        ("Monthly", "month", False),
        ("Yearly", "year", False),
        ("For life", "lifetime", False),
        ("Team", "month", True),
    ]
    return [
        Plan.objects.create(
            community=community, tier=tier, name=name, amount=1_000, currency="EUR", interval=interval, group=group,
            created_at=at,
        )
        for name, interval, group in terms
    ]  # fmt: skip


def give(rows: Sequence[Any], offered: Sequence[Any], at: Any) -> None:
    """To members, a hundred by a hundred."""
    from commerce.models import Seat, Subscription

    made = Subscription.objects.bulk_create(
        _subscription(row, offered, at) for row in rows if row.number % 100 < 80
    )
    groups = {one.membership.number // 100: one for one in made if one.membership.number % 100 == PAYER}
    Seat.objects.bulk_create(
        Seat(subscription=group, membership=row, code=f"{group.pk}-{row.pk}", made_at=at, taken_at=at)
        for row in rows
        if row.number % 100 in (PAYER, *SEATED) and (group := groups.get(row.number // 100))
    )


def _subscription(row: Any, offered: Sequence[Any], at: Any) -> Any:
    from commerce.models import Subscription

    place = row.number % 100
    stands = next(fields for most, fields in STANDS if place < most)
    monthly, yearly, life, team = offered
    plan = team if place == PAYER else life if 64 <= place < 65 else yearly if row.number % 3 else monthly
    start = at.date() - timedelta(days=row.number % 365)
    fields = {"period_end": start + timedelta(days=365)} | stands
    return Subscription(
        community_id=row.community_id, membership=row, plan=plan, amount=1_000, currency="EUR", anchor=start,
        period_start=start, started_at=at, **fields,
    )  # fmt: skip
