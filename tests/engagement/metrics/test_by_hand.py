"""Figures worked out by hand: what the generated communities cannot say, and what a reader can check."""

from datetime import date

import pytest

from communities.blueprints.base import Milestone
from engagement.metrics._inequality import gini, top
from engagement.metrics.score import DEFAULT_WEIGHTS
from engagement.metrics.stage import stages
from kernel.activity import VERBS
from kernel.metrics import metrics
from tests.engagement.metrics.records import Fact, Member, _whole, at, history

MARCH = date(2026, 3, 31)


def rows(key, past, **parameters):
    return metrics.get(key).compute(past, **parameters)


@pytest.mark.parametrize(
    ("values", "expected"),
    [([1, 1, 1, 1], 0.0), ([0, 0, 0, 4], 0.75), ([1, 2, 3], 2 / 9), ([0, 0], None), ([], None), ([7], 0.0)],
)
def test_gini(values, expected):
    assert gini(_whole(values)) == (expected if expected is None else pytest.approx(expected, abs=1e-15))


@pytest.mark.parametrize(("n", "one", "ten"), [(1, 1, 1), (10, 1, 1), (11, 1, 2), (100, 1, 10), (101, 2, 11)])
def test_the_top_groups_round_up(n, one, ten):
    ones = _whole([1] * n)
    assert (top(ones, 1), top(ones, 10)) == (one, ten)


def test_statuses_open_and_close_membership():
    people = [
        Member(1, at("2026-03-02"), "stays"),
        Member(2, at("2026-03-02"), "pauses", ((at("2026-03-02"), "trial"), (at("2026-03-10"), "paused"))),
        Member(
            3,
            at("2026-03-03"),
            "leaves twice",
            ((at("2026-03-09"), "left"), (at("2026-03-11"), "active"), (at("2026-03-12"), "banned")),
        ),
        Member(4, at("2026-03-02"), "only applied", ((at("2026-03-02"), "applied"),)),
        Member(5, at("2026-03-12"), "let in", ((at("2026-03-04"), "applied"), (at("2026-03-12"), "active"))),
        Member(6, at("2026-03-16"), "lapses", ((at("2026-03-20"), "lapsed"),)),
    ]
    assert rows("members", history(people, [], date(2026, 3, 25))) == [
        {"period": "2026-03-02", "value": 3, "joined": 3, "left": 0},
        {"period": "2026-03-09", "value": 2, "joined": 1, "left": 1},
        {"period": "2026-03-16", "value": 2, "joined": 1, "left": 0},
        {"period": "2026-03-23", "value": None, "joined": None, "left": None},
    ]
    past = history(people, [], date(2026, 3, 25))
    assert list(past.current) == [1, 5]
    assert sum(len(members) for members in stages(past).values()) == 2
    assert 4 not in past.existing


def test_a_leaving_that_is_moved_counts_where_it_is_now():
    """As a second file leaves it that says a later day: thought over on the 9th, undone there, over on the 18th."""
    told = ((at("2026-03-09"), "left"), (at("2026-03-09"), "active"), (at("2026-03-18"), "left"))
    assert rows("members", history([Member(1, at("2026-03-02"), "a", told)], [], date(2026, 3, 22))) == [
        {"period": "2026-03-02", "value": 1, "joined": 1, "left": 0},
        {"period": "2026-03-09", "value": 1, "joined": 0, "left": 0},
        {"period": "2026-03-16", "value": 0, "joined": 0, "left": 1},
    ]


def test_who_joins_later_does_not_exist_yet():
    people = [Member(1, at("2026-03-02"), "a"), Member(2, at("2026-03-20"), "later")]
    facts = [
        Fact(2, "posted", at("2026-02-01")),
        Fact(1, "commented", at("2026-03-05"), 2),
        Fact(2, "commented", at("2026-03-06"), 1),
    ]
    early, late = (history(people, facts, day) for day in (date(2026, 3, 15), date(2026, 3, 20)))
    assert rows("active_members", early, grain="month") == [{"period": "2026-03", "value": None}]
    assert rows("active_members", late, grain="month") == [
        {"period": "2026-02", "value": 1},
        {"period": "2026-03", "value": None},
    ]
    assert rows("network", early)["nodes"] == 0
    assert rows("network", late)["edges"] == 2


