from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from engagement.metrics import _amounts, _periods, _wilson, _words
from engagement.metrics._contracts import ENDED, Book
from engagement.packing import Whole
from engagement.selectors.history import History, local_days
from engagement.selectors.money import CAUSES, INTERVALS, Asked, currency_of
from kernel.metrics import NO_DATA, TOO_YOUNG, Chapter, Data, Headline, Metric, Revision, Table

#: What becomes of an invoice of dues; each is one of these.
ON_TIME, LATE, IN_GRACE, SUSPENDED, LAPSED, OVER, FORGIVEN = range(7)
OUTCOMES = ("on_time", "late", "in_grace", "suspended", "lapsed", "ended", "forgiven")
#: Terms that came to their end in so many days are looked at for the renewal rate.
YEAR = 365
#: An end for one of these causes is a term that was not renewed.
NOT_RENEWED = ("cancelled", "payment_failed", "term_ended")


class Dues(Metric):
    key = "dues"
    title = _("Dues")
    question = _("Are dues paid, and on time? Who renews?")
    unit = _("of the month's dues paid on time")
    formula = _(
        "Per month and currency, the invoices of a further period by the day they were due; due is the sum of "
        "these:\n\n"
        "- on time: the money came by that day, or by the day until which staff let it wait;\n"
        "- late: it came later;\n"
        "- in grace: not paid, access goes on;\n"
        "- suspended: not paid, grace is over;\n"
        "- lapsed: taken back as the membership lapsed;\n"
        "- ended: taken back as it ended for another cause;\n"
        "- forgiven: taken back, it goes on.\n\n"
        "Now: what is open at the end of the day though it was due before. Churn: subscriptions that ended, by "
        "cause.\n\n"
        "Renewal rate per term and tier:\n\n"
        "`rate = renewed / (renewed + ended)`\n\n"
        "Renewed are the invoices of a further period that began in the last 365 days and are paid; ended the "
        "subscriptions that were cancelled, not paid for or not renewable and ended in them."
    )
    reads = _("Invoices of dues with when money came for them, and what became of each subscription.")
    blind_spots = _(
        "The first invoice of a plan is not among them: nothing was owed before. What was paid by bank counts by the "
        "day the transfer is dated. Who was removed is churn, but no term that was not renewed. What is still open "
        "is in neither part of the renewal rate."
    )
    chapter = Chapter.PAYS
    permission = "money.view"
    chart = "dues"
    revisions = (Revision(1, date(2026, 11, 23), _("First definition.")),)
    interval = _("Of renewal rates: Wilson’s (1927), 95%.")
    parameters = (_periods.AS_OF,)

    def compute(self, history: History, **parameters: Any) -> Data:
        book = Book(history)
        further = _Further(book, history)
        ends = _Ends(book)
        if not len(further.rows.due) and not len(ends.day):
            return {"months": [], "now": [], "renewal": []}
        first = int(np.concatenate([further.rows.due, ends.day]).min())
        every = _periods.every(history, "month", since=first)
        codes = _amounts.currencies(further.rows.currency, ends.currency)
        months = [_months(code, every, further, ends) for code in codes]
        return {
            "months": [row for of_month in zip(*months, strict=True) for row in of_month],
            "now": [_now(code, further) for code in codes],
            "renewal": _renewal(book, further, ends, history),
        }

    def table(self, data: Any) -> Table:
        header = [_("Month"), _("Currency"), _("Due"), _("Paid on time"), _("Paid late"), _("In grace")]
        header += [_("Suspended"), _("Lapsed"), _("Ended meanwhile"), _("Forgiven"), _("Amount due")]
        header += [_("Amount paid"), _("Subscriptions that ended")]
        rows = [
            [
                row["period"], row["currency"], row["due"], *(row[name] for name in OUTCOMES), row["amount_due"],
                row["amount_paid"], None if row["causes"] is None else sum(row["causes"].values()),
            ]
            for row in data["months"]
        ]  # fmt: skip
        return Table(header, rows)

    def finding(self, data: Any) -> str:
        headline = self.headline(data)
        if headline.value is None:
            return str(headline.reason)
        months = _together(data["months"])
        row = next(row for row in months if row["period"] == headline.period)
        text = translate(
            "Of %(due)s dues that fell due %(when)s, %(on_time)s were paid on time and %(late)s late."
        )
        return text % {
            "due": _words.count(row["due"]),
            "on_time": _words.count(row["on_time"]),
            "late": _words.count(row["late"]),
            "when": _words.when(row["period"], months),
        }

    def headline(self, data: Any) -> Headline:
        """The last month in which anything fell due, in whatever currency; months without are passed over."""
        months = _together(data["months"])
        asked = [row for row in months if row["due"]]
        if not asked:
            unknown = any(row["due"] is None for row in months)
            return Headline(None, self.unit, "share", reason=TOO_YOUNG if unknown else NO_DATA)
        trend = tuple(row["on_time"] / row["due"] for row in asked[-_periods.TREND :])
        return Headline(trend[-1], self.unit, "share", asked[-1]["period"], trend)


