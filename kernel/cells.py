"""What stands in a cell of a file: text in, a checked value out, or `imports.Rejected` with the reason."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from kernel.clock import resolve_local
from kernel.imports import Rejected

#: How far ahead of the clock a time may lie: clocks differ, and days begin earlier in the east.
AHEAD = timedelta(days=1)
#: Nothing that a living community has to tell is older; a mistyped year would make a thousand years of weeks.
FIRST_YEAR = 1900

_TIME = re.compile(
    r"[0-9]{4}(?:-[0-9]{2}-[0-9]{2}|[0-9]{4})"
    r"(?:[T ][0-9]{2}(?::?[0-9]{2}(?::?[0-9]{2}(?:[.,][0-9]{1,12})?)?)?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_DECIMAL = re.compile(r"[+-]?[0-9]{1,14}(?:\.[0-9]{1,6}0*)?")
_COORDINATE = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{1,30})?")


def shown(text: str) -> str:
    """The beginning of a cell, as a message repeats it."""
    return text if len(text) <= 60 else text[:57] + "..."


def instant(text: str, *, zone: ZoneInfo, latest: datetime, column: str) -> datetime:
    """The instant in UTC that an ISO 8601 time or day names.

    A time without offset is the community's local time, in its first reading where summer time repeats or
    skips it; a day is its first instant. Rejects what is older than 1900 or later than `latest`.
    """
    try:
        if not _TIME.fullmatch(text):
            raise ValueError
        at = datetime.fromisoformat(text)
        at = resolve_local(at, zone) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Rejected("time", column=column, value=shown(text)) from None
    if at > latest:
        raise Rejected("future", column=column, value=shown(text))
    if at.year < FIRST_YEAR:
        raise Rejected("too_old", column=column, value=shown(text))
    return at


def decimal(text: str, *, column: str) -> Decimal:
    """A decimal number with a point, up to 14 digits before and 6 after it."""
    if not _DECIMAL.fullmatch(text):
        raise Rejected("number", column=column, value=shown(text))
    return Decimal(text)


def degrees(text: str, *, most: int, column: str) -> float:
    """A coordinate between -`most` and `most` degrees."""
    if not _COORDINATE.fullmatch(text):
        raise Rejected("number", column=column, value=shown(text))
    value = float(text)
    if not -most <= value <= most:
        raise Rejected("range", column=column, value=text, least=-most, most=most)
    return value


def short(text: str, *, most: int, column: str) -> str:
    """A text of at most so many characters."""
    if len(text) > most:
        raise Rejected("too_long", column=column, most=most, found=len(text))
    return text


def several(text: str, *, most: int, column: str, count: int = 50) -> list[str]:
    """Texts parted by semicolons, each once, blanks around them dropped."""
    parts = list(dict.fromkeys(part for part in (part.strip() for part in text.split(";")) if part))
    if len(parts) > count:
        raise Rejected("too_many", column=column, most=count, found=len(parts))
    return [short(part, most=most, column=column) for part in parts]
