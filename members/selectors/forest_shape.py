"""The referral forest as a whole, counted in memory: who hangs below whom, without a recursion in the database."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
NOBODY = -1


@dataclass(frozen=True)
class Counts:
    """How many a member brought, how many hang below them with all whom those brought, how many generations down."""

    brought: int
    below: int
    depth: int


class Shape:
    """Everybody who joined, by place: rising `ids`, their `numbers`, which are `shown`, who `brought` each (an id, or
    `NOBODY`), how many hang `below` each and how `deep`.

    Made of rows (member, inviter, number, shown as 0 or 1), with `NOBODY` for no inviter. An inviter who is no row may
    be asked about as well.
    """

    def __init__(self, ids: Numbers, inviters: Numbers, numbers: Numbers, shown: Numbers) -> None:
        order = np.argsort(ids)
        self.ids, self.brought = ids[order], inviters[order]
        self.numbers, self.shown = numbers[order], shown[order] == 1
        self._by_inviter = np.argsort(self.brought, kind="stable")
        self._inviters = self.brought[self._by_inviter]
        self.below, self.deep = self._hanging(_places(self.ids, self.brought))

    @staticmethod
    def _hanging(above: Numbers) -> tuple[Numbers, Numbers]:
        """How many hang below each, and how deep, where `above` are the places of those who brought them."""
        level, jump = (above >= 0).astype(np.int64), above
        for _doubling in range(len(above).bit_length() + 1):
            goes_on = jump >= 0
            if not goes_on.any():
                break
            level = level + np.where(goes_on, level[jump], 0)
            jump = np.where(goes_on, jump[jump], NOBODY)
        below, deep = np.zeros_like(above), np.zeros_like(above)
        met = np.flatnonzero(level)
        met = met[np.argsort(-level[met], kind="stable")]
        for generation in np.split(met, np.flatnonzero(np.diff(level[met])) + 1):
            np.add.at(below, above[generation], below[generation] + 1)
            np.maximum.at(deep, above[generation], deep[generation] + 1)
        return below, deep

    def of(self, pk: int) -> Counts:
        """Of anybody, whoever brought them."""
        brought = self._brought_by(np.array([pk]))
        if not len(brought):
            return Counts(0, 0, 0)
        below = int(self.below[brought].sum()) + len(brought)
        return Counts(len(brought), below, int(self.deep[brought].max()) + 1)

    def trees(self) -> Numbers:
        """The places of the roots of trees of two or more, the biggest first, equal ones by number."""
        roots = np.flatnonzero((self.brought == NOBODY) & (self.below > 0))
        return roots[np.lexsort((self.numbers[roots], -self.below[roots]))]

    def down(self, pk: int, deepest: int) -> Iterator[tuple[int, int, int, bool]]:
        """(generation, number, id, shown) of all below one, generation by generation."""
        generation = np.array([pk])
        for depth in range(1, deepest + 1):
            places = self._brought_by(generation)
            generation = self.ids[places]
            columns = (self.numbers[places], generation, self.shown[places])
            rows: Any = zip(*(column.tolist() for column in columns), strict=True)
            yield from ((depth, *row) for row in rows)

    def _brought_by(self, ids: Numbers) -> Numbers:
        """The places of all whom these brought."""
        first = np.searchsorted(self._inviters, ids, "left")
        many = np.searchsorted(self._inviters, ids, "right") - first
        starts = np.repeat(first - np.concatenate(([0], np.cumsum(many)[:-1])), many)
        return self._by_inviter[starts + np.arange(many.sum())]


def _places(rising: Numbers, wanted: Numbers) -> Numbers:
    """Where each of the wanted stands, `NOBODY` where it does not."""
    if not len(rising):
        return np.full(len(wanted), NOBODY)
    places = np.minimum(np.searchsorted(rising, wanted), len(rising) - 1)
    return np.where(rising[places] == wanted, places, NOBODY)
