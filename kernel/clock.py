"""Instants, and the days, weeks and months a community lives in.

Instants are aware and in UTC. A *day* is a calendar day in a community's time zone, so it may last 23 or
25 hours; a *week* runs from Monday to Sunday (ISO 8601) and is named by its Monday; a *month* is a calendar
month, named by its first day.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.utils import timezone


def now() -> datetime:
    """This instant. Called at the edge (views, tasks, commands) only: services take `at`."""
    return timezone.now()


@cache
def zone_names() -> frozenset[str]:
    """The names of all time zones (IANA). Finding them walks through 600 files, so it is done once a process."""
    return frozenset(available_timezones())


def zone_choices() -> list[tuple[str, str]]:
    """Every place zone of the time zone database, by name; `Etc/` and legacy names are left out."""
    places = (zone for zone in zone_names() if "/" in zone and not zone.startswith(("Etc/", "SystemV/")))
    return [("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in sorted(places))]


def local_day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def resolve_local(naive: datetime, zone: ZoneInfo) -> datetime:
    """The instant (UTC) that a wall clock in `zone` showed as `naive`, in its first reading.

    A time that the end of summer time repeats is its first occurrence; a time that the start of summer
    time skips is read with the offset in force before the change (PEP 495, fold=0).
    """
    return naive.replace(tzinfo=zone, fold=0).astimezone(UTC)


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first instant (UTC) of a local day.

    Where summer time begins at midnight there is no 00:00; the day then begins when the clock jumps, which
    is also what the first reading of that midnight gives.
    """
    return resolve_local(datetime.combine(day, time.min), zone)


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The half-open interval of instants [start, end) that make the local day."""
    return day_start(day, zone), day_start(day + timedelta(days=1), zone)


def day_end(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which the local day is over: the first that no longer belongs to it."""
    return day_start(day + timedelta(days=1), zone)


def last_complete_day(zone: ZoneInfo, at: datetime) -> date:
    return local_day(at, zone) - timedelta(days=1)


def week_of(day: date) -> date:
    """The Monday of the day's ISO week."""
    return day - timedelta(days=day.weekday())


def month_of(day: date) -> date:
    return day.replace(day=1)


def next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
