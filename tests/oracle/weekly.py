"""Weeks recounted person by person: what `what_if` reads of a community before it supposes anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from . import days
from .world import Community, View

#: Weeks that are read at most, tenures told apart, and weeks in which members bring others.
READ, LAST, FIRST = 52, 52, 13


def weekly(community: Community, as_of: date, inviter: Mapping[str, str]) -> list[dict[str, Any]]:
    """The complete weeks, without that of the first joining, the latest `READ`: of each how many came from outside and by
    whom (weeks since that one's week of joining), and by tenure who is here at its end, who left in it and who acted.

    `inviter` names who brought whom; it goes round in no circle.
    """
    view = View(community, as_of)
    if not view.people:
        return []
    first = min(days.period_of(person.joined_day, "week") for person in view.people.values())
    found = []
    week = first + timedelta(weeks=1)
    while week + timedelta(days=6) <= as_of:
        found.append(_week(view, week, inviter))
        week += timedelta(weeks=1)
    return found[-READ:]


def _week(view: View, week: date, inviter: Mapping[str, str]) -> dict[str, Any]:
    last = week + timedelta(days=6)
    begin, end = days.end_of(week - timedelta(days=1), view.zone), days.end_of(last, view.zone)
    here, left, active, brought = Counter[int](), Counter[int](), Counter[int](), Counter[int]()
    outside = returned = gone = 0
    acting = set().union(*(view.active_by_day.get(day, set()) for day in days.span(week, last)))
    for person in view.people.values():
        if person.joined_day > last:
            continue
        joined = days.period_of(person.joined_day, "week")
        tenure = min((week - joined).days // 7, LAST)
        now, before = person.counted_at(end), person.counted_at(begin)
        here[tenure] += now
        gone += not now
        left[tenure] += (before or joined == week) and not now
        returned += now and not before and joined != week
        active[tenure] += person.member in acting
        if joined == week:
            by = view.people.get(inviter.get(person.member, ""))
            age = (week - days.period_of(by.joined_day, "week")).days // 7 if by else -1
            if by and by.joined_at <= person.joined_at and 0 <= age < FIRST:
                brought[age] += 1
            else:
                outside += 1
    plain = {"here": here, "left": left, "active": active, "brought": brought}
    counted = {name: {key: n for key, n in sorted(counter.items()) if n} for name, counter in plain.items()}
    return {"week": week, "outside": outside, "returned": returned, "gone": gone, **counted}
