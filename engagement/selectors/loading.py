"""A community's history for figures: roll-ups and memberships from the database, in a handful of queries."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cached_property
from typing import cast

import numpy as np
from django.utils.functional import SimpleLazyObject
from pyroaring import BitMap

from communities.models import Community
from engagement import packing
from engagement.packing import Whole
from engagement.selectors import standards, standings_as_one
from engagement.selectors.belonging import StoredBelonging
from engagement.selectors.doings import StoredDoings
from engagement.selectors.history import History, moment
from engagement.selectors.meetings import StoredMeetings
from engagement.selectors.money import StoredMoney
from engagement.selectors.records import VERB_CODE, Counts, Decayed, Firsts, Members, Pairs, Statuses, Threads
from engagement.selectors.referrals import StoredReferrals
from engagement.selectors.standards import Standard, Week
from kernel import wire
from kernel.activity import ACTS
from members.models import Membership
from members.roles import Status
from members.selectors import merged, standing_order

NONE = np.zeros(0, np.int64)
ALWAYS = datetime.min.replace(tzinfo=UTC)
#: Days whose rows are read at once.
MONTH = 28
# A value a column, holding all rows in one order: reading 200,000 members costs no object a row, on either side.
_MEMBERS = """
    SELECT coalesce(string_agg(int4send(number), ''::bytea), ''::bytea),
        coalesce(string_agg(timestamptz_send(joined_at), ''::bytea), ''::bytea)
    FROM members_membership WHERE community_id = %s AND merged_into_id IS NULL
"""
#: Of more members than this all ids are read, of fewer those that are asked for.
FEW = 10_000
# The changes of those who ever had another status than active, and the status of those without a change.
_STATUSES = """
    SELECT number, coalesce(at, 'epoch'), coalesce(array_position(%(names)s, before), 0),
        coalesce(array_position(%(names)s, after), 0)
    FROM (
        SELECT membership.number, change.at, change.before::text, change.after::text, change.id
        FROM members_membershipchange AS change
        JOIN members_membership AS membership ON membership.id = change.membership_id
        WHERE membership.community_id = %(community)s AND change.kind = 'status' AND change.membership_id IN (
            SELECT membership_id FROM members_membershipchange
            WHERE kind = 'status' AND (after <> 'active' OR before NOT IN ('', 'active'))
        )
        UNION ALL
        SELECT number, NULL, '', status, 0 FROM members_membership AS membership
        WHERE community_id = %(community)s AND merged_into_id IS NULL AND status = ANY(%(others)s) AND NOT EXISTS (
            SELECT 1 FROM members_membershipchange AS change
            WHERE change.membership_id = membership.id AND change.kind = 'status'
        )
    ) AS told ORDER BY at NULLS FIRST, id
"""
# Of an object the kind and the id, as a number of 64 bits: two of a million are one for once in forty million times.
_ON_OBJECTS = """
    SELECT hashtextextended(object_kind, hashtextextended(object_id, 0)), occurred_at, member, staff::int
    FROM engagement_fact
    WHERE community_id = %(community)s AND verb = ANY(%(verbs)s) AND object_id <> '' AND retracted_at IS NULL
    AND occurred_at >= %(since)s AND occurred_at < %(until)s
