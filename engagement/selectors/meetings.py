"""What gatherings, chapters and members' whereabouts tell figures, in columns.

Instants are whole microseconds since 1970 in UTC. Members stand by the number of the record that is kept. A place is a pair
of degrees, not a number (NaN) where it is not known; a town is a number here, its place in `towns`, `NOWHERE` for none.
"""

from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from engagement.packing import Whole
from gatherings.models import Event
from gatherings.selectors.whereabouts import NOWHERE, Chapters, Homes, Real, Town, towns_of
from kernel import wire
from members.models import Membership
from members.selectors import merged

#: Stands for an instant that has not come.
NEVER = 4_102_444_800_000_000
#: What is known of an event's having been held: the clock says so, a file says no, or yes.
BY_CLOCK, NOT_HELD, HELD = -1, 0, 1


class Events(NamedTuple):
    """Gatherings that were announced: since `known`, called off at `cancelled`. `counted` is how many yeses a file tells
    without names, -1 where it tells none and nobody else could know. `in_person` is 1 for one at a place."""

    event: Whole
    begins: Whole
    over: Whole
    known: Whole
    cancelled: Whole
    told: Whole
    counted: Whole
    in_person: Whole
    town: Whole
    latitude: Real
    longitude: Real

    def only(self, keep: NDArray[Any]) -> "Events":
        """Those rows, as a mask or by their places."""
        return Events(
            self.event[keep],
            self.begins[keep],
            self.over[keep],
            self.known[keep],
            self.cancelled[keep],
            self.told[keep],
            self.counted[keep],
            self.in_person[keep],
            self.town[keep],
            self.latitude[keep],
            self.longitude[keep],
        )


class Attendances(NamedTuple):
    """Who answered what and who came: `yes` since `answered`, `came` or `NEVER`; `answer` is 1 for a yes, 0 for another
    answer, -1 for none, `by_file` 1 where nobody stood at the door."""

    event: Whole
    member: Whole
    answer: Whole
    answered: Whole
    came: Whole
    by_file: Whole


class Meetings(Protocol):
    """What a store hands over. Nothing in it is masked, and it may know of days after `as_of`."""

    @property
    def events(self) -> Events: ...

    @property
    def attendances(self) -> Attendances: ...

    @property
    def homes(self) -> Homes: ...

    @property
    def chapters(self) -> Chapters: ...

    @property
    def towns(self) -> list[Town]: ...


class StoredMeetings:
    """`Meetings` from the tables of gatherings and members. Each part is read when it is first asked for. With an `event`'s
    key it is of that one alone."""

    def __init__(self, community_id: int, event: int | None = None) -> None:
        self.community_id = community_id
        self.given = {"community": community_id, "event": event}

    @cached_property
    def events(self) -> Events:
        kinds = ("int8", *("timestamptz",) * 4, "int4", "int4", "int4", "float8", "float8")
        found = wire.columns(_EVENTS, self.given, kinds)
        keys, latitude, longitude = found[0], found[8], found[9]
        told = dict(self._event_towns)
        town = np.array([told.get(key, NOWHERE) for key in keys.tolist()], np.int64)
        latitude, longitude = self._placed(town, latitude, longitude)
        return Events(*found[:8], town=town, latitude=latitude, longitude=longitude)  # type: ignore[misc]

    @cached_property
    def attendances(self) -> Attendances:
        kinds = ("int8", "int4", "int4", "timestamptz", "timestamptz", "int4")
        found = Attendances(*wire.columns(_ATTENDANCES, self.given, kinds))
        stands_for = merged.numbers(self.community_id)
        if not stands_for:
            return found
        kept = [stands_for.get(one, one) for one in found.member.tolist()]
        return found._replace(member=np.array(kept, np.int64))

    @cached_property
    def homes(self) -> Homes:
        rows = self._people
        north = np.array([np.nan if one[3] is None else one[3] for one in rows], np.float64)
        east = np.array([np.nan if one[4] is None else one[4] for one in rows], np.float64)
        known = self._towns[1]
        town = np.array([known.get(_spelled(one[1], one[2]), NOWHERE) for one in rows], np.int64)
        number = np.array([one[0] for one in rows], np.int64)
        return Homes(number, town, *self._placed(town, north, east))

    @cached_property
    def chapters(self) -> Chapters:
        kinds = ("timestamptz", "float8", "float8")
        return Chapters(*wire.columns(_CHAPTERS, {"community": self.community_id}, kinds))

    @property
    def towns(self) -> list[Town]:
        return self._towns[0]

    # --- names ---------------------------------------------------------------------------------------

    @cached_property
    def _people(self) -> list[tuple[int, str, str, float | None, float | None]]:
        """Number, city, country and own place of everybody who said where they live."""
        rows = Membership.objects.of(self.community_id).exclude(city="", latitude=None)
        return list(rows.values_list("number", "city", "country", "latitude", "longitude"))

    @cached_property
    def _events(self) -> list[tuple[int, str, str]]:
        rows = Event.objects.of(self.community_id).told().exclude(city="")
        return list(rows.values_list("pk", "city", "country"))

    @property
    def _event_towns(self) -> Iterable[tuple[int, int]]:
        known = self._towns[1]
        return ((pk, known[_spelled(city, country)]) for pk, city, country in self._events)

    @cached_property
    def _towns(self) -> tuple[list[Town], dict[tuple[str, str], int]]:
        """The towns, and which is meant by each way that one is written in."""
        written = Counter(_spelled(one[1], one[2]) for one in self._people)
        written.update(_spelled(city, country) for _pk, city, country in self._events)
        return towns_of(written)

    def _placed(self, town: Whole, latitude: Real, longitude: Real) -> tuple[Real, Real]:
        """The places, those of towns where none of their own is known."""
        north = np.array([one.latitude for one in self.towns] + [np.nan], np.float64)
        east = np.array([one.longitude for one in self.towns] + [np.nan], np.float64)
        own = ~np.isnan(latitude) & ~np.isnan(longitude)
        return np.where(own, latitude, north[town]), np.where(own, longitude, east[town])


