"""The referral forest in columns: loops, roots, generations and sizes, in time that does not grow with its depth."""

import time

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement.selectors.forest import Forest


def whole(values):
    return np.array(values, np.int64)


@st.composite
def inviters(draw):
    """Of some members the place of each one's inviter, -1 for none: loops and self-invitations are among them."""
    n = draw(st.integers(0, 30))
    return draw(st.lists(st.integers(-1, n - 1), min_size=n, max_size=n)) if n else []


@settings(max_examples=200)
@given(inviters())
def test_loops_lose_the_edge_of_their_earliest(above):
    graph = nx.DiGraph([(child, parent) for child, parent in enumerate(above) if parent >= 0])
    expected = sorted(min(loop) for loop in nx.simple_cycles(graph))
    forest = Forest(whole(above))
    assert forest.refused.tolist() == expected
    graph.add_nodes_from(range(len(above)))
    graph.remove_edges_from([(one, above[one]) for one in expected])
    assert nx.is_directed_acyclic_graph(graph)
    down = graph.reverse()
    assert forest.size.tolist() == [len(nx.descendants(down, one)) + 1 for one in range(len(above))]
    assert forest.generation.tolist() == [len(nx.descendants(graph, one)) for one in range(len(above))]
    tops = [one for one in range(len(above)) if graph.out_degree(one) == 0]
    assert [top in tops for top in forest.root.tolist()] == [True] * len(above)
    assert all(top == one or nx.has_path(graph, one, top) for one, top in enumerate(forest.root.tolist()))
    assert forest.brought.tolist() == [down.out_degree(one) for one in range(len(above))]


def test_a_chain_and_a_star_of_a_hundred_thousand():
    many = 100_000
    chain, star = np.arange(many) - 1, np.where(np.arange(many) == 0, -1, 0)
    began = time.process_time()
    for above in (chain, star, np.roll(np.arange(many), 1)):
        forest = Forest(above)
        assert forest.root.max() == 0 and forest.size[0] == many
    assert Forest(chain).generation.max() == many - 1
    assert Forest(np.roll(np.arange(many), 1)).refused.tolist() == [0]
    assert time.process_time() - began < 3
