import math
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from engagement.metrics import _inequality, _leiden, _names, _periods, _words
from engagement.packing import Whole
from engagement.selectors.history import History
from kernel import words
from kernel.metrics import NO_DATA, Chapter, Data, Headline, Metric, Revision, Table, Who

#: How many members stand for a sub-community in rows and on its page; the data name them all.
CENTRAL = 5


class Graph(NamedTuple):
    """Interactions between nodes 0..n-1; `number` is each node's member, in the standing order."""

    number: Whole
    source: Whole
    target: Whole
    n: Whole


def graph_of(history: History, window: int | str) -> Graph:
    pairs = history.pairs(history.window(window), history.today)
    places, nodes = np.unique(np.concatenate([pairs.source, pairs.target]), return_inverse=True)
    half = len(pairs.source)
    return Graph(history.number[places], nodes[:half], nodes[half:], pairs.n)


class Network(Metric):
    key = "network"
    title = _("Network")
    question = _("Who is in touch with whom, and does the community hold together or fall into parts?")
    unit = _("members in touch")
    formula = _(
        "A directed graph of interactions in the window: an edge per ordered pair of members, with its count. "
        "Nodes, n of them: members with an edge.\n\n"
        "`density = edges / (n (n − 1))`\n\n"
        "`transitivity = 3 · triangles / wedges (undirected, simple)`\n\n"
        "- Reciprocity: share of edges whose reverse exists.\n"
        "- Largest weakly and strongly connected component.\n"
        "- Modularity of the best partition found (undirected, weighted by interactions; Leiden, seed shown), its"
        " sub-communities with their sizes and their members, the most central (by interactions) first.\n"
        "- Gini of interactions, sent and received, over nodes.\n\n"
        "Ratios without a denominator are null.\n\n"
        "The name of a sub-community is a suggestion: up to two of the circles and interests that 5 or more of "
        "its members have, a quarter of it or more, and 1.5 times as large a share of it as of all members in "
        "touch, those first whose share is furthest above that of all; none where nothing stands out."
    )
    reads = _(
        "Interactions by ordered pair and local day: acts whose target is another member. For names: members’ circles, but "
        "secret and archived ones, and interests."
    )
    blind_spots = _(
        "What happens outside, or without a named target, is not seen. A quarrel is an interaction too. "
        "Modularity finds parts even in random graphs; small differences mean nothing. Circles and interests are those of "
        "now, also for a day in the past, and of who was erased none."
    )
    chapter = Chapter.HOLDS
    chart = "network"
    revisions = (
        Revision(1, date(2026, 11, 22), _("First definition.")),
        Revision(
            2, date(2026, 11, 23), _("Sub-communities name all their members, and have a suggested name.")
        ),
    )
    parameters = (_periods.window(90), _periods.AS_OF)
    heavy = True
    staged = True

    def compute(
        self,
        history: History,
        *,
        window: int | str = 90,
        progress: Callable[[float], None] = lambda share: None,
        **parameters: Any,
    ) -> Data:
        # A library of graphs is loaded by the processes that draw one; the web never does.
        import igraph

        graph = graph_of(history, window)
        n, edges = len(graph.number), len(graph.source)
        directed = igraph.Graph(n=n, edges=np.stack([graph.source, graph.target], axis=1), directed=True)
        simple = undirected(graph)
        strength = np.bincount(graph.source, graph.n, n) + np.bincount(graph.target, graph.n, n)
        strength = strength.astype(np.int64)
        forth, back = graph.source * n + graph.target, graph.target * n + graph.source
        transitivity = simple.transitivity_undirected() if edges else math.nan
        progress(0.2)
        modularity, communities = _parts(
            history, graph, simple, strength, lambda share: progress(0.2 + 0.8 * share)
        )
        return {
            "nodes": n,
            "edges": edges,
            "density": edges / (n * (n - 1)) if edges else None,
            "reciprocity": int(np.isin(forth, back).sum()) / edges if edges else None,
            "transitivity": None if math.isnan(transitivity) else transitivity,
            "largest_weak": max(directed.connected_components(mode="weak").sizes(), default=0),
            "largest_strong": max(directed.connected_components(mode="strong").sizes(), default=0),
            "modularity": modularity,
            "communities": communities,
            "gini": _inequality.gini(strength),
            "seed": _leiden.SEED,
        }

    def table(self, data: Any) -> Table:
        names = {
            "nodes": _("Members in touch"),
            "edges": _("Ordered pairs in touch"),
            "density": _("Density"),
            "reciprocity": _("Reciprocity"),
            "transitivity": _("Transitivity"),
            "largest_weak": _("Largest weakly connected component"),
            "largest_strong": _("Largest strongly connected component"),
            "modularity": _("Modularity"),
            "gini": _("Gini of interactions"),
        }
        rows: list[list[Any]] = [[names[key], data[key], ""] for key in names]
        rows.append([_("Seed"), str(data["seed"]), ""])
        for part in data["communities"]:
            name = words.named(_("Sub-community"), part["name"]) if part["name"] else _("Sub-community")
            rows.append([name, part["size"], Who(tuple(part["members"][:CENTRAL]))])
        return Table([_("What"), _("Value"), _("Most central members")], rows)

    def brief(self, data: Any) -> Data:
        return {**data, "communities": [{"size": part["size"]} for part in data["communities"]]}

    def finding(self, data: Any) -> str:
        if not data["nodes"]:
            return str(NO_DATA)
        return translate(
            "%(nodes)s members are in touch, and %(largest)s of them hang together, directly or through others. They form "
            "%(parts)s groups that talk among themselves most."
        ) % {
            "nodes": _words.count(data["nodes"]),
            "largest": _words.percent(data["largest_weak"] / data["nodes"]),
            "parts": _words.count(len(data["communities"])),
        }

    def headline(self, data: Any) -> Headline:
        if not data["nodes"]:
            return Headline(None, self.unit, "count", reason=NO_DATA)
        return Headline(data["nodes"], self.unit, "count")

    def people(self, data: Any) -> list[int]:
        return [number for part in data["communities"] for number in part["members"][:CENTRAL]]


