"""Who was an ordinary member when: no staff at that instant, whatever they were before and after."""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from engagement.packing import Whole
from engagement.selectors.history import History, microseconds
from kernel.clock import day_end, day_start


class Ordinary:
    """Places stand in the history's order. The staff are few, their spans fewer than a day's rows."""

    def __init__(self, history: History) -> None:
        self.history = history
        spans = history.records.doings.staffed
        place = history.places(spans.number)
        here = place >= 0
        self.place, self.since, self.until = place[here], spans.since[here], spans.until[here]
        self.ever = np.zeros(len(history.number), bool)
        self.ever[self.place] = True

    def at(self, place: Whole, at: Whole) -> NDArray[np.bool_]:
        """Whether each of these was an ordinary member at that instant."""
        found = np.ones(len(place), bool)
        doubtful = np.flatnonzero(self.ever[place])
        who, when = place[doubtful], at[doubtful]
        staff = np.zeros(len(doubtful), bool)
        for one, since, until in zip(
            self.place.tolist(), self.since.tolist(), self.until.tolist(), strict=True
        ):
            staff |= (who == one) & (since <= when) & (when < until)
        found[doubtful] = ~staff
        return found

    def through(self, day: int) -> tuple[NDArray[np.bool_], Whole]:
        """By place, who was no staff all through the local day; and the places of those who changed on it."""
        first = microseconds(day_start(date.fromordinal(day), self.history.zone))
        last = microseconds(day_end(date.fromordinal(day), self.history.zone))
        here = (self.since < last) & (self.until > first)
        ordinary = ~self.ever
        ordinary[self.place] = True
        ordinary[self.place[here]] = False
        turned = here & ((self.since > first) | (self.until < last))
        return ordinary, np.unique(self.place[turned])

    def between(self, start: int | None, end: int) -> tuple[int, int]:
        """How many interactions there were on the local days start..end, and how many between two ordinary members."""
        many = both = 0
        for day, pairs in self.history.daily_pairs(start, end):
            ordinary, turned = self.through(day)
            many += int(pairs.n.sum())
            told = np.ones(len(pairs.n), bool)
            if len(turned):
                # Whoever became staff, or ceased to be, on this day: when each of their interactions was decides.
                told = ~(np.isin(pairs.source, turned) | np.isin(pairs.target, turned))
                for rows in self.history.contacts(day, day, turned):
                    both += int(
                        np.count_nonzero(self.at(rows.source, rows.at) & self.at(rows.target, rows.at))
                    )
            both += int(pairs.n[told & ordinary[pairs.source] & ordinary[pairs.target]].sum())
        return many, both
