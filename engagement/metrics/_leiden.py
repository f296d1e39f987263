"""The best partition of a graph that several seeded runs of Leiden find."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

#: Stored with the figure: the same seed and the same graph give the same partition.
SEED = 20_261_122
#: As many restarts and rounds as a graph's size allows: ten up to 50,000 edges, one from 500,000 on.
MOST, EDGES = 10, 500_000

#: A run goes on while a round improves modularity by more than this.
GAIN = 1e-9

# igraph has one random number generator for the whole process.
_generator = Lock()


def best_partition(
    graph: Any, progress: Callable[[float], None] = lambda share: None
) -> tuple[list[int], float]:
    """Each vertex's part and the weighted modularity (Traag, Waltman and van Eck 2019); the first of equals.

    `graph` is an `igraph.Graph`, undirected and simple, has edges that carry `weight`, and its vertices and edges stand in an
    order of their own, not in that of arrival. `progress` hears the share of the runs that are over.
    """
    times = max(1, min(MOST, EDGES // graph.ecount()))
    with seeded():
        found = []
        for run in range(times):
            found.append(_run(graph, rounds=times))
            progress((run + 1) / times)
    best = max(modularity for _parts, modularity in found)
    return next((parts, modularity) for parts, modularity in found if modularity >= best - GAIN)


@contextmanager
def seeded() -> Iterator[None]:
    """Let whatever a library of graphs draws meanwhile be the same each time; one after the other."""
    import igraph  # loaded where a graph is, as in `network`

    with _generator:
        igraph.set_random_number_generator(random.Random(SEED))
        try:
            yield
        finally:
            igraph.set_random_number_generator(random)


def _run(graph: Any, *, rounds: int) -> tuple[list[int], float]:
    # Not n_iterations=-1, which goes on for as long as rounding lets it.
    parts, modularity = list(range(graph.vcount())), float("-inf")
    for _ in range(rounds):
        found = graph.community_leiden(
            objective_function="modularity", weights="weight", initial_membership=parts, n_iterations=2
        ).membership
        better = graph.modularity(found, weights="weight")
        if better <= modularity + GAIN:
            break
        parts, modularity = found, better
    return parts, modularity
