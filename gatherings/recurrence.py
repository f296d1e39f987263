"""When a gathering comes again: rules of RFC 5545 as far as people make them, counted on the wall's clock.

Pure: a rule is a text such as `FREQ=MONTHLY;BYDAY=2TH;COUNT=6`. Rules are counted in local time, so that seven in the
evening stays seven through summer time; an hour that the clock skips is read as if it had not been turned yet, one that it
shows twice the first time.
"""

import re
from calendar import isleap, monthrange
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil import rrule

FREQUENCIES = {
    "DAILY": rrule.DAILY,
    "WEEKLY": rrule.WEEKLY,
    "MONTHLY": rrule.MONTHLY,
    "YEARLY": rrule.YEARLY,
}
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MOST_TIMES, MOST_BETWEEN = 500, 99

_WEEKDAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL = re.compile(r"[0-9]{8}(T[0-9]{6}Z)?")


class NoRule(ValueError):
    """What is no rule, or none that we keep; `part` names what is at fault ("BYDAY")."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


@dataclass(frozen=True)
class Weekday:
    """A day of the week, 0 for Monday; in months and years the `nth` of them, counted from the end when negative."""

    day: int
    nth: int = 0

    def __str__(self) -> str:
        return f"{self.nth or ''}{DAYS[self.day]}"


@dataclass(frozen=True)
class Rule:
    """A rule in its parts. It ends after `times`, with `until` (an instant, included), or never."""

    frequency: str
    every: int = 1
    weekdays: tuple[Weekday, ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    times: int | None = None
    until: datetime | None = None

    def __str__(self) -> str:
        parts = [f"FREQ={self.frequency}"]
        if self.every > 1:
            parts.append(f"INTERVAL={self.every}")
        for name, values in (
            ("BYMONTH", self.months),
            ("BYMONTHDAY", self.month_days),
            ("BYDAY", self.weekdays),
        ):
            if values:
                parts.append(f"{name}={','.join(map(str, values))}")
        if self.times is not None:
            parts.append(f"COUNT={self.times}")
        if self.until is not None:
            parts.append(f"UNTIL={self.until.astimezone(UTC):%Y%m%dT%H%M%SZ}")
        return ";".join(parts)

    def beginnings(
        self, first: datetime, zone: ZoneInfo, *, until: datetime, left_out: Collection[datetime] = ()
    ) -> Iterator[datetime]:
        """The instants by the rule, counted from `first`, up to `until` included and without those left out, in order.
        None where `first` is none of the rule's own."""
        wall = first.astimezone(zone).replace(tzinfo=None)
        if not self.fits(wall.date()):
            return
        last = min(until, self.until) if self.until is not None else until
        rule = rrule.rrule(
            FREQUENCIES[self.frequency],
            dtstart=wall,
            interval=self.every,
            until=last.astimezone(zone).replace(tzinfo=None),
            byweekday=[rrule.weekday(one.day, one.nth or None) for one in self.weekdays] or None,
            bymonthday=self.month_days or None,
            bymonth=self.months or None,
        )
        skipped = set(left_out)
        # What is left out is counted all the same.
        for found in islice(rule, self.times):
            instant = found.replace(tzinfo=zone).astimezone(UTC)
            if instant > last:
                return
            if instant not in skipped:
                yield instant

    def fits(self, day: date) -> bool:
        """Whether the rule may begin on that day: "every Thursday" not on a Wednesday. Asked before anything is counted:
        the library looks for a day that never comes until the year 9999, for one that came once it need not look far."""
        length = monthrange(day.year, day.month)[1]
        if self.months and day.month not in self.months:
            return False
        if self.month_days and not {day.day, day.day - length - 1} & set(self.month_days):
            return False
        if self.frequency == "YEARLY" and not self.months:
            place, length = day.timetuple().tm_yday, 366 if isleap(day.year) else 365
        else:
            place = day.day
        nth = {0, (place - 1) // 7 + 1, -((length - place) // 7 + 1)}
        return not self.weekdays or any(one.day == day.weekday() and one.nth in nth for one in self.weekdays)

    def ended(self, before: datetime) -> "Rule":
        """The same rule, with nothing from that instant on."""
        return replace(
            self, times=None, until=before.astimezone(UTC).replace(microsecond=0) - timedelta(seconds=1)
        )


def read(text: str) -> Rule:
    """The rule of a text as files and programs give it, with or without `RRULE:`. Raises `NoRule`."""
    parts: dict[str, str] = {}
    for pair in text.strip().removeprefix("RRULE:").upper().rstrip(";").split(";"):
        name, equals, value = pair.partition("=")
        if not equals or name in parts:
            raise NoRule(name)
        parts[name] = value
    frequency = parts.pop("FREQ", "")
    if frequency not in FREQUENCIES:
        raise NoRule("FREQ")
    if parts.pop("WKST", "MO") not in DAYS:
        raise NoRule("WKST")
    if "COUNT" in parts and "UNTIL" in parts:
        raise NoRule("UNTIL")
    rule = Rule(
        frequency,
        every=_number("INTERVAL", parts.pop("INTERVAL", "1"), 1, MOST_BETWEEN),
        weekdays=tuple(_weekday(one, frequency) for one in _listed(parts.pop("BYDAY", ""))),
        month_days=tuple(_number("BYMONTHDAY", one, -31, 31) for one in _listed(parts.pop("BYMONTHDAY", ""))),
        months=tuple(_number("BYMONTH", one, 1, 12) for one in _listed(parts.pop("BYMONTH", ""))),
        times=_number("COUNT", parts.pop("COUNT"), 1, MOST_TIMES) if "COUNT" in parts else None,
        until=_until(parts.pop("UNTIL")) if "UNTIL" in parts else None,
    )
    if parts:
        raise NoRule(sorted(parts)[0])
    if 0 in rule.month_days or (rule.month_days and frequency == "WEEKLY"):
        raise NoRule("BYMONTHDAY")
    return rule


def _listed(value: str) -> list[str]:
    return value.split(",") if value else []


def _number(part: str, value: str, least: int, most: int) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,4}", value) or not least <= int(value) <= most:
        raise NoRule(part)
    return int(value)


def _weekday(value: str, frequency: str) -> Weekday:
    found = _WEEKDAY.fullmatch(value)
    # "The second Thursday" is one of a month or year.
    if found is None or (found[1] and frequency not in ("MONTHLY", "YEARLY")):
        raise NoRule("BYDAY")
    return Weekday(DAYS.index(found[2]), int(found[1] or 0))


def _until(value: str) -> datetime:
    """An instant; a day without a time means all of it, wherever."""
    if not _UNTIL.fullmatch(value):
        raise NoRule("UNTIL")
    form = "%Y%m%dT%H%M%SZ" if "T" in value else "%Y%m%d"
    try:
        found = datetime.strptime(value, form).replace(tzinfo=UTC)
    except ValueError:
        raise NoRule("UNTIL") from None
    return found if "T" in value else found.replace(hour=23, minute=59, second=59)
