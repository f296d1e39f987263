from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from engagement.metrics import _amounts, _periods, _words
from engagement.packing import Whole
from engagement.selectors.history import History
from engagement.selectors.money import FLOWS, Books, Payers, currency_of
from kernel.metrics import Chapter, Data, Headline, Metric, Revision, Table

WHOLE = ("collected", "refunded", "recognised")
SOURCES = {
    "dues": _("Dues"),
    "gifts": _("Gifts"),
    "other": _("Other"),
    "imported": _("Imported"),
    "by_day": _("Earned by the day"),
    "at_once": _("Earned at once, less credit notes"),
}


class Revenue(Metric):
    key = "revenue"
    title = _("Revenue")
    question = _("What came in, what went back, and what of it was earned?")
    unit = _("collected")
    formula = _(
        "Per day, week or month, and for each currency by itself, from the ledger.\n\n"
        "- Collected: what payments put into the bank and with providers, less payments that were confirmed by "
        "mistake and taken back.\n"
        "- Refunded: what refunds took out of there.\n"
        "- Recognised: what was posted to revenue, less what coupons took off.\n"
        "- Average: collected / the members with a payment in the period, null when nobody paid.\n\n"
        "`collected − refunded = the change of bank and clearing by payments and refunds`\n\n"
        "`recognised = −(change of revenue + change of discount)`"
    )
    reads = _("The entries of the ledger by the day of their posting, and of which member each payment is.")
    blind_spots = _(
        "A transfer counts on the day it was confirmed, not on the day it was sent. What is paid from a member's "
        "credit came in before, and what is refunded into it has not left. Fees of providers and disputes are not "
        "taken off. Collected is with the tax in it, recognised without. Imported payments are earned on their day."
    )
    chapter = Chapter.PAYS
    permission = "money.view"
    chart = "revenue"
    revisions = (Revision(1, date(2026, 11, 23), _("First definition.")),)
    parameters = (
        _periods.grain(_periods.DAY, _periods.WEEK, _periods.MONTH, default="month"),
        *_periods.BETWEEN,
    )

    def compute(self, history: History, *, grain: str = "month", **parameters: Any) -> Data:
        known = history.records.money
        books = Books(*(column[known.books.day <= history.today] for column in known.books))
        paying = (known.payers.day <= history.today) & (known.payers.back >= history.end)
        payers = Payers(*(column[paying] for column in known.payers))
        if not len(books.day):
            return []
        every = _periods.every(history, grain, since=int(books.day.min()))
        rows = []
        for currency in _amounts.currencies(books.currency):
            rows.append(_of_currency(currency, every, books, payers))
        # A list for each period, so that a cut takes all currencies of a period or none.
        shown = _periods.shown(every, list(zip(*rows, strict=True)), parameters)
        return [row for of_period in shown for row in of_period]

    def table(self, data: Any) -> Table:
        named = [(measure, source) for measure, source in FLOWS]
        header = [_("Period"), _("Currency"), _("Collected"), _("Refunded"), _("Recognised")]
        header += [_("Paying members"), _("Average per paying member")]
        measures = {"collected": _("Collected"), "refunded": _("Refunded"), "recognised": _("Recognised")}
        more = [f"{measures[measure]}: {SOURCES[source]}" for measure, source in named]
        rows = [
            [
                row["period"], row["currency"], *(row[whole] for whole in WHOLE), row["payers"], row["average"],
                *(None if row["sources"] is None else row["sources"].get(f"{m}_{s}", "0") for m, s in named),
            ]
            for row in data
        ]  # fmt: skip
        return Table([*header, *more], rows)

    def finding(self, data: Any) -> str:
        headline = self.headline(data)
        if headline.value is None:
            return str(headline.reason)
        row = _row(data, headline.period)
        text = translate(
            "%(collected)s came in %(when)s and %(refunded)s went back; %(recognised)s was earned."
        )
        return text % {
            "when": _words.when(row["period"], [one for one in data if one["currency"] == row["currency"]]),
            **{whole: _amounts.written(row[whole], row["currency"]) for whole in WHOLE},
        }

    def headline(self, data: Any) -> Headline:
        currency = _amounts.main(data, by="collected")
        unit = translate("%(currency)s collected") % {"currency": currency} if currency else self.unit
        return _amounts.headline([row for row in data if row["currency"] == currency], "collected", unit=unit)

    def brief(self, data: Any) -> Data | None:
        """The periods that a tile draws; which currency comes first is decided over all of them."""
        currency = _amounts.main(data, by="collected")
        mine = [row for row in data if row["currency"] == currency]
        return mine[-_periods.TREND - 1 :] if len(data) > _periods.TREND + 1 else None


def _row(data: Any, period: str) -> Any:
    currency = _amounts.main(data, by="collected")
    return next(row for row in data if (row["period"], row["currency"]) == (period, currency))


def _of_currency(
    currency: int, every: list[_periods.Period], books: Books, payers: Payers
) -> list[dict[str, Any]]:
    mine = books.currency == currency
    flows = [
        _amounts.per(every, books.day[mine & (books.flow == flow)], books.amount[mine & (books.flow == flow)])
        for flow in range(len(FLOWS))
    ]
    many = _distinct(every, payers, currency)
    rows = []
    for i, period in enumerate(every):
        row: dict[str, Any] = {
            "period": period.name,
            **dict.fromkeys(WHOLE),
            "currency": currency_of(currency),
        }
        row |= dict.fromkeys(("payers", "average", "sources"))
        if period.complete:
            parts = {name: flows[flow][i] for flow, name in enumerate(FLOWS)}
            whole = {name: sum(n for (measure, _s), n in parts.items() if measure == name) for name in WHOLE}
            row |= {name: _amounts.text(n, currency) for name, n in whole.items()}
            row["payers"] = many[i]
            if many[i]:
                row["average"] = _amounts.text(Fraction(whole["collected"], many[i]), currency)
            row["sources"] = {
                f"{measure}_{source}": _amounts.text(n, currency)
                for (measure, source), n in parts.items()
                if n
            }
        rows.append(row)
    return rows


def _distinct(every: list[_periods.Period], payers: Payers, currency: int) -> list[int]:
    """How many members paid in each period."""
    mine = payers.currency == currency
    size = int(payers.member.max(initial=0)) + 1
    once: Whole = np.unique(_amounts.which(every, payers.day[mine]) * size + payers.member[mine])
    return [int(n) for n in np.bincount(once // size, minlength=len(every))]
