"""Figures that are a series of periods: members, active_members, stickiness, growth_accounting, retention.

Every period from the first fact (a joining is one) to the one holding `as_of` is listed, zeros included.
Readings: a period not complete at `as_of` has null for each of its values; calendar dates are counted as
they stand, so a date a zone leapt over (Apia's 2011-12-30) is a day without acts; `from` and `to`, when
given, keep the periods that share a day with them and change no number; with no fact at all a series is
empty.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from . import days
from .world import View


def _ratio(top: int | Fraction, bottom: int) -> float | None:
    return float(Fraction(top) / bottom) if bottom else None


def members(view: View, grain: str = "day") -> list[dict[str, Any]]:
    """Members with status active or trial at each period's end; first joinings and leavings in it."""
    rows = []
    for period in days.periods(view.first_day, view.as_of, grain):
        last = days.last_day(period, grain)
        row: dict[str, Any] = {
            "period": days.name(period, grain),
            "value": None,
            "joined": None,
            "left": None,
        }
        if last <= view.as_of:
            moment = days.end_of(last, view.zone)
            people = view.people.values()
            row["value"] = sum(person.counted_at(moment) for person in people)
            row["joined"] = sum(period <= person.joined_day <= last for person in people)
            row["left"] = sum(
                person.left_day is not None and period <= person.left_day <= last for person in people
            )
        rows.append(row)
    return rows


def active_members(view: View, grain: str = "day") -> list[dict[str, Any]]:
    """Distinct members with an act in each day, week or month, or in the 7 or 28 days ending on each day.

    Reading: the rolling windows of the first days, which reach before the first fact, are counts too.
    """
    rows: list[dict[str, Any]] = []
    if grain in ("rolling7", "rolling28"):
        back = timedelta(days=int(grain.removeprefix("rolling")) - 1)
        for day in days.periods(view.first_day, view.as_of, "day"):
            rows.append({"period": days.name(day, "day"), "value": len(view.active(day - back, day))})
        return rows
    for period in days.periods(view.first_day, view.as_of, grain):
        last = days.last_day(period, grain)
        value = len(view.active(period, last)) if last <= view.as_of else None
        rows.append({"period": days.name(period, grain), "value": value})
    return rows


def stickiness(view: View) -> list[dict[str, Any]]:
    """Per month: the mean of its calendar days' actives, divided by the month's actives.

    Reading: "all its days" includes those of the first month before the first fact.
    """
    rows: list[dict[str, Any]] = []
    for period in days.periods(view.first_day, view.as_of, "month"):
        last = days.last_day(period, "month")
        value = None
        if last <= view.as_of:
            dates = days.span(period, last)
            daily = sum(len(view.active(day, day)) for day in dates)
            value = _ratio(Fraction(daily, len(dates)), len(view.active(period, last)))
        rows.append({"period": days.name(period, "month"), "value": value})
    return rows


def growth_accounting(view: View, grain: str = "week") -> list[dict[str, Any]]:
    """Each week's or month's actives, by when they were active last: the period before, earlier, never."""
    rows: list[dict[str, Any]] = []
    for period in days.periods(view.first_day, view.as_of, grain):
        last = days.last_day(period, grain)
        row: dict[str, Any] = {"period": days.name(period, grain)}
        if last <= view.as_of:
            yesterday = period - timedelta(days=1)
            now = view.active(period, last)
            before = view.active(days.preceding(period, grain), yesterday)
            ever = view.active(date.min, yesterday)
            row["new"] = len(now - ever)
            row["retained"] = len(now & before)
            row["resurrected"] = len((now & ever) - before)
            row["churned"] = len(before - now)
            row["quick_ratio"] = _ratio(row["new"] + row["resurrected"], row["churned"])
        else:
            row.update(dict.fromkeys(("new", "retained", "resurrected", "churned", "quick_ratio")))
        rows.append(row)
    return rows


def retention(view: View, grain: str = "week") -> list[dict[str, Any]]:
    """Cohorts by week or month of joining, and how many of each were active k weeks or months after it.

    Readings: weeks in which nobody joined are cohorts of size 0 with zeros; the cohort of the week not yet
    complete has its size so far and active [null], since the text makes only the weeks of activity null.
    """
    rows: list[dict[str, Any]] = []
    listed = days.periods(view.first_day, view.as_of, grain)
    for cohort in listed:
        joined = {p.member for p in view.people.values() if days.period_of(p.joined_day, grain) == cohort}
        active: list[int | None] = []
        for period in listed:
            if period < cohort:
                continue
            last = days.last_day(period, grain)
            active.append(len(joined & view.active(period, last)) if last <= view.as_of else None)
        rows.append({"cohort": days.name(cohort, grain), "size": len(joined), "active": active})
    return rows


def between(
    rows: list[dict[str, Any]], grain: str, first: date | None, last: date | None
) -> list[dict[str, Any]]:
    """Those rows whose period (or cohort) shares a day with `first` to `last`."""
    kept = []
    for row in rows:
        text = row.get("period") or row["cohort"]
        start = date.fromisoformat(text + "-01" if grain == "month" else text)
        if (last is None or start <= last) and (first is None or days.last_day(start, grain) >= first):
            kept.append(row)
    return kept
