"""A history counted by week and tenure, as the projection reads it.

A week is Monday to Sunday; tenure is the number of weeks since that of joining. Only weeks that are complete at `as_of` are
counted, none that begins before the first joining's week is over: what came before that is not known to be a week's worth.
"""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from engagement.metrics._contracts import Book
from engagement.metrics._projection import FIRST, READ, TENURES, Contracts, Past
from engagement.packing import Whole
from engagement.selectors.history import History, microseconds
from kernel.clock import day_end, week_of

#: Prices of a currency that are told apart at most.
PRICES = 4
#: Days of a week; Mondays are the days whose ordinal leaves 1.
WEEK = 7


def last_week(history: History) -> int:
    """The Sunday of the last complete week, an ordinal."""
    monday = week_of(date.fromordinal(history.today + 1)).toordinal()
    return monday - 1


def complete_weeks(history: History) -> int:
    """How many weeks are complete since the one in which the first member joined, that one left out."""
    if not len(history.joined_day):
        return 0
    first = week_of(date.fromordinal(int(history.joined_day.min()))).toordinal()
    return max((last_week(history) + 1 - first) // WEEK - 1, 0)


def ends(history: History, weeks: int) -> list[int]:
    """The Sundays of the last complete weeks, the oldest first."""
    last = last_week(history)
    return [last - WEEK * back for back in range(weeks - 1, -1, -1)]


def members_at(history: History, day: int) -> NDArray[np.bool_]:
    """By place: who was a member at the end of the local day."""
    here = history.members_before(microseconds(day_end(date.fromordinal(day), history.zone)))
    return here & (history.joined_day <= day)


def past(history: History) -> Past:
    """The last complete weeks, `READ` at most. There must be one."""
    weeks = min(complete_weeks(history), READ)
    sundays = ends(history, weeks + 1)
    counted = _Counted(history)
    here = np.zeros((weeks + 1, TENURES), np.int64)
    left, active = np.zeros((weeks, TENURES), np.int64), np.zeros((weeks, TENURES), np.int64)
    gone, returned = np.zeros(weeks + 1, np.int64), np.zeros(weeks, np.int64)
    before = members_at(history, sundays[0])
    here[0] = counted.by_tenure(before, sundays[0])
    gone[0] = counted.joined_by(sundays[0]).sum() - before.sum()
    for week, sunday in enumerate(sundays[1:]):
        now, known = members_at(history, sunday), counted.joined_by(sunday)
        new = known & ~counted.joined_by(sunday - WEEK)
        here[week + 1] = counted.by_tenure(now, sunday)
        left[week] = counted.by_tenure((before | new) & ~now, sunday)
        returned[week] = (now & ~before & ~new).sum()
        gone[week + 1] = known.sum() - now.sum()
        active[week] = counted.by_tenure(counted.active(sunday), sunday)
        before = now
    outside, referred = counted.joins(sundays)
    found = Past(here, gone, outside, referred, left, returned, active)
    return found._replace(contracts=tuple(_contracts(history, sundays, found)))


class _Counted:
    """Who of a history was what, by place."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.monday: Whole = history.joined_day - (history.joined_day - 1) % WEEK

    def joined_by(self, day: int) -> NDArray[np.bool_]:
        return self.history.joined_day <= day

    def active(self, sunday: int) -> NDArray[np.bool_]:
        """Who acted in the week that ends on the day and had joined by its end."""
        found = np.zeros(len(self.history.number), bool)
        members = np.array(self.history.active(sunday - WEEK + 1, sunday).to_array(), np.int64)
        found[self.history.places(members)] = True
        return found & self.joined_by(sunday)

    def by_tenure(self, which: NDArray[np.bool_], sunday: int) -> Whole:
        tenure = (sunday - WEEK + 1 - self.monday[which]) // WEEK
        return np.bincount(np.minimum(tenure, TENURES - 1), minlength=TENURES).astype(np.int64)

    def joins(self, sundays: list[int]) -> tuple[Whole, Whole]:
        """Joins of the weeks after the first Sunday: from outside, and by the tenure of who brought them."""
        history, weeks = self.history, len(sundays) - 1
        week = (self.monday - (sundays[0] + 1)) // WEEK
        inside = (week >= 0) & (week < weeks)
        inviter = history.forest.above
        # Without an inviter the last member stands for one; it is not looked at.
        age = np.where(inviter >= 0, self.monday - self.monday[inviter], -WEEK) // WEEK
        follows = history.joined_at >= history.joined_at[inviter]
        brought = inside & (inviter >= 0) & follows & (age >= 0) & (age < FIRST)
        referred = np.zeros((weeks, FIRST), np.int64)
        np.add.at(referred, (week[brought], age[brought]), 1)
        outside = np.bincount(week[inside & ~brought], minlength=weeks).astype(np.int64)
        return outside, referred


class Recurring:
    """What recurs with each payer, in one currency or another; what holds at the end of one day is read at a time."""

    def __init__(self, history: History) -> None:
        self.book = Book(history)
        self.payers, self.who = np.unique(self.book.member, return_inverse=True)
        contracted = self.book.rows.monthly > 0
        #: The currencies in which anything ever recurred, in the order of their letters.
        self.codes: list[int] = np.unique(self.book.rows.currency[contracted]).tolist()

    def at(self, day: int) -> dict[int, Whole]:
        """By currency and payer, in twelfths of the smallest unit."""
        book = self.book
        change = book.at(day)
        currency, monthly = book.read(change, book.rows.currency), book.read(change, book.rows.monthly)
        found = {code: np.zeros(len(self.payers), np.int64) for code in self.codes}
        for code, amounts in found.items():
            mine = currency == code
            np.add.at(amounts, self.who[mine], monthly[mine])
        return found

    def steps(self, code: int, days: list[int]) -> Whole:
        """Where prices of the currency begin: each that was paid on these days, or, of more than `PRICES`, as many with about
        as many payers on the last of them."""
        paid = [np.unique(self.at(day)[code]) for day in days]
        amounts = np.unique(np.concatenate(paid))
        amounts = amounts[amounts > 0]
        if len(amounts) <= PRICES:
            return amounts
        last = self.at(days[-1])[code]
        last = np.sort(last[last > 0]) if (last > 0).any() else amounts
        return np.unique(np.append(amounts[0], last[len(last) * np.arange(1, PRICES) // PRICES]))

    def totals(self, days: list[int]) -> dict[int, list[int]]:
        """By currency, of each day."""
        each = [self.at(day) for day in days]
        return {code: [int(found[code].sum()) for found in each] for code in self.codes}


def _contracts(history: History, sundays: list[int], past: Past) -> list[Contracts]:
    """By currency and price: who pays little does not stay as who pays much does."""
    recurring = Recurring(history)
    place = history.places(recurring.payers)
    # Who pays and is no member joined in no week.
    day = np.where(place >= 0, np.append(history.joined_day, 0)[place], 0)
    monday = day - (day - 1) % WEEK
    members = past.here[:-1].sum(axis=1)
    exposed = past.could_leave
    young = exposed[:, 1:FIRST].sum(axis=1)
    found = []
    for code in recurring.codes:
        steps = recurring.steps(code, sundays)
        weeks: list[_PriceWeek] = []
        before = recurring.at(sundays[0])[code]
        for sunday in sundays[1:]:
            now = recurring.at(sunday)[code]
            weeks.append(_PriceWeek(before, now, steps, (sunday - WEEK + 1 - monday) // WEEK))
            before = now
        for step in range(1, len(steps) + 1):
            at_price = np.searchsorted(steps, before, side="right") == step
            rows = [week.counts(step) for week in weeks]
            *began, ceased, paid, together = np.array(rows, np.int64).T
            unpaid = np.maximum(members - together, 0)
            found.append(
                Contracts(
                    currency=code,
                    began=np.stack(began, axis=1),
                    could=np.stack([past.joined, young, unpaid, together - paid], axis=1),
                    ceased=ceased,
                    paid=paid,
                    paying=int(at_price.sum()),
                    amount=int(before[at_price].sum()),
                    first_amounts=np.sort(np.concatenate([week.first_amounts(step) for week in weeks])),
                )
            )
    return found


class _PriceWeek:
    """What one week did to what payers pay: at which step of the prices (1, 2, ...; 0 for nothing) each stood before and
    after it, and their tenure. Only who began or ceased is kept."""

    def __init__(self, before: Whole, now: Whole, steps: Whole, tenure: Whole) -> None:
        was, now_at = (np.searchsorted(steps, amounts, side="right") for amounts in (before, now))
        self.paid = np.bincount(was, minlength=len(steps) + 1)
        moved = was != now_at
        self.was, self.now, self.tenure, self.amounts = was[moved], now_at[moved], tenure[moved], now[moved]

    def counts(self, step: int) -> tuple[int, ...]:
        """Who began, in the ways of `Contracts`; who ceased; who paid before, and who did at any price."""
        began, nothing = self.now == step, self.was == 0
        joined, young = self.tenure == 0, (self.tenure > 0) & (self.tenure < FIRST)
        ways = (nothing & joined, nothing & young, nothing & ~joined & ~young, ~nothing)
        ceased = (self.was == step).sum()
        return (
            *(int((began & way).sum()) for way in ways),
            int(ceased),
            int(self.paid[step]),
            int(self.paid[1:].sum()),
        )

    def first_amounts(self, step: int) -> Whole:
        return self.amounts[self.now == step]
