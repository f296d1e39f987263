"""The log of what has to be rolled up again."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from engagement.models import DirtyDay

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


def figures_only(*, community_id: int, **_: object) -> None:
    """No day has new facts, but what is computed from the days does not stand any more.

    A new time zone needs no more than this: a refresh that meets days of another zone rolls up all of them.
    """
    DirtyDay.objects.create(community_id=community_id, since=None, until=None)
