"""What became of people after a gathering, beside others like them: an association, and no proof of anything.

Attenders of an event, and members like them who did not come: as many active days in the 28 days before (none, 1 to 2, 3 to
5, 6 to 11, 12 and more) and the same quarter of joining. Looked at are members at the end of the event's day who had joined
by then, and whether there was an act of theirs other than an attendance on one of the 28 days after it.
"""

from collections.abc import Iterable
from datetime import date
from math import sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from engagement.metrics._wilson import Z, interval
from engagement.packing import Whole
from engagement.selectors.history import History, microseconds
from kernel.activity import ACTS
from kernel.clock import day_end

DAYS = 28
#: The least active days of each bin.
BINS = np.array([1, 3, 6, 12])
#: Fewer members than this, and there is no interval.
ENOUGH = 30


class Gathering(NamedTuple):
    """A gathering of that local day, with the places of those who came and of those who said yes and did not."""

    day: int
    came: Whole
    absent: Whole


def afterwards(history: History, gatherings: Iterable[Gathering]) -> dict[str, Any] | None:
    """The comparison over all gatherings of which the 28 days after are over; None where there are none."""
    ripe = [one for one in gatherings if one.day + DAYS <= history.today and len(one.came)]
    if not ripe:
        return None
    seen = _Seen(history, sorted({one.day for one in ripe}))
    member, active, expected, absent = [], [], [], []
    for one in ripe:
        here, bins, after = seen.of(one.day)
        came = one.came[here[one.came]]
        others = here.copy()
        others[one.came] = False
        many = np.bincount(bins[others], minlength=seen.cells)
        were = np.bincount(bins[others & after], minlength=seen.cells)
        cell = bins[came]
        with np.errstate(invalid="ignore"):
            expected.append(were[cell] / many[cell])
        member.append(came)
        active.append(after[came])
        absent.append(after[one.absent[here[one.absent]]])
    return _told(
        len(ripe),
        np.concatenate(member),
        np.concatenate(active),
        np.concatenate(expected),
        np.concatenate(absent),
    )


def seen(history: History, day: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """By place: who was a member at the end of the day, and who was active on any of the 28 after it, attendances left out."""
    here, _cell, after = _Seen(history, [day]).of(day)
    return here, after


class _Seen:
    """Who was a member at the end of a day, like whom they were, and who was active in the days after."""

    def __init__(self, history: History, days: list[int]) -> None:
        self.history = history
        first, last = days[0] + 1, days[-1] + DAYS
        # Acts that are no attendances; places, not numbers.
        self.acts: dict[int, BitMap] = {}
        for rows in history.daily_counts(first, last, verbs=ACTS - {"attended"}):
            if len(rows.day):
                self.acts.setdefault(int(rows.day[0]), BitMap()).update(rows.member.tolist())
        months = np.array(
            [
                (day := date.fromordinal(int(one))).year * 4 + (day.month - 1) // 3
                for one in history.joined_day
            ]
        )
        quarters, self.quarter = np.unique(months, return_inverse=True)
        self.cells = max(len(quarters), 1) * (len(BINS) + 1)
        self.known: dict[int, tuple[NDArray[np.bool_], Whole, NDArray[np.bool_]]] = {}

    def of(self, day: int) -> tuple[NDArray[np.bool_], Whole, NDArray[np.bool_]]:
        """By place: whether a member then, the cell they are compared in, whether active afterwards."""
        if day not in self.known:
            self.known = {day: self._of(day)}
        return self.known[day]

    def _of(self, day: int) -> tuple[NDArray[np.bool_], Whole, NDArray[np.bool_]]:
        history = self.history
        before = history.days_active(day - DAYS, day - 1)
        cell = self.quarter * (len(BINS) + 1) + np.searchsorted(BINS, before, side="right")
        after = np.zeros(len(history.number), bool)
        following = [self.acts[one] for one in range(day + 1, day + DAYS + 1) if one in self.acts]
        after[np.array(BitMap.union(BitMap(), *following).to_array(), np.int64)] = True
        end = microseconds(day_end(date.fromordinal(day), history.zone))
        return history.members_before(end), cell, after


def _told(
    events: int,
    member: Whole,
    active: NDArray[np.bool_],
    expected: NDArray[np.float64],
    absent: NDArray[np.bool_],
) -> dict[str, Any]:
    like = ~np.isnan(expected)
    gap = active[like] - expected[like]
    n = len(gap)
    low, high = _limits(member[like], gap) if n else (None, None)
    return {
        "events": events,
        "came": _share(active),
        "absent": _share(absent),
        "matched": {
            "n": n,
            "share_came": float(np.mean(active[like])) if n else None,
            "share_others": float(np.mean(expected[like])) if n else None,
            "difference": float(np.mean(gap)) if n else None,
            "low": low,
            "high": high,
        },
    }


def _share(active: NDArray[np.bool_]) -> dict[str, Any]:
    n, part = len(active), int(np.count_nonzero(active))
    low, high = interval(part, n) if n else (None, None)
    return {"n": n, "active": part, "share": part / n if n else None, "low": low, "high": high}


def _limits(member: Whole, gap: NDArray[np.float64]) -> tuple[float | None, float | None]:
    """The 95% interval of the mean gap, all of one member's being one observation (a cluster)."""
    who, which = np.unique(member, return_inverse=True)
    m = len(who)
    if m < ENOUGH:
        return None, None
    mean = float(np.mean(gap))
    sums = np.bincount(which, gap - mean)
    error = sqrt(float(np.sum(sums**2)) * m / (m - 1)) / len(gap)
    return mean - Z * error, mean + Z * error
