"""Local days, weeks and months, and what a written time means."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

GRAINS = ("day", "week", "month")


def instant(text: str, zone: ZoneInfo) -> datetime:
    """The UTC instant an ISO 8601 text names; without an offset it is local time in `zone`.

    A local time that occurs twice is its first occurrence. Reading: for a local time that summer time skips,
    "the first reading" is the one with the offset in force before the change (PEP 495's fold=0, RFC 5545's
    rule), so 02:30 in a gap from 02:00 to 03:00 is the instant otherwise called 03:30. A bare date is its
    local midnight.
    """
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone, fold=0)
    return moment.astimezone(UTC)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar day on which the instant falls in `zone`."""
    return moment.astimezone(zone).date()


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The UTC instant at which the local day begins; a day may have 23, 24 or 25 hours (or none at all)."""
    return datetime(day.year, day.month, day.day, tzinfo=zone, fold=0).astimezone(UTC)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The UTC instant at which the local day is over: the first that does not belong to it."""
    return start_of(day + timedelta(days=1), zone)


def period_of(day: date, grain: str) -> date:
    """The first day of the day, ISO week or calendar month that holds `day`."""
    if grain == "day":
        return day
    if grain == "week":
        return day - timedelta(days=day.weekday())
    if grain == "month":
        return day.replace(day=1)
    raise ValueError(f"unknown grain {grain!r}")


def last_day(period: date, grain: str) -> date:
    """The last day of the period that begins on `period`."""
    if grain == "day":
        return period
    if grain == "week":
        return period + timedelta(days=6)
    if grain == "month":
        return period.replace(day=calendar.monthrange(period.year, period.month)[1])
    raise ValueError(f"unknown grain {grain!r}")


def following(period: date, grain: str) -> date:
    """The first day of the next period."""
    return last_day(period, grain) + timedelta(days=1)


def preceding(period: date, grain: str) -> date:
    """The first day of the period before."""
    return period_of(period - timedelta(days=1), grain)


def periods(first: date | None, last: date, grain: str) -> list[date]:
    """First days of the periods from the one holding `first` to that of `last`; none without a first."""
    found: list[date] = []
    if first is None:
        return found
    period = period_of(first, grain)
    while period <= last:
        found.append(period)
        period = following(period, grain)
    return found


def span(first: date, last: date) -> list[date]:
    """Every calendar date from `first` to `last`, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def name(period: date, grain: str) -> str:
    """Days and weeks are named YYYY-MM-DD (weeks by their Monday), months YYYY-MM."""
    return period.strftime("%Y-%m") if grain == "month" else period.isoformat()
