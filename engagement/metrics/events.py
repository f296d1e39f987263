from datetime import date
from typing import Any, NamedTuple

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from numpy.typing import NDArray

from engagement.metrics import _afterwards, _periods, _words
from engagement.metrics._afterwards import Gathering
from engagement.packing import Whole
from engagement.selectors.history import History, local_days
from engagement.selectors.meetings import NOT_HELD
from kernel.metrics import NO_DATA, Chapter, Data, Headline, Metric, Revision, Table, with_shares

#: Of a file's attenders without an answer: they are taken to have said yes, where the file tells one thing of each.
YES, NO_ANSWER = 1, -1


class EventsFigure(Metric):
    key = "events"
    title = _("Gatherings")
    question = _("Do gatherings take place, do people come, and do they stay afterwards?")
    unit = _("gatherings held")
    formula = _(
        "Of the gatherings announced by the end of the day chosen; the window is that of their beginning, for "
        "held and cancelled:\n\n"
        "- cancelled: called off by then;\n"
        "- held: over by then, unless a file says “upcoming” of one and nobody is known to have come;\n"
        "- upcoming: all others (unconfirmed: those of them whose time is over).\n\n"
        "RSVPs of a held one: how many said yes by name, or the count that a file gives, whichever is more; sum, "
        "mean and median over those where it is known. Attended: comings to held ones, null where none was ever "
        "recorded. Over held ones where a coming was recorded:\n\n"
        "`show rate = attended with yes / yes`\n\n"
        "Afterwards, of held ones whose 28 days after are over: share of attenders with an act on the 28 days "
        "after its day, other attendances left out. Beside it the same share of members who did not come, matched"
        " on active days in the 28 days before (0, 1-2, 3-5, 6-11, 12+) and the quarter of joining, and of those "
        "who said yes and did not come. Guests, who are no members, are left out.\n\n"
        "`difference = mean over matched attenders of (active − share of those like them), active 1 or 0`\n\n"
        "Association: keener people come."
    )
    reads = _(
        "The gatherings announced, answers and comings by member, acts by member and local day, and statuses."
    )
    blind_spots = _(
        "Who comes is keener than who does not, in ways that nothing here sees: a difference is not what a gathering does. "
        "Where a file tells that people came and answers of none of them, they are taken to have said yes. Counts without "
        "names tell nothing of who came."
    )
    chapter = Chapter.MEETS
    chart = "gatherings"
    revisions = (
        Revision(1, date(2026, 11, 23), _("First definition.")),
        Revision(2, date(2026, 11, 23), _("Guests, who are no members, are left out.")),
    )
    interval = _(
        "Of shares: Wilson’s (1927), 95%. Of the difference: the normal distribution’s, 95%, with each member as one cluster, "
        "since who comes often is counted often; from 30 members on."
    )
    parameters = (_periods.window("all"), _periods.AS_OF)

    def compute(self, history: History, *, window: int | str = "all", **parameters: Any) -> Data:
        known = Known(history)
        start = history.window(window)
        inside = known.day >= (start or 0)
        held, off = known.held & inside, known.off & inside
        rsvps = known.rsvps[held]
        rsvps = rsvps[rsvps >= 0]
        came = known.came[held]
        recorded = held & (known.came > 0)
        yes = int(known.rsvps[recorded].sum())
        return {
            "held": int(held.sum()),
            "cancelled": int(off.sum()),
            "upcoming": int(known.upcoming.sum()),
            "unconfirmed": int((known.upcoming & known.over).sum()),
            "rsvps": int(rsvps.sum()) if len(rsvps) else None,
            "mean_rsvps": float(rsvps.mean()) if len(rsvps) else None,
            "median_rsvps": float(np.median(rsvps)) if len(rsvps) else None,
            "attended": int(came.sum()) if came.any() else None,
            "show_rate": int(known.came_with_yes[recorded].sum()) / yes if yes else None,
            "recorded": int(recorded.sum()),
            "afterwards": _afterwards.afterwards(history, known.gatherings(recorded)),
        }

    def table(self, data: Any) -> Table:
        data = with_shares(data, "show_rate")
        names = {
            "held": _("Held"),
            "cancelled": _("Called off"),
            "upcoming": _("Upcoming"),
            "unconfirmed": _("Over, not said to have been held"),
            "rsvps": _("Yeses to those held"),
            "mean_rsvps": _("Yeses, mean"),
            "median_rsvps": _("Yeses, median"),
            "attended": _("Comings"),
            "show_rate": _("Came of those who said yes"),
            "recorded": _("Held with comings recorded"),
        }
        rows: list[list[Any]] = [[names[key], data[key], None, None, None] for key in names]
        after = data["afterwards"]
        if after is not None:
            like = with_shares(after["matched"], "share_came", "share_others", "difference", "low", "high")
            for name, one in (
                (_("Active afterwards: who came"), "came"),
                (_("Active afterwards: said yes, did not come"), "absent"),
            ):
                part = with_shares(after[one], "share", "low", "high")
                rows.append([name, part["share"], part["n"], part["low"], part["high"]])
            rows += [
                [_("Who came and has others like them"), like["share_came"], like["n"], None, None],
                [_("Others like them who did not come"), like["share_others"], None, None, None],
                [_("Difference (association)"), like["difference"], like["n"], like["low"], like["high"]],
            ]
        return Table(
            [
                _("What"),
                _("Value"),
                _("Members and gatherings"),
                pgettext_lazy("interval", "From"),
                pgettext_lazy("interval", "To"),
            ],
            rows,
        )

    def finding(self, data: Any) -> str:
        if not any(data[key] for key in ("held", "cancelled", "upcoming")):
            return str(NO_DATA)
        said = translate("Gatherings: %(held)s held, %(off)s called off, %(upcoming)s to come.") % {
            "held": _words.count(data["held"]),
            "off": _words.count(data["cancelled"]),
            "upcoming": _words.count(data["upcoming"]),
        }
        after = data["afterwards"] and data["afterwards"]["matched"]
        if not after or after["difference"] is None:
            return said
        return (
            said
            + " "
            + translate(
                "In the four weeks after, %(came)s of those who came were active, and %(others)s of members like them who stayed "
                "away. That proves nothing by itself: keener people come."
            )
            % {"came": _words.percent(after["share_came"]), "others": _words.percent(after["share_others"])}
        )

    def headline(self, data: Any) -> Headline:
        if not any(data[key] for key in ("held", "cancelled", "upcoming")):
            return Headline(None, self.unit, "count", reason=NO_DATA)
        return Headline(data["held"], self.unit, "count")


