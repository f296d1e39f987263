from datetime import date
from fractions import Fraction
from math import sqrt
from typing import Any

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from engagement.metrics import _amounts, _periods, _words
from engagement.metrics._contracts import ENDED, NONE, PAUSED, Book, lives, months_later
from engagement.packing import Whole
from engagement.selectors.history import History
from engagement.selectors.money import CAUSES, currency_of
from kernel.metrics import NO_DATA, Chapter, Data, Headline, Metric, Revision, Table, with_shares
from kernel.money import rounded, split

MOVEMENTS = ("new", "expansion", "contraction", "churn", "reactivation")
#: Why nothing is contracted any more: the causes of an end, and two for what goes on: resting, and something that does not recur.
WHYS = ("cancelled", "payment_failed", "term_ended", "removed", "replaced", "paused", "other")
#: The value looks at so many months at most, and at those that so many subscriptions were seen through.
MONTHS, AT_RISK = 36, 10
#: Amounts are reckoned in twelfths of the smallest unit.
TWELVE = 12
Z = 1.959963984540054


class Mrr(Metric):
    key = "mrr"
    title = _("Monthly recurring revenue")
    question = _("What is contracted for a month, and what moved it?")
    unit = _("a month")
    formula = _(
        "At the end of each month, for each currency by itself: the sum of what is contracted, a year's price / "
        "12, a quarter's / 3, all seats; trials, gifts, what is free of charge, paused, paid once or for life: 0.\n\n"
        "By member, against the month before: new (had 0, never had more), reactivation (had 0, had more once), "
        "expansion, contraction, churn (has 0). Sums are of exact twelfths; each total is rounded once, halves "
        "away from zero, and the movements by largest remainder, so that\n\n"
        "`new + expansion + contraction + churn + reactivation = the change`\n\n"
        "Logo churn: members who churned / members with more than 0 a month before. Revenue churn: −churn / the "
        "total a month before.\n\n"
        "Value in the first H months:\n\n"
        "`V = Σ S(k) · p(k), k = 0 … H − 1`\n\n"
        "S is Kaplan–Meier over subscriptions by whole months from the first paid day, p(k) the mean price of a "
        "month, without tax, of those still there after k months; undiscounted. H is the last month that 10 or "
        "more subscriptions were seen through, at most 36; null below."
    )
    reads = _("What was contracted of each subscription from which day on, and why subscriptions ended.")
    blind_spots = _(
        "Prices are with the tax in them and before coupons. Who cancels is counted until what they paid for runs out, "
        "and who is late until they lapse. What begins and ends within a month is not seen. Who moves to another "
        "currency churns in one and is new in the other. The value supposes that those who joined lately will stay as "
        "those before them did."
    )
    chapter = Chapter.PAYS
    permission = "money.view"
    chart = "mrr"
    revisions = (Revision(1, date(2026, 11, 23), _("First definition.")),)
    interval = _(
        "Of what a subscription brings: Kaplan and Meier’s estimate (1958) of who is still there, with Greenwood’s variance "
        "(1926) carried through the sum of months; 95%, by the normal distribution, not below 0. The mean prices count as known."
    )
    parameters = (_periods.AS_OF,)

    def compute(self, history: History, **parameters: Any) -> Data:
        book = Book(history)
        contracted = book.rows.monthly > 0
        if not contracted.any():
            return {"months": [], "value": []}
        every = _periods.every(history, "month", since=int(book.rows.day[contracted].min()))
        found = [
            _Currency(code, book, history)
            for code in _amounts.currencies(book.rows.currency[contracted])
        ]  # fmt: skip
        months = [one.months(every) for one in found]
        rows = [row for of_month in zip(*months, strict=True) for row in of_month]
        return {"months": rows, "value": [one.value() for one in found]}

    def table(self, data: Any) -> Table:
        header = [
            _("Month"),
            _("Currency"),
            _("Recurring revenue"),
            _("New"),
            _("Expansion"),
            _("Contraction"),
        ]
        header += [_("Churn"), _("Reactivation"), _("Members"), _("Churned members")]
        header += [_("Logo churn"), _("Revenue churn")]
        keys = ("mrr", *MOVEMENTS, "members", "churned", "logo_churn", "revenue_churn")
        months = [with_shares(row, "logo_churn", "revenue_churn") for row in data["months"]]
        rows = [[row["period"], row["currency"], *(row[key] for key in keys)] for row in months]
        return Table(header, rows)

    def finding(self, data: Any) -> str:
        headline = self.headline(data)
        if headline.value is None:
            return str(headline.reason)
        rows = self._main(data)
        row = next(row for row in rows if row["period"] == headline.period)
        text = translate("%(mrr)s a month is contracted with %(members)s members %(when)s.")
        return text % {
            "mrr": _amounts.written(row["mrr"], row["currency"]),
            "members": _words.count(row["members"]),
            "when": _words.when(row["period"], rows),
        }

    def headline(self, data: Any) -> Headline:
        rows = self._main(data)
        if not rows:
            return Headline(None, self.unit, "number", reason=NO_DATA)
        unit = translate("%(currency)s a month") % {"currency": rows[0]["currency"]}
        return _amounts.headline(rows, "mrr", unit=unit)

    def _main(self, data: Any) -> list[Any]:
        currency = _amounts.main(data["months"], by="mrr")
        return [row for row in data["months"] if row["currency"] == currency]


