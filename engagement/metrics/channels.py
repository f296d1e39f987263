from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from numpy.typing import NDArray

from engagement.metrics import _costs, _periods, _words
from engagement.metrics._offspring import DAY
from engagement.packing import Whole
from engagement.selectors.history import History, local_days
from engagement.selectors.referrals import NOBODY, Way
from engagement.ways import BY_CHANNEL, BY_MEMBER, BY_NOBODY, named
from kernel.metrics import NO_DATA, Chapter, Data, Headline, Metric, Revision, Table

ACTIVATED, JUDGED, PAID, WEEKS = 7 * DAY, 14 * DAY, 30 * DAY, 4
#: What is counted of those who came by a way, each with the number of those old enough for it.
STEPS = ("activated", "retained", "paid")
#: What only those read who see the money.
OF_MONEY = frozenset({"paid_of", "paid", "costs", "no_costs"})


class Step(NamedTuple):
    """By place: who is old enough to be judged, and who of them went that far."""

    ripe: NDArray[np.bool_]
    done: NDArray[np.bool_]


class Channels(Metric):
    key = "channels"
    title = _("Channels")
    question = _("By which way do members come, and do those who come stay and pay?")
    unit = _("of those who joined came by an invitation or a member")
    formula = _(
        "Of those who joined in the window, whether or not they left, by the way they came (`by`):\n\n"
        "- `channel`: an invitation with a channel and perhaps a campaign. The channel `personal` is a member's own link, "
        "`email` one sent by e-mail.\n"
        "- `member`: brought by a member, as it was known on the day chosen, by no channel that is known (told by a file or by "
        "staff). Invitations sent without a channel stand here.\n"
        "- `nobody`: neither. They came by themselves.\n\n"
        "Each row tells:\n\n"
        "- Joined.\n"
        "- Activated: a first act within 7 days of joining, of who joined at least 14 days before the end of the "
        "day chosen.\n"
        "- Retained: an act in the calendar week 4 weeks after the week of joining, of those whose week is over.\n"
        "- Paid: a first payment within 30 days of joining, of who joined at least 30 days before.\n"
        "- Invitations: sent in the window by that way; links are none.\n"
        "- Costs: what was entered for that channel and campaign, in equal shares on its days, a row for each currency; per "
        "step the shares of the days in the window whose joinings can be judged / those who got so far: joined; activated "
        "(14 or more days ago); retained (week 4 over); paid (30 or more days ago).\n\n"
        "Elapsed time, end included; what was done before joining counts as done at joining."
    )
    reads = _(
        "The invitation each member came by, who brought whom, invitations sent, instants of joining, of each member's first act "
        "and first payment, the members with at least one act in each week, and costs as staff entered them."
    )
    blind_spots = _(
        "A channel is what its link says: who opened a link and came another day by themselves counts for the link, who heard "
        "of it from a friend of a friend for none. People of one channel differ from those of another in more than the "
        "channel. A cost counts for the channel and campaign it was entered for: who came because of it by another way is not "
        "seen, and who came that way without it shares it."
    )
    chapter = Chapter.GROWS
    withholds = "money.view"
    chart = "channels"
    revisions = (
        Revision(1, date(2026, 11, 23), _("First definition.")),
        Revision(
            2,
            date(2026, 11, 23),
            _(
                "Costs, where any are entered. Whom a member brought by no channel that is known is told apart from who came by "
                "nobody."
            ),
        ),
    )
    parameters = (_periods.window("all"), _periods.AS_OF)

    def compute(self, history: History, *, window: int | str = "all", **parameters: Any) -> Data:
        start = history.window(window) or 0
        ways: Sequence[Way] = history.records.referrals.ways
        joined = history.joined_day >= start
        # The last two places stand for no channel: of whom a member brought, and of who came by nobody.
        by_member, by_nobody = len(ways), len(ways) + 1
        # By way, whether it names no channel; the last is that of who has none.
        unnamed = np.array([*(not channel for channel, _campaign in ways), True], bool)
        alone = np.where(history.forest.above == NOBODY, by_nobody, by_member)
        way = np.where(unnamed[history.way], alone, history.way)
        sent = history.invitations
        sent = sent.only(local_days(sent.at, history.zone) >= start)
        counted = {"invitations": np.where(unnamed[sent.way], by_member, sent.way), "joined": way[joined]}
        for name, step in _steps(history).items():
            counted[f"{name}_of"] = way[joined & step.ripe]
            counted[name] = way[joined & step.ripe & step.done]
        many = {name: np.bincount(rows, minlength=by_nobody + 1) for name, rows in counted.items()}
        costs = _costs.by_way(history, start)
        found = []
        told = [*((BY_CHANNEL, *one) for one in ways), (BY_MEMBER, None, None), (BY_NOBODY, None, None)]
        for place, (by, channel, campaign) in enumerate(told):
            row: dict[str, Any] = {name: int(n[place]) for name, n in many.items()}
            cost = costs.get((channel, campaign or "")) if channel else None
            if row["joined"] or row["invitations"] or cost:
                row["costs"] = _costs.told(cost, row) if cost else None
                row["no_costs"] = None if cost else _costs.NONE_ENTERED
                found.append({"by": by, "channel": channel, "campaign": campaign or None, **row})
        return sorted(
            found, key=lambda row: (-row["joined"], row["channel"] or "", row["campaign"] or "", row["by"])
        )

    def table(self, data: Any) -> Table:
        names = {
            "invitations": _("Invitations sent"),
            "joined": _("Joined"),
            "activated_of": _("Joined 14 or more days ago"),
            "activated": _("Active within 7 days"),
            "retained_of": _("Whose week 4 is over"),
            "retained": _("Active in week 4"),
            "paid_of": _("Joined 30 or more days ago"),
            "paid": _("Paid within 30 days"),
        }
        costs = {
            "spent": _("Spent"),
            "per_joined": _("Cost of each who joined"),
            "per_activated": _("Cost of each active within 7 days"),
            "per_retained": _("Cost of each active in week 4"),
            "per_paid": _("Cost of each who paid"),
        }
        rows = []
        for row in data:
            way = [named(row["by"], row["channel"]), row["campaign"] or ""]
            counted = [row.get(key) for key in names]
            for cost in row.get("costs") or [{}]:
                rows.append([*way, *counted, cost.get("currency", ""), *(cost.get(key) for key in costs)])
        header = [_("Channel"), _("Campaign"), *names.values(), _("Currency"), *costs.values()]
        return Table(header, rows)

    def finding(self, data: Any) -> str:
        total = sum(row["joined"] for row in data)
        if not total:
            return str(NO_DATA)
        invited = [row for row in data if row["by"] != BY_NOBODY and row["joined"]]
        if not invited:
            said = ngettext(
                "%(total)s has joined, by themselves as far as it is known: no invitation, no member who brought them.",
                "All %(total)s who joined came by themselves, as far as it is known: no invitation, no member who brought them.",
                total,
            )
            return said % {"total": _words.count(total)}
        most = invited[0]
        return translate(
            "%(share)s of the %(total)s who joined came by an invitation or a member. The most of these: %(way)s (%(n)s)."
        ) % {
            "share": _words.percent(sum(row["joined"] for row in invited) / total),
            "total": _words.count(total),
            "way": called(most),
            "n": _words.count(most["joined"]),
        }

    def readable(self, data: Any, may: Callable[[str], bool]) -> Data:
        """Who paid, and what it cost, is for those who see the money."""
        if may("money.view"):
            return super().readable(data, may)
        return [{name: value for name, value in row.items() if name not in OF_MONEY} for row in data]

    def headline(self, data: Any) -> Headline:
        total = sum(row["joined"] for row in data)
        if not total:
            return Headline(None, self.unit, "share", reason=NO_DATA)
        invited = sum(row["joined"] for row in data if row["by"] != BY_NOBODY)
        return Headline(invited / total, self.unit, "share")


