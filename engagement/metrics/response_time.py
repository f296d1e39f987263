from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from engagement.metrics import _periods, _words
from engagement.packing import Whole
from engagement.selectors.history import History
from engagement.selectors.records import Threads
from kernel.metrics import NO_DATA, Chapter, Data, Headline, Metric, Revision, Table, with_shares

MINUTE = 60_000_000
DAY = 24 * 60 * MINUTE
#: Stands for "nobody has replied".
NOBODY = -1


class ResponseTime(Metric):
    key = "response_time"
    title = _("Response time")
    question = _("Is who says something heard, and by other members?")
    unit = _("of threads answered within 24 hours")
    formula = _(
        "Threads are what was posted or asked in the window, at least 24 hours before the end of the day chosen. "
        "The first reply to one is the first comment or answer on the same object, at that instant or later, by "
        "another member.\n\n"
        "- Answered: of the threads, those with a first reply within 24 hours (elapsed time, end included).\n"
        "- By members: of those replied to at all by the end of the day chosen, those whose first to reply was "
        "not of the staff then.\n"
        "- Median of the minutes to the first reply, threads without one counting as infinite; null where that "
        "makes the median infinite."
    )
    reads = _("The facts posted, asked, commented and answered that name an object, one by one.")
    blind_spots = _(
        "What was said on no object, as files from elsewhere may have it, is left out. A first reply need not be "
        "a good one; who reads and is content says nothing. Threads of the last 24 hours are not judged yet."
    )
    chapter = Chapter.ALIVE
    chart = "answers"
    revisions = (Revision(1, date(2026, 11, 22), _("First definition.")),)
    parameters = (_periods.window(28), _periods.AS_OF)

    def compute(self, history: History, *, window: int | str = 28, **parameters: Any) -> Data:
        start = history.window(window)
        begun = history.threads(start)
        threads = begun.only(begun.at + DAY <= history.end)
        replies = history.replies(start)
        first = first_replies(threads, replies)
        replied = first != NOBODY
        waited = (
            np.where(replied, (replies.at[first] - threads.at) / MINUTE, np.inf) if len(replies.at) else None
        )
        soon = 0 if waited is None else int(np.count_nonzero(waited <= DAY / MINUTE))
        answered = int(np.count_nonzero(replied))
        by_members = int(np.count_nonzero(~replies.staff[first[replied]]))
        median = float(np.median(waited)) if waited is not None and len(waited) else np.inf
        return {
            "threads": len(threads.at),
            "within_24h": soon,
            "answered": answered,
            "by_members": by_members,
            "share": soon / len(threads.at) if len(threads.at) else None,
            "median_minutes": median if np.isfinite(median) else None,
            "members_share": by_members / answered if answered else None,
        }

    def table(self, data: Any) -> Table:
        data = with_shares(data, "share", "members_share")
        names = {
            "threads": _("Threads, 24 or more hours old"),
            "within_24h": _("Answered within 24 hours"),
            "answered": _("Answered so far"),
            "by_members": _("Answered first by members who are no staff"),
            "share": _("Share answered within 24 hours"),
            "median_minutes": _("Median of minutes to the first reply"),
            "members_share": _("Share of the answered whose first to reply was no staff"),
        }
        return Table([_("What"), _("Value")], [[names[key], data[key]] for key in names])

    def finding(self, data: Any) -> str:
        headline = self.headline(data)
        if headline.value is None:
            return str(headline.reason)
        told = {
            "soon": _words.count(data["within_24h"]),
            "threads": _words.count(data["threads"]),
            "share": _words.percent(headline.value),
        }
        if data["members_share"] is None:
            return translate("None of %(threads)s threads has been answered yet.") % told
        return translate(
            "%(soon)s of %(threads)s threads (%(share)s) were answered within 24 hours; of all that were answered, "
            "%(members)s were answered first by a member, not by staff."
        ) % {**told, "members": _words.percent(data["members_share"])}

    def headline(self, data: Any) -> Headline:
        if not data["threads"]:
            return Headline(None, self.unit, "share", reason=NO_DATA)
        return Headline(data["share"], self.unit, "share")


def first_replies(threads: Threads, replies: Threads) -> Whole:
    """Per thread the row of the first reply by somebody else, or `NOBODY`. Of replies at one instant the one of who
    stands first counts."""
    if not len(replies.at):
        return np.full(len(threads.at), NOBODY, np.int64)
    order = np.lexsort((replies.member, replies.at, replies.object))
    objects, member = replies.object[order], replies.member[order]
    # Objects and instants by their ranks, so that both fit into one number to search for.
    known, ranks = np.unique(replies.object, return_inverse=True)
    instants, when = np.unique(np.concatenate([replies.at, threads.at]), return_inverse=True)
    said = (ranks * len(instants) + when[: len(replies.at)])[order]
    place = np.minimum(np.searchsorted(known, threads.object), len(known) - 1)
    begun = place * len(instants) + when[len(replies.at) :]
    row = np.searchsorted(said, begun)
    # Where the author replied first, whoever comes behind their replies in a row is somebody else.
    ends = np.flatnonzero(np.append((objects[1:] != objects[:-1]) | (member[1:] != member[:-1]), True)) + 1
    inside = np.minimum(row, len(said) - 1)
    own = (row < len(said)) & (objects[inside] == threads.object) & (member[inside] == threads.member)
    row = np.where(own, ends[np.searchsorted(ends, inside, side="right")], row)
    inside = np.minimum(row, len(said) - 1)
    return np.where((row < len(said)) & (objects[inside] == threads.object), order[inside], NOBODY)
