"""`Records` from raw rows in memory: the figures without a database."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from pyroaring import BitMap

from communities.blueprints.base import Milestone
from engagement.selectors.belonging import Said, said
from engagement.selectors.doings import ALWAYS, FOR_EVER, NOTHING, Contacts, Deeds, Spans
from engagement.selectors.history import History, microseconds, moment
from engagement.selectors.meetings import Attendances, Chapters, Events, Homes, Town
from engagement.selectors.money import Asked, Books, Contracts, Payers, code_of
from engagement.selectors.records import VERB_CODE, Counts, Firsts, Members, Pairs, Statuses, Threads
from engagement.selectors.referrals import (
    NOBODY,
    SINCE_JOINING,
    Arrivals,
    Invitations,
    Inviters,
    Roles,
    Spends,
    Way,
)
from kernel.activity import ACTS
from kernel.clock import local_day


@dataclass(frozen=True)
class Member:
    number: int
    joined_at: datetime
    external_id: str = ""
    statuses: tuple[tuple[datetime, str], ...] = ()
    #: From when until when of the staff; None has no end.
    staffed: tuple[tuple[datetime | None, datetime | None], ...] = ()


@dataclass(frozen=True)
class Fact:
    member: int
    verb: str
    at: datetime
    target: int | None = None
    object: str = ""
    staff: bool = False


@dataclass
class RowMoney:
    """`Money` from rows as the columns have them."""

    books: Books = Books(*np.zeros((4, 0), np.int64))
    payers: Payers = Payers(*np.zeros((4, 0), np.int64))
    contracts: Contracts = Contracts(*np.zeros((11, 0), np.int64))
    asked: Asked = Asked(*np.zeros((11, 0), np.int64))
    tiers: dict[int, str] = field(default_factory=dict)


@dataclass
class RowMeetings:
    """`Meetings` from rows as the columns have them."""

    events: Events = Events(*np.zeros((9, 0), np.int64), np.zeros(0), np.zeros(0))
    attendances: Attendances = Attendances(*np.zeros((6, 0), np.int64))
    homes: Homes = Homes(*np.zeros((2, 0), np.int64), np.zeros(0), np.zeros(0))
    chapters: Chapters = Chapters(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    towns: list[Town] = field(default_factory=list)


@dataclass
class RowReferrals:
    """`Referrals` from rows: `brought` (member, inviter or None, since when, None for joining), `sent` (inviter, at, way, who
    came or None), `came` (member, way), `staff` (member, at, whether they are from then on), `spent` (way, first day, last day,
    amount, currency)."""

    brought: list[tuple[int, int | None, datetime | None]] = field(default_factory=list)
    sent: list[tuple[int, datetime, Way, int | None]] = field(default_factory=list)
    came: list[tuple[int, Way]] = field(default_factory=list)
    staff: list[tuple[int, datetime, bool]] = field(default_factory=list)
    spent: list[tuple[Way, date, date, int, str]] = field(default_factory=list)

    @property
    def ways(self) -> list[Way]:
        found = {way for _who, _at, way, _came in self.sent} | {way for _who, way in self.came}
        return sorted(found | {way for way, *_cost in self.spent})

    @property
    def spends(self) -> Spends:
        code = {way: place for place, way in enumerate(self.ways)}
        rows = [
            (code[way], first.toordinal(), last.toordinal(), amount, code_of(currency))
            for way, first, last, amount, currency in self.spent
        ]
        return Spends(*_columns(rows, 5))

    @property
    def inviters(self) -> Inviters:
        rows = [
            (member, inviter or NOBODY, SINCE_JOINING if when is None else microseconds(when))
            for member, inviter, when in self.brought
        ]
        return Inviters(*_columns(rows, 3))

    @property
    def invitations(self) -> Invitations:
        code = {way: place for place, way in enumerate(self.ways)}
        rows = [(who, microseconds(when), code[way], came or NOBODY) for who, when, way, came in self.sent]
        return Invitations(*_columns(rows, 4))

    @property
    def arrivals(self) -> Arrivals:
        code = {way: place for place, way in enumerate(self.ways)}
        return Arrivals(*_columns([(who, code[way]) for who, way in self.came], 2))

    @property
    def roles(self) -> Roles:
        return Roles(
            *_columns([(who, microseconds(when), int(is_staff)) for who, when, is_staff in self.staff], 3)
        )


@dataclass
class RowBelonging:
    """`Belonging` from words by member's number."""

    named: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    circles: Said = said([])
    interests: Said = said([])
    shown_interests: Said = said([])
    shown_cities: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    apart: tuple[np.ndarray, np.ndarray] = (np.zeros(0, np.int64), np.zeros(0, np.int64))