class WithoutPlaces(StoredMeetings):
    """The same for who does not ask where anything is, which takes the reading of many names."""

    @cached_property
    def _towns(self) -> tuple[list[Town], dict[tuple[str, str], int]]:
        return [], {}

    @property
    def _event_towns(self) -> Iterable[tuple[int, int]]:
        return ()


def _spelled(city: str, country: str) -> tuple[str, str]:
    return city.strip(), country.strip()


_EVENTS = """
    SELECT event.id, starts_at, coalesce(ends_at, starts_at), coalesce(published_at, planned_at),
        CASE WHEN state = 'cancelled' THEN coalesce(cancelled_at, changed_at) ELSE '2100-01-01Z' END,
        CASE told_held WHEN true THEN 1 WHEN false THEN 0 ELSE -1 END,
        coalesce(counted_yes, CASE WHEN external_id IS NULL THEN 0 ELSE -1 END),
        (EXISTS (SELECT 1 FROM gatherings_room AS room WHERE room.event_id = event.id AND room.way = 'in_person'))::int,
        coalesce(latitude, 'NaN'), coalesce(longitude, 'NaN')
    FROM gatherings_event AS event
    WHERE community_id = %(community)s AND state IN ('published', 'cancelled')
        AND (%(event)s::bigint IS NULL OR event.id = %(event)s::bigint) ORDER BY event.id
"""
_ATTENDANCES = """
    SELECT attendance.event_id, membership.number,
        CASE attendance.answer WHEN 'yes' THEN 1 WHEN '' THEN -1 ELSE 0 END,
        coalesce(attendance.answered_at, event.starts_at), coalesce(attendance.came_at, '2100-01-01Z'),
        (attendance.seen_by_id IS NULL)::int
    FROM gatherings_attendance AS attendance
    JOIN gatherings_event AS event ON event.id = attendance.event_id
    JOIN members_membership AS membership ON membership.id = attendance.membership_id
    WHERE event.community_id = %(community)s
        AND (%(event)s::bigint IS NULL OR attendance.event_id = %(event)s::bigint) ORDER BY attendance.id
"""
_CHAPTERS = """
    SELECT chapter.founded_at, chapter.latitude, chapter.longitude FROM gatherings_chapter AS chapter
    JOIN communities_circle AS circle ON circle.id = chapter.circle_id
    WHERE chapter.community_id = %(community)s AND circle.archived_at IS NULL ORDER BY chapter.id
"""
__all__ = [
    "BY_CLOCK", "HELD", "NEVER", "NOT_HELD", "NOWHERE", "Attendances", "Chapters", "Events", "Homes",
    "Meetings", "StoredMeetings", "Town", "WithoutPlaces", "towns_of",
]  # fmt: skip
