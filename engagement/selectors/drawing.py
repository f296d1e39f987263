"""The picture of a community's network: who stands where, and which ties are drawn. Computed by a worker, kept by number."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engagement.metrics import _layout
from engagement.metrics.introductions import known_to_one_another, open_places
from engagement.metrics.network import Graph, graph_of, undirected
from engagement.metrics.ties import judged, tally
from engagement.packing import Whole
from engagement.selectors.history import History

#: What the page's script reads of it.
COLUMNS = ("number", "x", "y", "part", "n", "one", "other", "strong")
SIDE = _layout.SIDE
#: What is read where nothing is drawn yet.
NOTHING: Mapping[str, Any] = {name: [] for name in COLUMNS} | {"strong": 0}
#: Of what is drawn: a new number has every picture drawn anew.
VERSION = 1
#: The picture is of the window that the figures have where nobody says otherwise.
WINDOW = 90
#: More members than these are drawn in part; more ties are drawn the strong ones first, and then those of most interactions.
NODES, TIES = 20_000, 40_000
#: For so many bridges it is looked who could be introduced around them.
AROUND = 20


def picture(history: History, network: Any) -> dict[str, Any]:
    """The members of `network`'s sub-communities and the ties between them. Columns are parallel: members by number, where
    they stand, their part (its place in the figure) and their interactions; ties by the places of their two."""
    graph = graph_of(history, WINDOW)
    simple = undirected(graph)
    chosen, part = _chosen(graph, network["communities"])
    drawn = simple.induced_subgraph(chosen.tolist())
    place = _layout.layout(drawn, part)
    strength = np.bincount(graph.source, graph.n, len(graph.number))
    strength = strength + np.bincount(graph.target, graph.n, len(graph.number))
    edges = np.array(drawn.get_edgelist(), np.int64).reshape(-1, 2)
    strong = _strong(history, graph.number[chosen], edges)
    weight = np.array(drawn.es["weight"] if len(edges) else [], np.float64)
    first = np.sort(np.lexsort((np.arange(len(edges)), -weight, ~strong))[:TIES])
    # The strong ones last: they are drawn over the others.
    first = first[np.argsort(strong[first], kind="stable")]
    return {
        "members": len(graph.number),
        "ties": simple.ecount(),
        "number": graph.number[chosen].tolist(),
        "x": place[:, 0].tolist(),
        "y": place[:, 1].tolist(),
        "part": part.tolist(),
        "n": strength[chosen].astype(np.int64).tolist(),
        "one": edges[first, 0].tolist(),
        "other": edges[first, 1].tolist(),
        "strong": int(np.count_nonzero(strong[first])),
    }


def _chosen(graph: Graph, communities: Any) -> tuple[Whole, Whole]:
    """The nodes that are drawn, in order, and the part of each. Where they are too many, of each part its most active
    members, in proportion to its size: parts too small for one of them are left out."""
    node = {number: place for place, number in enumerate(graph.number.tolist())}
    share = min(1.0, NODES / max(len(node), 1))
    nodes, parts = [], []
    for part, told in enumerate(communities):
        for number in told["members"][: int(told["size"] * share + 1e-9)]:
            nodes.append(node[number])
            parts.append(part)
    chosen = np.array(nodes, np.int64)
    order = np.argsort(chosen, kind="stable")
    return chosen[order], np.array(parts, np.int64)[order]


def _strong(history: History, numbers: Whole, edges: Whole) -> NDArray[np.bool_]:
    """Which of these ties are strong, as the figure `ties` has it, in the window of the picture."""
    size = max(len(history.number), 1)
    pairs, strong = judged(tally(history, history.window(WINDOW)), len(history.number))
    place = history.places(numbers)
    one, other = place[edges[:, 0]], place[edges[:, 1]]
    return np.isin(np.minimum(one, other) * size + np.maximum(one, other), pairs[strong])


def around(history: History, bridges: Collection[int]) -> Mapping[str, list[int]]:
    """For each of these members (by number, the first of them) two who hang together through them alone, and who may be
    introduced: one on either side, those whom they are closest to first. Who has no such two is left out."""
    graph = graph_of(history, WINDOW)
    simple = undirected(graph)
    open_to = open_places(history)
    apart = known_to_one_another(history)
    size = max(len(history.number), 1)
    place = history.places(graph.number)
    node = {number: each for each, number in enumerate(graph.number.tolist())}
    found = {}
    for number in list(bridges)[:AROUND]:
        if number not in node:
            continue
        near = _sides(simple, node[number])
        near = [[each for each in side if open_to[place[each]]] for side in near]
        pair = next(
            (
                (one, other)
                for side in near[1:]
                for one in side
                for other in near[0]
                if not _inside(apart, min(place[one], place[other]) * size + max(place[one], place[other]))
            ),
            None,
        )
        if pair is not None:
            found[str(number)] = sorted(int(graph.number[each]) for each in pair)
    return found


def _inside(keys: Whole, key: int) -> bool:
    """Whether the key is one of these, which stand in order."""
    at = int(np.searchsorted(keys, key))
    return at < len(keys) and int(keys[at]) == key


def _sides(graph: Any, bridge: int) -> list[list[int]]:
    """The bridge's neighbours by what they would belong to without it, the largest first; in each those of most interactions
    first."""
    rest = graph.copy()
    rest.delete_edges(rest.incident(bridge))
    parts = rest.connected_components()
    sizes, side = parts.sizes(), parts.membership
    near: dict[int, list[tuple[float, int]]] = {}
    for edge in graph.incident(bridge):
        one, other = graph.es[edge].tuple
        neighbour = other if one == bridge else one
        near.setdefault(side[neighbour], []).append((-graph.es[edge]["weight"], neighbour))
    ranked = sorted(near.items(), key=lambda item: (-sizes[item[0]], min(item[1])))
    return [[neighbour for _weight, neighbour in sorted(those)] for _side, those in ranked]
