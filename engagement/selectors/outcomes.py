"""What experiments are judged by, counted for each who was assigned; they are judged by whether there was any."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from kernel.activity import ACTS, VERBS, VerbClass
from members.models import Invitation, Membership, MembershipChange
from members.roles import ADMITTED

#: Acts that say more than that somebody came by: joining in the browser is a visit already.
TAKING_PART = frozenset(verb for verb in ACTS if VERBS[verb] is not VerbClass.PRESENCE)

_TOOK_PART = """
    SELECT unit.place, sum(done.n)::int
    FROM unnest(%s::int[], %s::int[], %s::timestamptz[]) AS unit (place, number, since)
    CROSS JOIN LATERAL (
        SELECT count(*) AS n FROM engagement_fact fact
        WHERE fact.community_id = %s AND fact.member = unit.number
            AND fact.utc_day BETWEEN (unit.since AT TIME ZONE 'UTC')::date
                AND ((unit.since + make_interval(secs => %s)) AT TIME ZONE 'UTC')::date
            AND fact.occurred_at > unit.since AND fact.occurred_at <= unit.since + make_interval(secs => %s)
            AND fact.verb = ANY(%s) AND fact.retracted_at IS NULL
    ) done
    GROUP BY unit.place HAVING sum(done.n) > 0
"""


@dataclass(frozen=True)
class Seen:
    """One who is judged: by the numbers of all their records, from the instant on at which they were assigned."""

    place: int
    numbers: tuple[int, ...]
    since: datetime


def brought(community_id: int, units: Sequence[Seen], within: timedelta) -> dict[int, int]:
    """By place, how many joined by their letters in that time; who brought nobody is not named."""
    by_letter = _joined(community_id, units, within).filter(
        channel=Invitation.Kind.EMAIL, invited_by__number__in=_numbers(units)
    )
    return _in_time(units, within, by_letter.values_list("invited_by__number", "joined_at"))


def joined(community_id: int, units: Sequence[Seen], within: timedelta) -> dict[int, int]:
    """By place, those who became members in that time."""
    theirs = _joined(community_id, units, within).filter(number__in=_numbers(units))
    return _in_time(units, within, theirs.values_list("number", "joined_at"))


def took_part(community_id: int, units: Sequence[Seen], within: timedelta) -> dict[int, int]:
    """By place, how often they wrote, answered, reacted or came in that time; who only looked around is not named."""
    flat = [(unit.place, number, unit.since) for unit in units for number in unit.numbers]
    if not flat:
        return {}
    places, numbers, since = (list(column) for column in zip(*flat, strict=True))
    seconds = within.total_seconds()
    with connection.cursor() as cursor:
        cursor.execute(
            _TOOK_PART, [places, numbers, since, community_id, seconds, seconds, sorted(TAKING_PART)]
        )
        return dict(cursor.fetchall())


def _joined(community_id: int, units: Sequence[Seen], within: timedelta) -> QuerySet[Membership]:
    """Who joined while any of the units was looked at, and was let in at all."""
    let_in = MembershipChange.objects.filter(membership=OuterRef("pk"), kind="status", after__in=ADMITTED)
    rows = Membership.objects.records_of(community_id).filter(Exists(let_in))
    if not units:
        return rows.none()
    since = [unit.since for unit in units]
    return rows.filter(joined_at__gt=min(since), joined_at__lte=max(since) + within)


def _numbers(units: Iterable[Seen]) -> list[int]:
    return [number for unit in units for number in unit.numbers]


def _in_time(
    units: Iterable[Seen], within: timedelta, rows: Iterable[tuple[int, datetime]]
) -> dict[int, int]:
    when: dict[int, list[datetime]] = {}
    for number, at in rows:
        when.setdefault(number, []).append(at)
    found = {
        unit.place: sum(
            unit.since < at <= unit.since + within for number in unit.numbers for at in when.get(number, [])
        )
        for unit in units
    }
    return {place: n for place, n in found.items() if n}
