"""Does it grow by itself: figures by hand, and communities by chance against recounts from the written definitions."""

import math
import time
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from scipy import stats

from benchmarks import coverage
from engagement.metrics import _student
from engagement.metrics import growth_rate as pace
from engagement.metrics.cascades import trees_of
from engagement.metrics.referral_k import interval
from engagement.selectors.forest import Forest
from kernel.metrics import metrics
from tests.engagement.metrics.growth_world import DAY, START, World
from tests.engagement.metrics.records import Member, RowReferrals, history
from tests.engagement.metrics.test_against_oracle import assert_same
from tests.oracle import growth as oracle


def compute(key, past, **parameters):
    return metrics.get(key).compute(past, **parameters)


def people(*joined, brought=(), **more):
    """A history of members 1, 2, ... who joined on these days after the start, at the end of day 100 after it."""
    rows = RowReferrals(brought=[(member, inviter, None) for member, inviter in brought], **more)
    members = [Member(n, START + days * DAY, f"{n:06d}") for n, days in enumerate(joined, start=1)]
    return history(members, [], (START + 100 * DAY).date(), referrals=rows)


@pytest.mark.parametrize("odd", [True, False])
@pytest.mark.parametrize("many", [0, 1, 3, 25, 60])
def test_worlds_by_chance_against_a_recount(many, odd):
    for seed in range(6):
        world = World(
            seed * 100 + many, people=many, odd=odd, zone=("Asia/Shanghai", "America/New_York")[seed % 2]
        )
        past = world.history(order=Random(seed))
        known = oracle.Known(world.people, ZoneInfo(world.zone), world.as_of)
        for grain in ("week", "month", "all"):
            for horizon in (30, 7):
                ours = compute("referral_k", past, grain=grain, horizon=horizon)
                theirs = oracle.referral_k(known, world.sent, grain=grain, horizon=horizon)
                if grain != "all":
                    # Acts before the first joining begin the series earlier.
                    ours = ours[len(ours) - len(theirs) :]
                assert_same(ours, theirs)
                for row in ours:
                    assert row["c"] is None or row["k"] >= row["i"] * row["c"] - 1e-12
        assert_same(compute("cycle_time", past), oracle.cycle_time(known))
        assert_same(compute("generations", past), oracle.generations(known))
        assert_same(compute("cascades", past, limit=1000), oracle.cascades(known))
        for window in ("all", 45):
            ours = compute("channels", past, window=window)
            spent = [
                (way, first, last, Decimal(amount).scaleb(-2 if currency == "EUR" else 0), currency)
                for way, first, last, amount, currency in world.spent
            ]
            theirs = oracle.channels(known, world.sent, world.acts, world.paid, window=window, spent=spent)
            assert_same(ours, theirs)


def test_the_pace_of_growth_against_a_recount(monkeypatch):
    monkeypatch.setattr(pace, "RESAMPLES", 25)
    reasons = set()
    for seed, many, odd, days in (
        (1, 300, False, 120),
        (2, 150, False, 300),
        (3, 60, False, 90),
        (4, 400, True, 100),
    ):
        world = World(seed, people=many, odd=odd, days=days)
        as_of = (START + (days - 5) * DAY).date()
        known = oracle.Known(world.people, ZoneInfo(world.zone), as_of)
        ours = compute("growth_rate", world.history(as_of, order=Random(seed)))
        assert_same(ours, oracle.growth_rate(known, resamples=25, seed=pace.SEED))
        reasons.add(ours["reason"])
    assert {None, "few_joins"} <= reasons


def test_the_pace_that_was_put_in_comes_out():
    """One join a day from outside, each member bringing two on their seventh day: r = ln 2 / 7."""
    brought, joined, wave = [], [], []
    for day in range(120):
        todays = [None] + [m for m, since in wave if day - since == 7 for _twice in range(2)]
        for inviter in todays:
            joined.append(day / 1)
            brought.append((len(joined), inviter))
            wave.append((len(joined), day))
        if len(joined) > 3000:
            break
    rows = RowReferrals(brought=[(member, inviter, None) for member, inviter in brought])
    members = [Member(n, START + days * DAY, f"{n:06d}") for n, days in enumerate(joined, start=1)]
    found = compute("growth_rate", history(members, [], (START + day * DAY).date(), referrals=rows))
    assert found["r"] == pytest.approx(math.log(2) / 7, rel=0.1)
    # Everybody brings as many at the same age: there is no chance in it.
    assert found["low"] <= found["r"] <= found["high"] and found["reason"] is None
    assert found["doubling_days"] == pytest.approx(math.log(2) / found["r"])
    assert found["multiplier"] is None and found["k"] > 1


