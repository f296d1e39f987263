"""The network's figures against networkx, brute force and what is known of standard graphs."""

import random
from datetime import date, timedelta
from itertools import pairwise

import igraph
import networkx as nx
import numpy as np
import pytest

from engagement.metrics import _cuts, _leiden, _likeness
from engagement.selectors.belonging import said
from engagement.selectors.meetings import Town
from gatherings.selectors.whereabouts import Homes
from kernel.metrics import metrics
from tests.engagement.metrics.records import Fact, Member, RowBelonging, RowMeetings, at, history, of_oracle
from tests.oracle import cohesion, generate
from tests.oracle.network import undirected
from tests.oracle.world import View

AS_OF = date(2026, 6, 30)


def whole(values):
    return np.array(values, np.int64)


def plain(graph):
    """A networkx graph over 0..n-1 as the product has it."""
    found = igraph.Graph(n=len(graph), edges=sorted(graph.edges))
    found.es["weight"] = [1] * found.ecount()
    return found


# --- partitions --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("graph", "best"),
    # Proven optima: Aloise et al. 2010, Physical Review E 82, 046112, table III; of the barbell by hand.
    [(nx.karate_club_graph(), 0.41979), (nx.les_miserables_graph(), 0.56001), (nx.barbell_graph(5, 0), 20 / 21 - 0.5)],
    ids=["karate", "les miserables", "barbell"],
)  # fmt: skip
def test_modularity_is_never_above_the_best_known_of_standard_graphs(graph, best):
    graph = nx.convert_node_labels_to_integers(graph)
    _parts, modularity = _leiden.best_partition(plain(graph))
    assert best - 0.0005 <= modularity <= best + 0.000005


def test_modularity_is_the_best_of_all_partitions_of_small_graphs():
    for seed in range(5):
        graph = nx.gnp_random_graph(7, 0.4, seed=seed)
        if graph.number_of_edges():
            best = max(nx.community.modularity(graph, parts) for parts in partitions(list(graph)))
            assert _leiden.best_partition(plain(graph))[1] == pytest.approx(best, abs=1e-12)


def partitions(nodes):
    if not nodes:
        yield []
        return
    for rest in partitions(nodes[1:]):
        yield [{nodes[0]}, *rest]
        for place, part in enumerate(rest):
            yield [*rest[:place], part | {nodes[0]}, *rest[place + 1 :]]


# --- bridges -----------------------------------------------------------------------------------------


def cut_by_hand(graph):
    """How many each articulation point cuts off, by taking it out."""
    found = dict.fromkeys(graph, 0)
    for node in nx.articulation_points(graph):
        rest = graph.subgraph(nx.node_connected_component(graph, node) - {node})
        found[node] = len(rest) - max(len(part) for part in nx.connected_components(rest))
    return [found[node] for node in sorted(graph)]


@pytest.mark.parametrize("seed", range(12))
def test_articulation_points_and_betweenness_as_networkx_has_them(seed):
    chosen = random.Random(seed)
    graph = nx.gnp_random_graph(chosen.randrange(2, 40), chosen.choice((0.03, 0.06, 0.15)), seed=seed)
    assert _cuts.cut_off(plain(graph)).tolist() == cut_by_hand(graph)
    share, sample = _cuts.between(plain(graph))
    assert sample is None
    assert share.tolist() == pytest.approx(list(nx.betweenness_centrality(graph).values()), abs=1e-12)


def test_a_chain_a_star_a_ring_and_nothing():
    n = 100_000
    chain = igraph.Graph(n=n, edges=list(pairwise(range(n))))
    assert _cuts.cut_off(chain).tolist() == [min(place, n - 1 - place) for place in range(n)]
    star = igraph.Graph.Star(10_000, center=7)
    assert {place: cut for place, cut in enumerate(_cuts.cut_off(star).tolist()) if cut} == {7: 9_998}
    assert not _cuts.cut_off(igraph.Graph.Ring(1000)).any()
    assert _cuts.cut_off(igraph.Graph()).tolist() == []
    assert _cuts.between(igraph.Graph())[0].tolist() == []
    assert _cuts.between(igraph.Graph(n=2, edges=[(0, 1)]))[0].tolist() == [0, 0]


