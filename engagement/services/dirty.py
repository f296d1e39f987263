"""The log of what has to be rolled up again."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from engagement.models import DirtyDay
from members.models import Membership
from members.selectors import merged as records

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


def people(*, merged: Membership, kept: Membership, **_: object) -> None:
    """Facts of the one record are the other's from now on, or its own again: every day that names it, or what was
    merged into it before, and the days of joining, of which one counts."""
    numbers = [merged.number, *records.numbers_of(merged)]
    everybody = [merged, kept, *records.records([kept])]
    joined = {one.joined_at for one in everybody} | set(records.joined_by_themselves([kept.pk]).values())
    rows = [DirtyDay(community_id=merged.community_id, member=number) for number in numbers]
    rows += [DirtyDay(community_id=merged.community_id, since=at, until=at) for at in sorted(joined)]
    DirtyDay.objects.bulk_create(rows)


def figures_only(*, community_id: int, **_: object) -> None:
    """No day has new facts, but what is computed from the days does not stand any more.

    A new time zone needs no more than this: a refresh that meets days of another zone rolls up all of them.
    """
    DirtyDay.objects.create(community_id=community_id, since=None, until=None)


def everything(*, community_id: int, since: datetime | None, until: datetime | None) -> int:
    """All days between the two are to be rolled up from their facts again; without them the figures alone are computed
    anew. The number of the row that says so: as long as it stands, that has not been done."""
    return DirtyDay.objects.create(community_id=community_id, since=since, until=until).pk


def day_of(*, community_id: int, at: datetime, **_: object) -> None:
    """Something that figures read was written of that day after it was over."""
    DirtyDay.objects.create(community_id=community_id, since=at, until=at)
