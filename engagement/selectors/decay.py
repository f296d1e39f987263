"""Decayed counts: per member and verb the sum over facts of 2^(-age / 28), age in whole local days.

Days are gathered in blocks of one half-life, counted from the first day there is. From the end of one block to
the end of the next what was before is exactly halved, so that going on from sums kept earlier gives, to the last
bit, what adding up all days again would: nothing ever drifts. A block is added up in memory, its days in order.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from engagement.packing import Whole, member_set
from engagement.selectors.records import Counts, Decayed, Records

HALF_LIFE = 28


def block_end(day: int) -> int:
    """The last day of the block that holds the day."""
    return -(-day // HALF_LIFE) * HALF_LIFE


def base_day(as_of: int) -> int:
    """The last day of the last whole block up to and including `as_of`: what may be kept for it."""
    return as_of // HALF_LIFE * HALF_LIFE


def base(records: Records, day: int) -> Decayed:
    """The sums at the end of `day`, the last of a block: from what is kept of an earlier day, or from the beginning."""
    found = records.base(day)
    days = records.daily_counts(found.day + 1 if found else None, day)
    sums = found or Decayed(0, *_nothing())
    for end, block in groupby(days, key=lambda counts: block_end(int(counts.day[0]))):
        sums = _added(sums, end, block)
    return _halved(sums, day)


def worth(counts: Counts, day: int) -> NDArray[np.float64]:
    """What each row of counts is worth at the end of `day`."""
    weight: NDArray[np.float64] = np.exp2((counts.day - day) / HALF_LIFE)
    return counts.n * weight


def _halved(sums: Decayed, day: int) -> Decayed:
    """The sums at the end of a later block."""
    blocks = (day - sums.day) // HALF_LIFE
    return Decayed(day, sums.member, sums.verb, np.ldexp(sums.total, -blocks)) if blocks else sums


def _added(sums: Decayed, end: int, block: Iterable[Counts]) -> Decayed:
    """The sums at the end of a block of these days, a row a member and verb within each."""
    days = list(block)
    members = _distinct([sums.member, *(counts.member for counts in days)])
    verbs = _distinct([sums.verb, *(counts.verb for counts in days)])
    total = np.zeros((len(members), len(verbs)))
    there = np.zeros(total.shape, bool)
    for row, column, worths in _cells(members, verbs, _halved(sums, end), days):
        total[row, column] += worths
        there[row, column] = True
    row, column = np.nonzero(there)
    return Decayed(end, members[row], verbs[column], total[row, column])


def _distinct(columns: Iterable[Whole]) -> Whole:
    """In order. Through bitmaps: there are many times fewer members than rows."""
    found = BitMap.union(*(member_set(column) for column in columns))
    return np.array(found.to_array(), np.int64)


def _cells(
    members: Whole, verbs: Whole, sums: Decayed, days: Iterable[Counts]
) -> Iterator[tuple[Whole, Whole, NDArray[np.float64]]]:
    yield np.searchsorted(members, sums.member), np.searchsorted(verbs, sums.verb), sums.total
    for counts in days:
        row, column = np.searchsorted(members, counts.member), np.searchsorted(verbs, counts.verb)
        yield row, column, worth(counts, sums.day)


def _nothing() -> tuple[Whole, Whole, NDArray[np.float64]]:
    return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
