"""Who holds others in a graph: members without whom some would be cut off, and through whom the ways of others lead."""

import random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engagement.packing import Whole

#: Stored with the figure: the same seed and the same graph give the same sample.
SEED = 20_261_123
#: Of more nodes than this, ways are followed from so many of them, drawn by the seed.
EXACT, SAMPLE = 5_000, 256


def cut_off(graph: Any) -> Whole:
    """How many nodes each node's leaving would part from the largest part of what is left of its component: 0 for all but
    articulation points (Hopcroft and Tarjan 1973, as igraph has it, which knows no recursion)."""
    n = graph.vcount()
    found = np.zeros(n, np.int64)
    if not graph.ecount():
        return found
    blocks = [np.array(block, np.int64) for block in graph.biconnected_components()]
    points = np.array(sorted(graph.articulation_points()), np.int64)
    if not len(points):
        return found
    sizes, parent, order = _tree(blocks, points, n)
    below = sizes.copy()
    for node in reversed(order):
        if parent[node] >= 0:
            below[parent[node]] += below[node]
    whole = below.copy()
    largest = [0] * len(sizes)
    for node in order:
        up = parent[node]
        if up >= 0:
            whole[node] = whole[up]
            largest[up] = max(largest[up], below[node])
    for place, point in enumerate(points.tolist()):
        above = whole[place] - below[place]
        found[point] = whole[place] - 1 - max(largest[place], above)
    return found


def _tree(blocks: list[Whole], points: Whole, n: int) -> tuple[list[int], list[int], list[int]]:
    """The forest of blocks and articulation points: the points first, then the blocks; how many nodes each stands for (a
    block for those of it that are no points), who is above each (-1 for a root), and an order in which whoever is above
    comes first."""
    place = np.full(n, -1, np.int64)
    place[points] = np.arange(len(points))
    sizes = [1] * len(points)
    near: list[list[int]] = [[] for _ in range(len(points) + len(blocks))]
    for number, block in enumerate(blocks, start=len(points)):
        held = place[block]
        inside = held[held >= 0].tolist()
        sizes.append(len(block) - len(inside))
        near[number] = inside
        for point in inside:
            near[point].append(number)
    parent, order = [-2] * len(sizes), []
    for root in range(len(sizes)):
        if parent[root] != -2:
            continue
        parent[root] = -1
        waiting = [root]
        while waiting:
            node = waiting.pop()
            order.append(node)
            for other in near[node]:
                if parent[other] == -2:
                    parent[other] = node
                    waiting.append(other)
    return sizes, parent, order


def between(graph: Any) -> tuple[NDArray[np.float64], int | None]:
    """Per node the share of all pairs of others whose shortest ways lead through it (Freeman 1977; Brandes 2001), each way
    of several counting in part; and from how many nodes the ways were followed, None for from all (Brandes and Pich 2007)."""
    n = graph.vcount()
    pairs = (n - 1) * (n - 2) / 2
    if n < 3:
        return np.zeros(n), None
    if n <= EXACT:
        return np.array(graph.betweenness(directed=False), np.float64) / pairs, None
    drawn = sorted(random.Random(SEED).sample(range(n), SAMPLE))
    found = np.array(graph.betweenness(directed=False, sources=drawn), np.float64)
    return found * (n / SAMPLE) / pairs, SAMPLE
