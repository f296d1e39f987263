"""Facts that turn out to lie elsewhere in time: the old one is retracted, the right one written."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from engagement.services import dirty, facts, identity
from kernel.activity import Activity


@transaction.atomic
def carry_out(
    *, community_id: int, names: Sequence[str], activities: Sequence[Activity], at: datetime
) -> None:
    """Retract the facts with these names and write `activities`, in the caller's transaction.

    A retracted fact gives up its name, so that a new one may have it. Names nobody has are passed over.
    """
    keys = [identity.of_name(name) for name in names]
    with connection.cursor() as cursor:
        cursor.execute(_RETRACT, [at, community_id, keys])
        hours = [hour for (hour,) in cursor.fetchall()]
    dirty.hours(community_id=community_id, hours=hours)
    facts.record(activities)


_RETRACT = """
    UPDATE engagement_fact SET retracted_at = %s, dedupe = gen_random_uuid()
    WHERE community_id = %s AND dedupe = ANY(%s::uuid[]) AND retracted_at IS NULL
    RETURNING to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24')
"""