class _Answers(NamedTuple):
    """Attendances known by the end of the day: at which event (its row), by whom, whether yes, whether they came."""

    row: Whole
    member: Whole
    yes: NDArray[np.bool_]
    came: NDArray[np.bool_]


class Known:
    """What is known of gatherings at the end of `as_of`, each in its row."""

    def __init__(self, history: History) -> None:
        events = history.records.meetings.events
        self.history = history
        self.events = events.only(events.known < history.end)
        rows = len(self.events.event)
        self.day = local_days(self.events.begins, history.zone)
        self.over = self.events.over < history.end
        self.answers = self._answers()
        self.came = np.bincount(self.answers.row[self.answers.came], minlength=rows)
        both = self.answers.came & self.answers.yes
        self.came_with_yes = np.bincount(self.answers.row[both], minlength=rows)
        named = np.bincount(self.answers.row[self.answers.yes], minlength=rows)
        answered = np.bincount(self.answers.row, minlength=rows) > 0
        told = np.where(answered, np.maximum(self.events.counted, 0), self.events.counted)
        self.rsvps = np.maximum(named, told) * (told >= 0) - (told < 0)
        self.off = self.events.cancelled < history.end
        said = (self.events.told != NOT_HELD) | (self.came > 0)
        self.held = ~self.off & self.over & said
        self.upcoming = ~self.off & ~self.held

    def _answers(self) -> _Answers:
        history = self.history
        found = history.records.meetings.attendances
        row_of = {event: row for row, event in enumerate(self.events.event.tolist())}
        row = np.array([row_of.get(event, -1) for event in found.event.tolist()], np.int64)
        # Guests are no members, and who joined later does not exist yet.
        keep = (row >= 0) & (history.places(found.member) >= 0)
        came = found.came < history.end
        yes = (found.answer == YES) & (found.answered < history.end)
        keep &= came | (found.answered < history.end)
        # Of a file that says one thing of each who came they said yes; of one that tells answers too, as it says.
        told = keep & came & (found.by_file == 1)
        apart = np.unique(row[told & (found.answer == YES)])
        yes |= told & (found.answer == NO_ANSWER) & ~np.isin(row, apart)
        return _Answers(row[keep], found.member[keep], yes[keep], came[keep])

    def gatherings(self, wanted: NDArray[np.bool_]) -> list[Gathering]:
        """Those of the wanted rows, by their day, with the places of those who exist."""
        place = self.history.places(self.answers.member)
        order = np.argsort(self.answers.row, kind="stable")
        bounds = np.searchsorted(self.answers.row[order], np.arange(len(self.day) + 1))
        found = []
        for row in np.flatnonzero(wanted)[np.argsort(self.day[wanted], kind="stable")].tolist():
            mine = order[bounds[row] : bounds[row + 1]]
            mine = mine[place[mine] >= 0]
            came, yes = self.answers.came[mine], self.answers.yes[mine]
            found.append(Gathering(int(self.day[row]), place[mine[came]], place[mine[yes & ~came]]))
        return found
