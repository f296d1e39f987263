from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from engagement.metrics import _cohorts, _periods, _words
from engagement.packing import member_set
from engagement.selectors.history import History
from kernel import words
from kernel.metrics import Chapter, Data, Headline, Metric, Revision, Table

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
        row = _cohorts.told(data, LATER)
        if row is None:
            return str(self.headline(data).reason)
        said = {
            "n": _words.count(row["size"]),
            "active": _words.count(row["active"][LATER]),
            "when": _words.when(row["cohort"], data, "cohort"),
            "share": _words.percent(row["active"][LATER] / row["size"]),
            "later": LATER,
        }
        if row["size"] < _cohorts.TELLING:
            few = translate(
                "Active %(later)s months after joining: %(active)s of the %(n)s who joined %(when)s. So few tell nothing yet."
            )
            if not _monthly(data):
                few = translate(
                    "Active %(later)s weeks after joining: %(active)s of the %(n)s who joined %(when)s. So few tell nothing yet."
                )
            return few % said
        text = translate("Of the %(n)s who joined %(when)s, %(share)s were active %(later)s months later.")
        if not _monthly(data):
            text = translate("Of the %(n)s who joined %(when)s, %(share)s were active %(later)s weeks later.")
        return text % said

    def headline(self, data: Any) -> Headline:
        months, weeks = (
            _("of a cohort active 4 months after joining"),
            _("of a cohort active 4 weeks after joining"),
        )
        return _cohorts.headline(data, LATER, months if _monthly(data) else weeks)


def _monthly(data: Any) -> bool:
    return words.grain_of([row["cohort"] for row in data]) == "month"