class _Further:
    """The invoices of further periods that were due by the end of `as_of`, and what became of each by then."""

    def __init__(self, book: Book, history: History) -> None:
        asked = history.records.money.asked
        ids, begun = np.unique(book.rows.subscription), book.begun
        place = np.searchsorted(ids, asked.subscription)
        known = np.isin(asked.subscription, ids)
        since = np.where(known, np.append(begun, 0)[np.where(known, place, -1)], 0)
        mine = known & (since > 0) & (asked.starts > since)
        mine &= (asked.due <= history.today) & (asked.asked < history.end)
        self.rows = Asked(*(column[mine] for column in asked))
        self.place = place[mine]
        self.outcome = self._outcomes(book, history)

    def _outcomes(self, book: Book, history: History) -> Whole:
        rows = self.rows
        paid, void = rows.paid < history.end, rows.void < history.end
        came = local_days(np.where(paid, rows.came, 0), history.zone)
        last = book.at(history.today)
        over = (book.read(last, book.rows.kind) == ENDED)[self.place]
        on = book.read(last, book.rows.day)[self.place]
        failed = (book.read(last, book.rows.cause) == CAUSES.index("payment_failed"))[self.place]
        with_it = over & (on == local_days(np.where(void, rows.void, 0), history.zone))
        grace_ends = rows.waits + rows.grace
        open_now = np.where(history.today < grace_ends, IN_GRACE, SUSPENDED)
        taken_back = np.where(with_it, np.where(failed, LAPSED, OVER), FORGIVEN)
        settled: Whole = np.where(came <= rows.waits, ON_TIME, LATE)
        return np.where(paid, settled, np.where(void, taken_back, open_now))


class _Ends:
    """The subscriptions that have ended, with the cause and what they were."""

    def __init__(self, book: Book) -> None:
        rows = np.flatnonzero(book.rows.kind == ENDED)
        rows = rows[book.begun[book.of[rows]] > 0]
        self.day, self.currency = book.rows.day[rows], book.rows.currency[rows]
        self.cause, self.interval = book.rows.cause[rows], book.rows.interval[rows]
        self.tier = book.rows.tier[rows]
        carried = np.zeros(book.size, bool)
        carried[book.of[book.rows.monthly > 0]] = True
        #: Whether a further period would have been asked for.
        self.renews = carried[book.of[rows]]


def _months(code: int, every: list[_periods.Period], further: _Further, ends: _Ends) -> list[dict[str, Any]]:
    rows = further.rows
    mine = rows.currency == code

    def counted(chosen: NDArray[np.bool_], amount: Whole | None = None) -> list[int]:
        these = mine & chosen
        ones = np.ones(int(these.sum()), np.int64)
        return _amounts.per(every, rows.due[these], ones if amount is None else amount[these])

    every_one = np.ones(len(rows.due), bool)
    paid = np.isin(further.outcome, (ON_TIME, LATE))
    by_outcome = [counted(further.outcome == outcome) for outcome in range(len(OUTCOMES))]
    due, asked, got = counted(every_one), counted(every_one, rows.amount), counted(paid, rows.amount)
    causes = {}
    for cause in range(1, len(CAUSES)):
        day = ends.day[(ends.currency == code) & (ends.cause == cause)]
        causes[CAUSES[cause]] = _amounts.per(every, day, np.ones(len(day), np.int64))
    names = ("due", *OUTCOMES, "amount_due", "amount_paid", "causes")
    found = []
    for i, period in enumerate(every):
        row: dict[str, Any] = {"period": period.name, "currency": currency_of(code), **dict.fromkeys(names)}
        if period.complete:
            row |= {"due": due[i], **{name: by_outcome[n][i] for n, name in enumerate(OUTCOMES)}}
            row |= {"amount_due": _amounts.text(asked[i], code), "amount_paid": _amounts.text(got[i], code)}
            row["causes"] = {name: many[i] for name, many in causes.items() if many[i]}
        found.append(row)
    return found


def _now(code: int, further: _Further) -> dict[str, Any]:
    """What is open though it was due, whenever that was."""
    mine = further.rows.currency == code
    row: dict[str, Any] = {"currency": currency_of(code)}
    for outcome in (IN_GRACE, SUSPENDED):
        these = mine & (further.outcome == outcome)
        row[OUTCOMES[outcome]] = int(these.sum())
        row[f"amount_{OUTCOMES[outcome]}"] = _amounts.text(int(further.rows.amount[these].sum()), code)
    return row


def _renewal(book: Book, further: _Further, ends: _Ends, history: History) -> list[dict[str, Any]]:
    """Per interval and tier how many terms were renewed in a year, and how many were not."""
    since = history.today - YEAR
    rows = further.rows
    paid = np.isin(further.outcome, (ON_TIME, LATE)) & (rows.starts > since) & (rows.starts <= history.today)
    change = np.zeros(len(rows.starts), np.int64)
    for day in np.unique(rows.starts[paid]).tolist():
        # What held when the term began is what the invoice was for.
        these = paid & (rows.starts == day)
        change[these] = book.at(day)[further.place[these]]
    renewed = np.stack([book.read(change[paid], column) for column in (book.rows.interval, book.rows.tier)])
    codes = [CAUSES.index(cause) for cause in NOT_RENEWED]
    over = ends.renews & np.isin(ends.cause, codes) & (ends.day > since) & (ends.day <= history.today)
    ended = np.stack([ends.interval[over], ends.tier[over]])
    tiers = history.records.money.tiers
    kinds = np.unique(np.concatenate([renewed, ended], axis=1), axis=1).T.tolist()
    found = []
    for interval, tier in kinds:
        kept, lost = (int(((one[0] == interval) & (one[1] == tier)).sum()) for one in (renewed, ended))
        low, high = _wilson.interval(kept, kept + lost)
        found.append(
            {
                "term": INTERVALS[interval], "tier": tiers.get(tier, str(tier)), "renewed": kept, "ended": lost,
                "rate": kept / (kept + lost), "low": low, "high": high,
            }
        )  # fmt: skip
    return sorted(found, key=lambda row: (INTERVALS.index(row["term"]), row["tier"]))


def _together(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Counts of a month in all currencies: of invoices, not of money."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        known = found.setdefault(row["period"], {"period": row["period"], "due": 0, "on_time": 0, "late": 0})
        for name in ("due", "on_time", "late"):
            known[name] = None if row[name] is None else known[name] + row[name]
    return list(found.values())
