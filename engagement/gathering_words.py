"""What the figures of one gathering mean, why one of them cannot be known, and their rows as a file and a table show them."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from engagement.services.gatherings import Figures
from kernel.metrics import Table

Words = str | Promise

#: Why something cannot be known yet, or at all.
REASONS: dict[str, Words] = {
    "not_announced": _("It has not been announced."),
    "not_begun": _("It has not begun yet."),
    "no_attendance": _("Nobody has written down who came."),
    "no_answers": _("Nothing is known of who said yes."),
    "no_yes": _("Nobody said yes beforehand."),
    "not_kept": _("It was for a circle, or from a tier on: who they were when it began is not kept."),
    "too_many": _("More than 30 came: nobody can say who met whom."),
    "too_few": _("Too few came."),
    "no_interval": _("No interval: fewer than 30 of them are compared."),
    "too_young": _("Too young: the four weeks after it are not over."),
    "nobody_like_them": _("Nobody who did not come was like those who came."),
}


class Definition(NamedTuple):
    key: str
    title: Words
    words: Words


DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        "reach",
        pgettext_lazy("figure of a gathering", "Reached"),
        _(
            "Members who opened its page before it was over, answered, came, had a place or waited for one: each once. Guests "
            "who had a place stand apart. Beside it: how many members there were when it began, or are now where that is to "
            "come. That somebody opened the page is kept once, neither when nor how often."
        ),
    ),
    Definition(
        "places",
        pgettext_lazy("figure of a gathering", "Places"),
        _(
            "Taken: tickets that are valid. Held: kept while somebody pays, or thinks an offer over. Given back, not taken in "
            "time, and ended as it was called off: by the ticket, so one person may stand there twice. Waited: everybody who "
            "ever stood on the waiting list; of them, who took a place they were offered."
        ),
    ),
    Definition(
        "money",
        pgettext_lazy("figure of a gathering", "Money"),
        _(
            "As the ledger has it, by currency: what came to bank and providers for orders of its tickets, less what was taken "
            "back; and what was refunded of it. Credit that a ticket was paid with had come before."
        ),
    ),
    Definition(
        "came",
        pgettext_lazy("figure of a gathering", "Came"),
        _(
            "Members who were let in, or of whom a file says that they came. Yes: who said so, or the number that a file tells, "
            "whichever is more; where a file tells who came and answers of none of them, they are taken to have said yes. Show "
            "rate = came with a yes / yes. Walk-ins came without a yes. Guests stand apart, until they join."
        ),
    ),
    Definition(
        "first_timers",
        pgettext_lazy("figure of a gathering", "First-timers"),
        _(
            "Of the members who came: those who had come to no other gathering of the community before they came to this one. "
            "What files told counts, and records that were merged are one person."
        ),
    ),
    Definition(
        "ties_begun",
        pgettext_lazy("figure of a gathering", "Ties begun"),
        _(
            "Where at most 30 came, guests counted: of the pairs of members who came, those whose first act towards one another "
            "ever took place after it began and no later than 28 days (28 × 24 hours) after it ended. Coming to this "
            "gathering, which is written down towards its first host, is no such act. Beside it: the pairs that had had to do "
            "with one another before."
        ),
    ),
    Definition(
        "afterwards",
        pgettext_lazy("figure of a gathering", "Stayed after"),
        _(
            "Share of the members who came with an act on any of the 28 days after its day, other attendances left out. Beside "
            "it the same share of members who did not come, matched exactly on active days in the 28 days before (0, 1–2, 3–5, "
            "6–11, 12 and more) and on the quarter of joining, and weighted so that they count as those who came do. Difference "
            "= mean over matched attenders of active (1 or 0) − the share of those like them; 95% interval from its standard "
            "error over the attenders, from 30 on. Who came and has nobody like them is left out of the difference. And the "
            "share of who said yes and did not come. Association: keener people come."
        ),
    ),
)


def reason(figures: Figures, name: str) -> Words:
    """Why this one is not known, empty where it is."""
    return REASONS.get(figures.reasons.get(name, ""), "")


def table(figures: Figures, *, with_money: bool) -> Table:
    """All of them as rows: what, its value, of how many, its interval, and why it is not known."""
    header = [
        _("What"),
        _("Value"),
        _("Of how many"),
        pgettext_lazy("interval", "From"),
        pgettext_lazy("interval", "To"),
        _("Why it is not known"),
    ]
    return Table(header, list(_rows(figures, with_money=with_money)))


def _rows(figures: Figures, *, with_money: bool) -> Iterator[list[Any]]:
    def row(label: Words, value: Any, name: str = "", of: Any = None) -> list[Any]:
        return [label, value, of, None, None, reason(figures, name) if value is None else ""]

    yield row(_("Members reached"), figures.reached, of=figures.audience)
    yield row(_("Guests with a place, ever"), figures.reached_guests)
    yield row(_("Members when it began"), figures.audience, "audience")
    yield row(_("Places taken"), figures.taken, of=figures.capacity)
    for kind in figures.kinds:
        yield row(str(kind.kind), kind.taken, of=kind.capacity)
    for name in ("held", "given_back", "expired", "cancelled"):
        yield row(STATES[name], sum(getattr(kind, name) for kind in figures.kinds))
    yield row(_("Ever on the waiting list"), figures.waited)
    yield row(_("Took a place they were offered"), figures.seated)
    for moved in figures.money if with_money else []:
        currency = moved.collected.currency
        yield row(_("Collected"), moved.collected.decimal, of=currency)
        yield row(_("Refunded"), moved.refunded.decimal, of=currency)
    yield row(_("Said yes"), figures.yes, "yes")
    yield row(_("Members who came"), figures.came, "came")
    yield row(_("Came with a yes"), figures.came_with_yes, "came", of=figures.yes)
    yield row(_("Show rate"), figures.show_rate, "show_rate", of=figures.yes)
    yield row(_("Walk-ins"), figures.walk_ins, "came")
    yield row(_("Guests who came"), figures.guests, "came")
    yield row(_("First-timers"), figures.first_timers, "first_timers", of=figures.came)
    yield row(_("Ties begun"), figures.ties_begun, "ties_begun", of=figures.pairs)
    yield row(_("Pairs in touch before it began"), figures.pairs_before, "ties_begun", of=figures.pairs)
    yield from _after(figures)


def _after(figures: Figures) -> Iterator[list[Any]]:
    after = figures.afterwards
    if after is None:
        yield [_("Active afterwards: who came"), None, None, None, None, reason(figures, "afterwards")]
        return
    for label, key in (
        (_("Active afterwards: who came"), "came"),
        (_("Active afterwards: said yes, did not come"), "absent"),
    ):
        part = after[key]
        yield [label, part["share"], part["n"], part["low"], part["high"], ""]
    like = after["matched"]
    yield [_("Who came and has others like them"), like["share_came"], like["n"], None, None, ""]
    yield [_("Others like them who did not come"), like["share_others"], None, None, None, ""]
    why = reason(figures, "difference") or reason(figures, "interval")
    yield [_("Difference (association)"), like["difference"], like["n"], like["low"], like["high"], why]
    yield [_("Came, with nobody like them"), figures.unmatched, after["came"]["n"], None, None, ""]


#: Where tickets stand besides being valid.
STATES: dict[str, Words] = {
    "held": pgettext_lazy("tickets", "Held"),
    "given_back": pgettext_lazy("tickets", "Given back"),
    "expired": pgettext_lazy("tickets", "Not taken in time"),
    "cancelled": pgettext_lazy("tickets", "Ended as it was called off"),
}
