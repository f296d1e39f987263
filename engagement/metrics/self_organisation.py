from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from engagement.metrics import _periods, _words
from engagement.metrics._ordinary import Ordinary
from engagement.metrics.response_time import NOBODY, first_replies
from engagement.packing import Whole
from engagement.selectors.doings import NOTHING
from engagement.selectors.history import History
from engagement.selectors.records import Threads
from kernel.activity import THREADS
from kernel.metrics import NO_DATA, Chapter, Data, Headline, Metric, Revision, Table, with_shares

#: A share of fewer is left out; of fewer threads there is no index.
LEAST, THREADS_LEAST = 5, 10
HOSTED = frozenset({"hosted"})
#: What is shared, in this order.
NAMES = {
    "threads": _("Threads started"),
    "first_replies": _("First replies"),
    "interactions": _("Interactions between two ordinary members"),
    "events_hosted": _("Gatherings hosted"),
    "welcomes": _("Welcomes of newcomers"),
}
TOO_FEW = _("Too few threads: fewer than 10 were started in the window.")


class SelfOrganisation(Metric):
    key = "self_organisation"
    title = _("Self-organisation")
    question = _("Does it run by itself, or by its staff alone?")
    unit = _("on a scale from 0 to 1")
    formula = _(
        "Shares made by ordinary members, who were no staff at that moment, of what happened in the window; one "
        "with fewer than 5 events is left out and named:\n\n"
        "- threads started (posted or asked);\n"
        "- first replies to these threads by another member;\n"
        "- interactions, both of whose members were ordinary;\n"
        "- gatherings hosted;\n"
        "- welcomes, the first interaction that each member who joined in the window received.\n\n"
        "With x the threads started by each who started any, N their total:\n\n"
        "`index = mean of the shares · (1 − Σ x (x − 1) / (N (N − 1)))`\n\n"
        "The second factor is the chance that two threads have different initiators. Null where N < 10. Beside "
        "it: the fewest members who start half of all threads."
    )
    reads = _(
        "The facts posted, asked, commented, answered and hosted, one by one; interactions by pair and local day; who was of "
        "the staff when."
    )
    blind_spots = _(
        "Somebody may lead without being called staff, and staff may take part as anybody does. What the staff prompt others "
        "to begin counts as theirs who begin it. Threads on no object, as files may have them, have no first reply."
    )
    chapter = Chapter.RUNS
    chart = "by_members"
    revisions = (Revision(1, date(2026, 11, 23), _("First definition.")),)
    parameters = (_periods.window(90), _periods.AS_OF)
    heavy = True

    def compute(self, history: History, *, window: int | str = 90, **parameters: Any) -> Data:
        start = history.window(window)
        ordinary = Ordinary(history)
        begun = history.deeds(THREADS, start)
        hosted = history.deeds(HOSTED, start)
        many, both = ordinary.between(start, history.today)
        counted = {
            "threads": (len(begun.at), int(np.count_nonzero(~begun.staff))),
            "first_replies": _first_replies(history, begun, start),
            "interactions": (many, both),
            "events_hosted": (len(hosted.at), int(np.count_nonzero(~hosted.staff))),
            "welcomes": _welcomes(history, ordinary, start),
        }
        shares = {key: part / whole if whole >= LEAST else None for key, (whole, part) in counted.items()}
        known = [share for share in shares.values() if share is not None]
        mean = sum(known) / len(known) if known else None
        started = np.bincount(begun.member)
        started = np.sort(started[started > 0])[::-1].astype(np.int64)
        spread = _spread(started)
        enough = mean is not None and spread is not None and len(begun.at) >= THREADS_LEAST
        return {
            "index": mean * spread if enough and mean is not None and spread is not None else None,
            "mean": mean,
            "spread": spread,
            "shares": {
                key: {"events": whole, "by_members": part, "share": shares[key]}
                for key, (whole, part) in counted.items()
            },
            "left_out": [key for key, share in shares.items() if share is None],
            "threads": len(begun.at),
            "initiators": len(started),
            "start_half": _fewest(started),
        }

    def table(self, data: Any) -> Table:
        data = with_shares(data, "mean", "spread")
        rows: list[list[Any]] = [
            [
                name,
                data["shares"][key]["events"],
                data["shares"][key]["by_members"],
                with_shares(data["shares"][key], "share")["share"],
            ]
            for key, name in NAMES.items()
        ]
        rows += [
            [_("Mean of the shares"), None, None, data["mean"]],
            [_("Chance that two threads have different initiators"), data["threads"], data["initiators"], data["spread"]],
            [_("Index"), None, None, data["index"]],
            [_("Fewest members who start half of all threads"), data["threads"], data["start_half"], None],
        ]  # fmt: skip
        return Table([_("What"), _("All"), _("By ordinary members"), _("Share")], rows)

    def finding(self, data: Any) -> str:
        headline = self.headline(data)
        if headline.value is None:
            return str(headline.reason)
        known = [key for key in NAMES if data["shares"][key]["share"] is not None]
        least = min(known, key=lambda key: data["shares"][key]["share"])
        return translate(
            "Ordinary members, not staff, do %(mean)s of what keeps it going, on average; least of all here: “%(least)s”, "
            "%(share)s. Half of all threads are started by %(few)s of the %(all)s who start any."
        ) % {
            "mean": _words.percent(data["mean"]),
            "least": NAMES[least],
            "share": _words.percent(data["shares"][least]["share"]),
            "few": _words.count(data["start_half"]),
            "all": _words.count(data["initiators"]),
        }

    def headline(self, data: Any) -> Headline:
        if data["index"] is None:
            return Headline(None, self.unit, "number", reason=TOO_FEW if data["threads"] else NO_DATA)
        return Headline(data["index"], self.unit, "number")


def _first_replies(history: History, begun: Any, start: int | None) -> tuple[int, int]:
    """First replies to the threads, and those of them by ordinary members."""
    named = begun.only(begun.object != NOTHING)
    replies = history.replies(start)
    first = first_replies(Threads(named.object, named.at, named.member, named.staff), replies)
    first = first[first != NOBODY]
    return len(first), int(np.count_nonzero(~replies.staff[first]))


def _welcomes(history: History, ordinary: Ordinary, start: int | None) -> tuple[int, int]:
    """Newcomers who were welcomed, and those of them by an ordinary member. Of several at one instant the one of who stands
    first is it."""
    contacts = history.first_contacts()
    contacts = contacts.only(history.joined_day[contacts.target] >= (start or 0))
    order = np.lexsort((contacts.source, contacts.at, contacts.target))
    contacts = contacts.only(order)
    first = np.append(True, contacts.target[1:] != contacts.target[:-1])[: len(order)]
    contacts = contacts.only(first)
    return len(contacts.at), int(np.count_nonzero(ordinary.at(contacts.source, contacts.at)))


def _spread(started: Whole) -> float | None:
    """The chance that two threads, drawn without putting back, have different initiators (1 − Simpson's index, 1949)."""
    total = int(started.sum())
    if total < 2:
        return None
    return 1 - int((started * (started - 1)).sum()) / (total * (total - 1))


def _fewest(started: Whole) -> int | None:
    """Of how many members the most active start at least half; `started` is in falling order."""
    if not len(started):
        return None
    return int(np.searchsorted(2 * np.cumsum(started), int(started.sum()))) + 1