def called(row: dict[str, Any]) -> str:
    """The way in a few words, with its campaign."""
    name = named(row["by"], row["channel"])
    return f"{name} · {row['campaign']}" if row["campaign"] else name


def _steps(history: History) -> dict[str, Step]:
    joined = history.joined_at
    paid = history.first_acts(frozenset({"paid"}))
    return {
        "activated": Step(joined + JUDGED <= history.end, history.first_acts() <= joined + ACTIVATED),
        "retained": _retained(history),
        "paid": Step(joined + PAID <= history.end, paid <= joined + PAID),
    }


def _retained(history: History) -> Step:
    """Who was active in week 4, cohort by cohort: members stand in the order of joining."""
    ripe, done = np.zeros((2, len(history.number)), bool)
    # A week is named by its Monday, the first day of all ordinals being one.
    week: Whole = (history.joined_day - 1) // 7
    for one in np.unique(week).tolist():
        lo, hi = np.searchsorted(week, [one, one + 1])
        begins = (one + WEEKS) * 7 + 1
        if begins + 6 > history.today:
            continue
        ripe[lo:hi] = True
        active = np.array(history.active(begins, begins + 6).to_array(), np.int64)
        done[lo:hi] = np.isin(history.number[lo:hi], active)
    return Step(ripe, done)
