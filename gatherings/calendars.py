"""Gatherings as calendar programs read them (RFC 5545): pure, from events that were read already.

Each event is one of its own, those of a series too: a program that knows the event by its UID hears of each change by a higher
SEQUENCE, and of its end by `STATUS:CANCELLED`. Times are told on the event's clock with the rules of its time zone, so that a
program shows the hour that the invitation says. Folding lines at 75 octets and what is escaped is the library's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from enum import StrEnum

from icalendar import Calendar, Timezone
from icalendar import Event as Component

from gatherings.models import Event
from kernel import markdown, words
from kernel.markdown import Named

PRODUCT = "-//Crowdecon//Gatherings//EN"
#: What an event is taken to last that says no end.
USUAL = timedelta(hours=2)
YEAR = timedelta(days=366)


class Standing(StrEnum):
    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"


@dataclass(frozen=True)
class Entry:
    """One event for one reader: `url` is its page, `online_url` where it takes place online, "" for who may not know."""

    event: Event
    url: str
    online_url: str = ""
    standing: Standing = Standing.CONFIRMED
    people: Mapping[int, Named] | None = None


def write(entries: Iterable[Entry], *, name: str, hourly: bool = False) -> bytes:
    """A calendar of these, called `name`; `hourly` says to programs that they may ask again each hour."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", words.one_line(name))
    calendar.add("name", words.one_line(name))
    if hourly:
        calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", "PT1H")
    told = list(entries)
    for zone in sorted({entry.event.timezone for entry in told} - {"UTC"}):
        starts = [entry.event.starts_at.date() for entry in told if entry.event.timezone == zone]
        calendar.add_component(_zone(zone, min(starts), max(starts)))
    for entry in told:
        calendar.add_component(_component(entry))
    return bytes(calendar.to_ical())


def uid(event: Event) -> str:
    """What programs know the event by, for ever and wherever the site moves to."""
    return f"{event.key}@crowdecon"


def _zone(name: str, first: date, last: date) -> Timezone:
    """The rules of a time zone for these days and a year around them. Each change of the clock stands by itself: of several
    in one line, ical.js reads the first alone."""
    made = Timezone.from_tzid(name, first_date=first - YEAR, last_date=last + YEAR)
    for part in made.subcomponents:
        if (changes := part.pop("RDATE", None)) is not None:
            for change in changes.dts:
                part.add("rdate", change.dt)
    return made


def _component(entry: Entry) -> Component:
    event = entry.event
    made = Component()
    made.add("uid", uid(event))
    made.add("dtstamp", event.changed_at.astimezone(UTC))
    made.add("last-modified", event.changed_at.astimezone(UTC))
    made.add("sequence", event.revision)
    made.add("summary", words.one_line(event.title))
    made.add("dtstart", event.starts_at.astimezone(event.zone))
    made.add("dtend", (event.ends_at or event.starts_at + USUAL).astimezone(event.zone))
    cancelled = event.state == Event.State.CANCELLED
    made.add("status", "CANCELLED" if cancelled else entry.standing)
    if where := place(event) or entry.online_url:
        made.add("location", where)
    if event.latitude is not None and event.longitude is not None:
        made.add("geo", (event.latitude, event.longitude))
    told = [words.one_line(markdown.plain(event.description, entry.people)), entry.online_url, entry.url]
    made.add("description", "\n\n".join(filter(None, told)))
    made.add("url", entry.url)
    return made


def place(event: Event) -> str:
    """Where it is, in a line: the venue, its address, the city."""
    said = (words.one_line(part) for part in (event.venue, event.address, event.city))
    return ", ".join(filter(None, said))
