from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from engagement.metrics import _cohorts, _periods, _words
from engagement.selectors.history import History
from kernel.metrics import Chapter, Data, Headline, Metric, Revision, Table

#: The tile and the caption look at this many months after the first payment.
LATER = 3


class PayerCohorts(Metric):
    key = "payer_cohorts"
    title = _("Who keeps paying")
    question = _("Of those who first paid in the same month, how many pay again months later?")
    unit = _("of a cohort paid 3 months after their first payment")
    formula = _(
        "Cohorts by the month of the first payment, with their size; for k = 0, 1, 2, ... the members of the "
        "cohort with a payment in month k after it. Months not complete are null.\n\n"
        "`a(c, k) = |{m : first payment of m in month c, m paid in month c + k}|`"
    )
    reads = _("Payments (facts “paid”) by member and local day.")
    blind_spots = _(
        "A payment of 0.00 is a payment, and a refund undoes none. Who pays by the year is missing in eleven months "
        "and back in the twelfth. Members who left stay in their cohort."
    )
    chapter = Chapter.PAYS
    permission = "money.view"
    chart = "cohorts"
    chart_options = {"of": "payers"}
    revisions = (Revision(1, date(2026, 11, 23), _("First definition.")),)
    parameters = _periods.BETWEEN

    def compute(self, history: History, **parameters: Any) -> Data:
        periods = _periods.every(history, "month")
        size, paid = _paid(history, [one.start for one in periods])
        rows = []
        for i, period in enumerate(periods):
            known = [one.complete for one in periods[i:]]
            active = [int(n) if full else None for n, full in zip(paid[i, i:], known, strict=True)]
            rows.append({"cohort": period.name, "size": int(size[i]), "active": active})
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
            "paid": _words.count(row["active"][LATER]),
            "when": _words.when(row["cohort"], data, "cohort"),
            "share": _words.percent(row["active"][LATER] / row["size"]),
            "later": LATER,
        }
        if row["size"] < _cohorts.TELLING:
            few = translate(
                "Paid %(later)s months after their first payment: %(paid)s of the %(n)s who began %(when)s. "
                "So few tell nothing yet."
            )
            return few % said
        return (
            translate("Of the %(n)s who first paid %(when)s, %(share)s paid %(later)s months later.") % said
        )

    def headline(self, data: Any) -> Headline:
        return _cohorts.headline(data, LATER, self.unit)


def _paid(history: History, starts: list[int]) -> tuple[Any, Any]:
    """How many first paid in each month, and how many of those paid in each (a square: first month, then month)."""
    many = len(starts)
    if not many:
        return np.zeros(0, np.int64), np.zeros((0, 0), np.int64)
    # A day at a time, so that acts of other kinds are never all in memory.
    days = list(history.daily_counts(None, history.today, verbs={"paid"}))
    nothing = np.zeros(0, np.int64)
    day = np.concatenate([nothing, *(rows.day for rows in days)])
    payer = np.concatenate([nothing, *(rows.member for rows in days)])
    month = np.searchsorted(starts, day, side="right") - 1
    # Once a member and month, by member and time: the first of a member's is their cohort.
    member, month = np.divmod(np.unique(payer * many + month), many)
    first = np.flatnonzero(np.diff(member, prepend=-1))
    cohort = np.repeat(month[first], np.diff(np.append(first, len(member))))
    square = np.bincount(cohort * many + month, minlength=many * many).reshape(many, many)
    return np.diagonal(square), square
