"""When a gathering is: on its own clock, and what a clock elsewhere shows meanwhile."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import dates as babel_dates
from django.utils.translation import gettext as _

from gatherings.models import Event
from kernel import words


@dataclass(frozen=True)
class When:
    """`starts` and `ends` are wall clock times where it takes place, without a zone; `place` names that clock, and
    `elsewhere` says what the reader's own shows then. Both are empty where the two clocks agree."""

    starts: datetime
    ends: datetime | None
    place: str = ""
    elsewhere: str = ""

    @property
    def day(self) -> date:
        return self.starts.date()

    @property
    def hours(self) -> str:
        """19:00-21:00, with the day of the end where it is another one."""
        begins = f"{self.starts:%H:%M}"
        if self.ends is None:
            return begins
        if self.ends.date() == self.day:
            return f"{begins}\u2013{self.ends:%H:%M}"
        return f"{begins} \u2013 {words.moment(self.ends)}"

    @property
    def hours_there(self) -> str:
        """The hours, and whose clock shows them where it is not the reader's."""
        if not self.place:
            return self.hours
        return _("%(hours)s, %(place)s time") % {"hours": self.hours, "place": self.place}


def when(event: Event, reader: ZoneInfo) -> When:
    """When the event is, for somebody whose clock shows the time of `reader`."""
    zone = event.zone
    starts = _wall(event.starts_at, zone)
    ends = _wall(event.ends_at, zone) if event.ends_at else None
    here = _wall(event.starts_at, reader)
    if here == starts:
        return When(starts, ends)
    shown = f"{here:%H:%M}" if here.date() == starts.date() else words.moment(here)
    told = _("%(time)s in %(place)s") % {"time": shown, "place": place_of(reader.key)}
    return When(starts, ends, place_of(event.timezone), told)


def in_words(event: Event, reader: ZoneInfo) -> str:
    """The day and the hours: Monday, 12 January 2026, 19:00-21:00."""
    found = when(event, reader)
    return f"{words.day(found.day, 'full')}, {found.hours_there}"


def place_of(zone: str) -> str:
    """A time zone by its place: Shanghai, 上海."""
    try:
        return babel_dates.get_timezone_location(zone, locale=words.locale(), return_city=True)
    except LookupError:
        return zone


def _wall(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)
