"""Who is at risk, requests solved, and the well-being, against the oracle and by hand."""

import os
from datetime import UTC, date, datetime, timedelta
from math import comb
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from communities.blueprints import blueprints
from communities.blueprints.wellbeing import COMPONENTS, Component, Goal
from engagement.metrics import at_risk
from engagement.metrics.at_risk import fading
from engagement.metrics.score import DEFAULT_WEIGHTS
from engagement.selectors.standards import Standard
from kernel.metrics import metrics
from tests import oracle
from tests.engagement.metrics.records import Fact, Member, at, history, of_oracle
from tests.engagement.metrics.test_against_oracle import MILESTONE, QUANTUM, assert_same
from tests.oracle import generate, wellbeing
from tests.sampled import one_in, sample

AS_OF = date(2026, 5, 31)
STANDARD = Standard(
    3,
    date(2026, 1, 1),
    (
        Goal(COMPONENTS["milestone"], 0.4, 3),
        Goal(COMPONENTS["answered"], 0.8, 2.5),
        Goal(COMPONENTS["contributors"], 0.9, 2),
        Goal(COMPONENTS["steady"], 0.1, 1),
        Goal(COMPONENTS["near"], 0.6, 0),
        Goal(Component("later", "Later", "not_on_the_shelf"), 0.5, 7),
    ),
)


def check(community, as_of, order=None):
    past = of_oracle(community, as_of, order=order, milestone=MILESTONE, standard=STANDARD)
    looked_at, flagged = wellbeing.at_risk(community, as_of, DEFAULT_WEIGHTS)
    data = metrics.get("at_risk").compute(past, limit=100_000)
    assert (data["steady"], len(data["members"])) == (looked_at, len(flagged))
    assert data["total"] == (len(flagged) if looked_at else None)
    assert_same(
        {row["member"]: [row["active_before"], row["active_since"], row["lost"]] for row in data["members"]},
        {member: list(values) for member, values in flagged.items()},
    )
    lost = [row["lost"] for row in data["members"]]
    assert_same(lost, sorted(lost, reverse=True))
    for window in (28, "all"):
        assert_same(
            metrics.get("solved").compute(past, window=window), wellbeing.solved(community, as_of, window)
        )
    check_health(community, as_of, past, looked_at, flagged)


def check_health(community, as_of, past, looked_at, flagged):
    joined = oracle.figure("activation", community, as_of, milestone=MILESTONE.verbs)
    made = oracle.figure("contribution", community, as_of)
    values = {
        "milestone": joined["milestone"] / joined["joined"] if joined["joined"] else None,
        "answered": oracle.figure("response_time", community, as_of)["share"],
        "contributors": made["contributors"] / made["actives"] if made["actives"] else None,
        "steady": len(flagged) / looked_at if looked_at else None,
        "later": None,
    }
    goals = [goal for goal in STANDARD.goals if goal.weight]
    parts = [
        (values[goal.component.key], goal.target, goal.weight, goal.component.lower_is_better)
        for goal in goals
    ]
    data = metrics.get("health").compute(past)
    assert_same(data["value"], wellbeing.health(parts))
    assert data["missing"] == [key for key in values if values[key] is None]
    assert_same({one["key"]: one["value"] for one in data["components"]}, values)
    known = [one["part"] for one in data["components"] if one["value"] is not None]
    assert not known or abs(sum(known) - 1) < 1e-12


@pytest.mark.parametrize(
    ("zone", "as_of"),
    sample([("UTC", date(2018, 9, 1)), ("America/Sao_Paulo", date(2018, 6, 17))], one_in(2)),
)
def test_a_real_community_whole(zone, as_of):
    if not QUANTUM.exists() and os.environ.get("CI") != "true":
        pytest.skip(f"{QUANTUM} is not here")
    check(oracle.from_csv(QUANTUM, zone), as_of)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(generate.communities(), st.integers(0, 2**16))
def test_generated_odd_communities(world, seed):
    check(world.community(), world.as_of, order=Random(seed))


# --- at risk ------------------------------------------------------------------------------------------


def days(number, *ages):
    """Visits on days counted as `at_risk` counts them: AS_OF is day 1."""
    noon = datetime(2026, 5, 31, 12, tzinfo=UTC)
    return [Fact(number, "visited", noon - timedelta(days=age - 1)) for age in ages]


JOINED = datetime(2026, 3, 9, tzinfo=UTC)  # 84 x 24 h before the end of AS_OF


def flagged(*facts, joined=JOINED, status="active", **more):
    people = [Member(1, joined, "a", ((joined, status),))]
    data = metrics.get("at_risk").compute(history(people, list(facts), AS_OF, **more))
    return data["total"], data["steady"], [row["number"] for row in data["members"]]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (days(1, *range(29, 41)), (1, 1, [1])),
        (days(1, *range(73, 85), 1), (1, 1, [1])),  # 1 of 28 beside 12 of 56: less than a third
        (days(1, *range(73, 85), 1, 28), (0, 1, [])),  # 2 of 28 is a third
        (days(1, *range(29, 40)), (None, 0, [])),  # 11 days are not often
        (days(1, *range(29, 40), 85), (None, 0, [])),  # day 85 is not among days 29 to 84
        (days(1, *range(29, 40), 28), (None, 0, [])),
    ],
)
def test_the_bounds_of_the_days(facts, expected):
    assert flagged(*facts) == expected


