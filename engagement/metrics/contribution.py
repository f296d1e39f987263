from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from engagement.metrics import _inequality, _periods, _words
from engagement.selectors.history import History
from kernel.activity import CONTRIBUTIONS
from kernel.metrics import NO_DATA, Chapter, Data, Headline, Metric, Revision, Table, with_shares


class Contribution(Metric):
    key = "contribution"
    title = _("Contribution")
    question = _("Do many carry the community, or a few?")
    unit = _("of contributions made by the most active 10%")
    formula = _(
        "Contributions per active member of the window, members with none counting 0.\n\n"
        "Shares: made by the top 1% (`⌈n/100⌉` of n actives), by the next 9% (`⌈n/10⌉` less those) and by the "
        "rest.\n\n"
        "Gini coefficient of x sorted ascending, S their sum, i from 1:\n\n"
        "`G = 2 · Σ i · x(i) / (n · S) − (n + 1) / n`\n\n"
        "Shares and Gini are null when nobody contributed."
    )
    reads = _(
        "Counts per member and local day of posted, commented, asked, answered, proposed, shared, hosted, "
        "published and helped; the members with at least one act."
    )
    blind_spots = _(
        "A long guide counts as much as a one-word comment. With few actives the top 1% is one person. What "
        "a post was worth to others is not seen."
    )
    chapter = Chapter.ALIVE
    chart = "shares"
    revisions = (Revision(1, date(2026, 11, 22), _("First definition.")),)
    parameters = (_periods.window(28), _periods.AS_OF)

    def compute(self, history: History, *, window: int | str = 28, **parameters: Any) -> Data:
        start = history.window(window)
        actives = history.places(np.array(history.active(start, history.today).to_array(), np.int64))
        made = np.zeros(len(history.number), np.int64)
        for counts in history.daily_counts(start, history.today, verbs=CONTRIBUTIONS):
            np.add.at(made, counts.member, counts.n)
        made = made[actives]
        total = int(made.sum())
        first, tenth = _inequality.top(made, 1), _inequality.top(made, 10)
        return {
            "gini": _inequality.gini(made),
            "top1": first / total if total else None,
            "next9": (tenth - first) / total if total else None,
            "rest": (total - tenth) / total if total else None,
            "contributors": int(np.count_nonzero(made)),
            "actives": len(made),
        }

    def table(self, data: Any) -> Table:
        data = with_shares(data, "top1", "next9", "rest")
        names = {
            "gini": _("Gini"),
            "top1": _("Share of the top 1%"),
            "next9": _("Share of the next 9%"),
            "rest": _("Share of the rest"),
            "contributors": _("Contributors"),
            "actives": _("Active members"),
        }
        return Table([_("What"), _("Value")], [[names[key], data[key]] for key in names])

    def finding(self, data: Any) -> str:
        headline = self.headline(data)
        if headline.value is None:
            return str(headline.reason)
        return translate(
            "%(contributors)s of %(actives)s active members contributed; the most active 10%% made %(share)s "
            "of it."
        ) % {
            "contributors": _words.count(data["contributors"]),
            "actives": _words.count(data["actives"]),
            "share": _words.percent(headline.value),
        }

    def headline(self, data: Any) -> Headline:
        if data["top1"] is None:
            return Headline(None, self.unit, "share", reason=NO_DATA)
        return Headline(data["top1"] + data["next9"], self.unit, "share")