"""
#: A status in columns is its place here; "" stands for none.
_NAMES = ["", *Status.values]


def history(*, community: Community, as_of: date, records: "Stored | None" = None) -> History:
    """What figures of that day may read. `records` may be shared between the days of one refresh."""
    return History(
        zone=community.zone,
        as_of=as_of,
        records=records or Stored(community.pk),
        weights=community.score_weights,
        milestone=community.blueprint.milestone,
        silence_is_normal=community.blueprint.silence_is_normal,
        # One figure reads these: nobody else shall wait for them.
        standard=cast(Standard, SimpleLazyObject(lambda: standards.of(community, as_of))),
        weeks=cast(list[Week], SimpleLazyObject(lambda: standards.weeks(community, as_of))),
    )


class Stored:
    """`Records` from the stored roll-ups. Each part is read when it is first asked for; `meetings` may be narrowed."""

    def __init__(self, community_id: int, meetings: StoredMeetings | None = None) -> None:
        self.community_id = community_id
        self.meetings = meetings or StoredMeetings(community_id)

    # --- members -------------------------------------------------------------------------------------

    @cached_property
    def members(self) -> Members:
        number, joined_at = wire.blobs(_MEMBERS, [self.community_id])[0]
        return Members(
            np.frombuffer(number, ">i4").astype(np.int64),
            np.frombuffer(joined_at, ">i8").astype(np.int64) + wire.EPOCH_MICROSECONDS,
        )

    def external_ids(self, number: Whole) -> list[str]:
        known = Membership.objects.of(self.community_id).exclude(external_id=None)
        if len(number) <= FEW:
            known = known.filter(number__in=number.tolist())
        ids = dict(known.filter(erased_at=None).values_list("number", "external_id"))
        return [ids.get(each) or "" for each in number.tolist()]

    def order_keys(self, number: Whole) -> list[standing_order.Key]:
        wanted = number.tolist()
        keys = standing_order.keys(
            community_id=self.community_id, numbers=wanted if len(wanted) <= FEW else None
        )
        return [keys.get(each, ("",)) for each in wanted]

    @cached_property
    def statuses(self) -> Statuses:
        """What is on record of each member's status, with what was before the first change put before it.

        Those who were active from joining on have no row: that is what no row means.
        """
        given = {
            "community": self.community_id,
            "names": Status.values,
            "others": [status for status in Status.values if status != Status.ACTIVE],
        }
        kinds = ("int4", "timestamptz", "int4", "int4")
        number, at, before, after = wire.columns(_STATUSES, given, kinds)
        first = np.sort(np.unique(number, return_index=True)[1])
        first = first[before[first] > 0]
        status = np.insert(after, first, before[first])
        found = Statuses(
            np.insert(number, first, number[first]),
            np.insert(at, first, 0),
            np.array(_NAMES, object)[status].tolist(),
        )
        return self._as_one(found)

    def _as_one(self, found: Statuses) -> Statuses:
        """With how those stood who have several records in the place of what each record says."""
        stands_for = merged.numbers(self.community_id)
        if not stands_for:
            return found
        own = np.flatnonzero(~np.isin(found.number, [*stands_for, *stands_for.values()]))
        rows = list(standings_as_one.rows(self.community_id, stands_for))
        return Statuses(
            np.concatenate([found.number[own], np.array([row.number for row in rows], np.int64)]),
            np.concatenate([found.at[own], np.array([row.at for row in rows], np.int64)]),
            [found.status[place] for place in own.tolist()] + [row.status for row in rows],
        )

    # --- money ---------------------------------------------------------------------------------------

    @cached_property
    def money(self) -> StoredMoney:
        return StoredMoney(self.community_id)

    # --- growth --------------------------------------------------------------------------------------

    @cached_property
    def referrals(self) -> StoredReferrals:
        return StoredReferrals(self.community_id)

    # --- one by one ----------------------------------------------------------------------------------

    @cached_property
    def doings(self) -> StoredDoings:
        return StoredDoings(self.community_id)

    @cached_property
    def belonging(self) -> StoredBelonging:
        return StoredBelonging(self.community_id)

    # --- acts ----------------------------------------------------------------------------------------

    @cached_property
    def active_days(self) -> Mapping[int, BitMap]:
        rows = wire.blobs(
            "SELECT day, members FROM engagement_activeday WHERE community_id = %s ORDER BY day",
            [self.community_id],
        )
        return _Bitmaps({wire.ordinal(day): members for day, members in rows})

    def counts(self, start: int | None, end: int) -> Counts:
        days = list(self.daily_counts(start, end))
        return Counts(*(_joined([day[place] for day in days]) for place in range(4)))

    def daily_counts(self, start: int | None, end: int) -> Iterator[Counts]:
        for day, (verbs, packed) in self._days(
            "engagement_memberday", "array_to_string(verbs, ' '), counts", start, end
        ):
            member, place, n = packing.unpack(packed)
            yield Counts(np.full(len(member), day), member, _codes(verbs)[place], n)

    def base(self, day: int) -> Decayed | None:
        if day < 1:
            return None
        rows = wire.blobs(
            "SELECT day, array_to_string(verbs, ' '), counts, totals FROM engagement_decayedday"
            " WHERE community_id = %s AND day <= %s ORDER BY day DESC LIMIT 1",
            [self.community_id, date.fromordinal(day)],
        )
        if not rows:
            return None
        kept, verbs, packed, totals = rows[0]
        member, place = packing.unpack(packed)
        return Decayed(wire.ordinal(kept), member, _codes(verbs)[place], np.frombuffer(totals, "<f8"))

    def pairs(self, start: int | None, end: int) -> Pairs:
        days = [rows for _day, rows in self.daily_pairs(start, end)]
        return Pairs(*(_joined([day[place] for day in days]) for place in range(3)))

    def daily_pairs(self, start: int | None, end: int) -> Iterator[tuple[int, Pairs]]:
        for day, (packed,) in self._days("engagement_pairday", "pairs", start, end):
            yield day, Pairs(*packing.unpack(packed))

    def first_acts(self, verbs: frozenset[str]) -> Firsts:
        """Read by day from the beginning; a day is unpacked only for those who have not been seen before."""
        member, at = [], []
        seen = BitMap()
        for day, (names, packed, firsts) in self._days(
            "engagement_memberday", "array_to_string(verbs, ' '), counts, firsts", None, date.max.toordinal()
        ):
            if verbs == ACTS and not self.active_days.get(day, BitMap()) - seen:
                continue
            who, place, _n = packing.unpack(packed)
            wanted = np.array([name in verbs for name in bytes(names).decode().split()], bool)
            rows = np.flatnonzero(wanted[place])
            when = packing.unpack(firsts)[0][rows]
            order = np.lexsort((when, who[rows]))
            who, when = who[rows][order], when[order]
            who, first = np.unique(who, return_index=True)
            new = packing.member_set(who) - seen
            fresh = np.isin(who, np.array(new.to_array(), np.int64))
            member.append(who[fresh])
            at.append(when[first][fresh])
            seen |= new
        return Firsts(_joined(member), _joined(member), _joined(at))

    def first_received(self) -> Firsts:
        source, target, at = [], [], []
        for _day, (packed, firsts) in self._days(
            "engagement_pairday", "pairs, firsts", None, date.max.toordinal()
        ):
            actors, targets, _n = packing.unpack(packed)
            source.append(actors)
            target.append(targets)
            at.append(packing.unpack(firsts)[0])
        sources, targets, instants = _joined(source), _joined(target), _joined(at)
        order = np.lexsort((instants, sources, targets))
        sources, targets, instants = sources[order], targets[order], instants[order]
        first = np.ones(len(order), bool)
        first[1:] = (sources[1:] != sources[:-1]) | (targets[1:] != targets[:-1])
        return Firsts(targets[first], sources[first], instants[first])

    def on_objects(self, verbs: frozenset[str], since: int | None, until: int) -> Threads:
        """From the facts themselves: no roll-up knows of objects, and the index knows of these facts alone."""
        given = {
            "community": self.community_id,
            "verbs": sorted(verbs),
            "since": moment(since) if since is not None else ALWAYS,
            "until": moment(until),
        }
        named, at, member, staff = wire.columns(_ON_OBJECTS, given, ("int8", "timestamptz", "int4", "int4"))
        stands_for = merged.numbers(self.community_id)
        kept = [stands_for.get(number, number) for number in member.tolist()] if stands_for else member
        return Threads(named, at, np.array(kept, np.int64), staff == 1)

    def _days(
        self, table: str, fields: str, start: int | None, end: int
    ) -> Iterator[tuple[int, list[memoryview]]]:
        """The rows of the days start..end in order, read a month at a time to bound memory."""
        found = wire.columns(
            f"SELECT day FROM {table} WHERE community_id = %s AND day BETWEEN %s AND %s ORDER BY day",
            [self.community_id, date.fromordinal(max(start or 1, 1)), date.fromordinal(max(end, 1))],
            ("date",),
        )[0].tolist()
        for place in range(0, len(found), MONTH):
            part = found[place : place + MONTH]
            rows = wire.blobs(
                f"SELECT day, {fields} FROM {table} WHERE community_id = %s AND day BETWEEN %s AND %s ORDER BY day",
                [self.community_id, date.fromordinal(part[0]), date.fromordinal(part[-1])],
            )
            for day, *rest in rows:
                yield wire.ordinal(day), rest


def _codes(verbs: memoryview) -> Whole:
    """The codes of verbs in one text, parted by spaces."""
    return np.array([VERB_CODE[verb] for verb in bytes(verbs).decode().split()], np.int64)


def _joined(columns: list[Whole]) -> Whole:
    return np.concatenate(columns) if columns else NONE


class _Bitmaps(Mapping[int, BitMap]):
    """Days to bitmaps, each deserialised when it is first read and kept."""

    def __init__(self, packed: dict[int, memoryview]) -> None:
        self.packed = packed
        self.read: dict[int, BitMap] = {}

    def __getitem__(self, day: int) -> BitMap:
        if day not in self.read:
            self.read[day] = BitMap.deserialize(bytes(self.packed[day]))
        return self.read[day]

    def __iter__(self) -> Iterator[int]:
        return iter(self.packed)

    def __len__(self) -> int:
        return len(self.packed)
