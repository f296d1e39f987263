"""The network figure from stored pairs, beside igraph on an edge list that is in memory already."""

import resource
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import igraph
import numpy as np

from benchmarks.measure import Measured, seconds, side_by_side
from benchmarks.scale import Scale

DAYS = 90


def run(scale: Scale) -> list[Measured]:
    from engagement import packing
    from engagement.models import PairDay
    from engagement.selectors import loading
    from kernel.metrics import metrics

    source, target, n = edges(scale)
    community = _found(scale)
    day = np.random.default_rng(3).integers(0, DAYS, len(source))
    first = scale.first
    for each in range(DAYS):
        on = day == each
        packed = packing.pack(source[on], target[on], n[on])
        PairDay.objects.create(
            community_id=community.pk,
            day=first + timedelta(days=each),
            pairs=packed,
            firsts=packing.pack(_instants(first + timedelta(days=each), int(on.sum()))),
        )
    as_of: date = first + timedelta(days=DAYS - 1)
    metric = metrics.get("network")

    def ours() -> Any:
        history = loading.history(community=community, as_of=as_of)
        return metric.compute(history, **metric.arguments({"window": "all"}))

    def theirs() -> dict[str, Any]:
        graph = igraph.Graph(n=scale.members + 1, edges=np.column_stack([source, target]), directed=True)
        graph.es["weight"] = n.tolist()
        graph = graph.induced_subgraph([place for place, degree in enumerate(graph.degree()) if degree])
        flat = graph.as_undirected(combine_edges={"weight": "sum"})
        parts = flat.community_leiden(objective_function="modularity", weights="weight", n_iterations=2)
        return {
            "nodes": graph.vcount(),
            "edges": graph.ecount(),
            "density": graph.density(),
            "reciprocity": _reciprocity(source, target, scale.members + 1),
            "transitivity": flat.transitivity_undirected(),
            "largest_weak": max(graph.connected_components("weak").sizes()),
            "largest_strong": max(graph.connected_components("strong").sizes()),
            "modularity": parts.modularity,
        }

    mine, other = ours(), theirs()
    for name in (
        "nodes",
        "edges",
        "density",
        "reciprocity",
        "transitivity",
        "largest_weak",
        "largest_strong",
    ):
        assert abs(mine[name] - other[name]) < 1e-9, (name, mine[name], other[name])
    print(f"  modularity: ours {mine['modularity']:.4f}, igraph {other['modularity']:.4f}")
    _hold_together(community, as_of, scale)
    return [
        side_by_side(
            f"network of {scale.members:,} members and {len(source):,} edges", "igraph, edges in memory",
            ours=ours, theirs=theirs, goal=1.5, repeats=min(3, scale.repeats),
        )
    ]  # fmt: skip


def _instants(day: date, many: int) -> Any:
    midnight = int(datetime.combine(day, datetime.min.time(), UTC).timestamp()) * 1_000_000
    return midnight + np.arange(many)


def _hold_together(community: Any, as_of: date, scale: Scale) -> None:
    """How long the figures take that have no other to be compared with, and the most memory that was held so far."""
    from engagement.selectors import loading
    from kernel.metrics import metrics

    for key in ("self_organisation", "ties", "bridges", "introductions"):
        metric = metrics.get(key)
        history = loading.history(community=community, as_of=as_of)
        vars(history.records)["belonging"] = _alike(scale)

        def compute(metric: Any = metric, history: Any = history) -> None:
            metric.compute(history, **metric.arguments({"window": "all"}))

        took = seconds(compute)
        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"  {key}: {took:.1f} s, at most {held:,.0f} MB held", flush=True)


def _alike(scale: Scale) -> Any:
    """Everybody may be named, and has two of as many interests as there are hundreds of members, a few held by thousands."""
    from engagement.selectors.belonging import Said

    random = np.random.default_rng(5)
    member = np.repeat(np.arange(1, scale.members + 1), 2)
    words = [f"interest {n}" for n in range(max(scale.members // 100, 2))]
    word = np.minimum(random.zipf(1.3, len(member)), len(words)) - 1
    pairs = np.unique(member * len(words) + word)
    said = Said(pairs // len(words), pairs % len(words), words)
    nobody = np.zeros(0, np.int64)
    return SimpleNamespace(
        named=np.arange(1, scale.members + 1),
        circles=said,
        interests=said,
        shown_interests=said,
        shown_cities=nobody,
        apart=(nobody, nobody),
    )


def _reciprocity(source: Any, target: Any, size: int) -> float:
    """Share of edges whose reverse exists; igraph's own leaves out what it calls ambiguous, so it is counted here."""
    return float(np.isin(target * size + source, source * size + target).mean())


def edges(scale: Scale, seed: int = 11) -> tuple[Any, Any, Any]:
    """Distinct ordered pairs with counts: mostly within groups of 100, half of them answered."""
    random = np.random.default_rng(seed)
    source = random.integers(1, scale.members + 1, scale.edges)
    near = (source // 100) * 100 + random.integers(0, 100, scale.edges)
    far = random.integers(1, scale.members + 1, scale.edges)
    target = np.clip(np.where(random.random(scale.edges) < 0.8, near, far), 1, scale.members)
    back = random.random(scale.edges) < 0.4
    source, target = np.concatenate([source, target[back]]), np.concatenate([target, source[back]])
    keep = source != target
    key = np.unique(source[keep] * (scale.members + 1) + target[keep])
    return key // (scale.members + 1), key % (scale.members + 1), random.integers(1, 5, len(key))


def _found(scale: Scale) -> Any:
    from benchmarks import place
    from benchmarks.stream import Stream

    nothing = np.zeros(0, np.int64)
    joined = np.zeros(scale.members, np.int64)
    community = place.found(Stream(nothing, nothing, nothing, nothing, joined, scale), "graph")
    assert community.zone == ZoneInfo("UTC")
    return community
