"""Every figure against the independent oracle: a real community whole, and generated odd ones."""

import math
import os
from datetime import date
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from communities.blueprints.base import Milestone
from engagement.metrics import _leiden
from engagement.metrics.network import graph_of, undirected
from engagement.metrics.score import DEFAULT_WEIGHTS, scores
from engagement.metrics.stage import stages
from kernel.metrics import metrics
from tests import oracle
from tests.engagement.metrics.records import of_oracle
from tests.oracle import generate
from tests.sampled import sample

QUANTUM = Path(__file__).resolve().parents[4] / "shared" / "data" / "quantum-stackexchange"
MILESTONE = Milestone("asked", frozenset({"asked", "voted"}))

# Every figure with every kind of parameter it has.
CASES = [
    ("members", {"grain": "day"}),
    ("members", {"grain": "week"}),
    ("members", {"grain": "month"}),
    *(("active_members", {"grain": grain}) for grain in ("day", "week", "month", "rolling7", "rolling28")),
    ("stickiness", {}),
    ("power_curve", {}),
    ("contribution", {}),
    ("contribution", {"window": 7}),
    ("contribution", {"window": "all"}),
    ("response_time", {}),
    ("response_time", {"window": "all"}),
    ("activation", {}),
    ("activation", {"window": 28}),
    ("retention", {"grain": "week"}),
    ("retention", {"grain": "month"}),
    ("growth_accounting", {"grain": "week"}),
    ("growth_accounting", {"grain": "month"}),
    ("stage", {}),
    ("network", {}),
    ("network", {"window": "all"}),
    ("self_organisation", {}),
    ("self_organisation", {"window": "all"}),
    ("reproduction", {}),
    ("reproduction", {"window": 7}),
    ("ties", {}),
    ("ties", {"window": 14}),
]
ORACLE_WINDOWS = {"activation": "all", "contribution": 28, "response_time": 28, "network": 90}


def assert_same(ours, theirs):
    """Equal in shape and counts; reals to 1e-9."""
    if isinstance(theirs, dict):
        assert ours.keys() == theirs.keys()
        for key in theirs:
            assert_same(ours[key], theirs[key])
    elif isinstance(theirs, list):
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            assert_same(one, other)
    elif isinstance(theirs, float):
        assert isinstance(ours, float | int)
        assert math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)
    else:
        assert ours == theirs
        assert type(ours) is type(theirs)


def check_figures(community, as_of, order=None, between=None):
    history = of_oracle(community, as_of, order=order, milestone=MILESTONE)
    for key, parameters in CASES:
        ours = metrics.get(key).compute(history, **parameters)
        asked = dict(parameters)
        if key == "activation":
            asked["milestone"] = MILESTONE.verbs
        theirs = oracle.figure(key, community, as_of, **asked)
        if key == "network":
            ours = {name: ours[name] for name in theirs}
        assert_same(ours, theirs)
        if between and isinstance(ours, list) and key != "power_curve":
            cut = dict(zip(("from", "to"), between, strict=True))
            grain = {"stickiness": {}}.get(key, parameters)
            assert_same(
                metrics.get(key).compute(history, **grain, **cut),
                oracle.figure(key, community, as_of, **grain, **cut),
            )
    check_members(community, as_of, history)


def check_members(community, as_of, history):
    """Stages and scores member by member."""
    name = dict(zip(history.number.tolist(), history.external_id, strict=True))
    ours = {name[number]: stage for stage, members in stages(history).items() for number in members}
    assert ours == oracle.stages(community, as_of)
    expected = oracle.scores(community, as_of, DEFAULT_WEIGHTS)
    data = metrics.get("score").compute(history, limit=100_000)
    assert data["total"] == len(expected)
    assert_same(
        {row["member"]: [row["score"], row["parts"]] for row in data["members"]},
        {member: [score, parts] for member, (score, parts) in expected.items()},
    )
    assert_same(
        [row["score"] for row in data["members"]], sorted((s for s, _ in expected.values()), reverse=True)
    )
    assert len(scores(history).total) == data["total"]


@pytest.fixture(scope="module")
def quantum():
    if not QUANTUM.exists() and os.environ.get("CI") != "true":
        pytest.skip(f"{QUANTUM} is not here")
    return lambda zone: oracle.from_csv(QUANTUM, zone)


@pytest.mark.parametrize(
    ("zone", "as_of"),
    sample(
        [
            ("Asia/Shanghai", date(2018, 9, 2)),
            ("America/Sao_Paulo", date(2018, 6, 17)),
            ("UTC", date(2018, 3, 12)),
            ("UTC", date(2018, 5, 31)),
            ("UTC", date(2018, 9, 1)),
        ],
        lambda place, _value: place < 3,
    ),
)
def test_a_real_community_whole(quantum, zone, as_of):
    between = (date(2018, 4, 11), date(2018, 6, 20)) if as_of == date(2018, 6, 17) else None
    check_figures(quantum(zone), as_of, between=between)


def test_the_partition_of_a_real_community_is_as_good_as_any_found(quantum):
    community, as_of = quantum("UTC"), date(2018, 9, 1)
    for window in (90, "all"):
        past = of_oracle(community, as_of)
        data = metrics.get("network").compute(past, window=window)
        graph = graph_of(past, window)
        membership, _modularity = _leiden.best_partition(undirected(graph))
        name = dict(zip(past.number.tolist(), past.external_id, strict=True))
        parts: dict[int, list[str]] = {}
        for number, part in zip(graph.number.tolist(), membership, strict=True):
            parts.setdefault(part, []).append(name[number])
        assert_same(data["modularity"], oracle.modularity_of(community, as_of, parts.values(), window))
        assert data["modularity"] >= oracle.best_modularity(community, as_of, window, seeds=3) - 1e-9
        sizes = sorted((len(part) for part in parts.values()), reverse=True)
        assert [part["size"] for part in data["communities"]] == sizes


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(generate.communities(), st.integers(0, 2**16))
def test_generated_odd_communities(world, seed):
    order = Random(seed)
    between = (world.as_of.replace(day=1), world.as_of)
    check_figures(world.community(), world.as_of, order=order, between=between)
