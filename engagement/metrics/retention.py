from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from engagement.metrics import _periods, _words
from engagement.packing import member_set
from engagement.selectors.history import History
from kernel import words
from kernel.metrics import NO_DATA, TOO_YOUNG, Chapter, Data, Headline, Metric, Revision, Table

#: The tile and the caption look at this many periods after joining.
LATER = 4


class Retention(Metric):
    key = "retention"
    title = _("Retention")
    question = _("Of those who joined together, how many still come weeks or months later?")
    unit = _("of a cohort active 4 weeks (or months) after joining")
    formula = _(
        "Cohorts by the calendar week (or month) of joining, with their size; for k = 0, 1, 2, ... the members of"
        " the cohort with an act in the calendar week (month) k after that of joining. Weeks not complete are "
        "null.\n\n"
        "`active(c, k) = |{m : joined(m) in c, m has an act in week c + k}|`"
    )
    reads = _("Days of joining, and the members with at least one act on each local day.")
    blind_spots = _(
        "Week 0 is the week of joining and shorter for who joined late in it. Members who left stay in their "
        "cohort. A member who skips a week and returns is missing in one number and back in the next."
    )
    chapter = Chapter.STAYS
    chart = "cohorts"
    revisions = (Revision(1, date(2026, 11, 22), _("First definition.")),)
    parameters = (_periods.grain(_periods.WEEK, _periods.MONTH, default="week"), *_periods.BETWEEN)

    def compute(self, history: History, *, grain: str = "week", **parameters: Any) -> Data:
        periods = _periods.every(history, grain)
        actives = [history.active(one.start, one.end) if one.complete else None for one in periods]
        # Members stand in the order of joining: a cohort is one stretch of them.
        bounds = np.searchsorted(history.joined_day, [one.start for one in periods] + [history.today + 1])
        rows = []
        for i, period in enumerate(periods):
            cohort = member_set(history.number[bounds[i] : bounds[i + 1]])
            active = [
                None if later is None else cohort.intersection_cardinality(later) for later in actives[i:]
            ]
            rows.append({"cohort": period.name, "size": len(cohort), "active": active})
        return _periods.shown(periods, rows, parameters)

    def table(self, data: Any) -> Table:
        width = max((len(row["active"]) for row in data), default=0)
        rows = [
            [row["cohort"], row["size"], *row["active"], *[None] * (width - len(row["active"]))]
            for row in data
        ]
        return Table([_("Cohort"), _("Size"), *(str(k) for k in range(width))], rows)

    def finding(self, data: Any) -> str:
        headline = self.headline(data)
        if headline.value is None:
            return str(headline.reason)
        if _monthly(data):
            text = translate("Of those who joined %(when)s, %(share)s were active %(later)s months later.")
        else:
            text = translate("Of those who joined %(when)s, %(share)s were active %(later)s weeks later.")
        return text % {
            "when": _words.when(headline.period, data, "cohort"),
            "share": _words.percent(headline.value),
            "later": LATER,
        }

    def headline(self, data: Any) -> Headline:
        """The youngest cohort old enough to be looked at; cohorts of nobody are passed over."""
        months, weeks = (
            _("of a cohort active 4 months after joining"),
            _("of a cohort active 4 weeks after joining"),
        )
        unit = months if _monthly(data) else weeks
        if not any(row["size"] for row in data):
            return Headline(None, unit, "share", reason=NO_DATA)
        old = [row for row in data if row["size"] and row["active"][LATER : LATER + 1] not in ([], [None])]
        if not old:
            return Headline(None, unit, "share", reason=TOO_YOUNG)
        trend = tuple(row["active"][LATER] / row["size"] for row in old[-_periods.TREND :])
        return Headline(trend[-1], unit, "share", old[-1]["cohort"], trend)


def _monthly(data: Any) -> bool:
    return words.grain_of([row["cohort"] for row in data]) == "month"