def test_a_fact_of_any_class_begins_the_series():
    people = [Member(1, at("2026-03-10"), "a")]
    past = history(people, [Fact(1, "paid", at("2026-02-20"))], date(2026, 3, 10))
    assert past.first_day == date(2026, 2, 20)
    assert [row["value"] for row in rows("active_members", past)] == [0, 0, 0, None]


def test_hours_are_elapsed_time_and_their_end_is_included():
    # The clocks of New York go forward in the night to 8 March 2026.
    joined = at("2026-03-07T12:00:00-05:00")
    people = [Member(n, joined, str(n)) for n in (1, 2, 3)]
    facts = [
        Fact(1, "posted", at("2026-03-08T13:00:00-04:00")),
        Fact(2, "posted", at("2026-03-08T13:00:00.000001-04:00")),
        Fact(3, "posted", at("2026-01-01T00:00:00Z")),
    ]
    # Fourteen days of 24 hours end one hour after the wall clock says so.
    for day, found in ((date(2026, 3, 20), 0), (date(2026, 3, 21), 3)):
        data = rows("activation", history(people, facts, day, zone="America/New_York"))
        assert data["joined"] == found
    assert data == {
        "joined": 3,
        "within_24h": 2,
        "within_7d": 3,
        "within_14d": 3,
        "never": 0,
        "milestone": None,
    }


def test_a_milestone_is_reached_when_the_last_of_its_conditions_is():
    people = [Member(n, at("2026-03-01"), str(n)) for n in (1, 2, 3, 4)]
    facts = [
        Fact(1, "posted", at("2026-03-02")),
        Fact(2, "reacted", at("2026-03-03"), 1),
        Fact(2, "posted", at("2026-03-03")),
        Fact(3, "posted", at("2026-03-03")),
        Fact(3, "commented", at("2026-03-03"), 3),
        Fact(4, "posted", at("2026-03-03")),
        Fact(1, "commented", at("2026-03-15T00:00:00.000001"), 4),
    ]
    alone = Milestone("posts", frozenset({"posted"}))
    answered = Milestone("posts and is answered", frozenset({"posted"}), answered=True)
    assert rows("activation", history(people, facts, MARCH, milestone=alone))["milestone"] == 4
    assert rows("activation", history(people, facts, MARCH, milestone=answered))["milestone"] == 1


def test_a_score_halves_in_28_days_and_shows_its_parts():
    people = [Member(1, at("2026-01-01"), "b"), Member(2, at("2026-01-01"), "a"), Member(3, at("2026-02-01"))]
    facts = [
        Fact(1, "posted", at("2026-03-31T23:59")),
        Fact(1, "posted", at("2026-03-03T00:00")),
        Fact(1, "voted", at("2026-03-31")),
        Fact(1, "paid", at("2026-03-31")),
    ]
    data = rows("score", history(people, facts, MARCH, weights={"posted": 4, "visited": 0}))
    assert data["half_life"] == 28
    assert data["weights"]["posted"] == 4
    assert "visited" not in data["weights"]
    assert data["total"] == 3
    assert data["members"] == [
        {"number": 1, "member": "b", "score": 7.0, "parts": {"posted": 6.0, "voted": 1.0}},
        # Equal ranks stand by (joined_at, external id).
        {"number": 2, "member": "a", "score": 0.0, "parts": {}},
        {"number": 3, "member": None, "score": 0.0, "parts": {}},
    ]
    assert len(rows("score", history(people, facts, MARCH), limit=1)["members"]) == 1


def test_default_weights_are_of_verbs_there_are():
    assert set(DEFAULT_WEIGHTS) <= set(VERBS)


