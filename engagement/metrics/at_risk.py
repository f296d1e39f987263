from datetime import date
from typing import Any, NamedTuple

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from engagement.metrics import _periods, _words
from engagement.metrics.score import descending, scores
from engagement.packing import Whole
from engagement.selectors.history import History
from kernel.metrics import Chapter, Data, Headline, Metric, Parameter, Revision, Table, Who

DAY = 24 * 60 * 60 * 1_000_000
#: Who is looked at: so many days since joining, with so many active days in days 29 to 84.
OLD, OFTEN = 84, 12
LATELY = 28
#: A third of the rate: of 56 days, then of 28. `RATIO * since < before` has no fraction in it.
RATIO = 3 * (OLD - LATELY) // LATELY

SILENCE_IS_NORMAL = _(
    "Silence is normal here: people come when they have a task, and being quiet says nothing."
)
NOBODY_STEADY = _(
    "Too young: nobody has been a member for 84 days and was active on 12 or more of days 29 to 84."
)


class Fading(NamedTuple):
    """By place: who came regularly, who of them hardly does any more; active days in days 29 to 84, and in days 1 to 28."""

    steady: NDArray[np.bool_]
    flagged: NDArray[np.bool_]
    before: Whole
    since: Whole


def fading(history: History) -> Fading:
    """Who is at risk at the end of `as_of`; nobody where silence is normal."""
    before = history.days_active(history.today - OLD + 1, history.today - LATELY)
    since = history.days_active(history.today - LATELY + 1, history.today)
    old = history.joined_at + OLD * DAY <= history.end
    steady = history.members_before(history.end) & old & (before >= OFTEN)
    if history.silence_is_normal:
        steady = np.zeros_like(steady)
    return Fading(steady, steady & (RATIO * since < before), before, since)


class AtRisk(Metric):
    key = "at_risk"
    title = _("Fading members")
    question = _("Who came regularly and hardly does any more?")
    unit = _("regulars who hardly come any more")
    formula = _(
        "Of the current members (active, on trial or in grace) who joined 84 or more days (of 24 hours) before "
        "the end of the day chosen and were active on 12 or more of days 29 to 84: those whose rate of active "
        "days in days 1 to 28 is less than a third of that. The day chosen is day 1. So that\n\n"
        "`6 · days since < days before`\n\n"
        "In the order of the score 28 days before minus the score now, the greatest loss first. Not where silence"
        " is normal."
    )
    reads = _("Statuses, instants of joining, members with an act on each local day, and what scores read.")
    blind_spots = _(
        "A holiday looks like fading. Who fades slowly, over months, is not flagged; nor is who came less often than on one "
        "day in five. Chance alone flags some of whom nothing has changed: 13% of those who come on 15% of the days, 2% on 25%, "
        "hardly anybody who comes more often."
    )
    chapter = Chapter.STAYS
    chart = "at_risk"
    revisions = (Revision(1, date(2026, 11, 23), _("First definition.")),)
    parameters = (
        Parameter("limit", "number", _("Members listed"), default=100, maximum=100_000),
        _periods.AS_OF,
    )

    def compute(self, history: History, *, limit: int = 100, **parameters: Any) -> Data:
        found = fading(history)
        steady, flagged = int(found.steady.sum()), int(found.flagged.sum())
        data: dict[str, Any] = {
            "since": date.fromordinal(max(1, history.today - LATELY + 1)).isoformat(),
            "total": flagged if steady else None,
            "steady": steady,
            "share": flagged / steady if steady else None,
            "silence_is_normal": history.silence_is_normal,
        }
        now = scores(history, only=found.flagged).total
        then = scores(history, history.today - LATELY, only=found.flagged).total
        rank = descending(then - now)
        listed = rank[found.flagged[rank]][:limit]
        rows = zip(listed.tolist(), history.external_ids(listed), self._last(history, listed), strict=True)
        return data | {
            "members": [
                {
                    "number": int(history.number[place]),
                    "member": own_id or None,
                    "active_before": int(found.before[place]),
                    "active_since": int(found.since[place]),
                    "last_active": last.isoformat(),
                    "score_before": float(then[place]),
                    "score": float(now[place]),
                    "lost": float(then[place] - now[place]),
                }
                for place, own_id, last in rows
            ]
        }

    def _last(self, history: History, listed: Whole) -> list[date]:
        """Of each the last day with an act: there is one in the last 84 days."""
        last = np.zeros(len(history.number), np.int64)
        for day in range(history.today - OLD + 1, history.today + 1):
            last[history.places(np.array(history.active(day, day).to_array(), np.int64))] = day
        return [date.fromordinal(day) for day in last[listed].tolist()]

    def table(self, data: Any) -> Table:
        names = {
            "active_before": _("Active days in days 29 to 84"),
            "active_since": _("Active days in days 1 to 28"),
            "last_active": _("Last active"),
            "score_before": _("Score 28 days before"),
            "score": _("Score"),
            "lost": _("Lost"),
            "member": _("Id in your files"),
        }
        rows = [
            [Who.of(row["number"]), *(row[name] for name in names), str(row["number"])]
            for row in data["members"]
        ]
        return Table([_("Member"), *names.values(), _("Number")], rows)

    def brief(self, data: Any) -> Data:
        return {**data, "members": []}

    def finding(self, data: Any) -> str:
        if data["total"] is None:
            return str(self.headline(data).reason)
        return translate(
            "%(flagged)s of %(steady)s members who came regularly (%(share)s) hardly do any more."
        ) % {
            "flagged": _words.count(data["total"]),
            "steady": _words.count(data["steady"]),
            "share": _words.percent(data["share"]),
        }

    def headline(self, data: Any) -> Headline:
        reason = SILENCE_IS_NORMAL if data["silence_is_normal"] else NOBODY_STEADY
        return Headline(data["total"], self.unit, "count", reason="" if data["total"] is not None else reason)

    def people(self, data: Any) -> list[int]:
        return [row["number"] for row in data["members"]]