@pytest.mark.parametrize(("rate", "expected"), [(0.15, 0.131), (0.2, 0.051), (0.25, 0.019), (0.4, 0.001)])
def test_how_many_steady_members_are_flagged_who_come_on_that_share_of_the_days(rate, expected):
    """What definition and `blind_spots` say of 2 to 13% is of who comes on 25 down to 15% of the days: by the binomial."""

    def chance(days, n):
        return comb(days, n) * rate**n * (1 - rate) ** (days - n)

    often = range(at_risk.OFTEN, 57)
    steady = sum(chance(56, before) for before in often)
    few = {n: sum(chance(28, since) for since in range(29) if at_risk.RATIO * since < n) for n in often}
    assert sum(chance(56, n) * few[n] for n in often) / steady == pytest.approx(expected, abs=5e-4)


def test_who_joined_later_left_or_is_where_silence_is_normal_is_not_looked_at():
    steady = days(1, *range(29, 60))
    assert flagged(*steady) == (1, 1, [1])
    assert flagged(*steady, joined=JOINED + timedelta(seconds=1)) == (None, 0, [])
    assert flagged(*steady, status="left") == (None, 0, [])
    assert flagged(*steady, silence_is_normal=True) == (None, 0, [])


def test_why_it_is_not_known_is_said():
    figure = metrics.get("at_risk")
    normal = figure.compute(history([], [], AS_OF, silence_is_normal=True))
    assert str(figure.headline(normal).reason).startswith("Silence is normal here")
    assert str(figure.headline(figure.compute(history([], [], AS_OF))).reason).startswith("Too young")


def test_the_greatest_loss_of_score_comes_first_and_equal_ones_by_joining():
    people = [Member(n, JOINED - timedelta(days=n == 4), str(n)) for n in (1, 2, 3, 4)]
    facts = [fact for n in people for fact in days(n.number, *range(40, 60))]
    facts += [Fact(2, "hosted", at("2026-04-20T12:00"))]
    data = metrics.get("at_risk").compute(history(people, facts, AS_OF))
    assert [row["number"] for row in data["members"]] == [2, 4, 1, 3]
    assert [row["lost"] for row in data["members"]][1:] == [data["members"][1]["lost"]] * 3


def test_of_steady_members_2_to_13_percent_are_flagged():
    """Members who come on each day with a chance of their own, 15 to 60%, in spells: nothing about them changes."""
    random = np.random.default_rng(7)
    people, facts = [], []
    start = datetime(2025, 9, 1, 12, tzinfo=UTC)
    for number in range(1, 401):
        people.append(Member(number, start, f"m{number}"))
        rate, here = random.uniform(0.15, 0.6), True
        for day in range(270):
            # A spell of presence or absence ends with these chances: absences last 12 days in the mean.
            here = random.random() > 1 / 40 if here else random.random() < 1 / 12
            if here and random.random() < rate:
                facts.append(Fact(number, "visited", start + timedelta(days=day)))
    past = history(people, facts, (start + timedelta(days=269)).date())
    found = fading(past)
    assert found.steady.sum() > 200
    assert 0.02 <= found.flagged.sum() / found.steady.sum() <= 0.13


# --- well-being ---------------------------------------------------------------------------------------


def one_goal(value, target, *, lower=False):
    component = Component("one", "One", "members", lambda data: value, lower_is_better=lower)
    standard = Standard(1, None, (Goal(component, target, 2),))
    return metrics.get("health").compute(history([], [], AS_OF, standard=standard))["value"]


@pytest.mark.parametrize(
    ("value", "target", "lower", "expected"),
    [
        (0.2, 0.4, False, 50),
        (0.9, 0.4, False, 100),
        (0, 0.4, False, 0),
        (0.2, 0.1, True, 50),
        (0.05, 0.1, True, 100),
        (0, 0.1, True, 100),
    ],
)
def test_how_much_of_a_target_is_reached(value, target, lower, expected):
    assert one_goal(value, target, lower=lower) == pytest.approx(expected)


def test_without_a_component_there_is_no_value_and_a_missing_one_is_named():
    data = metrics.get("health").compute(history([], [], AS_OF, standard=STANDARD))
    assert (data["value"], data["missing"]) == (
        None,
        ["milestone", "answered", "contributors", "steady", "later"],
    )
    reasons = {one["key"]: one["reason"] for one in data["components"]}
    assert (reasons["later"], reasons["answered"]) == ("not_counted", "no_data")


def test_types_are_judged_on_what_they_live_on():
    judged = {blueprint.key: [goal.component.key for goal in blueprint.health] for blueprint in blueprints}
    assert judged["tool"][:2] == ["solved", "use"]
    assert judged["knowledge"][0] == "renewal"
    chatter = {"contributors", "answered", "by_members", "steady", "near"}
    assert not chatter & {*judged["tool"], *judged["knowledge"]}
    assert all(goal.target > 0 and goal.weight > 0 for one in blueprints for goal in one.health)
