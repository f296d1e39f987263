"""Where members stand in the picture of their network: the same each time, nobody on top of another, parts apart."""

import random

import igraph
import numpy as np
import pytest

from engagement.metrics import _layout


def parted(seed, sizes, near=0.5):
    """A graph of parts of these sizes, within which many are in touch, and a few across; its nodes' parts."""
    chosen = random.Random(seed)
    part = np.repeat(np.arange(len(sizes)), sizes)
    edges = set()
    for one in range(len(part)):
        for other in range(one + 1, len(part)):
            if chosen.random() < (near if part[one] == part[other] else 0.01):
                edges.add((one, other))
    graph = igraph.Graph(n=len(part), edges=sorted(edges))
    graph.es["weight"] = [1] * graph.ecount()
    return graph, part


def test_the_same_graph_is_drawn_the_same_whatever_was_drawn_before():
    graph, part = parted(1, (30, 20, 8, 2, 1))
    first = _layout.layout(graph, part)
    random.random()
    assert np.array_equal(first, _layout.layout(graph, part))
    assert (first.min(), first.max()) == (0, _layout.SIDE)


@pytest.mark.parametrize("sizes", [(1,), (2,), (3, 2), (40,), (25, 25, 3, 1), (5,) * 70 + (2,) * 40])
def test_nobody_stands_on_another_and_parts_do_not_overlap(sizes):
    graph, part = parted(3, sizes)
    place = _layout.layout(graph, part)
    assert len({tuple(one) for one in place.tolist()}) == len(part)
    width = [np.ptp(place[part == one], axis=0).max() if size > 1 else 0 for one, size in enumerate(sizes)]
    middle = np.array([place[part == one].mean(axis=0) for one in range(len(sizes))])
    for one in range(len(sizes)):
        for other in range(one):
            apart = np.hypot(*(middle[one] - middle[other]))
            assert apart > 0.35 * (width[one] + width[other])


def test_nothing_and_nobody_in_touch():
    assert _layout.layout(igraph.Graph(), np.zeros(0, np.int64)).shape == (0, 2)
