"""What experiments are judged by, read of those who were assigned: a yes or a no for each, however much they did."""

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
    SELECT DISTINCT unit.place FROM unnest(%s::int[], %s::int[], %s::timestamptz[]) AS unit (place, number, since)
    WHERE EXISTS (
        SELECT FROM engagement_fact fact
        WHERE fact.community_id = %s AND fact.member = unit.number
            AND fact.utc_day BETWEEN (unit.since AT TIME ZONE 'UTC')::date
                AND ((unit.since + make_interval(secs => %s)) AT TIME ZONE 'UTC')::date
            AND fact.occurred_at > unit.since AND fact.occurred_at <= unit.since + make_interval(secs => %s)
            AND fact.verb = ANY(%s) AND fact.retracted_at IS NULL
    )
"""


@dataclass(frozen=True)
class Seen:
    """One who is judged: by the numbers of all their records, from the instant on at which they were assigned."""

    place: int
    numbers: tuple[int, ...]
    since: datetime


def brought(community_id: int, units: Sequence[Seen], within: timedelta) -> set[int]:
    """The places of those by whose letters somebody joined in that time."""
    by_letter = _joined(community_id, units, within).filter(
        channel=Invitation.Kind.EMAIL, invited_by__number__in=_numbers(units)
    )
    return _in_time(units, within, by_letter.values_list("invited_by__number", "joined_at"))


def joined(community_id: int, units: Sequence[Seen], within: timedelta) -> set[int]:
    """The places of those who became members in that time."""
    theirs = _joined(community_id, units, within).filter(number__in=_numbers(units))
    return _in_time(units, within, theirs.values_list("number", "joined_at"))


def took_part(community_id: int, units: Sequence[Seen], within: timedelta) -> set[int]:
    """The places of those who wrote, answered, reacted or came in that time: who did more than look around."""
    flat = [(unit.place, number, unit.since) for unit in units for number in unit.numbers]
    if not flat:
        return set()
    places, numbers, since = (list(column) for column in zip(*flat, strict=True))
    seconds = within.total_seconds()
    with connection.cursor() as cursor:
        cursor.execute(
            _TOOK_PART, [places, numbers, since, community_id, seconds, seconds, sorted(TAKING_PART)]
        )
        return {place for (place,) in cursor.fetchall()}


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


def _in_time(units: Iterable[Seen], within: timedelta, rows: Iterable[tuple[int, datetime]]) -> set[int]:
    when: dict[int, list[datetime]] = {}
    for number, at in rows:
        when.setdefault(number, []).append(at)
    return {
        unit.place
        for unit in units
        for number in unit.numbers
        if any(unit.since < at <= unit.since + within for at in when.get(number, []))
    }
