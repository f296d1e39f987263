"""Small odd communities as CSV rows, by one code from a seed (`seeded`) or from hypothesis (`communities`).

Never made, because the definitions leave them to the product: rows that must be rejected, one id with two
contents, one instant spelled in two ways in otherwise equal rows without id, a leaving before the joining or
beside a status that denies it. Two visits on one local day and statuses other than active, trial and left are
made only when asked for. Every time is long past, so that a test's own clock plays no part.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from . import days
from .world import ACTIVITY_COLUMNS, ACTS, MEMBER_COLUMNS, Community, from_rows

# Zones with the local days on which something happens to the clock (or, without any, an ordinary day).
ZONES: dict[str, tuple[date, ...]] = {
    "UTC": (date(2025, 1, 1),),
    "Asia/Shanghai": (date(2025, 1, 29),),
    "Asia/Kathmandu": (date(2024, 2, 29),),
    "America/New_York": (date(2025, 3, 9), date(2024, 11, 3)),
    "Europe/Berlin": (date(2025, 3, 30), date(2024, 10, 27)),
    "Australia/Lord_Howe": (date(2024, 10, 6), date(2025, 4, 6)),
    "Pacific/Chatham": (date(2024, 9, 29), date(2025, 4, 6)),
    # Apia leapt over the whole of 30 December 2011; its last summer time ended in April 2021.
    "Pacific/Apia": (date(2011, 12, 31), date(2021, 4, 4)),
    # Sao Paulo and Cairo skip midnight itself; Sao Paulo and Havana repeat the hour beside it.
    "America/Sao_Paulo": (date(2018, 11, 4), date(2019, 2, 16)),
    "Africa/Cairo": (date(2024, 4, 26), date(2024, 10, 31)),
    "America/Havana": (date(2025, 3, 9), date(2024, 11, 3)),
}
NAMES = ("", "Ada", "李雷", "O'Neil, Zoë", '"Q" Ünal', "=1+1", "نور")
IDS = ("m1", "m2", "007", "7", "A1", "a1", "会员3", "é-4", "u 5", "x.y@z", "m10", "-9", "k,1", "n;2")
VERBS = tuple(sorted(ACTS)) + ("posted", "commented", "asked", "answered", "reacted", "voted") * 2
# Around midnight and around the hours at which clocks change.
CLOCKS = (
    (0, 0, 0),
    (0, 0, 1),
    (0, 30, 0),
    (1, 15, 0),
    (1, 45, 0),
    (2, 0, 0),
    (2, 15, 0),
    (2, 30, 0),
    (3, 0, 0),
)
CLOCKS += ((23, 0, 0), (23, 30, 0), (23, 59, 59), (12, 0, 0))
HORIZONS = (timedelta(0), timedelta(hours=24), timedelta(days=7), timedelta(days=14), timedelta(days=28))


@dataclass(frozen=True)
class World:
    """One made community: its zone, its rows in CSV columns (all strings), and a day to look at it."""

    zone: str
    as_of: date
    members: list[dict[str, str]] = field(repr=False)
    activities: list[dict[str, str]] = field(repr=False)

    def community(self) -> Community:
        return from_rows(self.members, self.activities, self.zone)

    def write(self, folder: str | Path) -> None:
        """members.csv and activities.csv in `folder`, as an import reads them."""
        for name, columns, rows in (
            ("members.csv", MEMBER_COLUMNS, self.members),
            ("activities.csv", ACTIVITY_COLUMNS, self.activities),
        ):
            with (Path(folder) / name).open("w", encoding="utf-8", newline="") as handle:
                writer = csv.DictWriter(handle, columns, restval="")
                writer.writeheader()
                writer.writerows(rows)


@dataclass
class _Maker:
    random: Random
    zone: ZoneInfo
    special: date
    first: date
    length: int

    def day(self) -> date:
        if self.random.randrange(5) == 0:
            return self.special + timedelta(days=self.random.randrange(-1, 2))
        return self.first + timedelta(days=self.random.randrange(self.length + 1))

    def wall(self) -> datetime:
        """A local wall-clock time, which may be one that the zone skips or repeats."""
        day = self.day()
        if self.random.randrange(2):
            hour, minute, second = self.random.choice(CLOCKS)
        else:
            hour, minute, second = (self.random.randrange(n) for n in (24, 60, 60))
        thousandths = self.random.choice((0, 0, 0, 1, 123, 999))
        return datetime(day.year, day.month, day.day, hour, minute, second, thousandths * 1000)

    def spelled(self, moment: datetime) -> str:
        """An instant as Z, or with the zone's offset."""
        if self.random.randrange(2):
            moment = moment.astimezone(self.zone)
        text = moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")
        return text.replace("+00:00", "Z")

    def time(self) -> str:
        """A time in one of the ways a file may write it: naive local, with offset, or in UTC."""
        wall = self.wall()
        if self.random.randrange(2):
            return wall.isoformat(timespec="milliseconds" if wall.microsecond else "seconds")
        fold = self.random.randrange(2)
        return self.spelled(wall.replace(tzinfo=self.zone, fold=fold).astimezone(UTC))

    def near(self, joined_at: datetime) -> str:
        """A time at, or a thousandth of a second beside, one of the horizons after joining."""
        beside = timedelta(milliseconds=self.random.choice((-1, 0, 0, 1)))
        return self.spelled(joined_at + self.random.choice(HORIZONS) + beside)