def test_the_root_of_the_equation_by_hand():
    k = np.zeros((5, 90))
    k[0, 10], k[1, 10], k[2, [5, 20]], k[3, 0], k[4, 0] = 2, 0.5, (0.4, 0.9), 0.4, 1.2
    found = pace.rate(k)
    assert found[:2].tolist() == pytest.approx([math.log(2) / 10, -math.log(2) / 10], rel=1e-12)
    assert 0.4 * math.exp(-5 * found[2]) + 0.9 * math.exp(-20 * found[2]) == pytest.approx(1, abs=1e-12)
    assert found[3:].tolist() == [-math.inf, math.inf]


def test_the_quantile_is_that_of_the_books():
    for degrees in [2, 3, 4, 29, 30, 31, 99, 100, 299, 300, 301, 5_000, 200_000]:
        assert _student.two_sided(degrees) == pytest.approx(stats.t.ppf(0.975, degrees), rel=1e-11)


def test_a_horizon_ends_with_its_last_instant():
    past = people(0, 30, 30 + 1e-6, 100, brought=[(2, 1), (3, 1), (4, 3)])
    row = compute("referral_k", past, grain="all")[0]
    assert (row["eligible"], row["invitees"], row["young"]) == (3, 1, 1)
    past = people(0, 70.5, 70.5 + 1e-6)  # the day ends half a day after START's hour
    assert compute("referral_k", past, grain="all")[0]["eligible"] == 2


def test_who_joined_before_their_inviter_stays_in_the_forest_alone():
    past = people(10, 0, brought=[(2, 1)])
    assert compute("referral_k", past, grain="all")[0] | {"cohort": ""} == {
        "cohort": "", "eligible": 2, "invitations": 0, "i": 0.0, "c": None, "k": 0.0, "low": None, "high": None,
        "young": 0, "invitees": 0, "by_staff": 0, "before_inviter": 1, "reason": None,
    }  # fmt: skip
    assert compute("cycle_time", past) == {
        "median_days": None, "p25": None, "p75": None, "n": 0, "before_inviter": 1
    }  # fmt: skip
    assert compute("generations", past) == [{"generation": 0, "members": 1}, {"generation": 1, "members": 1}]


def test_who_joined_before_their_inviter_on_the_same_day_is_in_no_pace():
    """Sixty who joined an hour before their inviter, on the same local day: at no age of that inviter were they brought."""
    joined = [0.1, *([0.05] * 60)]
    past = people(*(50 + day for day in joined), brought=[(n, 1) for n in range(2, 62)])
    found = compute("growth_rate", past)
    assert (found["referred"], found["reason"], found["k"]) == (0, "few_joins", None)
    assert found["share"] == 60 / 61


def test_what_others_sent_to_the_same_person_takes_nothing_from_who_brought_them():
    sent = [
        (1, START + DAY, ("", ""), 3),
        (2, START + 2 * DAY, ("", ""), 3),
        (2, START + 3 * DAY, ("", ""), 3),
    ]
    past = people(0, 0, 4, brought=[(3, 2)], sent=sent)
    (row,) = compute("referral_k", past, grain="all")
    assert (row["invitations"], row["invitees"], row["c"]) == (3, 1, 1 / 3)


def test_loops_and_who_brought_themselves():
    past = people(0, 1, 2, 3, 4, brought=[(1, 3), (2, 1), (3, 2), (4, 4), (5, 4)])
    found = compute("cascades", past)
    assert (found["refused"], found["roots"], found["attached"]) == (2, 2, 5)
    assert [(tree["root"], tree["size"], tree["virality"]) for tree in found["largest"]] == [
        (1, 3, 4 / 3),
        (4, 2, 1.0),
    ]


def test_a_correction_after_the_day_is_not_known_yet():
    told = [(2, 1, None), (2, None, START + 50 * DAY)]
    members = [Member(1, START, "a"), Member(2, START + DAY, "b")]
    rows = RowReferrals(brought=told)
    for day, expected in ((49, 1), (50, 0)):
        past = history(members, [], (START + day * DAY).date(), referrals=rows)
        assert compute("cascades", past)["trees"] == expected


