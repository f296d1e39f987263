from datetime import date
from typing import Any

from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _
from pyroaring import BitMap

from engagement.metrics import _periods, _words
from engagement.selectors.history import History
from kernel.metrics import Chapter, Data, Headline, Metric, Revision, Table

FLOWS = ("new", "retained", "resurrected", "churned", "quick_ratio")


class GrowthAccounting(Metric):
    key = "growth_accounting"
    title = _("Growth accounting")
    question = _("Where do this period's active members come from, and how many were lost?")
    unit = _("gained for each member lost (quick ratio)")
    formula = _(
        "Per week or month.\n\n"
        "- New: active, never active before.\n"
        "- Retained: active now and in the period before.\n"
        "- Resurrected: active now, not in the period before, but earlier.\n"
        "- Churned: active in the period before, not now.\n\n"
        "`actives = new + retained + resurrected`\n\n"
        "`quick ratio = (new + resurrected) / churned`\n\n"
        "The quick ratio is null when nobody churned."
    )
    reads = _("The members with at least one act on each local day.")
    blind_spots = _(
        "New is a first act, not a joining. A member on holiday for a week is churned and then resurrected. "
        "The quick ratio of few members jumps about."
    )
    chapter = Chapter.STAYS
    chart = "growth"
    revisions = (Revision(1, date(2026, 11, 22), _("First definition.")),)
    parameters = (_periods.grain(_periods.WEEK, _periods.MONTH, default="week"), *_periods.BETWEEN)

    def compute(self, history: History, *, grain: str = "week", **parameters: Any) -> Data:
        periods = _periods.every(history, grain)
        before, ever = BitMap(), BitMap()
        rows: list[dict[str, Any]] = []
        for period in periods:
            row: dict[str, Any] = {"period": period.name, **dict.fromkeys(FLOWS)}
            if period.complete:
                now = history.active(period.start, period.end)
                new, churned = len(now - ever), len(before - now)
                retained = now.intersection_cardinality(before)
                resurrected = len(now) - new - retained
                ratio = (new + resurrected) / churned if churned else None
                row.update(zip(FLOWS, (new, retained, resurrected, churned, ratio), strict=True))
                before, ever = now, ever | now
            rows.append(row)
        return _periods.shown(periods, rows, parameters)

    def table(self, data: Any) -> Table:
        header = [_("Period"), _("New"), _("Retained"), _("Resurrected"), _("Churned"), _("Quick ratio")]
        return Table(header, [[row["period"], *(row[flow] for flow in FLOWS)] for row in data])

    def finding(self, data: Any) -> str:
        headline = self.headline(data)
        row = next((row for row in data if row["period"] == headline.period), None)
        if row is None:
            return str(headline.reason)
        return translate("%(gained)s members came or came back and %(lost)s were lost %(when)s.") % {
            "when": _words.when(row["period"], data),
            "gained": _words.count(row["new"] + row["resurrected"]),
            "lost": _words.count(row["churned"]),
        }

    def headline(self, data: Any) -> Headline:
        headline = _periods.headline(data, "quick_ratio", unit=self.unit, kind="number")
        if headline.value is None and headline.period:
            reason = _("Nobody who was active in the period before was lost.")
            return Headline(None, self.unit, "number", headline.period, headline.trend, reason)
        return headline