def make(
    random: Random,
    *,
    zone: str | None = None,
    most_members: int = 12,
    most_acts: int = 60,
    statuses: Sequence[str] = ("", "active", "trial"),
    repeat_visits: bool = False,
) -> World:
    """One community drawn from `random`; nobody at all, one member and no act are among them.

    `statuses` are those of members who have not left ("" is an empty cell); `repeat_visits` allows several
    `visited` of a member on one local day.
    """
    zone = zone or random.choice(sorted(ZONES))
    tz = ZoneInfo(zone)
    special = random.choice(ZONES[zone])
    maker = _Maker(random, tz, special, special - timedelta(days=random.randrange(61)), random.randrange(121))
    ids = random.sample(IDS, min(most_members, random.choice((0, 1, 1, 2, 3, *range(2, most_members + 1)))))
    members = [_member(maker, one, statuses) for one in ids]
    number = random.randrange(most_acts + 1)
    activities = _activities(maker, members, number, repeat_visits) if members else []
    # A repeated row, in either file, is the same member or fact.
    if members and random.randrange(4) == 0:
        members.append(dict(random.choice(members)))
    for _ in range(random.randrange(4) if activities else 0):
        activities.append(dict(random.choice(activities)))
    # Late facts: the file is in no order.
    if random.randrange(3):
        random.shuffle(activities)
        random.shuffle(members)
    return World(zone=zone, as_of=_as_of(maker), members=members, activities=activities)


def seeded(seed: int, **knobs: object) -> World:
    """The same community for the same seed and knobs."""
    return make(Random(seed), **knobs)  # type: ignore[arg-type]


def communities(**knobs: object) -> st.SearchStrategy[World]:
    """The same communities for hypothesis, which shrinks every choice made; knobs as in `make`."""
    return st.randoms(use_true_random=False).map(lambda random: make(random, **knobs))  # type: ignore[arg-type]


def _member(maker: _Maker, one: str, statuses: Sequence[str]) -> dict[str, str]:
    random = maker.random
    row = dict.fromkeys(MEMBER_COLUMNS, "")
    row |= {"member": one, "joined_at": maker.time(), "name": random.choice(NAMES)}
    row |= {"role": random.choice(("", "", "member", "moderator", "host")), "status": random.choice(statuses)}
    if random.randrange(4) == 0:
        joined_at = days.instant(row["joined_at"], maker.zone)
        stay = timedelta(days=random.randrange(61), minutes=random.randrange(1, 1440))
        row |= {"left_at": maker.spelled(joined_at + stay), "status": random.choice(("left", ""))}
    return row


def _activities(
    maker: _Maker, members: list[dict[str, str]], number: int, repeat_visits: bool
) -> list[dict[str, str]]:
    random, zone = maker.random, maker.zone
    ids = [row["member"] for row in members]
    joined = {row["member"]: days.instant(row["joined_at"], zone) for row in members}
    with_ids = random.choice(("all", "some", "none"))
    rows: list[dict[str, str]] = []
    seen: set[tuple] = set()

    def add(member: str, verb: str, occurred_at: str) -> None:
        at = days.instant(occurred_at, zone)
        row = dict.fromkeys(ACTIVITY_COLUMNS, "")
        row |= {"member": member, "verb": verb, "occurred_at": occurred_at}
        # The actor, too, may be the target.
        row["target"] = random.choice(("", random.choice(ids)))
        row["object"] = random.choice(("", "", "post:1", "post:2", "question:39"))
        row["value"] = random.choice(("", "", "", "1", "2.50"))
        if with_ids == "all" or (with_ids == "some" and random.randrange(2)):
            row["id"] = f"f{len(rows)}"
        same: tuple = (member, verb, at, row["target"], row["object"], row["value"], row["id"])
        if verb == "visited" and not repeat_visits:
            same = (member, verb, days.local_day(at, zone))
        if same not in seen:
            seen.add(same)
            rows.append(row)

    for _ in range(number):
        member = random.choice(ids)
        time = maker.near(joined[member]) if random.randrange(4) == 0 else maker.time()
        add(member, random.choice(VERBS), time)
    # Somebody steady, so that cores, retention and the far end of the power curve are not always empty.
    if number > 10 and random.randrange(2):
        member, start, every = random.choice(ids), maker.day(), random.randrange(1, 5)
        for n in range(random.randrange(5, 35)):
            add(member, random.choice(VERBS), (start + timedelta(days=n * every)).isoformat() + "T12:00:00")
    return rows


def _as_of(maker: _Maker) -> date:
    last = maker.first + timedelta(days=maker.length)
    chosen = maker.random.randrange(6)
    if chosen == 0:
        return maker.first + timedelta(days=maker.random.randrange(-2, maker.length + 1))
    if chosen == 1:
        return days.last_day(days.period_of(last, "month"), "month")
    if chosen == 2:
        return days.last_day(days.period_of(last, "week"), "week")
    if chosen == 3:
        return maker.special
    return last + timedelta(days=maker.random.choice((0, 0, 1, 14, 43)))
