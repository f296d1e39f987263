from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from engagement.metrics import _periods, _words
from engagement.selectors.history import History
from engagement.selectors.records import VERB_CODE
from kernel.metrics import NO_DATA, Chapter, Data, Headline, Metric, Revision, Table, with_shares

#: Acts by which something is put to use, or a task is done.
USES = ("used", "completed", "accepted")
NAMES = {
    "asked": pgettext_lazy("for help", "Requests"),
    "solved": _("Solutions"),
    "share": _("Solved of the requests"),
    "members": _("Members"),
    "users": _("Members who used something"),
    "use": _("Share who used something"),
}


class Solved(Metric):
    key = "solved"
    title = _("Requests solved")
    question = _("Do people get done what they came for?")
    unit = _("of requests were solved")
    formula = _(
        "Over the window: requests are the facts “asked”, solutions the facts “accepted” (who asked says that an "
        "answer did it).\n\n"
        "`share = min(1, solutions / requests)`\n\n"
        "Use: of the current members, the share with at least one fact “used”, “completed” or “accepted” in the "
        "window."
    )
    reads = _("Counts per member, verb and local day, and statuses.")
    blind_spots = _(
        "Whoever was helped and did not say so counts as not helped. A solution may be of a request from before the window."
    )
    chapter = Chapter.ALIVE
    chart = "facts"
    chart_options = {"names": NAMES}
    revisions = (Revision(1, date(2026, 11, 23), _("First definition.")),)
    parameters = (_periods.window(28), _periods.AS_OF)

    def compute(self, history: History, *, window: int | str = 28, **parameters: Any) -> Data:
        rows = history.counts(history.window(window), history.today)
        asked, solved = (int(rows.n[rows.verb == VERB_CODE[verb]].sum()) for verb in ("asked", "accepted"))
        using = np.zeros(len(history.number), bool)
        using[rows.member[np.isin(rows.verb, [VERB_CODE[verb] for verb in USES])]] = True
        here = history.members_before(history.end)
        members, users = int(here.sum()), int((using & here).sum())
        return {
            "asked": asked,
            "solved": solved,
            "share": min(1.0, solved / asked) if asked else None,
            "members": members,
            "users": users,
            "use": users / members if members else None,
        }

    def table(self, data: Any) -> Table:
        data = with_shares(data, "share", "use")
        return Table([_("What"), _("Value")], [[NAMES[key], data[key]] for key in NAMES])

    def finding(self, data: Any) -> str:
        if not data["asked"]:
            return str(NO_DATA)
        return translate(
            "%(asked)s requests, %(solved)s solutions; %(use)s of the members used something."
        ) % {
            "asked": _words.count(data["asked"]),
            "solved": _words.count(data["solved"]),
            "use": _words.percent(data["use"] or 0),
        }

    def headline(self, data: Any) -> Headline:
        return Headline(data["share"], self.unit, "share", reason="" if data["asked"] else NO_DATA)
