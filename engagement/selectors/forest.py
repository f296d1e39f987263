"""The referral forest of a history: who hangs below whom, counted without a loop over members or generations.

All arrays run parallel to the members in their standing order. Everything is found by doubling: what holds of a step up the
tree holds of two, of four, of eight (Wyllie 1979); so a chain of 100,000 takes 17 rounds, as a star takes one.
"""

from functools import cached_property

import numpy as np

from engagement.packing import Whole
from engagement.selectors.referrals import NOBODY


class Forest:
    """Made of the place of everybody's inviter, `NOBODY` for none.

    Of inviters that go round in a circle, somebody who brought themselves among them, the edge of the earliest in the
    standing order is refused: `above` is what is left, `refused` are the places that lost theirs.
    """

    def __init__(self, inviter: Whole) -> None:
        self.refused = _first_of_loops(inviter)
        self.above = inviter.copy()
        self.above[self.refused] = NOBODY

    @cached_property
    def generation(self) -> Whole:
        """Of each, how many edges lie between them and their root."""
        found, jump = (self.above != NOBODY).astype(np.int64), self.above
        while (on := jump != NOBODY).any():
            found[on] += found[jump[on]]
            jump = np.where(on, jump[jump], NOBODY)
        return found

    @cached_property
    def root(self) -> Whole:
        """Of each, the place at the top of their tree: their own, where nobody brought them."""
        found = np.where(self.above == NOBODY, np.arange(len(self.above)), self.above)
        while (found != found[found]).any():
            found = found[found]
        return found

    @cached_property
    def size(self) -> Whole:
        """Of each, how many hang below them at whatever distance, themselves included."""
        found, jump = np.ones(len(self.above), np.int64), self.above
        while (on := jump != NOBODY).any():
            # Those below by 2^k steps add what is within 2^k steps below them.
            found = found + np.bincount(jump[on], found[on], len(found)).astype(np.int64)
            jump = np.where(on, jump[jump], NOBODY)
        return found

    @cached_property
    def brought(self) -> Whole:
        """Of each, how many they brought themselves."""
        return np.bincount(self.above[self.above != NOBODY], minlength=len(self.above)).astype(np.int64)


def _first_of_loops(inviter: Whole) -> Whole:
    """The earliest place of each loop."""
    least, jump = np.arange(len(inviter)), inviter
    for _doubling in range(len(inviter).bit_length() + 1):
        if not (on := jump != NOBODY).any():
            return np.zeros(0, np.int64)
        least = np.where(on, np.minimum(least, least[jump]), least)
        jump = np.where(on, jump[jump], NOBODY)
    # After as many steps as there are members whoever still has somebody above them stands below a loop, or in it: and
    # those in it are where all of these have come to, having passed every one of their loop.
    inside = np.unique(jump[jump != NOBODY])
    return inside[least[inside] == inside]