class _Currency:
    """What is contracted in one currency. Subscriptions of it stand with all others; elsewhere they count nothing."""

    def __init__(self, code: int, book: Book, history: History) -> None:
        self.code, self.book, self.history = code, book, history
        self.members, self.who = np.unique(book.member, return_inverse=True)

    def by_member(self, change: Whole) -> Whole:
        """Twelfths that are contracted with each member where these changes hold."""
        mine = self.book.read(change, self.book.rows.currency) == self.code
        monthly = np.where(mine, self.book.read(change, self.book.rows.monthly), 0)
        total = np.zeros(len(self.members), np.int64)
        np.add.at(total, self.who, monthly)
        return total

    # --- the months -----------------------------------------------------------------------------------

    def months(self, every: list[_periods.Period]) -> list[dict[str, Any]]:
        before = np.zeros(len(self.members), np.int64)
        ever = before > 0
        held = np.full(self.book.size, NONE, np.int64)
        rows = []
        for period in every:
            row: dict[str, Any] = {"period": period.name, "currency": currency_of(self.code)}
            row |= dict.fromkeys(
                ("mrr", *MOVEMENTS, "members", "churned", "logo_churn", "revenue_churn", "causes")
            )
            if period.complete:
                change = self.book.at(period.end)
                now = self.by_member(change)
                row |= self._moved(before, now, ever)
                row["causes"] = self._causes(before, now, held, change, row["churn"])
                held, before, ever = change, now, ever | (now > 0)
            rows.append({name: self._written(name, value) for name, value in row.items()})
        return rows

    def _moved(self, before: Whole, now: Whole, ever: Any) -> dict[str, Any]:
        """The month's total and movements in smallest units."""
        by = now - before
        exact = {
            "new": by[(before == 0) & ~ever],
            "expansion": by[(before > 0) & (by > 0)],
            "contraction": by[(before > 0) & (by < 0) & (now > 0)],
            "churn": by[(before > 0) & (now == 0)],
            "reactivation": by[(before == 0) & ever],
        }
        sums = {name: int(part.sum()) for name, part in exact.items()}
        was, total = (rounded(Fraction(int(one.sum()), TWELVE)) for one in (before, now))
        lost, held = int(((before > 0) & (now == 0)).sum()), int((before > 0).sum())
        return {
            "mrr": total,
            **_apportioned(sums, total - was),
            "members": int((now > 0).sum()),
            "churned": lost,
            "logo_churn": lost / held if held else None,
            "revenue_churn": -sums["churn"] / int(before.sum()) if held else None,
        }

    def _causes(
        self, before: Whole, now: Whole, held: Whole, change: Whole, churn: int
    ) -> dict[str, dict[str, Any]]:
        """Members and amounts that churned, by why; the amounts add up to the month's churn."""
        book = self.book
        lost = (before > 0) & (now == 0)
        mine = (book.read(held, book.rows.monthly) > 0) & (book.read(held, book.rows.currency) == self.code)
        kind, cause = book.read(change, book.rows.kind), book.read(change, book.rows.cause)
        why: dict[int, str] = {}
        for at in np.flatnonzero(mine & lost[self.who]).tolist():
            ended = CAUSES[cause[at]] if kind[at] == ENDED else "paused" if kind[at] == PAUSED else "other"
            # One alone is said of a member: of several subscriptions the last.
            why[int(self.who[at])] = ended
        weights = {name: [place for place, said in why.items() if said == name] for name in WHYS}
        exact = {name: int(before[places].sum()) for name, places in weights.items() if places}
        parts = split(churn, list(exact.values())) if exact else []
        return {
            name: {"members": len(weights[name]), "amount": _amounts.text(part, self.code)}
            for name, part in zip(exact, parts, strict=True)
        }

    def _written(self, name: str, value: Any) -> Any:
        return _amounts.text(value, self.code) if name in ("mrr", *MOVEMENTS) and value is not None else value

    # --- the value ------------------------------------------------------------------------------------

    def value(self) -> dict[str, Any]:
        """What a subscription brings in its first months."""
        book, today = self.book, self.history.today
        begun = book.begun
        last = book.at(today)
        first = book.at(begun)
        mine = (begun > 0) & (begun <= today) & (book.read(first, book.rows.monthly) > 0)
        mine &= book.read(first, book.rows.currency) == self.code
        end = np.where(book.read(last, book.rows.kind) == ENDED, book.read(last, book.rows.day), 0)
        seen = lives(begun[mine], end[mine], today, most=MONTHS)
        at_risk = [int((seen.months >= k).sum()) for k in range(MONTHS + 1)]
        ended = [int((seen.ended & (seen.months == k)).sum()) for k in range(MONTHS + 1)]
        horizon = max((k for k in range(1, MONTHS + 1) if at_risk[k] >= AT_RISK), default=0)
        row = {
            "currency": currency_of(self.code),
            "subscriptions": int(mine.sum()),
            "months": horizon or None,
        }
        if not horizon:
            return row | dict.fromkeys(("value", "low", "high", "staying"))
        prices = [self._price(mine, begun, end, k) for k in range(horizon)]
        staying, worth, spread = survival(at_risk, ended, prices)
        low, high = max(worth - Z * spread, 0.0), worth + Z * spread
        told = {name: _amounts.text(round(one), self.code) for name, one in
                (("value", worth), ("low", low), ("high", high))}  # fmt: skip
        return row | told | {"staying": staying}

    def _price(self, mine: Any, begun: Whole, end: Whole, k: int) -> float:
        """The mean price of a month, without tax, of the subscriptions that were there after k months."""
        point = months_later(begun, k)
        there = mine & (point <= self.history.today) & ((end == 0) | (end > point) | (k == 0))
        change = self.book.at(point)
        net = self.book.read(change, self.book.rows.net)[there]
        return int(net.sum()) / TWELVE / int(there.sum()) if there.any() else 0.0