@dataclass
class RowDoings:
    """`Doings` from rows; what is read comes in two parts, as from a store in more."""

    people: list[Member]
    facts: list[Fact]
    names: dict[str, int]

    @property
    def staffed(self) -> Spans:
        rows = [
            (one.number, microseconds(since) if since else ALWAYS, microseconds(until) if until else FOR_EVER)
            for one in self.people
            for since, until in one.staffed
        ]
        return Spans(*_columns(rows, 3))

    def of(self, verbs: frozenset[str], since: int, until: int) -> Deeds:
        rows = [
            (
                self.names.get(f.object, NOTHING),
                microseconds(f.at),
                f.member,
                NOBODY if f.target is None else f.target,
                f.staff,
            )
            for f in self.facts
            if f.verb in verbs and since <= microseconds(f.at) < until
        ]
        named, at, member, target, staff = _columns(rows, 5)
        return Deeds(named, at, member, target, staff.astype(bool))

    def contacts(self, since: int, until: int, among: np.ndarray | None = None) -> Iterator[Contacts]:
        wanted = None if among is None else set(among.tolist())
        rows = [
            (f.member, f.target, microseconds(f.at))
            for f in self.facts
            if f.verb in ACTS and f.target and f.target != f.member and since <= microseconds(f.at) < until
        ]
        if wanted is not None:
            rows = [row for row in rows if {row[0], row[1]} & wanted]
        for part in (rows[: len(rows) // 2], rows[len(rows) // 2 :]):
            yield Contacts(*_columns(part, 3))


@dataclass
class RowRecords:
    zone: ZoneInfo
    people: list[Member]
    facts: list[Fact]
    money: RowMoney = field(default_factory=RowMoney)
    meetings: RowMeetings = field(default_factory=RowMeetings)
    referrals: RowReferrals = field(default_factory=RowReferrals)
    belonging: RowBelonging = field(default_factory=RowBelonging)
    active_days: dict[int, BitMap] = field(init=False)

    def __post_init__(self) -> None:
        self.active_days = {}
        # Nothing is 0, for those who tell.
        self._objects = {
            name: n for n, name in enumerate(sorted({fact.object for fact in self.facts} - {""}), 1)
        }
        for fact in self.facts:
            if fact.verb in ACTS:
                self.active_days.setdefault(self._day(fact), BitMap()).add(fact.member)

    @property
    def doings(self) -> RowDoings:
        return RowDoings(self.people, self.facts, self._objects)

    @property
    def members(self) -> Members:
        joined_at = _whole([microseconds(one.joined_at) for one in self.people])
        number = _whole([one.number for one in self.people])
        return Members(number, joined_at)

    def external_ids(self, number: np.ndarray) -> list[str]:
        known = {one.number: one.external_id for one in self.people}
        return [known[each] for each in number.tolist()]

    def order_keys(self, number: np.ndarray) -> list[tuple[str]]:
        return [(own_id,) for own_id in self.external_ids(number)]

    @property
    def statuses(self) -> Statuses:
        rows = [(one.number, microseconds(at), status) for one in self.people for at, status in one.statuses]
        return Statuses(
            _whole([n for n, _, _ in rows]), _whole([at for _, at, _ in rows]), [s for _, _, s in rows]
        )

    def counts(self, start: int | None, end: int) -> Counts:
        found = Counter((self._day(f), f.member, VERB_CODE[f.verb]) for f in self._between(start, end))
        return Counts(*_columns([(*key, n) for key, n in found.items()], 4))

    def daily_counts(self, start: int | None, end: int) -> Iterator[Counts]:
        rows = self.counts(start, end)
        for day in np.unique(rows.day):
            yield Counts(*(column[rows.day == day] for column in rows))

    def base(self, day: int) -> None:
        """Nothing is kept: everything is added up from the first day."""

    def pairs(self, start: int | None, end: int) -> Pairs:
        rows = [(f.member, f.target, 1) for f in self._between(start, end) if f.target and f.verb in ACTS]
        return Pairs(*_columns(rows, 3))

    def daily_pairs(self, start: int | None, end: int) -> Iterator[tuple[int, Pairs]]:
        days: dict[int, list[tuple[int, int, int]]] = {}
        for f in self.facts:
            day = self._day(f)
            if f.target and f.verb in ACTS and (start or 0) <= day <= end:
                days.setdefault(day, []).append((f.member, f.target, 1))
        for day in sorted(days):
            yield day, Pairs(*_columns(days[day], 3))

    def first_acts(self, verbs: frozenset[str]) -> Firsts:
        rows = [(f.member, f.member, microseconds(f.at)) for f in self.facts if f.verb in verbs]
        return Firsts(*_columns(rows, 3))

    def first_received(self) -> Firsts:
        rows = [
            (f.target, f.member, microseconds(f.at))
            for f in self.facts
            if f.verb in ACTS and f.target and f.target != f.member
        ]
        return Firsts(*_columns(rows, 3))

    def on_objects(self, verbs: frozenset[str], since: int | None, until: int) -> Threads:
        said = [
            f for f in self.facts if f.object and f.verb in verbs and (since is None or f.at >= moment(since))
        ]
        rows = [
            (self._objects[f.object], microseconds(f.at), f.member, f.staff)
            for f in said
            if f.at < moment(until)
        ]
        named, at, member, staff = _columns(rows, 4)
        return Threads(named, at, member, staff.astype(bool))

    def _between(self, start: int | None, end: int) -> list[Fact]:
        return [fact for fact in self.facts if (start or 0) <= self._day(fact) <= end]

    def _day(self, fact: Fact) -> int:
        return local_day(fact.at, self.zone).toordinal()


def at(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def history(
    people: list[Member],
    facts: list[Fact],
    as_of: date,
    *,
    zone: str = "UTC",
    weights: dict[str, float] | None = None,
    milestone: Milestone | None = None,
    money: RowMoney | None = None,
    meetings: RowMeetings | None = None,
    referrals: RowReferrals | None = None,
    belonging: RowBelonging | None = None,
    **more: Any,
) -> History:
    """`more` is what a history is told of the community's type and its standard."""
    records = RowRecords(
        ZoneInfo(zone),
        people,
        facts,
        money or RowMoney(),
        meetings or RowMeetings(),
        referrals or RowReferrals(),
        belonging or RowBelonging(),
    )
    return History(
        zone=records.zone, as_of=as_of, records=records, weights=weights, milestone=milestone, **more
    )


def of_oracle(
    community, as_of: date, *, order: Random | None = None, milestone: Milestone | None = None, **more: Any
) -> History:
    """The history of one of the oracle's communities; `order` shuffles the rows and the members' numbers."""
    ids = community.members["member"].tolist()
    if order is not None:
        order.shuffle(ids)
    number = {member: n for n, member in enumerate(ids, start=1)}
    staff = {row.member for row in community.members.itertuples(index=False) if row.role != "member"}
    people = []
    for row in community.members.itertuples(index=False):
        joined_at = row.joined_at.to_pydatetime()
        statuses = [(joined_at, row.status)]
        if row.left_at == row.left_at:  # not NaT
            statuses.append((row.left_at.to_pydatetime(), "left"))
        staffed = ((None, None),) if row.member in staff else ()
        people.append(Member(number[row.member], joined_at, row.member, tuple(statuses), staffed))
    facts = [
        Fact(
            number[row.member],
            row.verb,
            row.occurred_at.to_pydatetime(),
            number.get(row.target),
            row.object or "",
            row.member in staff,
        )
        for row in community.facts.itertuples(index=False)
    ]
    if order is not None:
        order.shuffle(people)
        order.shuffle(facts)
    return history(people, facts, as_of, zone=community.zone, milestone=milestone, **more)


def _whole(values: list[int]) -> np.ndarray:
    return np.array(values, np.int64)


def _columns(rows: list[tuple], width: int) -> np.ndarray:
    return np.array(rows, np.int64).reshape(-1, width).T
