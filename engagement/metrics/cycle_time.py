from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from engagement.metrics import _offspring, _periods, _words
from engagement.metrics._offspring import DAY
from engagement.selectors.history import History
from kernel.metrics import Chapter, Data, Headline, Metric, Revision, Table

#: So old an inviter has to be, and so long a cycle may be, that old and young inviters have had the same time.
HORIZON = 60 * DAY


class CycleTime(Metric):
    key = "cycle_time"
    title = _("Cycle time")
    question = _("How soon after joining do members bring others?")
    unit = _("days from joining to bringing another, median")
    formula = _(
        "Days from the joining of an inviter to that of each invitee, as elapsed time, of inviters who joined at "
        "least 60 days before the end of the day chosen, and of cycles up to 60 days (end included): median, 25th"
        " and 75th percentile, linear between ranks.\n\n"
        "`cycle(invitee) = joined(invitee) − joined(inviter)`\n\n"
        "Each invitee is a cycle of their own. Beside it: how many joined before their inviter; those are in no "
        "percentile."
    )
    reads = _("Joinings, and who brought whom as it was known on that day.")
    blind_spots = _(
        "Who is brought after 60 days is left out, so that old inviters and young ones are judged alike: true cycles are "
        "longer than these. It says nothing of how many are brought: that is K."
    )
    chapter = Chapter.GROWS
    chart = "cycle"
    revisions = (Revision(1, date(2026, 11, 23), _("First definition.")),)
    parameters = (_periods.AS_OF,)

    def compute(self, history: History, **parameters: Any) -> Data:
        _invitee, inviter, lag = _offspring.edges(history)
        old = history.joined_at[inviter] + HORIZON <= history.end
        cycles = lag[old & (lag >= 0) & (lag <= HORIZON)]
        # Whole microseconds are made days at the end: so the order cannot show.
        found = np.percentile(cycles, [25, 50, 75]) / DAY if len(cycles) else [None] * 3
        p25, median, p75 = (None if one is None else float(one) for one in found)
        return {
            "median_days": median,
            "p25": p25,
            "p75": p75,
            "n": len(cycles),
            "before_inviter": int(np.count_nonzero(lag < 0)),
        }

    def table(self, data: Any) -> Table:
        names = {
            "median_days": _("Median, days"),
            "p25": _("25th percentile, days"),
            "p75": _("75th percentile, days"),
            "n": _("Cycles"),
            "before_inviter": _("Joined before their inviter"),
        }
        return Table([_("What"), _("Value")], [[names[key], data[key]] for key in names])

    def finding(self, data: Any) -> str:
        if data["median_days"] is None:
            return str(self.headline(data).reason)
        return translate("Of the %(n)s who were brought, half came within %(median)s days of their inviter’s joining; the middle "
                         "half came between day %(p25)s and day %(p75)s.") % {
            "n": _words.count(data["n"]),
            "median": _words.decimal(data["median_days"]),
            "p25": _words.decimal(data["p25"]),
            "p75": _words.decimal(data["p75"]),
        }  # fmt: skip

    def headline(self, data: Any) -> Headline:
        if data["median_days"] is None:
            reason = _("Too young: no member of 60 days or more has brought anybody within 60 days.")
            return Headline(None, self.unit, "number", reason=reason)
        return Headline(data["median_days"], self.unit, "number")
