from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from engagement.metrics import _periods, _words
from engagement.selectors.history import History
from kernel.metrics import Chapter, Data, Headline, Metric, Revision, Table


class ActiveMembers(Metric):
    key = "active_members"
    title = _("Active members")
    question = _("How many different members did something?")
    unit = _("active members")
    formula = _(
        "The number of different members with at least one act in the day, week or month; with 7 or 28 rolling "
        "days, in the 7 or 28 days that end on each day.\n\n"
        "An act is a visit, a contribution or a response; joining, leaving and money are none.\n\n"
        "`value(p) = |{m : m has an act in p}|`"
    )
    reads = _("The members with at least one act on each local day.")
    blind_spots = _(
        "One visit counts as much as a hundred posts. Who reads without signing in, or where visits are not "
        "recorded, is not seen."
    )
    chapter = Chapter.ALIVE
    chart = "trend"
    revisions = (Revision(1, date(2026, 11, 22), _("First definition.")),)
    parameters = (
        _periods.grain(_periods.DAY, _periods.WEEK, _periods.MONTH, *_periods.ROLLING, default="week"),
        *_periods.BETWEEN,
    )

    def compute(self, history: History, *, grain: str = "week", **parameters: Any) -> Data:
        # A rolling window belongs to the day it ends on, and reaches back before it.
        rolling = int(grain.removeprefix("rolling")) if grain.startswith("rolling") else 0
        periods = _periods.every(history, "day" if rolling else grain)
        rows = [{"period": period.name, "value": self._value(history, period, rolling)} for period in periods]
        return _periods.shown(periods, rows, parameters)

    def _value(self, history: History, period: _periods.Period, rolling: int) -> int | None:
        start = period.end - rolling + 1 if rolling else period.start
        return len(history.active(start, period.end)) if period.complete else None

    def table(self, data: Any) -> Table:
        return Table([_("Period"), _("Active members")], [[row["period"], row["value"]] for row in data])

    def finding(self, data: Any) -> str:
        headline = self.headline(data)
        if headline.value is None:
            return str(headline.reason)
        number, change = int(headline.value), headline.change
        said = {"number": _words.count(number), "when": _words.when(headline.period, data)}
        if change is None:
            words = ngettext(
                "%(number)s member was active %(when)s.", "%(number)s members were active %(when)s.", number
            )
            return words % said
        if change == 0:
            return (
                ngettext(
                    "%(number)s member was active %(when)s, as many as in the period before.",
                    "%(number)s members were active %(when)s, as many as in the period before.",
                    number,
                )
                % said
            )
        said["change"] = _words.count(abs(int(change)))
        if change > 0:
            return (
                ngettext(
                    "%(number)s member was active %(when)s, %(change)s more than in the period before.",
                    "%(number)s members were active %(when)s, %(change)s more than in the period before.",
                    number,
                )
                % said
            )
        return (
            ngettext(
                "%(number)s member was active %(when)s, %(change)s fewer than in the period before.",
                "%(number)s members were active %(when)s, %(change)s fewer than in the period before.",
                number,
            )
            % said
        )

    def headline(self, data: Any) -> Headline:
        return _periods.headline(data, "value", unit=self.unit, kind="count")
