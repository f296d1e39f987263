from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from engagement.metrics import _periods, _words
from engagement.selectors.history import History
from kernel.metrics import Chapter, Data, Headline, Metric, Revision, Table

HOUR = 3_600_000_000
DAY = 24 * HOUR
#: Newcomers younger than this are left out: their two weeks are not over.
HORIZON = 14 * DAY


class Activation(Metric):
    key = "activation"
    title = _("Activation")
    question = _("Do newcomers do something soon after joining?")
    unit = _("of newcomers active within 7 days")
    formula = _(
        "Of the members who joined in the window, at least 14 days before the end of the day chosen, whether or "
        "not they left: how many had a first act within 24 hours, within 7 days and within 14 days of joining "
        "(elapsed time, end included; an act before joining has lag 0), and how many none so far.\n\n"
        "`within(h) = |{m : max(0, first act(m) − joined(m)) ≤ h}|`\n\n"
        "Milestone: how many of them reached the community type's own milestone within 14 days."
    )
    reads = _("Instants of joining and of each member's first act; first instants of the milestone's acts.")
    blind_spots = _(
        "Members who joined in the last 14 days are not judged yet. A first act need not be a good one, and "
        "who first acted after 14 days is in none of the groups."
    )
    chapter = Chapter.STAYS
    chart = "steps"
    revisions = (Revision(1, date(2026, 11, 22), _("First definition.")),)
    parameters = (_periods.window("all"), _periods.AS_OF)

    def compute(self, history: History, *, window: int | str = "all", **parameters: Any) -> Data:
        eligible = history.joined_at + HORIZON <= history.end
        start = history.window(window)
        if start is not None:
            eligible &= history.joined_day >= start
        joined = history.joined_at[eligible]
        first = history.first_acts()[eligible]
        milestone = history.milestone_at()
        return {
            "joined": len(joined),
            "within_24h": int(np.count_nonzero(first <= joined + DAY)),
            "within_7d": int(np.count_nonzero(first <= joined + 7 * DAY)),
            "within_14d": int(np.count_nonzero(first <= joined + HORIZON)),
            "never": int(np.count_nonzero(first == history.NEVER)),
            "milestone": None
            if milestone is None
            else int(np.count_nonzero(milestone[eligible] <= joined + HORIZON)),
        }

    def table(self, data: Any) -> Table:
        names = {
            "joined": _("Joined, 14 or more days ago"),
            "within_24h": _("Active within 24 hours"),
            "within_7d": _("Active within 7 days"),
            "within_14d": _("Active within 14 days"),
            "never": _("Never active so far"),
            "milestone": _("Reached the milestone within 14 days"),
        }
        return Table([_("What"), _("Members")], [[names[key], data[key]] for key in names])

    def finding(self, data: Any) -> str:
        headline = self.headline(data)
        if headline.value is None:
            return str(headline.reason)
        return translate(
            "%(active)s of %(joined)s newcomers (%(share)s) did something within 7 days of joining."
        ) % {
            "active": _words.count(data["within_7d"]),
            "joined": _words.count(data["joined"]),
            "share": _words.percent(headline.value),
        }

    def headline(self, data: Any) -> Headline:
        if not data["joined"]:
            reason = _("Too young: nobody in the window joined 14 or more days ago.")
            return Headline(None, self.unit, "share", reason=reason)
        return Headline(data["within_7d"] / data["joined"], self.unit, "share")