def undirected(graph: Graph) -> Any:
    """An `igraph.Graph` with one edge an unordered pair, weighted by the interactions of both directions."""
    import igraph

    n = len(graph.number)
    low, high = np.minimum(graph.source, graph.target), np.maximum(graph.source, graph.target)
    edge, which = np.unique(low * n + high, return_inverse=True)
    simple = igraph.Graph(n=n, edges=np.stack([edge // max(n, 1), edge % max(n, 1)], axis=1))
    simple.es["weight"] = np.bincount(which, graph.n, len(edge)).tolist()
    return simple


def _parts(
    history: History, graph: Graph, simple: Any, strength: Whole, progress: Callable[[float], None]
) -> tuple[float | None, list[dict[str, Any]]]:
    """Modularity of the best partition, and its parts: the largest first, then by their first member."""
    if not simple.ecount():
        return None, []
    membership, modularity = _leiden.best_partition(simple, progress)
    label = np.unique(membership, return_inverse=True)[1]
    sizes = np.bincount(label)
    first = np.unique(label, return_index=True)[1]
    rank = np.empty(len(sizes), np.int64)
    rank[np.lexsort((first, -sizes))] = np.arange(len(sizes))
    part = rank[label]
    # By part, in it by interactions, and then in the standing order, which the nodes are in.
    order = np.lexsort((np.arange(len(part)), -strength, part))
    ends = np.cumsum(np.bincount(part))[:-1]
    why = _names.suggested(history, graph.number, part, len(sizes))
    return modularity, [
        {
            "size": len(members),
            "name": " · ".join(one["words"] for one in named) or None,
            "why": named,
            "members": members.tolist(),
        }
        for named, members in zip(why, np.split(graph.number[order], ends), strict=True)
    ]
