"""Rolling up: from the facts of local days to counts per member, pairs and the bitmap of the active.

A day is always rolled up whole and written over, so doing it twice, or after facts came late, gives the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection, transaction
from psycopg2 import Binary

from engagement import packing
from engagement.models import ActiveDay, MemberDay, PairDay
from engagement.packing import Whole
from engagement.selectors.history import local_days
from engagement.services import bases, one_person
from engagement.services.one_person import Facts, People
from kernel import wire
from kernel.activity import ACTS, VERBS
from kernel.clock import day_bounds

#: Facts read at once: bounds memory to some 100 MB.
ROUND = 500_000

VERB_LIST = list(VERBS)
_IS_ACT = np.array([verb in ACTS for verb in VERB_LIST])
#: More than any member's number: what two numbers are joined to one key by.
_MEMBERS = 1 << 31


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
        return {
            "community": self.community_id,
            "since": since,
            "until": until,
            "first": since.date(),
            "last": (until - timedelta(microseconds=1)).date(),
        }


@transaction.atomic
def roll(*, community_id: int, days: Iterable[date], zone: ZoneInfo) -> None:
    """Roll up these local days of the community from its facts, as they stand in this transaction."""
    rolled = sorted(set(days))
    if rolled:
        bases.forget(community_id=community_id, since=rolled[0])
    people = one_person.of(community_id)
    for first, last in _runs(rolled):
        for span in _rounds(_Span(community_id, first, last, zone)):
            _roll(span, people)


def _runs(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    """Sorted days as runs of consecutive ones."""
    start = 0
    for place in range(1, len(days) + 1):
        if place == len(days) or days[place] != days[place - 1] + timedelta(days=1):
            yield days[start], days[place - 1]
            start = place


def _rounds(span: _Span) -> Iterator[_Span]:
    """The span in parts of at most `ROUND` facts where a single day is no more than that."""
    if span.first == span.last:
        yield span
        return
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


# Of each verb two values holding all its facts in one order, 8 bytes each: reading them costs no object a fact, on either
# side. Two numbers go as one, for what is put together here is made anew each time. A fact without a target stands as one
# that is aimed at its own actor.
_FACTS = """
    SELECT verb, string_agg(timestamptz_send(occurred_at), ''::bytea),
        string_agg(int8send((member::bigint << 32) | coalesce(target, member)), ''::bytea)
    FROM engagement_fact
    WHERE community_id = %(community)s AND utc_day BETWEEN %(first)s AND %(last)s
    AND occurred_at >= %(since)s AND occurred_at < %(until)s AND retracted_at IS NULL
    GROUP BY verb
"""
_BETWEEN = np.dtype([("member", ">i4"), ("target", ">i4")])


def _read(span: _Span, people: People) -> Iterator[tuple[date, Facts]]:
    """The days that have facts, each with them; `verb` is a place in `VERB_LIST`."""
    with _in_the_table_s_order():
        found = wire.blobs(_FACTS, span.parameters)
    if not found:
        return
    verbs = [VERB_LIST.index(str(verb, "ascii")) for verb, _at, _between in found]
    instants = [np.frombuffer(at, ">i8") for _verb, at, _between in found]
    verb = np.repeat(verbs, [len(part) for part in instants])
    at = np.concatenate(instants).astype(np.int64) + wire.EPOCH_MICROSECONDS
    between = np.concatenate([np.frombuffer(packed, _BETWEEN) for _verb, _at, packed in found])
    member, target = between["member"].astype(np.int64), between["target"].astype(np.int64)
    facts = people.as_one(Facts(at, member, target, verb))
    if not len(facts.at):
        return
    day = local_days(facts.at, span.zone)
    order = np.argsort(day, kind="stable")
    days, starts = np.unique(day[order], return_index=True)
    for each, places in zip(days.tolist(), np.split(order, starts[1:]), strict=True):
        yield date.fromordinal(each), people.visits_once(facts.only(places))


@contextmanager
def _in_the_table_s_order() -> Iterator[None]:
    """A day's facts lie together in the table, and the index tells them by member: followed from entry to entry it
    would visit each page a hundred times. Nor are they to be sorted by verb, of which there are few. The planner,
    who expects a day to have a fiftieth of the facts it has, sees neither; half the time goes so. For the same reason he
    has a large day read by one process: what it costs him to have another help is said to be a tenth."""
    names = {"enable_indexscan": "off", "enable_sort": "off", "parallel_setup_cost": "100"}
    with connection.cursor() as cursor:
        cursor.execute("; ".join(f"SET LOCAL {name} = {value}" for name, value in names.items()))
        yield
        cursor.execute("; ".join(f"RESET {name}" for name in names))


def _tally(key: Whole, at: Whole) -> tuple[Whole, Whole, Whole]:
    """The distinct keys in order, how often each is there, and the first of its instants."""
    # By 16 bits after the other, the lowest first: these are sorted by counting, in half the time that comparing takes.
    order = np.lexsort(key.astype("<i8", copy=False).view("<u2").reshape(-1, 4).T)
    key = key[order]
    starts = np.flatnonzero(np.diff(key, prepend=key[:1] - 1))
    return key[starts], np.diff(starts, append=len(key)), np.minimum.reduceat(at[order], starts)


def _roll(span: _Span, people: People) -> None:
    """The rows of the span's days. Days without any have none."""
    counted, paired, active = [], [], []
    for day, facts in _read(span, people):
        key, n, first = _tally(facts.verb * _MEMBERS + facts.member, facts.at)
        verb, member = key // _MEMBERS, key % _MEMBERS
        used = np.flatnonzero(np.bincount(verb))
        place = np.searchsorted(used, verb)
        names = [VERB_LIST[each] for each in used.tolist()]
        counted.append((day, names, Binary(packing.pack(member, place, n)), Binary(packing.pack(first))))
        acting = member[_IS_ACT[verb]]
        if len(acting):
            active.append((day, Binary(packing.pack_members(acting))))
        between = _IS_ACT[facts.verb] & (facts.target != facts.member)
        if between.any():
            key, n, first = _tally((facts.member * _MEMBERS + facts.target)[between], facts.at[between])
            pairs = packing.pack(key // _MEMBERS, key % _MEMBERS, n)
            paired.append((day, Binary(pairs), Binary(packing.pack(first))))
    _store(span, MemberDay, ("verbs", "counts", "firsts"), counted)
    _store(span, ActiveDay, ("members",), active)
    _store(span, PairDay, ("pairs", "firsts"), paired)


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
