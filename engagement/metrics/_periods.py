"""The days, weeks and months of a series, and the parameters that choose among them."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from engagement.selectors.history import History
from kernel.clock import month_of, next_month, week_of
from kernel.metrics import NO_DATA, TOO_YOUNG, Headline, Parameter, Words

DAY, WEEK, MONTH = ("day", _("Day")), ("week", _("Week")), ("month", _("Month"))
ROLLING = (("rolling7", _("7 days ending on each day")), ("rolling28", _("28 days ending on each day")))

AS_OF = Parameter("as_of", "day", _("Up to and including"))
BETWEEN = (Parameter("from", "day", _("Shown from")), Parameter("to", "day", _("Shown to")), AS_OF)

#: How many periods a tile's line shows.
TREND = 26


class Period(NamedTuple):
    """`start` and `end` are ordinals of local days, both included."""

    name: str
    start: int
    end: int
    complete: bool


def grain(*choices: tuple[str, Words], default: str) -> Parameter:
    return Parameter("grain", "choice", _("Counted by"), default=default, choices=choices)


def window(default: int | str) -> Parameter:
    return Parameter("window", "days", _("How far back"), default=default)


def every(history: History, grain: str, *, since: int | None = None) -> list[Period]:
    """All periods from the first fact to the one that holds `as_of`; none when nothing has happened. `since` is a day that
    may lie before any fact."""
    known = [
        day for day in (history.first_day, date.fromordinal(since) if since else None) if day is not None
    ]
    if not known:
        return []
    found = []
    start = _start(min(known), grain)
    while start <= history.as_of:
        following = _following(start, grain)
        name = start.strftime("%Y-%m") if grain == "month" else start.isoformat()
        end = following.toordinal() - 1
        found.append(Period(name, start.toordinal(), end, end <= history.today))
        start = following
    return found


def shown(periods: Sequence[Period], rows: Sequence[Any], parameters: dict[str, Any]) -> list[Any]:
    """The rows, parallel to the periods, whose period shares a day with `from`..`to`.

    Rows are computed over all history first, so that what is shown does not depend on where the cut is.
    """
    first, last = parameters.get("from") or date.min, parameters.get("to") or date.max
    return [
        row
        for period, row in zip(periods, rows, strict=True)
        if first.toordinal() <= period.end and period.start <= last.toordinal()
    ]


def headline(rows: Sequence[dict[str, Any]], field: str, *, unit: Words, kind: str) -> Headline:
    """The last complete period's value with the periods that led to it.

    A period that is complete and still has no value (a ratio of nothing) says "no data".
    """
    values = [value for key, value in rows[-1].items() if key != "period"] if rows else []
    known = rows if any(value is not None for value in values) else rows[:-1]
    if not known:
        return Headline(None, unit, kind, reason=TOO_YOUNG if rows else NO_DATA)
    trend = tuple(row[field] for row in known[-TREND:])
    reason = NO_DATA if trend[-1] is None else ""
    return Headline(trend[-1], unit, kind, known[-1]["period"], trend, reason)


def _start(day: date, grain: str) -> date:
    return {"week": week_of, "month": month_of}.get(grain, lambda same: same)(day)


def _following(start: date, grain: str) -> date:
    if grain == "month":
        return next_month(start)
    return date.fromordinal(start.toordinal() + (7 if grain == "week" else 1))
