"""A community as raw rows, and what of it can be seen at the end of one day."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from . import days

PRESENCE = frozenset({"visited", "read"})
CONTRIBUTION = frozenset(
    {"posted", "commented", "asked", "answered", "proposed", "shared", "hosted", "published", "helped"}
)
RESPONSE = frozenset(
    {
        "reacted",
        "voted",
        "rsvped",
        "attended",
        "messaged",
        "mentioned",
        "accepted",
        "completed",
        "used",
        "endorsed",
    }
)
ACTS = PRESENCE | CONTRIBUTION | RESPONSE
COUNTED = frozenset({"active", "trial"})
DEPARTED = frozenset({"left", "removed", "banned", "lapsed"})

MEMBER_COLUMNS = [
    "member",
    "joined_at",
    "name",
    "email",
    "invited_by",
    "tier",
    "role",
    "status",
    "city",
    "country",
]
MEMBER_COLUMNS += ["latitude", "longitude", "interests", "tags", "left_at"]
ACTIVITY_COLUMNS = ["member", "verb", "occurred_at", "target", "object", "circle", "value", "id"]


@dataclass(frozen=True)
class Community:
    """Raw rows of one community; nothing is derived here but identity and time.

    `members`: member (external id), joined_at (UTC), role, status (held from joining until left_at), left_at
    (UTC or NaT). `facts`: member, verb, occurred_at (UTC), target (or None), object, value: acts only, since
    joining and leaving follow from `members`.
    """

    zone: str
    members: pd.DataFrame
    facts: pd.DataFrame

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


@dataclass(frozen=True)
class Person:
    member: str
    joined_at: datetime
    joined_day: date
    role: str
    status: str
    left_at: datetime | None
    left_day: date | None

    def counted_at(self, moment: datetime) -> bool:
        """Is this person one of the members just before `moment` (their status active or trial)?"""
        gone = self.left_at is not None and self.left_at < moment
        return self.joined_at < moment and not gone and self.status in COUNTED


@dataclass(frozen=True)
class Act:
    member: str
    verb: str
    at: datetime
    day: date
    target: str | None
    object: str | None


class View:
    """What is known at the end of `as_of`: who had joined by then, and the acts they had made by then.

    A later joiner does not exist: their acts are not read, and an act of somebody else at them stays an act
    but has no target. A leaving after the end of `as_of` has not happened.
    """

    def __init__(self, community: Community, as_of: date) -> None:
        self.zone = community.tz
        self.as_of = as_of
        self.end = days.end_of(as_of, self.zone)
        self.people: dict[str, Person] = {}
        for row in community.members.itertuples(index=False):
            joined_at = row.joined_at.to_pydatetime()
            if joined_at >= self.end:
                continue
            left_at = None if pd.isna(row.left_at) else row.left_at.to_pydatetime()
            if left_at is not None and left_at >= self.end:
                left_at = None
            self.people[row.member] = Person(
                member=row.member,
                joined_at=joined_at,
                joined_day=days.local_day(joined_at, self.zone),
                role=row.role,
                status=row.status,
                left_at=left_at,
                left_day=None if left_at is None else days.local_day(left_at, self.zone),
            )
        self.acts: list[Act] = []
        for row in community.facts.itertuples(index=False):
            at = row.occurred_at.to_pydatetime()
            if row.verb in ACTS and row.member in self.people and at < self.end:
                target = row.target if row.target in self.people else None
                day = days.local_day(at, self.zone)
                self.acts.append(Act(row.member, row.verb, at, day, target, row.object))

    @property
    def first_day(self) -> date | None:
        """The local day of the first fact of all, joining included; None when there is none."""
        found = [person.joined_day for person in self.people.values()] + [act.day for act in self.acts]
        return min(found, default=None)

    @property
    def current(self) -> list[str]:
        """Members whose status at the end of `as_of` is active or trial."""
        return [person.member for person in self.people.values() if person.counted_at(self.end)]

    @cached_property
    def active_by_day(self) -> dict[date, set[str]]:
        found: dict[date, set[str]] = {}
        for act in self.acts:
            found.setdefault(act.day, set()).add(act.member)
        return found

    def active(self, first: date, last: date) -> set[str]:
        """Members with at least one act on the local days `first` to `last`, both included."""
        return {
            member
            for day, members in self.active_by_day.items()
            if first <= day <= last
            for member in members
        }

    def in_window(self, window: int | str) -> list[Act]:
        """Acts of the `window` days ending at `as_of`, or all there are."""
        first = self.window_start(window)
        return [act for act in self.acts if first is None or act.day >= first]

    def window_start(self, window: int | str) -> date | None:
        return None if window == "all" else self.as_of - timedelta(days=int(window) - 1)


def from_rows(
    members: Iterable[Mapping[str, str]], activities: Iterable[Mapping[str, str]], zone: str
) -> Community:
    """A community from rows in CSV columns. A row that lacks what it needs, or names nobody, is left out.

    Readings: a repeated `member` takes its last row; a repeated activity is the first one (facts are never
    changed); the whole row, where there is no id, is its columns once read (times as instants), so two
    spellings of one instant are one fact. A row whose actor or target is no member at all is rejected. An
    imported status holds from joining; with a left_at, a status that means gone holds from then, and active
    before. `visited` is one a member and local day, and the earliest is it, whatever the order of the rows.
    """
    tz = ZoneInfo(zone)
    people: dict[str, dict] = {}
    for row in members:
        cell = {key: (value or "").strip() for key, value in row.items() if key}
        if not cell.get("member") or not cell.get("joined_at"):
            continue
        left_at = days.instant(cell["left_at"], tz) if cell.get("left_at") else None
        status = cell.get("status") or "active"
        if left_at is not None and status in DEPARTED:
            status = "active"
        people[cell["member"]] = {
            "member": cell["member"],
            "joined_at": days.instant(cell["joined_at"], tz),
            "role": cell.get("role") or "member",
            "status": status,
            "left_at": left_at,
        }

    seen: set[tuple] = set()
    facts: list[dict] = []
    for row in activities:
        cell = {column: (row.get(column) or "").strip() for column in ACTIVITY_COLUMNS}
        if cell["member"] not in people or cell["verb"] not in ACTS or not cell["occurred_at"]:
            continue
        if cell["target"] and cell["target"] not in people:
            continue
        fact = {
            "member": cell["member"],
            "verb": cell["verb"],
            "occurred_at": days.instant(cell["occurred_at"], tz),
            "target": cell["target"] or None,
            "object": cell["object"] or None,
            "value": Decimal(cell["value"]) if cell["value"] else None,
        }
        identity = ("id", cell["id"]) if cell["id"] else ("row", *fact.values(), cell["circle"])
        if identity not in seen:
            seen.add(identity)
            facts.append(fact)
    return Community(
        zone=zone, members=_people_frame(people.values()), facts=_facts_frame(_one_visit(facts, tz))
    )


def from_csv(folder: str | Path, zone: str) -> Community:
    """Read a folder's `members.csv` and, where there is one, `activities.csv` (UTF-8, BOM or not)."""
    return from_rows(_rows(Path(folder) / "members.csv"), _rows(Path(folder) / "activities.csv"), zone)


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def _one_visit(facts: list[dict], tz: ZoneInfo) -> list[dict]:
    earliest: dict[tuple[str, date], dict] = {}
    kept: list[dict] = []
    for fact in facts:
        if fact["verb"] != "visited":
            kept.append(fact)
            continue
        key = (fact["member"], days.local_day(fact["occurred_at"], tz))
        if key not in earliest or fact["occurred_at"] < earliest[key]["occurred_at"]:
            earliest[key] = fact
    return kept + list(earliest.values())


def _people_frame(rows: Iterable[dict]) -> pd.DataFrame:
    frame = pd.DataFrame(
        list(rows), columns=["member", "joined_at", "role", "status", "left_at"], dtype=object
    )
    for column in ("joined_at", "left_at"):
        frame[column] = pd.to_datetime(frame[column], utc=True).astype("datetime64[us, UTC]")
    return frame


def _facts_frame(rows: list[dict]) -> pd.DataFrame:
    columns = ["member", "verb", "occurred_at", "target", "object", "value"]
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    frame["occurred_at"] = pd.to_datetime(frame["occurred_at"], utc=True).astype("datetime64[us, UTC]")
    return frame
