from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from engagement.metrics import _periods, _words
from engagement.packing import Whole
from engagement.selectors.doings import NOBODY, NOTHING, Deeds
from engagement.selectors.history import History, local_days
from kernel.activity import CONTRIBUTIONS, REPLIES
from kernel.metrics import NO_DATA, Chapter, Data, Headline, Metric, Revision, Table, with_shares

DAY = 86_400_000_000
#: What a contribution may cause within so many days is looked for of those this many days old, and up to twice as many.
HORIZON = 28
CAUSED = REPLIES | {"voted", "used"}


class Reproduction(Metric):
    key = "reproduction"
    title = _("Reproduction")
    question = _("Do those who come become those who give, and does what is given lead to more?")
    unit = _("of active members contributed")
    formula = _(
        "Three ratios.\n\n"
        "- Of the members active in the window, those who contributed in it.\n"
        "- Of the members who joined 28 to 55 days before the day chosen, whether or not they left, those whose "
        "first contribution came within 28 days of joining (elapsed time, end included; one before joining "
        "counts).\n"
        "- Facts caused per contribution: replies (commented, answered), votes and uses by another member on the "
        "same object, within 28 days of a contribution made 28 to 55 days before the day chosen, divided by these"
        " contributions that name an object.\n\n"
        "Each fact has one cause at most: the latest contribution up to then on the same object by whom it was "
        "aimed at; where it was aimed at nobody, by any other member."
    )
    reads = _(
        "Counts per member and local day of acts and contributions, instants of joining and of first contributions; of the "
        "last 56 days contributions, replies, votes and uses that name an object, one by one."
    )
    blind_spots = _(
        "Who reads, is moved and says nothing is not seen. A contribution on no object, as files may have it, can be followed "
        "by nothing that is known and is left out of the third share. Newcomers of the last 28 days are not judged yet."
    )
    chapter = Chapter.RUNS
    chart = "reproduction"
    revisions = (Revision(1, date(2026, 11, 23), _("First definition.")),)
    parameters = (_periods.window(HORIZON), _periods.AS_OF)
    heavy = True

    def compute(self, history: History, *, window: int | str = HORIZON, **parameters: Any) -> Data:
        start = history.window(window)
        actives = len(history.active(start, history.today))
        contributed = np.zeros(len(history.number), bool)
        for counts in history.daily_counts(start, history.today, verbs=CONTRIBUTIONS):
            contributed[counts.member] = True
        contributors = int(contributed.sum())
        first = history.today - 2 * HORIZON + 1
        joined = (history.joined_day >= first) & (history.joined_day <= history.today - HORIZON)
        gave = history.first_acts(CONTRIBUTIONS)[joined] <= history.joined_at[joined] + HORIZON * DAY
        causes, caused = self._caused(history, first)
        return {
            "actives": actives,
            "contributors": contributors,
            "share": contributors / actives if actives else None,
            "joined": int(joined.sum()),
            "joined_contributed": int(gave.sum()),
            "joined_share": int(gave.sum()) / int(joined.sum()) if joined.any() else None,
            "contributions": causes,
            "caused": caused,
            "per_contribution": caused / causes if causes else None,
        }

    def _caused(self, history: History, first: int) -> tuple[int, int]:
        """Contributions of the four weeks from the day `first` on that name an object, and the facts they caused."""
        given = history.deeds(CONTRIBUTIONS, first)
        given = given.only(given.object != NOTHING)
        after = history.deeds(CAUSED, first)
        after = after.only(after.object != NOTHING)
        old = local_days(given.at, history.zone) <= history.today - HORIZON
        cause = causes(given, after)
        known = np.flatnonzero(cause >= 0)
        cause = cause[known]
        soon = after.at[known] - given.at[cause] <= HORIZON * DAY
        return int(old.sum()), int(np.count_nonzero(old[cause] & soon))

    def table(self, data: Any) -> Table:
        data = with_shares(data, "share", "joined_share")
        rows = [
            [_("Active members"), data["actives"], data["contributors"], data["share"]],
            [_("Joined 28 to 55 days ago"), data["joined"], data["joined_contributed"], data["joined_share"]],
            [_("Contributions 28 to 55 days ago"), data["contributions"], data["caused"], data["per_contribution"]],
        ]  # fmt: skip
        return Table([_("Of these"), _("All"), _("Contributed, or caused"), _("Share, or facts each")], rows)

    def finding(self, data: Any) -> str:
        headline = self.headline(data)
        if headline.value is None:
            return str(headline.reason)
        said = translate("%(contributors)s of %(actives)s active members (%(share)s) contributed.") % {
            "contributors": _words.count(data["contributors"]),
            "actives": _words.count(data["actives"]),
            "share": _words.percent(data["share"]),
        }
        if data["joined_share"] is not None:
            said += " " + translate("Of newcomers %(share)s did so within 28 days.") % {
                "share": _words.percent(data["joined_share"])
            }
        if data["per_contribution"] is not None:
            said += " " + translate("Each contribution led to %(number)s replies, votes or uses.") % {
                "number": _words.decimal(data["per_contribution"])
            }
        return said

    def headline(self, data: Any) -> Headline:
        share = data["share"]
        return Headline(share, self.unit, "share", reason=NO_DATA if share is None else "")


def causes(given: Deeds, after: Deeds) -> Whole:
    """Per fact of `after` the row in `given` of what caused it, or -1. Of contributions at one instant the one of who
    stands last is it."""
    if not len(given.at):
        return np.full(len(after.at), -1, np.int64)
    # Objects and instants by their ranks, so that they fit into one number to search for.
    known, ranks = np.unique(given.object, return_inverse=True)
    place = np.minimum(np.searchsorted(known, after.object), len(known) - 1)
    there = known[place] == after.object
    instants, when = np.unique(np.concatenate([given.at, after.at]), return_inverse=True)
    made, seen = when[: len(given.at)], when[len(given.at) :]
    people = int(max(given.member.max(), after.target.max(initial=0))) + 1
    aimed = after.target != NOBODY
    found = np.full(len(after.at), -1, np.int64)

    one, which = np.unique(ranks * people + given.member, return_inverse=True)
    wanted = place * people + after.target
    theirs = np.minimum(np.searchsorted(one, wanted), len(one) - 1)
    order = np.lexsort((made, which))
    key = (which * len(instants) + made)[order]
    before = np.searchsorted(key, theirs * len(instants) + seen, side="right") - 1
    row = order[np.maximum(before, 0)]
    good = aimed & there & (one[theirs] == wanted) & (before >= 0) & (which[row] == theirs)
    found[good] = row[good]

    order = np.lexsort((given.member, made, ranks))
    key = (ranks * len(instants) + made)[order]
    before = np.searchsorted(key, place * len(instants) + seen, side="right") - 1
    # Where the latest are the actor's own, whoever stands before their row of contributions is another.
    begins = np.append(
        True, (ranks[order][1:] != ranks[order][:-1]) | (given.member[order][1:] != given.member[order][:-1])
    )
    starts = np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0))
    inside = np.maximum(before, 0)
    own = (before >= 0) & (given.member[order][inside] == after.member) & (ranks[order][inside] == place)
    before = np.where(own, starts[inside] - 1, before)
    row = order[np.maximum(before, 0)]
    good = ~aimed & there & (before >= 0) & (ranks[row] == place)
    found[good] = row[good]
    return found
