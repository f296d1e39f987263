"""Pairs of members by what they share: neighbours in the network, interests, a city. Each is a group that both are in, and
what it is worth is the same for every pair in it."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engagement.packing import Whole

#: Comparisons that are made without a second thought; of more, groups of more members than `BOUND` bring forth no pairs,
#: and count for those that others bring forth.
COMPARISONS, BOUND = 20_000_000, 100
#: Comparisons made at once: bounds memory to some 200 MB.
ROUND = 4_000_000
#: Pairs at once of which is looked up what else they share.
PAIRS = 400_000
#: Two scores closer than this are one.
DIGITS = 12


class Groups(NamedTuple):
    """Who is in which group (both in places, each row once), and what each group is worth."""

    member: Whole
    group: Whole
    worth: NDArray[np.float64]


class Best(NamedTuple):
    """The best pairs, `low` before `high` in the standing order; how many there were, and the bound in force."""

    low: Whole
    high: Whole
    score: NDArray[np.float64]
    found: int
    bound: int | None


class Shared:
    """Groups by member and by group, to be asked what two members share."""

    def __init__(self, groups: Groups, size: int) -> None:
        order = np.lexsort((groups.group, groups.member))
        self.group, self.worth = groups.group[order], groups.worth
        member = groups.member[order]
        self.starts = np.searchsorted(member, np.arange(size + 1))
        by_group = np.lexsort((groups.member, groups.group))
        self.inside = groups.member[by_group]
        self.begins = np.searchsorted(groups.group[by_group], np.arange(len(groups.worth) + 1))
        self.many = np.diff(self.begins)
        self.member = member
        #: Rows as one number each, in order.
        self.row = member * max(len(groups.worth), 1) + self.group

    def of(self, one: int, other: int) -> Whole:
        """The groups that both are in."""
        mine, theirs = (self.group[self.starts[each] : self.starts[each + 1]] for each in (one, other))
        return np.intersect1d(mine, theirs, assume_unique=True)

    def both(self, low: Whole, high: Whole, wanted: NDArray[np.bool_]) -> NDArray[np.float64]:
        """What the wanted groups are worth that the members of each pair share."""
        rows = np.flatnonzero(wanted[self.group])
        starts = np.searchsorted(self.member[rows], np.arange(len(self.starts)))
        many = starts[low + 1] - starts[low]
        pair = np.repeat(np.arange(len(low)), many)
        place = np.arange(len(pair)) - np.repeat(np.cumsum(many) - many, many) + np.repeat(starts[low], many)
        group = self.group[rows[place]]
        key = high[pair] * max(len(self.worth), 1) + group
        at = np.minimum(np.searchsorted(self.row, key), len(self.row) - 1)
        there = self.row[at] == key
        return np.bincount(pair[there], self.worth[group[there]], len(low)).astype(np.float64)


def best(shared: Shared, *, apart: Whole, limit: int) -> Best:
    """The pairs that share most, without those in `apart` (low * members + high, in order). Equal ones by who stands first."""
    size = len(shared.starts) - 1
    bound = BOUND if int((shared.many**2).sum()) > COMPARISONS else None
    bringing = np.ones(len(shared.worth), bool) if bound is None else shared.many <= bound
    others = ~bringing
    # What groups that bring forth nothing can add to a pair at most.
    more = np.bincount(shared.member, np.where(others, shared.worth, 0.0)[shared.group], size)
    kept, scores, found, least = np.zeros(0, np.int64), np.zeros(0), 0, -np.inf
    for key, worth in _pairs(shared, bringing):
        inside = np.minimum(np.searchsorted(apart, key), max(len(apart) - 1, 0))
        free = apart[inside] != key if len(apart) else np.ones(len(key), bool)
        key, worth = key[free], worth[free]
        found += len(key)
        if len(worth) > limit:
            least = max(least, float(np.partition(worth, -limit)[-limit]))
        # With room for the last digits.
        hopeful = worth + np.minimum(more[key // size], more[key % size]) >= least - 1e-9
        key, worth = key[hopeful], worth[hopeful]
        if others.any() and len(key):
            for start in range(0, len(key), PAIRS):
                part = slice(start, start + PAIRS)
                worth[part] += shared.both(key[part] // size, key[part] % size, others)
        kept, scores = np.concatenate([kept, key]), np.concatenate([scores, worth])
        rank = np.lexsort((kept, -np.round(scores, DIGITS)))[:limit]
        kept, scores = kept[rank], scores[rank]
        if len(scores) == limit:
            least = max(least, float(scores.min()))
    return Best(kept // max(size, 1), kept % max(size, 1), scores, found, bound)


def _pairs(shared: Shared, bringing: NDArray[np.bool_]) -> Iterator[tuple[Whole, NDArray[np.float64]]]:
    """Pairs (low * members + high) in the same bringing group, each once, with what all these are worth; some members'
    pairs at a time."""
    size = len(shared.starts) - 1
    rows = np.flatnonzero(bringing[shared.group])
    cost = np.cumsum(shared.many[shared.group[rows]])
    start = 0
    while start < len(rows):
        before = cost[start - 1] if start else 0
        end = max(int(np.searchsorted(cost, before + ROUND, side="right")), start + 1)
        # A member's rows stay together: their pairs are told once.
        if end < len(rows):
            last = shared.member[rows[end]]
            cut = int(np.searchsorted(shared.member[rows], last))
            end = cut if cut > start else int(np.searchsorted(shared.member[rows], last, side="right"))
        part = rows[start:end]
        group = shared.group[part]
        many = shared.many[group]
        whose = np.repeat(np.arange(len(part)), many)
        place = np.arange(len(whose)) - np.repeat(np.cumsum(many) - many, many) + shared.begins[group][whose]
        low, high = shared.member[part][whose], shared.inside[place]
        keep = low < high
        key, which = np.unique(low[keep] * size + high[keep], return_inverse=True)
        worth = np.bincount(which, shared.worth[group[whose[keep]]], len(key))
        yield key, worth.astype(np.float64)
        start = end
