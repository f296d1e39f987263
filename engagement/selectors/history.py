"""A community's history up to the end of one day, in memory, as every figure reads it.

Nothing here knows a database: `Records` says what a store must be able to hand over, in columns, and
`History` masks it to what existed by `as_of`. Who joined later than `as_of` does not exist here, neither as
actor nor as target.

Days are proleptic ordinals (`date.toordinal()`) of the community's local days; instants are whole
microseconds since 1970 in UTC. Members stand in one order everywhere, by (joined_at, external id, number):
it settles equal ranks and what anything seeded sees first, whatever order rows arrived in.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from communities.blueprints.base import Milestone
from engagement.packing import Whole, member_set
from engagement.selectors import decay
from engagement.selectors.doings import ALWAYS, Contacts, Deeds
from engagement.selectors.forest import Forest
from engagement.selectors.records import VERB_ORDER, Counts, Decayed, Firsts, Pairs, Records, Threads
from engagement.selectors.referrals import NOBODY, Invitations, Roles
from engagement.selectors.standards import Standard, Week
from kernel.activity import ACTS, REPLIES, THREADS
from kernel.clock import day_end, day_start
from kernel.metrics import Data
from members.roles import COUNTED, GONE, NOT_JOINED

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
WEEK = 7


def microseconds(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


def moment(at: int) -> datetime:
    """The instant of so many microseconds since 1970 in UTC."""
    return EPOCH + at * MICROSECOND


def local_days(at: Whole, zone: ZoneInfo) -> Whole:
    """The local days of many instants at once."""
    if not len(at):
        return np.zeros(0, np.int64)
    first = (EPOCH + int(at.min()) * MICROSECOND).date().toordinal() - 1
    last = (EPOCH + int(at.max()) * MICROSECOND).date().toordinal() + 1
    starts = [microseconds(day_start(date.fromordinal(day), zone)) for day in range(first, last + 1)]
    return first - 1 + np.searchsorted(np.array(starts, np.int64), at, side="right")


def _standing_order(records: Records, keep: Whole) -> Whole:
    """The kept rows by (joined_at, external id, number); ids are only looked at where instants are equal."""
    number, joined_at = records.members.number[keep], records.members.joined_at[keep]
    order = np.lexsort((number, joined_at))
    same = np.diff(joined_at[order]) == 0
    tied = np.flatnonzero(np.append(same, False) | np.insert(same, 0, False))
    if len(tied):
        rows = order[tied]
        keys = zip(
            joined_at[rows].tolist(), records.order_keys(number[rows]), number[rows].tolist(), strict=True
        )
        order[tied] = [row for _key, row in sorted(zip(keys, rows.tolist(), strict=True))]
    return keep[order]


class History:
    """See the module. Arrays named here run parallel, in the members' standing order."""

    def __init__(
        self,
        *,
        zone: ZoneInfo,
        as_of: date,
        records: Records,
        weights: Mapping[str, float] | None = None,
        milestone: Milestone | None = None,
        silence_is_normal: bool = False,
        standard: Standard | None = None,
        weeks: Sequence[Week] = (),
    ) -> None:
        self.zone = zone
        self.as_of = as_of
        self.today = as_of.toordinal()
        self.end = microseconds(day_end(as_of, zone))
        self.records = records
        self.weights = dict(weights or {})
        self.milestone = milestone
        #: Whether who is quiet is content, as the community's type has it.
        self.silence_is_normal = silence_is_normal
        #: What the community's well-being is judged on, and what came of it in the weeks before.
        self.standard = standard
        self.weeks = weeks
        #: Data of other figures for this day, by key: one figure that reads another's counts nothing twice.
        self.told: dict[str, Data] = {}

        members = records.members
        keep = np.flatnonzero((members.joined_at < self.end) & self._has_joined(members.number))
        rank = _standing_order(records, keep)
        self.number: Whole = members.number[rank]
        self.joined_at: Whole = members.joined_at[rank]
        self.joined_day: Whole = local_days(self.joined_at, zone)
        self.existing = member_set(self.number)
        # Several figures of one refresh look at the same days and weeks.
        self._active: dict[tuple[int | None, int], BitMap] = {}

    def _has_joined(self, number: Whole) -> NDArray[np.bool_]:
        known = self.records.statuses
        if not len(known.number):
            return np.ones(len(number), bool)
        outside = np.array([status in NOT_JOINED for status in known.status], bool)
        told = known.at < self.end
        inside = np.isin(number, known.number[told & ~outside])
        return inside | ~np.isin(number, known.number[told & outside])

    # --- who and when -------------------------------------------------------------------------------

    @cached_property
    def external_id(self) -> list[str]:
        """Everybody's own id, "" where there is none. `external_ids` reads those of a few."""
        return self.external_ids(np.arange(len(self.number)))

    def external_ids(self, place: Whole) -> list[str]:
        return self.records.external_ids(self.number[place])

    @cached_property
    def _place(self) -> Whole:
        """Member number to place in the standing order, -1 for those who do not exist."""
        place = np.full(int(self.number.max(initial=0)) + 1, -1, np.int64)
        place[self.number] = np.arange(len(self.number))
        return place

    def places(self, number: Whole) -> Whole:
        """The places of these member numbers, -1 for those who do not exist."""
        inside = (number >= 0) & (number < len(self._place))
        if inside.all():
            return self._place[number]
        return np.where(inside, self._place[np.where(inside, number, 0)], -1)

    @cached_property
    def first_day(self) -> date | None:
        """The local day of the first fact of any class, joining included; None when nothing has happened."""
        if not len(self.number):
            return None
        joined = int(self.joined_day.min())
        earlier = self.records.counts(None, min(joined - 1, self.today))
        days = earlier.day[self.places(earlier.member) >= 0]
        return date.fromordinal(int(days.min(initial=joined)))

    def window(self, days: int | str) -> int | None:
        """The first day of the window of so many days that ends at `as_of`; None for "all"."""
        return None if days == "all" else self.today - int(days) + 1

    # --- status -------------------------------------------------------------------------------------

    @cached_property
    def standings(self) -> tuple[Whole, Whole, NDArray[np.bool_], NDArray[np.bool_]]:
        """Changes of standing as (place, instant, counted, gone), by member and time, from joining on.

        Of several at one instant the last holds: a leaving whose day a file corrects is undone where it stood.
        """
        known = self.records.statuses
        place = self.places(known.number)
        keep = np.flatnonzero((place >= 0) & (known.at < self.end))
        everyone = np.arange(len(self.number))
        counted = np.array([known.status[i] in COUNTED for i in keep], bool)
        gone = np.array([known.status[i] in GONE for i in keep], bool)
        at = np.concatenate([self.joined_at, np.maximum(known.at[keep], self.joined_at[place[keep]])])
        place = np.concatenate([everyone, place[keep]])
        order = np.lexsort((at, place))  # stable: the assumed first standing gives way to a stated one
        counted = np.concatenate([np.ones(len(everyone), bool), counted])
        gone = np.concatenate([np.zeros(len(everyone), bool), gone])
        place, at = place[order], at[order]
        last = np.append((place[1:] != place[:-1]) | (at[1:] != at[:-1]), True)[: len(place)]
        return place[last], at[last], counted[order][last], gone[order][last]

    def members_before(self, at: int) -> NDArray[np.bool_]:
        """By place: who was a member just before that instant: active, on trial or in grace."""
        place, since, counted, _gone = self.standings
        told = np.flatnonzero(since < at)
        here = np.zeros(len(self.number), bool)
        # By member and time: what was told last of each stands.
        last = told[np.append(place[told][1:] != place[told][:-1], True)] if len(told) else told
        here[place[last]] = counted[last]
        return here

    @cached_property
    def current(self) -> BitMap:
        """Members at the end of `as_of`: active, on trial or in grace."""
        place, _at, counted, _gone = self.standings
        last = np.flatnonzero(np.diff(place, append=-1) != 0)
        return member_set(self.number[place[last][counted[last]]])

    # --- acts ---------------------------------------------------------------------------------------

    def active(self, start: int | None, end: int) -> BitMap:
        """Members with at least one act in the local days start..end, both included. Not to be changed."""
        if (start, end) not in self._active:
            self._active[start, end] = self._union(start, end)
        return self._active[start, end]

    def _union(self, start: int | None, end: int) -> BitMap:
        if start == end <= self.today:
            return self.records.active_days.get(end, BitMap()) & self.existing
        length = 0 if start is None else end - start + 1
        if start is not None and length > WEEK and length % WEEK == 0:
            # Windows of four weeks share their weeks with the ones before and after.
            weeks = [self.active(first, first + WEEK - 1) for first in range(start, end, WEEK)]
            return BitMap.union(*weeks)
        # A day is held to those who exist once, not with each window it is in.
        return BitMap.union(BitMap(), *(self.active(day, day) for day in self._days(start, end)))

    def _days(self, start: int | None, end: int) -> list[int]:
        """Days with any act, in order."""
        end = min(end, self.today)
        if start is None or end - start > len(self.records.active_days):
            return sorted(day for day in self.records.active_days if (start or 0) <= day <= end)
        return [day for day in range(start, end + 1) if day in self.records.active_days]

    def days_active(self, start: int, end: int) -> Whole:
        """Per member, on how many of the local days start..end there was an act."""
        found = np.zeros(len(self._place), np.int64)
        for day in self._days(start, end):
            # Of a set nobody is counted twice.
            found[np.frombuffer(self.active(day, day).to_array(), np.uint32)] += 1
        return found[self.number]

    def counts(self, start: int | None, end: int) -> Counts:
        """Facts of the local days start..end; `member` is the actor's place, not number. In no set order."""
        rows = self.records.counts(start, min(end, self.today))
        place = self.places(rows.member)
        keep = place >= 0
        return Counts(rows.day[keep], place[keep], rows.verb[keep], rows.n[keep])

    def daily_counts(self, start: int | None, end: int, *, verbs: Collection[str]) -> Iterator[Counts]:
        """The same of some verbs and a day at a time, oldest first, a row a member and verb."""
        wanted = np.array([verb in verbs for verb in VERB_ORDER], bool)
        for rows in self.records.daily_counts(start, min(end, self.today)):
            chosen = Counts(*(column[wanted[rows.verb]] for column in rows))
            place = self.places(chosen.member)
            keep = place >= 0
            yield Counts(chosen.day[keep], place[keep], chosen.verb[keep], chosen.n[keep])

    def decayed(self, day: int) -> Decayed:
        """Decayed counts at the end of `day`, the last of a block; `member` is the actor's place, not number."""
        sums = decay.base(self.records, day)
        place = self.places(sums.member)
        keep = place >= 0
        return Decayed(day, place[keep], sums.verb[keep], sums.total[keep])

    def pairs(self, start: int | None, end: int) -> Pairs:
        """Interactions of the local days start..end: a row an ordered pair of places, in order."""
        rows = self.records.pairs(start, min(end, self.today))
        source, target = self.places(rows.source), self.places(rows.target)
        keep = (source >= 0) & (target >= 0) & (source != target)
        size = max(len(self.number), 1)
        edge, which = np.unique(source[keep] * size + target[keep], return_inverse=True)
        n = np.bincount(which, weights=rows.n[keep], minlength=len(edge)).astype(np.int64)
        return Pairs(edge // size, edge % size, n)

    def daily_pairs(self, start: int | None, end: int) -> Iterator[tuple[int, Pairs]]:
        """The same a day at a time, oldest first, each with its day; in no set order within it."""
        for day, rows in self.records.daily_pairs(start, min(end, self.today)):
            source, target = self.places(rows.source), self.places(rows.target)
            keep = (source >= 0) & (target >= 0) & (source != target)
            yield day, Pairs(source[keep], target[keep], rows.n[keep])

    def contacts(self, start: int, end: int, among: Whole | None = None) -> Iterator[Contacts]:
        """Interactions one by one, of the local days start..end, some at a time; `source`, `target` and `among` are
        places. With `among` those of which one of these is a part."""
        until = min(microseconds(day_end(date.fromordinal(end), self.zone)), self.end)
        since = microseconds(day_start(date.fromordinal(start), self.zone))
        numbers = None if among is None else self.number[among]
        for rows in self.records.doings.contacts(since, until, numbers):
            source, target = self.places(rows.source), self.places(rows.target)
            keep = (source >= 0) & (target >= 0)
            yield Contacts(source[keep], target[keep], rows.at[keep])

    # --- one by one ---------------------------------------------------------------------------------

    def deeds(self, verbs: frozenset[str], start: int | None) -> Deeds:
        """The facts of these verbs on the local days `start`..`as_of`; `member` and `target` are places."""
        since = ALWAYS
        if start is not None and start > 1:
            since = microseconds(day_start(date.fromordinal(start), self.zone))
        rows = self.records.doings.of(verbs, since, self.end)
        member, target = self.places(rows.member), self.places(rows.target)
        target = np.where(target == member, NOBODY, target)
        return rows._replace(member=member, target=target).only(member >= 0)

    # --- threads ------------------------------------------------------------------------------------

    def threads(self, start: int | None) -> Threads:
        """What was begun on the local days `start`..`as_of`; `member` is the place of who did."""
        return self._on_objects(THREADS, start)

    def replies(self, start: int | None) -> Threads:
        """What was said to objects on those days; `member` is the place of who did."""
        return self._on_objects(REPLIES, start)

    def _on_objects(self, verbs: frozenset[str], start: int | None) -> Threads:
        since = None
        if start is not None and start > 1:
            since = microseconds(day_start(date.fromordinal(start), self.zone))
        rows = self.records.on_objects(verbs, since, self.end)
        place = self.places(rows.member)
        return rows._replace(member=place).only(place >= 0)

    # --- growth -------------------------------------------------------------------------------------

    @cached_property
    def forest(self) -> Forest:
        """Who brought whom, as it was known at the end of `as_of`. Who was brought by somebody who does not exist, was
        brought by nobody."""
        told = self.records.referrals.inviters
        place, inviter = self.places(told.member), self.places(told.inviter)
        known = np.flatnonzero((place >= 0) & (told.at < self.end))
        known = known[
            np.lexsort((told.at[known], place[known]))
        ]  # stable: what is told last of an instant holds
        last = known[np.append(np.diff(place[known]) != 0, True)] if len(known) else known
        above = np.full(len(self.number), NOBODY)
        above[place[last]] = inviter[last]
        return Forest(above)

    @cached_property
    def invitations(self) -> Invitations:
        """What was sent by the end of `as_of`, by time; `member` and `came` are places."""
        sent = self.records.referrals.invitations
        sent = sent._replace(member=self.places(sent.member), came=self.places(sent.came))
        sent = sent.only((sent.member >= 0) & (sent.at < self.end))
        order = np.lexsort((sent.came, sent.way, sent.member, sent.at))
        return Invitations(*(column[order] for column in sent))

    @cached_property
    def way(self) -> Whole:
        """Of each, by which of `records.referrals.ways` they came, -1 for none."""
        arrivals = self.records.referrals.arrivals
        place = self.places(arrivals.member)
        found = np.full(len(self.number), -1)
        found[place[place >= 0]] = arrivals.way[place >= 0]
        return found

    def were_staff(self, place: Whole, at: Whole) -> NDArray[np.bool_]:
        """Whether the members at these places were of the staff at these instants, each at its own."""
        roles = self.records.referrals.roles
        since = self.places(roles.member)
        told = np.flatnonzero((since >= 0) & (roles.at < self.end))
        told = told[np.lexsort((roles.at[told], since[told]))]
        return Roles(since[told], roles.at[told], roles.staff[told]).staff_at(place, at)

    # --- first times --------------------------------------------------------------------------------

    #: Stands for "has not happened by `as_of`".
    NEVER = np.iinfo(np.int64).max

    def first_acts(self, verbs: frozenset[str] = ACTS) -> Whole:
        """Per member the instant of the first fact of these verbs, `NEVER` when there is none by the end of `as_of`."""
        return self._firsts(self.records.first_acts(verbs))

    def first_contacts(self) -> Contacts:
        """Per ordered pair of places the instant of their first interaction, by the end of `as_of`."""
        rows = self.records.first_received()
        source, target = self.places(rows.other), self.places(rows.member)
        keep = (source >= 0) & (target >= 0) & (source != target) & (rows.at < self.end)
        return Contacts(source[keep], target[keep], rows.at[keep])

    def milestone_at(self) -> Whole | None:
        """Per member the instant the type's milestone was reached, or `NEVER`. None without a milestone."""
        if self.milestone is None:
            return None
        reached = self._firsts(self.records.first_acts(self.milestone.verbs))
        if self.milestone.answered:
            reached = np.maximum(reached, self._firsts(self.records.first_received()))
        return reached

    def _firsts(self, rows: Firsts) -> Whole:
        place = self.places(rows.member)
        keep = np.flatnonzero((place >= 0) & (self.places(rows.other) >= 0) & (rows.at < self.end))
        first = np.full(len(self.number), self.NEVER, np.int64)
        np.minimum.at(first, place[keep], rows.at[keep])
        return first