def test_a_sample_is_what_networkx_makes_of_the_same_nodes_and_right_on_average(monkeypatch):
    graph = nx.connected_watts_strogatz_graph(60, 4, 0.2, seed=3)
    exact = np.array(list(nx.betweenness_centrality(graph).values()))
    monkeypatch.setattr(_cuts, "EXACT", 10)
    monkeypatch.setattr(_cuts, "SAMPLE", 20)
    found = []
    for seed in range(120):
        monkeypatch.setattr(_cuts, "SEED", seed)
        share, sample = _cuts.between(plain(graph))
        assert sample == 20
        found.append(share)
    drawn = sorted(random.Random(119).sample(range(60), 20))
    subset = nx.betweenness_centrality_subset(graph, drawn, list(graph))
    theirs = np.array([subset[node] for node in sorted(graph)]) * (60 / 20) / (59 * 58 / 2)
    assert found[-1].tolist() == pytest.approx(theirs.tolist(), abs=1e-12)
    assert np.abs(np.mean(found, axis=0) - exact).max() < 0.01


@pytest.mark.parametrize("window", [90, "all"])
def test_bridges_of_generated_communities(window):
    for seed in range(40):
        world = generate.seeded(seed)
        past = of_oracle(world.community(), world.as_of, order=random.Random(seed))
        name = dict(zip(past.number.tolist(), past.external_id, strict=True))
        theirs = cohesion.bridges(View(world.community(), world.as_of), window)
        ours = metrics.get("bridges").compute(past, window=window)
        assert (ours["nodes"], ours["bridges"]) == (theirs["nodes"], len(theirs["cut_off"]))
        assert {name[row["number"]]: row["cut_off"] for row in ours["members"]} == theirs["cut_off"]
        cuts = [row["cut_off"] for row in ours["members"]]
        assert cuts == sorted(cuts, reverse=True)
        shares = {member: share for member, share in theirs["betweenness"].items() if share > 0}
        told = {name[row["number"]]: row["betweenness"] for row in ours["between"]}
        assert told == pytest.approx(shares, abs=1e-12)


# --- introductions -----------------------------------------------------------------------------------


def world_of(seed):
    """A generated community with interests, cities, a few who may not be named and a few who stay apart."""
    chosen = random.Random(seed)
    world = generate.seeded(seed, most_members=14)
    past = of_oracle(world.community(), world.as_of, order=chosen)
    number = {member: int(n) for n, member in zip(past.number, past.external_id, strict=True)}
    ids = sorted(number)
    named = {member for member in ids if chosen.random() < 0.8}
    interests = {m: chosen.sample(["Tea", "Go", "书法"], chosen.randrange(3)) for m in sorted(named)}
    cities = {m: chosen.choice(["Oslo", "上海"]) for m in sorted(named) if chosen.random() < 0.5}
    apart = [frozenset(chosen.sample(ids, 2)) for _ in range(2) if len(ids) > 1]
    towns = [Town("Oslo", 59.9, 10.7), Town("上海", 31.2, 121.5)]
    place = {town.name: n for n, town in enumerate(towns)}
    homes = [(number[member], place[city]) for member, city in cities.items()]
    # Where somebody lives who does not show it is no reason.
    hidden = [(number[member], 0) for member in ids if member not in cities]
    rows = whole([*homes, *hidden]).reshape(-1, 2)
    unknown = np.full(len(rows), np.nan)
    past.records.meetings = RowMeetings(homes=Homes(rows[:, 0], rows[:, 1], unknown, unknown), towns=towns)
    pairs = whole([[number[m] for m in sorted(pair)] for pair in apart]).reshape(-1, 2)
    past.records.belonging = RowBelonging(
        named=whole(sorted(number[m] for m in named)),
        shown_interests=said([(number[m], words) for m, words in sorted(interests.items())]),
        shown_cities=whole(sorted(number[m] for m in cities)),
        apart=(pairs[:, 0], pairs[:, 1]),
    )
    given = {"named": named, "interests": interests, "cities": cities, "apart": apart}
    return world, past, given


def told(past, data):
    name = dict(zip(past.number.tolist(), past.external_id, strict=True))
    return [(name[row["members"][0]], name[row["members"][1]], row["score"]) for row in data["pairs"]]


def test_introductions_of_generated_communities():
    for seed in range(60):
        world, past, given = world_of(seed)
        theirs = cohesion.introductions(View(world.community(), world.as_of), **given)
        ours = metrics.get("introductions").compute(past, limit=10_000)
        found = told(past, ours)
        assert [row[:2] for row in found] == [row[:2] for row in theirs]
        assert [row[2] for row in found] == pytest.approx([row[2] for row in theirs], abs=1e-9)
        assert ours["found"] == len(theirs)
        few = metrics.get("introductions").compute(past, limit=3)
        assert (few["pairs"], few["found"]) == (ours["pairs"][:3], ours["found"])


