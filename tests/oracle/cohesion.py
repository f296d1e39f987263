"""Does it hold together: `ties`, `bridges` and `introductions`, by plain Python and networkx."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import timedelta
from itertools import combinations
from statistics import median
from typing import Any

import networkx as nx

from .network import undirected
from .running import interactions, order
from .world import Act, View

DAY = timedelta(days=1)


def by_pair(acts: list[Act]) -> dict[frozenset[str], list[Act]]:
    found: dict[frozenset[str], list[Act]] = defaultdict(list)
    for act in sorted(acts, key=lambda act: act.at):
        found[frozenset((act.member, str(act.target)))].append(act)
    return found


def is_strong(acts: list[Act]) -> bool:
    return len(acts) >= 3 and len({act.day for act in acts}) >= 2 and len({act.member for act in acts}) == 2


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The two roots p of (share - p)^2 = z^2 p (1 - p) / n."""
    z, share = 1.959963984540054, part / whole
    a, b, c = 1 + z * z / whole, -(2 * share + z * z / whole), share * share
    root = math.sqrt(max(b * b - 4 * a * c, 0.0))
    return max((-b - root) / (2 * a), 0.0), min((-b + root) / (2 * a), 1.0)


def ties(view: View, window: int | str = "all") -> dict[str, Any]:
    """Readings: 90 to 179 days before `as_of` is a difference of local days; 90 days of becoming strong are elapsed time."""
    inside = by_pair([act for act in interactions(view) if _recent(view, act, window)])
    strong = sum(is_strong(acts) for acts in inside.values())
    eligible, took = 0, []
    for acts in by_pair(interactions(view)).values():
        if not 90 <= (view.as_of - acts[0].day).days <= 179:
            continue
        eligible += 1
        for length in range(1, len(acts) + 1):
            if is_strong(acts[:length]):
                waited = acts[length - 1].at - acts[0].at
                if waited <= 90 * DAY:
                    took.append(waited / DAY)
                break
    low, high = wilson(len(took), eligible) if eligible else (None, None)
    return {
        "weak": len(inside) - strong,
        "strong": strong,
        "converted": len(took) if eligible else None,
        "eligible": eligible,
        "share": len(took) / eligible if eligible else None,
        "low": low,
        "high": high,
        "median_days": float(median(took)) if took else None,
    }


def _recent(view: View, act: Act, window: int | str) -> bool:
    first = view.window_start(window)
    return first is None or act.day >= first


def bridges(view: View, window: int | str = 90) -> dict[str, Any]:
    """By member: how many their leaving cuts off from the largest rest of their component (articulation points alone), and
    the normalised betweenness."""
    graph = undirected(view, window)
    cut = {}
    for member in nx.articulation_points(graph):
        whole = nx.node_connected_component(graph, member)
        rest = graph.subgraph(whole - {member})
        cut[member] = len(rest) - max(len(part) for part in nx.connected_components(rest))
    between = nx.betweenness_centrality(graph) if len(graph) else {}
    return {"nodes": len(graph), "cut_off": cut, "betweenness": between}


def introductions(
    view: View,
    *,
    named: Collection[str],
    interests: Mapping[str, Collection[str]],
    cities: Mapping[str, str],
    apart: Collection[frozenset[str]] = (),
    window: int | str = 90,
) -> list[tuple[str, str, float]]:
    """Every pair of current members who may be named, were never in touch and share something, the best first. `interests`
    and `cities` are those that members show."""
    graph = undirected(view, window)
    met = {frozenset((act.member, str(act.target))) for act in interactions(view)}
    people = sorted((m for m in view.current if m in named), key=lambda m: order(view, m))
    found = []
    for one, other in combinations(people, 2):
        if frozenset((one, other)) in met or frozenset((one, other)) in apart:
            continue
        score = 0.0
        if one in graph and other in graph:
            score += sum(1 / math.log(graph.degree(z)) for z in nx.common_neighbors(graph, one, other))
        score += len(set(interests.get(one, ())) & set(interests.get(other, ())))
        score += one in cities and cities.get(one) == cities.get(other)
        if score:
            found.append((one, other, score))
    rank = {member: place for place, member in enumerate(people)}
    return sorted(found, key=lambda row: (-round(row[2], 9), rank[row[0]], rank[row[1]]))