def test_two_groups_are_two_sub_communities():
    people = [Member(n, at("2026-03-01"), f"m{n}") for n in range(1, 7)]
    edges = [(1, 2), (2, 1), (2, 3), (3, 1), (4, 5), (5, 6), (6, 4), (1, 4)]
    facts = [Fact(a, "commented", at("2026-03-02"), b) for a, b in edges] + [
        Fact(1, "commented", at("2026-03-02"), 1)
    ]
    data = rows("network", history(people, facts, MARCH))
    assert data["communities"] == [
        {"size": 3, "name": None, "why": [], "members": [1, 2, 3]},
        {"size": 3, "name": None, "why": [], "members": [4, 5, 6]},
    ]
    assert (data["nodes"], data["edges"]) == (6, 8)
    assert data["density"] == 8 / 30
    assert data["reciprocity"] == 2 / 8
    assert (data["largest_weak"], data["largest_strong"]) == (6, 3)
    assert rows("network", history(people, facts, date(2026, 6, 15)))["nodes"] == 0


def test_a_headline_names_its_period_and_the_change():
    people = [Member(1, at("2026-03-02"), "a"), Member(2, at("2026-03-02"), "b")]
    facts = [
        Fact(1, "visited", at("2026-03-03")),
        Fact(1, "read", at("2026-03-10")),
        Fact(2, "read", at("2026-03-10")),
    ]
    figure = metrics.get("active_members")
    headline = figure.headline(figure.compute(history(people, facts, date(2026, 3, 17))))
    assert (headline.value, headline.period, headline.change, headline.trend) == (2, "2026-03-09", 1, (1, 2))
    young = figure.headline(figure.compute(history(people, facts, date(2026, 3, 4))))
    assert (young.value, str(young.reason)[:9]) == (None, "Too young")
    nothing = figure.headline(figure.compute(history([], [], MARCH)))
    assert (nothing.value, str(nothing.reason)[:7]) == (None, "No data")


def test_retention_says_of_what_grain_its_four_periods_are():
    people = [Member(1, at("2026-01-05"), "a"), Member(2, at("2026-01-06"), "b")]
    facts = [Fact(1, "read", at(day)) for day in ("2026-01-05", "2026-02-03", "2026-05-04")]
    figure, past = metrics.get("retention"), history(people, facts, date(2026, 6, 30))
    weekly, monthly = figure.compute(past), figure.compute(past, grain="month")
    assert (figure.finding(weekly), str(figure.headline(weekly).unit)) == (
        "Active 4 weeks after joining: 1 of the 2 who joined in the week of 5 Jan 2026. So few tell nothing yet.",
        "of a cohort active 4 weeks after joining",
    )
    assert (figure.finding(monthly), str(figure.headline(monthly).unit)) == (
        "Active 4 months after joining: 1 of the 2 who joined in Jan 2026. So few tell nothing yet.",
        "of a cohort active 4 months after joining",
    )


@pytest.mark.parametrize(("key", "later"), [("retention", 4), ("payer_cohorts", 3)])
def test_a_cohort_of_a_few_makes_no_news(key, later):
    def row(month, size, active):
        return {"cohort": f"2026-{month:02}", "size": size, "active": [size] * later + [active]}

    figure, young = metrics.get(key), {"cohort": "2026-07", "size": 50, "active": [50] * later}
    told = figure.headline([row(1, 20, 5), row(2, 3, 3), row(3, 20, 10), row(4, 2, 2), row(5, 0, 0), young])
    # The youngest of ten or more is told, and is compared with no smaller one.
    assert (told.value, told.period, told.trend, told.change) == (0.5, "2026-03", (0.25, None, 0.5), None)
    assert "Of the 20 who" in figure.finding([row(1, 20, 5), row(2, 3, 3)])
    few = figure.headline([row(1, 5, 1), row(2, 3, 3)])
    assert (few.value, few.period, few.change) == (1, "2026-02", None)
    assert "3 of the 3 who" in figure.finding([row(1, 5, 1), row(2, 3, 3)])
    assert "So few tell nothing yet." in figure.finding([row(1, 5, 1), row(2, 3, 3)])
