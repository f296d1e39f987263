from datetime import date
from typing import Any

from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _
from pyroaring import BitMap

from engagement.metrics import _periods, _words
from engagement.models import standing
from engagement.packing import member_set
from engagement.selectors.history import History
from kernel.metrics import NO_DATA, Chapter, Data, Headline, Metric, Revision, Table

#: In the order in which they are tried; the first that fits is the member's.
STAGES = {stage.value: stage.label for stage in standing.Stage}
CORE_DAYS = 8


def stages(history: History) -> dict[str, BitMap]:
    """The numbers of the current members at each stage, in the order of `STAGES`; every one is in one."""
    today = history.today
    often = history.number[history.days_active(today - 27, today) >= CORE_DAYS]
    recent = history.active(today - 13, today)
    rules = {
        "new": member_set(history.number[history.joined_day >= today - 13]),
        "core": member_set(often) & recent,
        "active": recent,
        "drifting": history.active(today - 41, today - 14),
        "dormant": history.active(None, today),
        "silent": history.existing,
    }
    waiting = history.current
    found = {}
    for stage in STAGES:
        found[stage] = waiting & rules[stage]
        waiting = waiting - rules[stage]
    return found


class Stage(Metric):
    key = "stage"
    title = _("Stages")
    question = _("How near are the members just now?")
    unit = _("of members past their first 14 days were active in the last 14")
    formula = _(
        "Each current member (active, on trial or in grace) is at one stage, the first that fits. The day chosen "
        "is day 1.\n\n"
        "- New: joined in the last 14 days.\n"
        "- Core: active on 8 or more of the last 28 days, and in the last 14.\n"
        "- Active: in the last 14.\n"
        "- Drifting: last active in days 15 to 42.\n"
        "- Dormant: longer ago.\n"
        "- Silent: never."
    )
    reads = _("Statuses and days of joining; the members with at least one act on each local day.")
    blind_spots = _(
        "Where silence is normal, as among people who come with a task, a drifting member may be a contented "
        "one. Reading that is not recorded is not seen."
    )
    chapter = Chapter.STAYS
    chart = "bars"
    chart_options = {"names": STAGES}
    revisions = (Revision(1, date(2026, 11, 22), _("First definition.")),)
    parameters = (_periods.AS_OF,)

    def compute(self, history: History, **parameters: Any) -> Data:
        return {stage: len(members) for stage, members in stages(history).items()}

    def table(self, data: Any) -> Table:
        return Table([_("Stage"), _("Members")], [[STAGES[stage], data[stage]] for stage in STAGES])

    def finding(self, data: Any) -> str:
        total = sum(data.values())
        if not total:
            return str(NO_DATA)
        return translate(
            "Of %(total)s members %(near)s are core or active, %(new)s are new and %(drifting)s are drifting."
        ) % {
            "total": _words.count(total),
            "near": _words.count(data["core"] + data["active"]),
            "new": _words.count(data["new"]),
            "drifting": _words.count(data["drifting"]),
        }

    def headline(self, data: Any) -> Headline:
        settled = sum(data.values()) - data["new"]
        if not settled:
            reason = _("Too young: no member joined more than 14 days ago.") if data["new"] else NO_DATA
            return Headline(None, self.unit, "share", reason=reason)
        return Headline((data["core"] + data["active"]) / settled, self.unit, "share")
