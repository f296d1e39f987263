"""Ties, self-organisation and reproduction by hand: what the generated communities cannot say."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from kernel.metrics import metrics
from tests.engagement.metrics.records import Fact, Member, at, history

AS_OF = date(2026, 6, 30)
ANN, BOB, CLEO = (Member(n, at(f"2025-01-0{n}"), name) for n, name in enumerate(("ann", "bob", "cleo"), 1))
PEOPLE = [ANN, BOB, CLEO]


def figure(key, facts, as_of=AS_OF, people=PEOPLE, **parameters):
    return metrics.get(key).compute(history(people, facts, as_of), **parameters)


def acts(*told):
    return [Fact(one, "answered", at(when), other) for one, other, when in told]


@pytest.mark.parametrize(
    ("told", "strong"),
    [
        ([(1, 2, "2026-06-01"), (2, 1, "2026-06-01"), (1, 2, "2026-06-02")], 1),
        ([(1, 2, "2026-06-01"), (2, 1, "2026-06-02")], 0),
        ([(1, 2, "2026-06-01"), (1, 2, "2026-06-02"), (1, 2, "2026-06-03")], 0),
        ([(1, 2, "2026-06-01T01:00"), (2, 1, "2026-06-01T02:00"), (1, 2, "2026-06-01T23:00")], 0),
    ],
)
def test_a_strong_tie_is_three_interactions_on_two_days_both_ways(told, strong):
    data = figure("ties", acts(*told))
    assert (data["strong"], data["weak"]) == (strong, 1 - strong)


@pytest.mark.parametrize(
    ("last", "converted"),
    [("2026-05-01T12:00", 1), ("2026-05-01T12:00:00.000001", 0), ("2026-04-02T12:00", 1)],
)
def test_ninety_days_of_becoming_strong_are_elapsed_time_with_their_end(last, converted):
    data = figure("ties", acts((1, 2, "2026-01-31T12:00"), (2, 1, "2026-02-01T12:00"), (1, 2, last)))
    assert (data["eligible"], data["converted"]) == (1, converted)
    days = (at(last) - at("2026-01-31T12:00")) / timedelta(days=1)
    assert data["median_days"] == (days if converted else None)


@pytest.mark.parametrize(
    ("first", "eligible"),
    [("2026-04-01T23:59", 1), ("2026-04-02", 0), ("2026-01-02", 1), ("2026-01-01T23:59", 0)],
)
def test_judged_are_pairs_that_met_90_to_179_days_before(first, eligible):
    assert figure("ties", acts((1, 2, first)))["eligible"] == eligible


def test_an_older_meeting_is_the_first_whatever_the_window():
    facts = acts((1, 2, "2025-03-01"), (2, 1, "2026-03-01"))
    assert figure("ties", facts, window=180) == figure("ties", facts) | {"weak": 1}
    assert figure("ties", facts)["eligible"] == 0


def test_staff_are_staff_while_they_are():
    """Ann is of the staff until noon; whoever acts towards her then does not act between two ordinary members."""
    noon = at("2026-06-10T12:00")
    ann = replace(ANN, staffed=((None, noon),))
    people = [ann, BOB, CLEO]
    facts = acts(
        (1, 2, "2026-06-10T11:00"), (2, 1, "2026-06-10T11:59"), (1, 2, "2026-06-10T12:00"), (2, 1, "2026-06-10T18:00"),
        (2, 3, "2026-06-10T09:00"), (1, 3, "2026-06-11"), (1, 3, "2026-06-09"),
    )  # fmt: skip
    data = figure("self_organisation", facts, people=people)
    assert data["shares"]["interactions"] == {"events": 7, "by_members": 4, "share": 4 / 7}


def test_the_index_is_the_mean_share_times_the_spread_of_who_starts():
    facts = [
        Fact(1 + n % 2, "posted", at("2026-06-01") + timedelta(days=n), None, f"post:{n}") for n in range(10)
    ]
    facts = [replace(fact, staff=fact.member == 1) for fact in facts]
    data = figure("self_organisation", facts)
    assert data["shares"]["threads"] == {"events": 10, "by_members": 5, "share": 0.5}
    assert data["left_out"] == ["first_replies", "interactions", "events_hosted", "welcomes"]
    assert (data["mean"], data["spread"], data["start_half"]) == (0.5, 1 - 40 / 90, 1)
    assert data["index"] == pytest.approx(0.5 * (1 - 40 / 90))
    few = figure("self_organisation", facts[1:])
    assert (few["threads"], few["index"], few["mean"]) == (9, None, 5 / 9)
    assert str(metrics.get("self_organisation").headline(few).reason).startswith("Too few threads")


def test_a_welcome_is_the_first_that_a_newcomer_receives_whoever_gives_it():
    people = [ANN, replace(BOB, staffed=((None, None),)), Member(3, at("2026-06-01"), "new")]
    facts = acts((2, 3, "2026-06-02"), (1, 3, "2026-06-01T12:00"), (2, 1, "2026-06-03"))
    assert figure("self_organisation", facts, people=people)["shares"]["welcomes"] == {
        "events": 1, "by_members": 1, "share": None,
    }  # fmt: skip


def test_what_a_contribution_leads_to_is_counted_once():
    day = "2026-05-20T%02d:00"
    facts = [
        Fact(1, "posted", at(day % 8), None, "post:1"),
        Fact(2, "commented", at(day % 9), 1, "post:1"),  # caused by Ann's post
        Fact(1, "commented", at(day % 10), 2, "post:1"),  # by Bob's comment
        Fact(3, "voted", at(day % 11), None, "post:1"),  # by Ann's comment, the last one
        Fact(1, "voted", at(day % 12), None, "post:1"),  # by Bob's, her own does not count
        Fact(3, "reacted", at(day % 13), 1, "post:1"),  # is none of these verbs
        Fact(3, "answered", at("2026-06-18"), 2, "post:1"),  # too late
        Fact(2, "posted", at(day % 8)),  # on nothing
    ]
    data = figure("reproduction", facts)
    assert (data["contributions"], data["caused"], data["per_contribution"]) == (3, 4, 4 / 3)


@pytest.mark.parametrize(
    ("joined", "gave", "counted"),
    [
        ("2026-06-02", "2026-06-29T23:00", (1, 1)),
        ("2026-06-02T12:00", "2026-06-30T12:00", (1, 1)),
        ("2026-06-02T12:00", "2026-06-30T12:01", (1, 0)),
        ("2026-06-03", "2026-06-03", (0, 0)),
        ("2026-05-06", "2026-01-01", (1, 1)),
        ("2026-05-05T23:59", "2026-05-06", (0, 0)),
    ],
)
def test_newcomers_are_judged_over_28_days(joined, gave, counted):
    new = Member(9, at(joined), "new")
    data = figure("reproduction", [Fact(9, "shared", at(gave))], people=[ANN, new])
    assert (data["joined"], data["joined_contributed"]) == counted
