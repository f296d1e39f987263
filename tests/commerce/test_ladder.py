"""What happens next to dues that are late, and when."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.ladder import Kind, Ladder, Means, Owed, Step, instant, steps, what_next

DUE = date(2026, 3, 1)
CARD, PAYER = Owed(DUE, Means.CHARGED, invoiced=True), Owed(DUE, Means.PAYER)


def walk(owed):
    return [(step.kind.value, (step.on - DUE).days) for step in steps(owed)]


def test_a_means_that_is_declined_for_now_is_tried_again():
    rungs = [("charge", day) for day in (0, 1, 3, 7)]
    # Access ends as the fourteenth day begins; the means is tried once more at nine.
    assert walk(CARD) == [*rungs, ("suspend", 14), ("charge", 14), ("lapse", 30)]
    assert what_next(replace(CARD, tried=DUE + timedelta(days=3))) == Step(Kind.CHARGE, date(2026, 3, 8))


def test_who_pays_themselves_hears_a_week_before_and_then_on_the_same_days():
    rungs = [("remind", day) for day in (0, 1, 3, 7)]
    assert walk(PAYER) == [("invoice", -7), *rungs, ("suspend", 14), ("remind", 14), ("lapse", 30)]


@pytest.mark.parametrize("means", [Means.REFUSED, Means.CONFIRM])
def test_a_means_refused_for_good_is_not_charged_again(means):
    refused = replace(CARD, means=means, tried=DUE + timedelta(days=1))
    rungs = [("remind", day) for day in (3, 7)]
    assert walk(refused) == [("ask", 1), *rungs, ("suspend", 14), ("remind", 14), ("lapse", 30)]
    assert what_next(replace(refused, asked=True)) == Step(Kind.REMIND, date(2026, 3, 4))


def test_of_rungs_missed_one_is_taken():
    assert what_next(replace(CARD, tried=DUE)).on == date(2026, 3, 2)
    assert what_next(replace(CARD, tried=DUE + timedelta(days=5))).on == date(2026, 3, 8)


def test_staff_let_it_wait_and_what_has_happened_does_not_happen_again():
    late = replace(CARD, tried=DUE + timedelta(days=14), extra_days=10)
    assert walk(late) == [("suspend", 24), ("lapse", 40)]
    assert walk(replace(late, suspended=True)) == [("lapse", 40)]


@given(
    st.builds(replace, st.just(CARD), means=st.sampled_from(Means)), st.lists(st.integers(0, 9), max_size=60)
)
def test_whoever_comes_late_or_never_takes_each_step_once(owed, delays):
    """The ladder as a worker climbs it that is away for some days before each step."""
    day, taken = DUE, []
    for delay in [*delays, *[0] * 20]:
        step = what_next(owed)
        day = max(day + timedelta(days=delay), step.on)
        taken.append(step.kind)
        if step.kind == Kind.LAPSE:
            break
        if step.kind in (Kind.CHARGE, Kind.REMIND):
            assert owed.tried is None or day > owed.tried
            owed = replace(owed, tried=day)
        owed = replace(
            owed,
            asked=owed.asked or step.kind == Kind.ASK,
            suspended=owed.suspended or step.kind == Kind.SUSPEND,
        )
    assert (taken.count(Kind.SUSPEND), taken.count(Kind.LAPSE), taken[-1]) == (1, 1, Kind.LAPSE)
    assert len(taken) - 2 <= 5 + (owed.means in (Means.REFUSED, Means.CONFIRM))
    assert (Kind.CHARGE in taken) == (owed.means == Means.CHARGED)


def test_days_are_local_and_summer_time_is_minded():
    berlin, shanghai = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")
    sunday = date(2026, 3, 29)
    assert [instant(Step(kind, sunday), berlin) for kind in (Kind.CHARGE, Kind.SUSPEND)] == [
        datetime(2026, 3, 29, 7, tzinfo=UTC),
        datetime(2026, 3, 28, 23, tzinfo=UTC),
    ]
    assert instant(Step(Kind.REMIND, sunday), shanghai) == datetime(2026, 3, 29, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rungs": ()},
        {"rungs": (1, 0)},
        {"rungs": (-1,)},
        {"rungs": (31,)},
        {"grace_days": 31},
        {"lead_days": -1},
    ],
)
def test_what_is_no_ladder_is_an_error(wrong):
    with pytest.raises(ValueError):
        Ladder(**wrong)
