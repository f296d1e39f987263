"""How facts are written: one by one from the bus, in bulk from files and programs, and how they are retracted.

Facts and the log of days to roll up again are written in one transaction, always.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from engagement.services import bulk, dirty, identity, times
from engagement.services.identity import Row
from kernel import clock
from kernel.activity import Activity
from members.actors import Actor
from members.services import audit

#: From so many on the bulk path is faster.
MANY = 200


@dataclass
class Loaded:
    """What became of the rows: how many were new, and the places (from 0) of those that were known already."""

    inserted: int = 0
    duplicates: list[int] = field(default_factory=list)

    @property
    def duplicate(self) -> int:
        return len(self.duplicates)


def record(activities: Sequence[Activity]) -> None:
    """Write what was published as facts. A fact that is known already is left as it is.

    Subscribed to the bus, so it runs in the publisher's transaction. Raises `Refused` for a time that
    is too far ahead or too long ago.
    """
    now = clock.now()
    for activity in activities:
        times.check(activity.at, latest=now + times.AHEAD)
    if not activities:
        return
    if len(activities) >= MANY:
        for community_id in sorted({activity.community_id for activity in activities}):
            rows = [_row(activity) for activity in activities if activity.community_id == community_id]
            load(community_id=community_id, rows=rows, at=now)
        return
    values = [_values(activity) for activity in activities]
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT.format(rows=", ".join([_PLACES] * len(values))), [v for row in values for v in row]
        )


_COLUMNS = "community_id, member, verb, target, object_kind, object_id, circle_id, occurred_at, utc_day, value, staff, dedupe"
_PLACES = "(%s, %s, %s, %s::int, %s, %s, %s::int, %s, %s, %s::numeric, %s, %s::uuid)"
_INSERT = (
    f"WITH new AS (INSERT INTO engagement_fact ({_COLUMNS}) VALUES {{rows}}"
    " ON CONFLICT (community_id, dedupe) DO NOTHING RETURNING community_id, utc_day, occurred_at)"
    " INSERT INTO engagement_dirtyday (community_id, since, until)"
    " SELECT community_id, min(occurred_at), max(occurred_at) FROM new GROUP BY community_id, utc_day"
)


def _row(activity: Activity) -> Row:
    return Row(
        activity.member,
        activity.verb,
        activity.at,
        activity.target,
        activity.object_kind,
        activity.object_id,
        activity.circle_id,
        activity.value,
        activity.staff,
        activity.dedupe,
    )


def _values(activity: Activity) -> tuple[Any, ...]:
    at = activity.at.astimezone(UTC)
    return (
        activity.community_id,
        activity.member,
        activity.verb,
        activity.target,
        activity.object_kind,
        activity.object_id,
        activity.circle_id,
        at,
        at.date(),
        activity.value,
        activity.staff,
        identity.of(_row(activity)),
    )


@transaction.atomic
def load(*, community_id: int, rows: Iterable[Row], at: datetime, batch: UUID | None = None) -> Loaded:
    """Write many facts of one community, each at most once, and log their days.

    Rows may come in any order and are read once; memory stays bounded. `batch` names them for retraction.
    The counts add up to the number of rows. Raises `Refused` for a time too far ahead of `at` or before 1900 and
    `ValueError` for an unknown verb; nothing is written then.
    """
    loaded = Loaded()
    writer = bulk.Writer(community_id=community_id, limit=at + times.AHEAD, batch=batch)
    for start, chunk in bulk.chunks(rows):
        known = writer.write(chunk)
        loaded.inserted += len(chunk) - len(known)
        loaded.duplicates.extend(start + place for place in known)
    dirty.hours(community_id=community_id, hours=writer.hours)
    return loaded


@transaction.atomic
def retract(*, community_id: int, batch: UUID, by: Actor, at: datetime) -> int:
    """Take the facts of a batch out of every figure; how many there were.

    The facts stay on record, marked. They give up their identity, so that the right rows may come in under
    the same ids afterwards. Doing it twice changes nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RETRACT, [at, community_id, batch])
        counts: dict[str, int] = dict(cursor.fetchall())
    if not counts:
        return 0
    count = sum(counts.values())
    dirty.hours(community_id=community_id, hours=counts)
    audit.record(
        action="facts.retracted",
        object_kind="batch",
        object_id=batch,
        by=by,
        at=at,
        community_id=community_id,
        after={"facts": count},
    )
    return count


_RETRACT = """
    WITH gone AS (
        UPDATE engagement_fact SET retracted_at = %s, dedupe = gen_random_uuid()
        WHERE community_id = %s AND batch = %s AND retracted_at IS NULL
        RETURNING occurred_at
    )
    SELECT to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24') AS hour, count(*) FROM gone GROUP BY 1
"""

__all__ = ["Loaded", "Row", "load", "record", "retract"]
