"""The figures of one gathering, and of all that were held, a row each.

What they mean stands in `gathering_words`, on the page. Nothing is stored: of one gathering everything is counted when it
is asked for, from the same columns and by the same rules as the figure `events`, which is their sum. What cannot be known
is None, and `reasons` says why by the name of what is missing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from communities.models import Community
from engagement.metrics import _afterwards
from engagement.metrics.events import Known
from engagement.packing import member_set
from engagement.selectors import gatherings as rows
from engagement.selectors import loading
from engagement.selectors.gatherings import Moved, Sold
from engagement.selectors.history import History, microseconds
from engagement.selectors.meetings import WithoutPlaces
from gatherings.models import Attendance, Event, Room
from gatherings.selectors import met
from kernel.clock import last_complete_day, local_day
from members.models import Membership
from members.roles import Status

VERSION = 1
#: Of more than so many who came nobody can say who met whom.
TOGETHER = met.MOST
AFTER = timedelta(days=_afterwards.DAYS)


@dataclass(frozen=True)
class Figures:
    """All that is told of one gathering. `as_of` is the moment that it holds for, `days_to` the last day whose acts are read
    for what became of people afterwards."""

    event: Event
    as_of: datetime
    days_to: date
    reached: int
    reached_guests: int
    audience: int | None
    rooms: list[tuple[Room, int]]
    kinds: list[Sold]
    waited: int
    seated: int
    waiting: int
    money: list[Moved]
    yes: int | None
    came: int | None
    came_with_yes: int | None
    show_rate: float | None
    walk_ins: int | None
    guests: int | None
    first_timers: int | None
    pairs: int | None
    pairs_before: int | None
    ties_begun: int | None
    afterwards: dict[str, Any] | None
    reasons: dict[str, str] = field(default_factory=dict)

    @property
    def taken(self) -> int:
        return sum(kind.taken for kind in self.kinds)

    @property
    def capacity(self) -> int | None:
        """Places in all ways together; None for as many as wish."""
        bounds = [room.capacity for room, _taken in self.rooms]
        return None if None in bounds or not bounds else sum(bound for bound in bounds if bound is not None)

    @property
    def unmatched(self) -> int | None:
        """Of those who came and were members then, how many had nobody like them beside them."""
        after = self.afterwards
        return None if after is None else after["came"]["n"] - after["matched"]["n"]


def of(*, event: Event, at: datetime) -> Figures:
    """The figures of the gathering as they stand at `at`."""
    return _One(event, at).told()


class _One:
    def __init__(self, event: Event, at: datetime) -> None:
        self.event, self.at = event, at
        community = event.community
        self.complete = last_complete_day(community.zone, at)
        meetings = WithoutPlaces(community.pk, event.pk)
        records = loading.Stored(community.pk, meetings)
        today = local_day(at, community.zone)
        self.history = loading.history(community=community, as_of=today, records=records)
        self.known = Known(self.history)
        self.reasons: dict[str, str] = {}

    def told(self) -> Figures:
        event = self.event
        reached = rows.reached(event)
        turns: dict[str, Any] = dict(rows.waiting(event))
        turns["waited"] = max(turns["waited"], event.counted_waiting or 0)
        return Figures(
            event=event,
            as_of=self.at,
            days_to=self.complete,
            reached=len(self.history.existing & member_set(np.array(reached.numbers, np.int64))),
            reached_guests=reached.guests,
            audience=self._audience(),
            rooms=rows.rooms(event),
            kinds=rows.sold(event),
            money=rows.money(event),
            **turns,
            **self._came(),
            reasons=self.reasons,
        )

    def _audience(self) -> int | None:
        """The members there were at its beginning, or are now where that is to come; of a circle, or from a tier on, nobody
        has kept who they were."""
        if self.event.circle_id is not None or self.event.minimum_tier_id is not None:
            self.reasons["audience"] = "not_kept"
            return None
        begins = microseconds(min(self.event.starts_at, self.at))
        return int(self.history.members_before(begins).sum())

    def _came(self) -> dict[str, Any]:
        known = self.known
        found: dict[str, Any] = dict.fromkeys(
            ("yes", "came", "came_with_yes", "show_rate", "walk_ins", "guests", "first_timers", "pairs", "pairs_before",
             "ties_begun", "afterwards")
        )  # fmt: skip
        if len(known.day):
            found["yes"] = int(known.rsvps[0]) if known.rsvps[0] >= 0 else None
        if found["yes"] is None:
            self.reasons["yes"] = "no_answers" if len(known.day) else "not_announced"
        guests = rows.guests_who_came(self.event)
        came = known.answers.member[known.answers.came].tolist()
        if not came and not guests:
            why = "not_begun" if self.event.starts_at > self.at else "no_attendance"
            self.reasons |= dict.fromkeys(
                ("came", "show_rate", "first_timers", "ties_begun", "afterwards"), why
            )
            return found
        with_yes = int(known.came_with_yes[0])
        first = {number for _event, number in rows.first_comings(self.event.community_id, self.event.pk)}
        found |= {
            "came": len(came),
            "came_with_yes": with_yes,
            "walk_ins": len(came) - with_yes,
            "guests": guests,
            "first_timers": len(first & set(came)),
        }
        if came and found["yes"]:
            found["show_rate"] = with_yes / found["yes"]
        else:
            self.reasons["show_rate"] = "no_yes" if came else "no_attendance"
        return found | self._ties(came, guests) | {"afterwards": self._afterwards(came)}

    def _ties(self, came: list[int], guests: int) -> dict[str, Any]:
        begins, until = self.event.starts_at, self.event.over_at + AFTER
        if len(came) + guests > TOGETHER:
            self.reasons["ties_begun"] = "too_many"
            return {}
        if until > self.at:
            self.reasons["ties_begun"] = "too_young"
            return {}
        if len(came) < 2:
            self.reasons["ties_begun"] = "too_few"
            return {}
        first = rows.first_contacts(self.event, came, until)
        return {
            "pairs": len(came) * (len(came) - 1) // 2,
            "pairs_before": sum(at <= begins for at in first.values()),
            "ties_begun": sum(at > begins for at in first.values()),
        }

    def _afterwards(self, came: list[int]) -> dict[str, Any] | None:
        if not came:
            self.reasons["afterwards"] = "no_attendance"
            return None
        if int(self.known.day[0]) + _afterwards.DAYS > self.complete.toordinal():
            self.reasons["afterwards"] = "too_young"
            return None
        gathering = self.known.gatherings(np.ones(1, bool))
        found = _afterwards.afterwards(self.history, gathering)
        assert found is not None
        if not found["matched"]["n"]:
            self.reasons["difference"] = "nobody_like_them"
        elif found["matched"]["low"] is None:
            self.reasons["interval"] = "no_interval"
        return found

    # --- by person ---------------------------------------------------------------------------------

    def people(self) -> Iterator[list[Any]]:
        """Rows of `PEOPLE`."""
        event, history = self.event, self.history
        first = {number for _event, number in rows.first_comings(event.community_id, event.pk)}
        seen = None
        if len(self.known.day) and int(self.known.day[0]) + _afterwards.DAYS <= self.complete.toordinal():
            day = int(self.known.day[0])
            seen = (*_afterwards.seen(history, day), history.days_active(day - _afterwards.DAYS, day - 1))
        attendances = Attendance.objects.filter(event=event).select_related("membership")
        for one in attendances.order_by("membership__number").iterator(chunk_size=1000):
            member: Membership = one.membership
            place = int(history.places(np.array([member.number]))[0])
            then: list[Any] = ["", ""]
            if seen is not None and place >= 0 and seen[0][place]:
                then = [int(seen[2][place]), _yes(bool(seen[1][place]))]
            came = one.came_at is not None
            first_time = _yes(member.number in first) if came and place >= 0 else ""
            guest = _yes(member.status == Status.GUEST)
            yield [member.number, member.display_name, guest, one.answer, one.came_at, first_time, *then]


#: The columns of the file of people: who answered or came, and, of members then, on how many of the 28 days before they were
#: active, and whether on any of the 28 days after, other attendances left out.
PEOPLE = ("member", "name", "guest", "answer", "came_at", "first_time", "active_days_before", "active_after")


def people(*, event: Event, at: datetime) -> Iterator[list[Any]]:
    """Rows of `PEOPLE`, by number."""
    return _One(event, at).people()


def _yes(value: bool) -> str:
    return "yes" if value else "no"


# --- all that were held -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Held:
    """One that was held, as the table at the desk has it."""

    yes: int | None
    came: int | None
    show_rate: float | None
    first_timers: int | None


def held(*, community: Community, at: datetime) -> dict[int, Held]:
    """Every gathering of the community that was held by now, by its key: the same numbers as on the page of each."""
    records = loading.Stored(community.pk, WithoutPlaces(community.pk))
    history = loading.history(community=community, as_of=local_day(at, community.zone), records=records)
    known = Known(history)
    first = _first(history, rows.first_comings(community.pk))
    over = known.events.over <= microseconds(at)
    found = {}
    for row in np.flatnonzero(known.held & over).tolist():
        key, yes, came = int(known.events.event[row]), int(known.rsvps[row]), int(known.came[row])
        rate = int(known.came_with_yes[row]) / yes if came and yes > 0 else None
        found[key] = Held(yes if yes >= 0 else None, came or None, rate, first.get(key, 0) if came else None)
    return found


def _first(history: History, comings: Iterable[tuple[int, int]]) -> dict[int, int]:
    found: dict[int, set[int]] = {}
    existing = history.existing
    for key, number in comings:
        if number in existing:
            found.setdefault(key, set()).add(number)
    return {key: len(numbers) for key, numbers in found.items()}
