"""Rolling up: from the facts of local days to counts per member, pairs and the bitmap of the active.

A day is always rolled up whole and written over, so doing it twice, or after facts came late, gives the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray
from psycopg2 import Binary

from engagement import packing
from engagement.models import ActiveDay, MemberDay, PairDay
from engagement.packing import Whole
from engagement.selectors import wire
from kernel.activity import ACTS, VERBS
from kernel.clock import day_bounds, day_start

#: Facts read at once: bounds memory to some 100 MB.
ROUND = 500_000

VERB_LIST = list(VERBS)
_ACT_CODES = np.array([code for code, verb in enumerate(VERB_LIST) if verb in ACTS])


class _Span(NamedTuple):
    """Consecutive local days first..last of one community."""

    community_id: int
    first: date
    last: date
    zone: ZoneInfo

    @property
    def parameters(self) -> dict[str, Any]:
        """Bounds for SQL; `utc_day` is the index's column, the instants are exact."""
        since = day_bounds(self.first, self.zone)[0]
        until = day_bounds(self.last, self.zone)[1]
        days = (self.last - self.first).days + 1
        starts = [day_start(self.first + timedelta(days=place), self.zone) for place in range(days)]
        return {
            "community": self.community_id,
            "since": since,
            "until": until,
            "first": since.date(),
            "last": until.date(),
            "starts": starts,
            "verbs": VERB_LIST,
            "acts": sorted(ACTS),
        }


@transaction.atomic
def roll(*, community_id: int, days: Iterable[date], zone: ZoneInfo) -> None:
    """Roll up these local days of the community from its facts, as they stand in this transaction."""
    for first, last in _runs(sorted(set(days))):
        for span in _rounds(_Span(community_id, first, last, zone)):
            _roll_members(span)
            _roll_pairs(span)


def _runs(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    """Sorted days as runs of consecutive ones."""
    start = 0
    for place in range(1, len(days) + 1):
        if place == len(days) or days[place] != days[place - 1] + timedelta(days=1):
            yield days[start], days[place - 1]
            start = place


def _rounds(span: _Span) -> Iterator[_Span]:
    """The span in parts of at most `ROUND` facts where a single day is no more than that."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT utc_day, count(*) FROM engagement_fact"
            " WHERE community_id = %(community)s AND utc_day BETWEEN %(first)s AND %(last)s GROUP BY 1",
            span.parameters,
        )
        counts = dict(cursor.fetchall())
    first, facts, day = span.first, 0, span.first
    while day <= span.last:
        facts += counts.get(day, 0)
        if facts > ROUND and day > first:
            yield span._replace(first=first, last=day - timedelta(days=1))
            first, facts = day, counts.get(day, 0)
        day += timedelta(days=1)
    yield span._replace(first=first)


_WHERE = """
    community_id = %(community)s AND utc_day BETWEEN %(first)s AND %(last)s
    AND occurred_at >= %(since)s AND occurred_at < %(until)s AND retracted_at IS NULL
"""
_PLACE = "width_bucket(occurred_at, %(starts)s::timestamptz[])"
_MEMBERS = f"""
    SELECT place, member, array_position(%(verbs)s, verb), n, first FROM (
        SELECT {_PLACE} AS place, member, verb, count(*) AS n, min(occurred_at) AS first
        FROM engagement_fact WHERE {_WHERE} GROUP BY 1, 2, 3
    ) AS counted
"""
_PAIRS = f"""
    SELECT {_PLACE}, member, target, count(*), min(occurred_at) FROM engagement_fact
    WHERE {_WHERE} AND target IS NOT NULL AND target <> member AND verb = ANY(%(acts)s) GROUP BY 1, 2, 3
"""
_KINDS = ("int4", "int4", "int4", "int8", "timestamptz")


def _roll_members(span: _Span) -> None:
    place, member, code, n, first = wire.columns(_MEMBERS, span.parameters, _KINDS)
    code = code - 1
    order = np.lexsort((member, code, place))
    place, member, code, n, first = (column[order] for column in (place, member, code, n, first))
    counted, active = [], []
    for day, rows in _by_day(span, place):
        used = np.unique(code[rows])
        counts = packing.pack(member[rows], np.searchsorted(used, code[rows]), n[rows])
        counted.append(
            (day, [VERB_LIST[each] for each in used], Binary(counts), Binary(packing.pack(first[rows])))
        )
        acting = np.unique(member[rows][np.isin(code[rows], _ACT_CODES)])
        if len(acting):
            active.append((day, Binary(packing.pack_members(acting))))
    _store(span, MemberDay, ("verbs", "counts", "firsts"), counted)
    _store(span, ActiveDay, ("members",), active)


def _roll_pairs(span: _Span) -> None:
    place, source, target, n, first = wire.columns(_PAIRS, span.parameters, _KINDS)
    order = np.lexsort((target, source, place))
    place, source, target, n, first = (column[order] for column in (place, source, target, n, first))
    rolled = [
        (day, Binary(packing.pack(source[rows], target[rows], n[rows])), Binary(packing.pack(first[rows])))
        for day, rows in _by_day(span, place)
    ]
    _store(span, PairDay, ("pairs", "firsts"), rolled)


def _by_day(span: _Span, place: Whole) -> Iterator[tuple[date, slice]]:
    """The days that have rows, each with the slice of its rows. Places count days from 1 and are sorted."""
    days: NDArray[np.int64]
    days, starts = np.unique(place, return_index=True)
    ends = np.append(starts[1:], len(place))[: len(days)]
    for day, start, end in zip(days.tolist(), starts.tolist(), ends.tolist(), strict=True):
        yield span.first + timedelta(days=day - 1), slice(start, end)


def _store(span: _Span, model: type, names: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
    """Make the rows what the table holds of the span's days: no more, no less."""
    table = model._meta.db_table  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {table} WHERE community_id = %s AND day BETWEEN %s AND %s",
            [span.community_id, span.first, span.last],
        )
        insert = f"INSERT INTO {table} (community_id, day, {', '.join(names)}) VALUES (%s{', %s' * (len(names) + 1)})"
        cursor.executemany(insert, [(span.community_id, *row) for row in rows])
