from datetime import date
from typing import Any, NamedTuple

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from numpy.typing import NDArray

from engagement.metrics import _periods, _words
from engagement.packing import Whole
from engagement.selectors.forest import Forest
from engagement.selectors.history import History
from engagement.selectors.referrals import NOBODY
from kernel.metrics import (
    NO_DATA,
    Chapter,
    Data,
    Headline,
    Metric,
    Parameter,
    Revision,
    Table,
    Who,
    with_shares,
)


class Trees(NamedTuple):
    """Trees of two or more, the largest first, equal ones by their roots' standing order; `root` is a place."""

    root: Whole
    size: Whole
    depth: Whole
    width: Whole
    virality: NDArray[np.float64]


def trees_of(forest: Forest) -> Trees:
    """Structural virality is the mean distance over all pairs of a tree's members (Goel, Anderson, Hofman and Watts 2016;
    the Wiener index of a tree by its edges: Mohar and Pisanski 1988)."""
    above, size, generation = forest.above, forest.size, forest.generation
    root = np.flatnonzero((above == NOBODY) & (size > 1))
    root = root[np.argsort(-size[root], kind="stable")]
    n = size[root]
    # Each edge lies on the way between who is below it and all others of the tree.
    below = np.flatnonzero(above != NOBODY)
    through = size[below] * (size[forest.root[below]] - size[below])
    ways = np.zeros(len(above), np.int64)
    np.add.at(ways, forest.root[below], through)
    deepest = np.zeros(len(above), np.int64)
    np.maximum.at(deepest, forest.root, generation)
    widest = np.zeros(len(above), np.int64)
    levels = int(generation.max(initial=0)) + 1
    level, many = np.unique(forest.root * levels + generation, return_counts=True)
    np.maximum.at(widest, level // levels, many)
    return Trees(root, n, deepest[root], widest[root], 2 * ways[root] / (n * (n - 1)))


class Cascades(Metric):
    key = "cascades"
    title = _("Invitation trees")
    question = _("When a member brings somebody, does it go on from there?")
    unit = _("of members are in a tree of two or more")
    formula = _(
        "A tree is a member whom nobody brought with all who came through them, 2 or more together; roots count "
        "single members too.\n\n"
        "Per tree: size n, depth (generations below the root), widest generation, and structural virality, the "
        "mean distance over all pairs of its members, over its edges, s the size below the edge:\n\n"
        "`virality = 2 · Σ s (n − s) / (n (n − 1))`\n\n"
        "It is 2(n − 1)/n for a star and (n + 1)/3 for a chain.\n\n"
        "Attached: members in trees; share = attached / members. Sizes: how many trees have each size. Inviters "
        "that go round in a circle lose the edge of their earliest joiner (refused)."
    )
    reads = _("Joinings, and who brought whom as it was known on that day.")
    blind_spots = _(
        "Trees are still growing: a young one is small. A high virality says that it goes from one to the next, a low one "
        "that one member brings many; neither is better by itself."
    )
    chapter = Chapter.GROWS
    chart = "cascades"
    revisions = (Revision(1, date(2026, 11, 23), _("First definition.")),)
    parameters = (
        Parameter("limit", "number", _("Trees listed"), default=20, maximum=10_000),
        _periods.AS_OF,
    )
    heavy = True

    def compute(self, history: History, *, limit: int = 20, **parameters: Any) -> Data:
        forest, members = history.forest, len(history.number)
        trees = trees_of(forest)
        attached = int(trees.size.sum())
        listed = zip(*(column[:limit].tolist() for column in trees), strict=True)
        sizes, many = np.unique(trees.size, return_counts=True)
        return {
            "trees": len(trees.root),
            "roots": int(np.count_nonzero(forest.above == NOBODY)),
            "attached": attached,
            "members": members,
            "share": attached / members if members else None,
            "refused": len(forest.refused),
            "largest": [
                {
                    "root": int(history.number[root]),
                    "size": size,
                    "depth": depth,
                    "width": width,
                    "virality": virality,
                }
                for root, size, depth, width, virality in listed
            ],
            "sizes": {str(size): n for size, n in zip(sizes.tolist(), many.tolist(), strict=True)},
        }

    def table(self, data: Any) -> Table:
        data = with_shares(data, "share")
        names = {
            "members": _("Members"),
            "roots": _("Roots, single members too"),
            "trees": _("Trees of two or more"),
            "attached": _("Members in trees"),
            "share": _("Share of members in trees"),
            "refused": _("Edges refused: they closed a circle"),
        }
        rows: list[list[Any]] = [[names[key], data[key], *[None] * 4] for key in names]
        rows += [
            [_("Trees of %(n)s members") % {"n": size}, n, *[None] * 4] for size, n in data["sizes"].items()
        ]
        for tree in data["largest"]:
            known = [tree["size"], tree["depth"], tree["width"], tree["virality"]]
            rows.append([_("One of the largest trees: members in it"), *known, Who.of(tree["root"])])
        header = [
            _("What"),
            _("Value"),
            _("Depth"),
            _("Widest generation"),
            _("Structural virality"),
            _("Root"),
        ]
        return Table(header, rows)

    def finding(self, data: Any) -> str:
        if not data["members"]:
            return str(NO_DATA)
        if not data["trees"]:
            return translate("Nobody was brought by a member so far, as far as it is known.")
        largest = data["largest"][0]
        said = ngettext(
            "%(share)s of the members stand in %(trees)s tree of who brought whom; the largest has %(size)s over %(depth)s.",
            "%(share)s of the members stand in %(trees)s trees of who brought whom; the largest has %(size)s over %(depth)s.",
            data["trees"],
        )
        return said % {
            "trees": _words.count(data["trees"]),
            "share": _words.percent(data["share"]),
            "size": _words.count(largest["size"]),
            "depth": ngettext("%(n)s generation", "%(n)s generations", largest["depth"])
            % {"n": _words.count(largest["depth"])},
        }

    def headline(self, data: Any) -> Headline:
        if data["share"] is None:
            return Headline(None, self.unit, "share", reason=NO_DATA)
        return Headline(data["share"], self.unit, "share")

    def brief(self, data: Any) -> Data:
        return {**data, "largest": data["largest"][:1], "sizes": {}}

    def people(self, data: Any) -> list[int]:
        return [tree["root"] for tree in data["largest"]]