def test_whom_a_member_brought_stands_apart_from_who_came_by_nobody():
    past = people(0, 1, 2, 3, 4, brought=[(2, 1), (3, 1), (4, 1)], came=[(2, ("personal", ""))],
                  sent=[(1, START, ("", ""), 3)])  # fmt: skip
    figure = metrics.get("channels")
    data = figure.compute(past)
    told = [(row["by"], row["channel"], row["joined"], row["invitations"]) for row in data]
    assert told == [("member", None, 2, 1), ("nobody", None, 2, 0), ("channel", "personal", 1, 0)]
    assert figure.finding(data) == (
        "60% of the 5 who joined came by an invitation or a member. The most of these: Brought by a member (2)."
    )
    assert figure.headline(data).value == 0.6
    assert [row[0] for row in figure.table(data).rows] == [
        "Brought by a member", "By themselves", "Members' own links",
    ]  # fmt: skip


def test_a_cohort_that_cannot_be_told_from_chance_is_compared_with_none():
    rows = [
        {"cohort": f"2026-0{n}", "k": k, "low": low}
        for n, k, low in ((1, 0.2, None), (2, 0.4, 0.1), (3, 0.3, 0.2))
    ]
    headline = metrics.get("referral_k").headline
    assert headline(rows).trend == (None, 0.4, 0.3) and headline(rows).change == pytest.approx(-0.1)
    assert headline(rows[:2]).trend == (None, 0.4) and headline(rows[:2]).change is None
    few = headline([*rows, {"cohort": "2026-04", "k": 0.9, "low": None}])
    assert (few.value, few.trend, few.change) == (0.9, (0.9,), None)


def test_who_was_brought_by_a_circle_or_by_nobody_came_by_nobody():
    past = people(0, 1, brought=[(1, 2), (2, 1)])
    data = metrics.get("channels").compute(past)
    assert [(row["by"], row["joined"]) for row in data] == [("member", 1), ("nobody", 1)]
    data = metrics.get("channels").compute(people(0, 1))
    assert metrics.get("channels").finding(data) == (
        "All 2 who joined came by themselves, as far as it is known: no invitation, no member who brought them."
    )


def test_no_forest_at_all():
    empty = history([], [], date(2026, 1, 1))
    assert compute("generations", empty) == []
    assert compute("cascades", empty)["largest"] == [] and compute("cascades", empty)["share"] is None
    assert [row["k"] for row in compute("referral_k", empty, grain="all")] == [None]
    assert compute("growth_rate", empty)["r"] is None
    for key in ("generations", "cascades", "referral_k", "cycle_time", "growth_rate", "channels"):
        figure = metrics.get(key)
        headline = figure.headline(figure.compute(empty))
        assert headline.value is None and str(headline.reason)


def test_a_star_and_a_chain_of_a_hundred_thousand():
    many = 100_000
    chain, star = np.arange(many) - 1, np.where(np.arange(many) == 0, -1, 0)
    began = time.process_time()
    one, other = trees_of(Forest(chain)), trees_of(Forest(star))
    assert time.process_time() - began < 3
    assert (one.depth.tolist(), one.width.tolist(), other.depth.tolist()) == ([many - 1], [1], [1])
    assert other.width.tolist() == [many - 1]
    assert one.virality[0] == pytest.approx((many + 1) / 3, rel=1e-12)
    assert other.virality[0] == pytest.approx(2 * (many - 1) / many, rel=1e-12)


def test_the_same_digits_in_any_order():
    world = World(7, people=250, odd=False, days=110)
    as_of = (START + timedelta(days=108)).date()
    pasts = [world.history(as_of), world.history(as_of, order=Random(3))]
    for key in ("referral_k", "cycle_time", "generations", "cascades", "channels", "growth_rate"):
        one, other = (compute(key, past) for past in pasts)
        assert one == other


@pytest.mark.parametrize(("n", "k"), [(100, 0.1), (100, 1.3), (300, 0.5)])
def test_the_interval_covers_the_truth(n, k):
    """Some of the twelve cells that `make bench ARGS="coverage"` runs in full: 92 to 98%."""
    assert 0.915 <= coverage.covered(n, k, runs=1_500, seed=coverage.SEED) <= 0.985


def test_what_the_interval_is_of_few_and_of_none():
    assert interval(29, 5, 9) == (None, None)
    assert interval(30, 0, 0) == (0.0, 0.1)
