from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from engagement.metrics import _periods, _words
from engagement.packing import Whole
from engagement.selectors.history import History, local_days
from kernel.metrics import Chapter, Data, Headline, Metric, Revision, Table


class MembersFigure(Metric):
    key = "members"
    title = _("Members")
    question = _("How many members are there, and how many came and went?")
    unit = _("members")
    formula = _(
        "At the end of each period: the members whose status is active, on trial or in grace.\n\n"
        "Joined: members who joined for the first time in the period. Left: members who left, were removed or "
        "were banned in it.\n\n"
        "`value(p) = |{m : m is active, on trial or in grace at the end of p}|`"
    )
    reads = _("First joinings, and every change of a member's status with its time.")
    blind_spots = _(
        "Somebody who has gone quiet is still a member. Coming back is no new joining, and pausing or "
        "lapsing is no leaving, so joined minus left need not be the change in members."
    )
    chapter = Chapter.ALIVE
    chart = "trend"
    chart_options = {"keys": "value"}
    revisions = (Revision(1, date(2026, 11, 22), _("First definition.")),)
    parameters = (
        _periods.grain(_periods.DAY, _periods.WEEK, _periods.MONTH, default="week"),
        *_periods.BETWEEN,
    )

    def compute(self, history: History, *, grain: str = "week", **parameters: Any) -> Data:
        periods = _periods.every(history, grain)
        place, at, counted, gone = history.standings
        day = local_days(at, history.zone)
        value = np.cumsum(_per_period(periods, day, _steps(place, counted)))
        joined = _per_period(periods, history.joined_day, np.ones(len(history.number), np.int64))
        left = _leavers(periods, place, day, _steps(place, gone) > 0)
        rows = [
            {"period": period.name, "value": int(value[i]), "joined": int(joined[i]), "left": int(left[i])}
            if period.complete
            else {"period": period.name, "value": None, "joined": None, "left": None}
            for i, period in enumerate(periods)
        ]
        return _periods.shown(periods, rows, parameters)

    def table(self, data: Any) -> Table:
        rows = [[row["period"], row["value"], row["joined"], row["left"]] for row in data]
        return Table([_("Period"), _("Members"), _("Joined"), _("Left")], rows)

    def finding(self, data: Any) -> str:
        headline = self.headline(data)
        if headline.value is None:
            return str(headline.reason)
        row = next(row for row in data if row["period"] == headline.period)
        return translate("%(members)s members; %(joined)s joined and %(left)s left %(when)s.") % {
            "members": _words.count(row["value"]),
            "when": _words.when(row["period"], data),
            "joined": _words.count(row["joined"]),
            "left": _words.count(row["left"]),
        }

    def headline(self, data: Any) -> Headline:
        return _periods.headline(data, "value", unit=self.unit, kind="count")


def _steps(place: Whole, flag: np.ndarray) -> Whole:
    """+1 where a member's flag goes up, -1 where it goes down; a member begins without it."""
    before = np.concatenate([[False], flag[:-1]])
    before[np.concatenate([[True], place[1:] != place[:-1]])[: len(place)]] = False
    return flag.astype(np.int64) - before.astype(np.int64)


def _which(periods: list[_periods.Period], day: Whole) -> Whole:
    starts = np.array([period.start for period in periods], np.int64)
    return np.searchsorted(starts, day, side="right") - 1


def _per_period(periods: list[_periods.Period], day: Whole, amount: Whole) -> Whole:
    total = np.zeros(len(periods), np.int64)
    np.add.at(total, _which(periods, day), amount)
    return total


def _leavers(periods: list[_periods.Period], place: Whole, day: Whole, leaving: np.ndarray) -> Whole:
    """Members who left in each period, each once however often they left in it."""
    once = np.unique(np.stack([_which(periods, day[leaving]), place[leaving]]), axis=1)
    return np.bincount(once[0], minlength=len(periods))