def survival(at_risk: list[int], ended: list[int], prices: list[float]) -> tuple[list[float], float, float]:
    """The share that is still there after k months (k = 0, 1, ...), what they bring together, and its standard error.

    `at_risk[k]` were seen through month k, of whom `ended[k]` ended in it. Kaplan and Meier 1958; Greenwood 1926: an end
    in month j takes all that comes from j on.
    """
    staying = [1.0]
    for k in range(1, len(prices)):
        staying.append(staying[-1] * (1 - ended[k] / at_risk[k]))
    parts = [share * price for share, price in zip(staying, prices, strict=True)]
    variance = 0.0
    for j in range(1, len(prices)):
        if at_risk[j] > ended[j]:
            variance += sum(parts[j:]) ** 2 * ended[j] / (at_risk[j] * (at_risk[j] - ended[j]))
    return staying, sum(parts), sqrt(variance)


def _apportioned(exact: dict[str, int], change: int) -> dict[str, int]:
    """Twelfths as whole units that add up to the change: each is within one unit of its own, those with the largest
    remainder are rounded up, of equals the first."""
    found = {name: n // TWELVE for name, n in exact.items()}
    ranks = sorted(MOVEMENTS, key=lambda name: (-(exact[name] % TWELVE), MOVEMENTS.index(name)))
    for name in ranks[: change - sum(found.values())]:
        found[name] += 1
    return found
