"""What is contracted at the end of a day, subscription by subscription, and how long subscriptions last."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engagement.packing import Whole
from engagement.selectors.history import History
from engagement.selectors.money import CHANGES, Contracts

ENDED, PAUSED = CHANGES.index("ended"), CHANGES.index("paused")
#: At these kinds of change something is contracted with the member themselves.
CARRIED = tuple(CHANGES.index(kind) for kind in ("begun", "changed", "resumed"))
NONE = -1


class Book:
    """The changes that are known at the end of `as_of`, by subscription; subscriptions stand here by their order."""

    def __init__(self, history: History) -> None:
        rows = history.records.money.contracts
        self.rows = Contracts(*(column[rows.at < history.end] for column in rows))
        ids, self.of = np.unique(self.rows.subscription, return_inverse=True)
        self.size = len(ids)
        # The first change of each subscription, then the second of each, and so on: each round names one but once.
        order = np.argsort(self.of, kind="stable")
        first = np.searchsorted(self.of[order], np.arange(self.size))
        turn = np.arange(len(order)) - np.repeat(first, np.diff(np.append(first, len(order))))
        self.rounds = [order[turn == n] for n in range(int(turn.max(initial=-1)) + 1)]
        self.member = self._of_last(self.rows.member)

    def _of_last(self, column: Whole) -> Whole:
        found = np.zeros(self.size, np.int64)
        for rows in self.rounds:
            found[self.of[rows]] = column[rows]
        return found

    def at(self, day: Whole | int) -> Whole:
        """The change that holds at the end of the day (one for all, or one for each subscription), `NONE` before the
        first. What was written last has the word, so a change that was foreseen gives way to an end that came before it."""
        until = np.broadcast_to(np.asarray(day, np.int64), (self.size,))
        found = np.full(self.size, NONE, np.int64)
        for rows in self.rounds:
            holds = self.rows.day[rows] <= until[self.of[rows]]
            found[self.of[rows][holds]] = rows[holds]
        return found

    def read(self, change: Whole, column: Whole) -> Whole:
        """The column's value at each change, 0 where there is none."""
        return np.where(change == NONE, 0, np.append(column, 0)[change])

    @property
    def begun(self) -> Whole:
        """The first day on which something was contracted, 0 for who never came so far."""
        found = np.zeros(self.size, np.int64)
        carried = np.isin(self.rows.kind, CARRIED)
        for rows in self.rounds:
            new = rows[carried[rows] & (found[self.of[rows]] == 0)]
            found[self.of[new]] = self.rows.day[new]
        return found


class Lives(NamedTuple):
    """How many whole months each subscription was seen, and whether it ended in the last of them."""

    months: Whole
    ended: NDArray[np.bool_]


def months_later(day: Whole, months: int) -> Whole:
    """So many months later, on the same day of the month or, where that one is shorter, on its last."""
    epoch = np.datetime64("1970-01-01").astype("datetime64[D]")
    from_epoch = 719_163  # date(1970, 1, 1).toordinal()
    days = (day - from_epoch).astype("timedelta64[D]") + epoch
    month = days.astype("datetime64[M]")
    into = (days - month.astype("datetime64[D]")).astype(np.int64)
    later = month + np.timedelta64(months, "M")
    first = later.astype("datetime64[D]")
    length = ((later + np.timedelta64(1, "M")).astype("datetime64[D]") - first).astype(np.int64)
    found: Whole = (first.astype(np.int64) + np.minimum(into, length - 1)) + from_epoch
    return found


def lives(begun: Whole, ended: Whole, today: int, *, most: int) -> Lives:
    """By whole months from the beginning, `most` at most. `ended` is 0 for what goes on. What ended in a month that is not
    complete has been seen to the one before it, as what goes on: else those who end would be counted sooner than those who
    stay."""
    months = np.zeros(len(begun), np.int64)
    over = np.zeros(len(begun), bool)
    for k in range(1, most + 1):
        point = months_later(begun, k)
        seen = (point <= today) & ~over
        months[seen] = k
        over |= seen & (ended > 0) & (ended <= point)
    return Lives(months, over)
