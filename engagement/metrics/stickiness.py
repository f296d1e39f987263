from datetime import date
from typing import Any

from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from engagement.metrics import _periods, _words
from engagement.selectors.history import History
from kernel import words
from kernel.metrics import Chapter, Data, Headline, Metric, Revision, Table, with_shares


class Stickiness(Metric):
    key = "stickiness"
    title = _("Stickiness")
    question = _("Of those who come in a month, what share is here on an ordinary day?")
    unit = _("of the month's actives on an average day")
    formula = _(
        "For a month: the mean over all its days of the members active on the day (days with none count 0), "
        "divided by the members active in the month.\n\n"
        "`stickiness(M) = Σ |A(d)| / (days in M · |A(M)|), over the days d of M`"
    )
    reads = _("The members with at least one act on each local day.")
    blind_spots = _(
        "A community that meets once a week is healthy at 14%: compare a community with itself. A month that "
        "began before the community did is diluted by its empty days."
    )
    chapter = Chapter.ALIVE
    chart = "trend"
    chart_options = {"format": "percent"}
    revisions = (Revision(1, date(2026, 11, 22), _("First definition.")),)
    parameters = _periods.BETWEEN

    def compute(self, history: History, **parameters: Any) -> Data:
        periods = _periods.every(history, "month")
        rows = [{"period": period.name, "value": self._value(history, period)} for period in periods]
        return _periods.shown(periods, rows, parameters)

    def _value(self, history: History, month: _periods.Period) -> float | None:
        if not month.complete:
            return None
        days = range(month.start, month.end + 1)
        actives = len(history.active(month.start, month.end))
        daily = sum(len(history.active(day, day)) for day in days)
        return daily / (len(days) * actives) if actives else None

    def table(self, data: Any) -> Table:
        return Table(
            [_("Month"), _("Stickiness")],
            [[row["period"], with_shares(row, "value")["value"]] for row in data],
        )

    def finding(self, data: Any) -> str:
        headline = self.headline(data)
        if headline.value is None:
            return str(headline.reason)
        return translate(
            "On an average day of %(month)s, %(share)s of the month's active members were here."
        ) % {
            "month": words.period(headline.period),
            "share": _words.percent(headline.value),
        }

    def headline(self, data: Any) -> Headline:
        return _periods.headline(data, "value", unit=self.unit, kind="share")
