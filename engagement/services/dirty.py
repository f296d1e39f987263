"""The log of what has to be rolled up again."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from engagement.models import DirtyDay, Fact

HOUR = timedelta(hours=1)
#: A gap shorter than this holds no whole local day (the shortest has 23 hours).
GAP = timedelta(hours=22)


def hours(*, community_id: int, hours: Iterable[str]) -> None:
    """Log the days of these hours, each in UTC as "2026-03-02T14". Near hours share a row."""
    rows: list[DirtyDay] = []
    for hour in sorted(set(hours)):
        since = datetime.fromisoformat(hour + ":00:00").replace(tzinfo=UTC)
        until = since + HOUR - timedelta(microseconds=1)
        last = rows[-1] if rows else None
        if last is not None and last.until is not None and since - last.until < GAP:
            last.until = until
        else:
            rows.append(DirtyDay(community_id=community_id, since=since, until=until))
    DirtyDay.objects.bulk_create(rows, batch_size=1000)


def whole_history(*, community_id: int, **_: object) -> None:
    """Every day has to be rolled up again: the community's days begin at other instants now."""
    known = Fact.objects.of(community_id).order_by("utc_day")
    first, last = known.first(), known.last()
    if first is not None and last is not None:
        DirtyDay.objects.create(community_id=community_id, since=first.occurred_at, until=last.occurred_at)
    figures_only(community_id=community_id)


def figures_only(*, community_id: int, **_: object) -> None:
    """The days stand; what is computed from them does not."""
    DirtyDay.objects.create(community_id=community_id, since=None, until=None)
