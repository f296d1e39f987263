from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from engagement.metrics import _periods, _words
from engagement.selectors.history import History
from kernel.metrics import NO_DATA, Chapter, Data, Headline, Metric, Revision, Table

DAYS = 28
#: From so many of the 28 days on a member counts as regular: the same line as `stage`'s core.
REGULAR = 8


class PowerCurve(Metric):
    key = "power_curve"
    title = _("Power curve")
    question = _("On how many days do members come: is there a core that is nearly always here?")
    unit = _("members active on 8 or more of 28 days")
    formula = _(
        "For the 28 days that end on the day chosen: how many members were active on exactly 1, 2, ..., 28 of "
        "them.\n\n"
        "`n(k) = |{m : m has an act on exactly k of the 28 days}|`"
    )
    reads = _("The members with at least one act on each of the last 28 local days.")
    blind_spots = _(
        "Members with no act in the 28 days are not on the curve. Who joined within them could not be active "
        "on all of them."
    )
    chapter = Chapter.ALIVE
    chart = "histogram"
    revisions = (Revision(1, date(2026, 11, 22), _("First definition.")),)
    parameters = (_periods.AS_OF,)

    def compute(self, history: History, **parameters: Any) -> Data:
        days = history.days_active(history.today - DAYS + 1, history.today)
        return np.bincount(days, minlength=DAYS + 1)[1:].tolist()

    def table(self, data: Any) -> Table:
        return Table([_("Days active"), _("Members")], [[k, n] for k, n in enumerate(data, start=1)])

    def finding(self, data: Any) -> str:
        headline = self.headline(data)
        if headline.value is None:
            return str(headline.reason)
        return translate(
            "%(regular)s of %(all)s active members were here on 8 or more of the last 28 days."
        ) % {
            "regular": _words.count(int(headline.value)),
            "all": _words.count(sum(data)),
        }

    def headline(self, data: Any) -> Headline:
        if not sum(data):
            return Headline(None, self.unit, "count", reason=NO_DATA)
        return Headline(sum(data[REGULAR - 1 :]), self.unit, "count")
