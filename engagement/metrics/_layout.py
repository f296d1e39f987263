"""Where the members of a network stand in its picture: each sub-community a disc, those in touch with one another side by
side, and in each those in the middle who are in the middle of it. The same network gives the same picture."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engagement.metrics import _leiden
from engagement.packing import Whole

Points = NDArray[np.float64]
#: The golden angle: steps of it fill a disc evenly.
GOLDEN = np.pi * (3 - np.sqrt(5))
#: So many of the largest parts are put where they are drawn to; the smaller ones go around them.
PLACED = 60
#: Angles at which a disc is tried beside each that stands, and the gap between the two.
TRIED, GAP = 24, 0.9
#: The picture is so wide and high, in whole steps.
SIDE = 10_000


def layout(graph: Any, part: Whole) -> Whole:
    """Per node where it stands, as rows of two whole numbers from 0 to `SIDE`. `part` numbers the sub-communities from 0 on,
    the largest first."""
    if not len(part):
        return np.zeros((0, 2), np.int64)
    sizes = np.bincount(part)
    radius = np.sqrt(sizes) + 0.35
    middle = _middles(graph, part, radius)
    place = np.zeros((len(part), 2))
    order = np.argsort(part, kind="stable")
    with _leiden.seeded():
        for number, nodes in enumerate(np.split(order, np.cumsum(sizes)[:-1])):
            place[nodes] = middle[number] + _inside(graph, nodes) * radius[number]
    least, most = place.min(axis=0), place.max(axis=0)
    width = max(float((most - least).max()), 1e-9)
    return np.round(SIDE / 2 + (place - (least + most) / 2) * (SIDE / width)).astype(np.int64)


def _inside(graph: Any, nodes: Whole) -> Points:
    """Where the nodes of a part stand in a disc of radius 1: in the directions that their ties pull them to (Fruchterman
    and Reingold 1991), and spread so that the disc is filled."""
    many = len(nodes)
    step = np.arange(many)
    begin = np.sqrt((step + 0.5) / many)[:, None] * np.stack(
        [np.cos(step * GOLDEN), np.sin(step * GOLDEN)], axis=1
    )
    if many < 4:
        return begin * 0.7
    rounds = 300 if many <= 500 else 120 if many <= 3000 else 50
    inner = graph.induced_subgraph(nodes.tolist())
    drawn = inner.layout_fruchterman_reingold(seed=(begin * np.sqrt(many)).tolist(), niter=rounds)
    found = np.array(drawn.coords)
    found -= np.median(found, axis=0)
    far = np.hypot(found[:, 0], found[:, 1])
    rank = np.empty(many)
    rank[np.lexsort((step, far))] = np.arange(many)
    even = np.sqrt((rank + 0.5) / many)
    wanted = 0.3 * far / max(float(far.max()), 1e-9) + 0.7 * even
    return found * (wanted / np.maximum(far, 1e-9))[:, None]


def _middles(graph: Any, part: Whole, radius: Points) -> Points:
    """Where the discs stand: the large ones touching another, near those to whom they have most ties; the small around."""
    many = len(radius)
    middle = np.zeros((many, 2))
    large = min(many, PLACED)
    drawn = _ties_between(graph, part, large)
    angle = np.arange(TRIED) * (2 * np.pi / TRIED)
    around = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    for each in range(1, large):
        there, reach = middle[:each], radius[:each] + radius[each] + GAP
        tried = (there[:, None, :] + reach[:, None, None] * around[None, :, :]).reshape(-1, 2)
        apart = np.hypot(*(tried[:, None, :] - there[None, :, :]).transpose(2, 0, 1))
        free = (apart >= reach[None, :] - 1e-6).all(axis=1)
        pull = drawn[each, :each] / max(float(drawn[each, :each].sum()), 1.0)
        cost = apart @ pull + 0.5 * np.hypot(tried[:, 0], tried[:, 1])
        # To twelve digits, so that the first of equals is the first everywhere.
        middle[each] = tried[np.argmin(np.where(free, np.round(cost, 9), np.inf))]
    if many > large:
        middle[large:] = _rings(radius[large:], float((np.hypot(*middle[:large].T) + radius[:large]).max()))
    return middle


def _ties_between(graph: Any, part: Whole, large: int) -> Points:
    """How many interactions there were between each two of the large parts."""
    edges = np.array(graph.get_edgelist(), np.int64).reshape(-1, 2)
    one, other = part[edges[:, 0]], part[edges[:, 1]]
    keep = (one != other) & (one < large) & (other < large)
    weight = np.array(graph.es["weight"], np.float64)[keep]
    flat = np.bincount(one[keep] * large + other[keep], weight, large * large).astype(np.float64)
    square: Points = flat.reshape(large, large)
    return square + square.T


def _rings(radius: Points, inner: float) -> Points:
    """Discs one after the other on rings around what stands already."""
    found, at, turn = np.zeros((len(radius), 2)), inner + GAP + float(radius[0]), 0.0
    widest = float(radius[0])
    for each, wide in enumerate(radius.tolist()):
        step = 2 * np.arcsin(min(1.0, (2 * wide + GAP) / (2 * at)))
        if turn + step > 2 * np.pi:
            at, turn = at + widest + GAP + wide, 0.0
            widest = wide
        found[each] = at * np.cos(turn), at * np.sin(turn)
        turn += step
    return found
