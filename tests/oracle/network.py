"""The graph of interactions, and what `network` says of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

import networkx as nx

from .people import gini
from .world import Community, View


def pairs(view: View, window: int | str) -> Counter[tuple[str, str]]:
    """Interactions per ordered pair: acts whose target is another member who had joined by `as_of`."""
    return Counter(
        (act.member, act.target)
        for act in view.in_window(window)
        if act.target is not None and act.target != act.member
    )


def directed(view: View, window: int | str = 90) -> nx.DiGraph:
    graph = nx.DiGraph()
    for (source, target), count in pairs(view, window).items():
        graph.add_edge(source, target, weight=count)
    return graph


def undirected(view: View, window: int | str = 90) -> nx.Graph:
    """One edge per unordered pair, weighted by the interactions of both directions."""
    graph = nx.Graph()
    for (source, target), count in pairs(view, window).items():
        already = graph.get_edge_data(source, target, {"weight": 0})["weight"]
        graph.add_edge(source, target, weight=already + count)
    return graph


def network(view: View, window: int | str = 90) -> dict[str, Any]:
    """Every key of `network` but `modularity` and `communities`, which depend on the partition found.

    Readings: without an edge the counts are 0 and the ratios null (largest_weak and largest_strong are 0);
    transitivity is null without a wedge; members who left stay, members with no interaction are no nodes.
    """
    graph, simple = directed(view, window), undirected(view, window)
    n, edges = graph.number_of_nodes(), graph.number_of_edges()
    mutual = sum(graph.has_edge(target, source) for source, target in graph.edges)
    triangles = sum(nx.triangles(simple).values()) // 3
    wedges = sum(degree * (degree - 1) // 2 for _, degree in simple.degree)
    both_ways = Counter[str]()
    for (source, target), count in pairs(view, window).items():
        both_ways[source] += count
        both_ways[target] += count
    return {
        "nodes": n,
        "edges": edges,
        "density": edges / (n * (n - 1)) if n > 1 else None,
        "reciprocity": mutual / edges if edges else None,
        "transitivity": 3 * triangles / wedges if wedges else None,
        "largest_weak": max((len(part) for part in nx.weakly_connected_components(graph)), default=0),
        "largest_strong": max((len(part) for part in nx.strongly_connected_components(graph)), default=0),
        "gini": gini(list(both_ways.values())),
    }


def modularity_of(
    community: Community, as_of: date, partition: Iterable[Collection[str]], window: int | str = 90
) -> float | None:
    """The modularity of a given partition (undirected, weighted by interactions), None without an edge.

    Raises `ValueError` when the partition does not hold every node exactly once.
    """
    graph = undirected(View(community, as_of), window)
    parts = [set(part) for part in partition]
    if sorted(node for part in parts for node in part) != sorted(graph.nodes):
        raise ValueError("not a partition of the nodes")
    return nx.community.modularity(graph, parts, weight="weight") if graph.number_of_edges() else None


def best_modularity(
    community: Community, as_of: date, window: int | str = 90, seeds: int = 5
) -> float | None:
    """The best networkx's greedy and Louvain (several seeds) find: the bar for the product's partition."""
    graph = undirected(View(community, as_of), window)
    if not graph.number_of_edges():
        return None
    found = [nx.community.greedy_modularity_communities(graph, weight="weight")]
    found += [nx.community.louvain_communities(graph, weight="weight", seed=seed) for seed in range(seeds)]
    return max(nx.community.modularity(graph, parts, weight="weight") for parts in found)