def test_where_comparisons_are_bounded_scores_stay_whole(monkeypatch):
    bounded = 0
    for seed in range(40):
        world, past, given = world_of(seed)
        view = View(world.community(), world.as_of)
        every = cohesion.introductions(view, **given)
        monkeypatch.setattr(_likeness, "COMPARISONS", 0)
        monkeypatch.setattr(_likeness, "BOUND", 3)
        monkeypatch.setattr(_likeness, "ROUND", 5)
        monkeypatch.setattr(_likeness, "PAIRS", 2)
        ours = metrics.get("introductions").compute(past, limit=10_000)
        few = metrics.get("introductions").compute(past, limit=2)
        monkeypatch.undo()
        # Pairs that a small enough group brings forth, and no others; each with all that the two share.
        people = {m for m in view.current if m in given["named"]}
        graph = undirected(view)
        groups = [set(graph[z]) & people for z in graph]
        groups += [
            {m for m in people if word in given["interests"].get(m, ())} for word in ("Tea", "Go", "书法")
        ]
        groups += [{m for m in people if given["cities"].get(m) == city} for city in ("Oslo", "上海")]
        small = [group for group in groups if len(group) <= 3]
        theirs = [row for row in every if any({row[0], row[1]} <= group for group in small)]
        if ours["bound"] is None:
            theirs = every
        bounded += len(theirs) < len(every)
        found = told(past, ours)
        assert [row[:2] for row in found] == [row[:2] for row in theirs]
        assert [row[2] for row in found] == pytest.approx([row[2] for row in theirs], abs=1e-9)
        assert few["pairs"] == ours["pairs"][:2]
    assert bounded > 3


def test_why_two_should_meet():
    people = [Member(n, at("2026-01-05"), f"m{n}") for n in range(1, 5)]
    facts = [Fact(1, "answered", at("2026-06-01"), 3), Fact(2, "answered", at("2026-06-02"), 3)]
    belonging = RowBelonging(
        named=whole([1, 2, 4]), shown_interests=said([(1, ["Tea", "Go"]), (2, ["tea "]), (4, ["go"])])
    )
    data = metrics.get("introductions").compute(history(people, facts, AS_OF, belonging=belonging))
    assert data["pairs"] == [
        {
            "members": [1, 2],
            "score": pytest.approx(1 + 1 / np.log(2)),
            "shared_neighbours": 1,
            # Whom both know is none who may be named.
            "neighbours": [],
            "shared_interests": 1,
            "same_city": False,
        },
        {
            "members": [1, 4],
            "score": 1.0,
            "shared_neighbours": 0,
            "neighbours": [],
            "shared_interests": 1,
            "same_city": False,
        },
    ]


def test_who_left_is_not_introduced_and_who_ever_met_is_not_either():
    gone = Member(2, at("2026-01-05"), "b", ((at("2026-01-05"), "active"), (at("2026-05-01"), "left")))
    people = [
        Member(1, at("2026-01-05"), "a"),
        gone,
        Member(3, at("2026-01-05"), "c"),
        Member(4, at("2026-01-05"), "d"),
    ]
    belonging = RowBelonging(
        named=whole([1, 2, 3, 4]), shown_interests=said([(n, ["Tea"]) for n in range(1, 5)])
    )
    facts = [Fact(1, "messaged", at("2025-01-05"), 3)]
    data = metrics.get("introductions").compute(history(people, facts, AS_OF, belonging=belonging))
    assert [row["members"] for row in data["pairs"]] == [[1, 4], [3, 4]]


# --- names -------------------------------------------------------------------------------------------


def test_a_sub_community_is_named_by_what_it_has_in_common():
    people = [Member(n, at("2026-01-05") + timedelta(minutes=n), f"m{n}") for n in range(1, 21)]
    rings = [range(1, 11), range(11, 21)]
    facts = [
        Fact(one, "answered", at("2026-06-01"), other)
        for ring in rings
        for one in ring
        for other in ring
        if one != other
    ]
    belonging = RowBelonging(
        interests=said([(n, ["Tea", "Chess"]) for n in range(1, 9)] + [(n, ["tea"]) for n in (11, 12)]),
        circles=said([(n, ["Everybody"]) for n in range(1, 21)] + [(n, ["Oslo"]) for n in range(11, 15)]),
    )
    data = metrics.get("network").compute(history(people, facts, AS_OF, belonging=belonging))
    assert [(part["size"], part["name"]) for part in data["communities"]] == [(10, "Chess · Tea"), (10, None)]
    assert data["communities"][0]["members"] == list(range(1, 11))
    assert data["communities"][0]["why"] == [
        {"kind": "interest", "words": "Chess", "share": 0.8, "lift": 2.0},
        {"kind": "interest", "words": "Tea", "share": 0.8, "lift": 1.6},
    ]
