import threading
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from communities.services import settings as community_settings
from engagement.models import ActiveDay, DirtyDay, Figure, MemberDay, MemberStanding, PairDay, RollupState
from engagement.selectors import figures as known
from engagement.services import facts, refresh
from kernel import activity
from kernel.activity import ACTS, Activity
from members.models import Membership
from tests import make
from tests.engagement import stream
from tests.engagement.stream import NOW, at, row

BATCH = UUID("12345678-1234-5678-1234-567812345678")
YESTERDAY = date(2026, 3, 9)


@pytest.fixture
def community(db):
    return make.community()


def brought_up(community, **more):
    return refresh.refresh(community_id=community.pk, at=NOW, **more)


def figure(community, key, asked=None, as_of=YESTERDAY):
    rows = Figure.objects.filter(community_id=community.pk, key=key, as_of=as_of)
    return (rows.filter(asked=asked) if asked is not None else rows).get().data


def weeks(community):
    return {
        row["period"]: row["value"]
        for row in figure(community, "active_members", "grain=week")
        if row["value"]
    }


def everything(community):
    """All that a refresh leaves behind, but for when it did so."""
    days = [
        [
            (one.day, bytes(getattr(one, column)))
            for one in model.objects.filter(community_id=community.pk).order_by("day")
        ]
        for model, column in (
            (MemberDay, "counts"),
            (MemberDay, "firsts"),
            (PairDay, "pairs"),
            (ActiveDay, "members"),
        )
    ]
    rows = Figure.objects.filter(community_id=community.pk).order_by("key", "asked", "as_of")
    standings = MemberStanding.objects.filter(community_id=community.pk).order_by("membership__number")
    return (
        days,
        list(rows.values_list("key", "asked", "as_of", "data")),
        list(
            standings.values_list(
                "membership__number",
                "stage",
                "at_risk",
                "score",
                "parts",
                "active_days",
                "days_before",
                "last_active_day",
            )  # fmt: skip
        ),
    )


# --- what it does -------------------------------------------------------------------------------------


def test_figures_stand_for_the_last_complete_day(community):
    stream.load(community, row(1, "posted", "03-02 10:00"), row(1, "posted", "03-10 10:00"))
    done = brought_up(community)
    assert (done.as_of, done.figures) == (YESTERDAY, len(list(known.standing())))
    assert weeks(community) == {"2026-03-02": 1}
    state = known.state(community.pk)
    assert (state.as_of, state.refreshed_at, state.zone, state.generation) == (YESTERDAY, NOW, "UTC", 1)
    assert stream.dirty(community) == []


def test_a_second_refresh_finds_nothing_to_do(community):
    stream.load(community, row(1, "posted", "03-02 10:00"))
    brought_up(community)
    done = brought_up(community)
    assert (done.days, done.figures, done.standings) == (0, 0, 0)
    assert known.state(community.pk).generation == 1


def test_a_late_fact_reaches_every_window_it_touches(community):
    stream.load(community, row(1, "posted", "03-02 10:00"))
    brought_up(community)
    stream.load(community, row(1, "posted", "02-24 10:00"))
    done = brought_up(community)
    assert done.days == 1
    assert weeks(community) == {"2026-02-23": 1, "2026-03-02": 1}


def test_today_s_facts_leave_yesterday_s_figures_standing(community):
    stream.load(community, row(1, "posted", "03-02 10:00"))
    brought_up(community)
    computed = Figure.objects.filter(community_id=community.pk).count()
    stream.load(community, row(1, "posted", "03-10 10:00"))
    done = brought_up(community)
    assert (done.days, done.figures, done.standings) == (1, 0, 0)
    generation = known.state(community.pk).generation
    assert Figure.objects.filter(community_id=community.pk, generation=generation).count() == computed


def test_a_day_that_is_named_is_computed_beside_the_last_complete_one(community):
    stream.load(community, row(1, "posted", "02-03 10:00"), row(1, "posted", "03-02 10:00"))
    done = brought_up(community, as_of=date(2026, 2, 10))
    assert done.as_of == date(2026, 2, 10)
    early = figure(community, "active_members", "grain=week", as_of=date(2026, 2, 10))
    assert [one["period"] for one in early if one["value"]] == ["2026-02-02"]
    assert weeks(community) == {"2026-02-02": 1, "2026-03-02": 1}
    assert known.state(community.pk).as_of == YESTERDAY


def test_retracted_facts_are_out_of_every_figure(community):
    stream.load(community, row(1, "posted", "03-02 10:00"))
    stream.load(community, row(1, "posted", "02-24 10:00"), batch=BATCH)
    brought_up(community)
    facts.retract(community_id=community.pk, batch=BATCH, by=make.SITE, at=NOW)
    brought_up(community)
    assert weeks(community) == {"2026-03-02": 1}


def test_facts_before_joining_count_and_strangers_do_not(community):
    late = make.member(community, at=at("03-05 10:00"))
    stream.load(
        community, row(late.number, "posted", "03-02 10:00"), row(999, "posted", "03-02 10:00"),
        row(1, "commented", "03-02 10:00", 999),
    )  # fmt: skip
    brought_up(community)
    assert weeks(community) == {"2026-03-02": 2}
    assert figure(community, "network")["edges"] == 0


def test_the_days_follow_the_time_zone(community):
    stream.load(community, row(1, "posted", "03-01 20:00"))
    brought_up(community)
    assert weeks(community) == {"2026-02-23": 1}
    community_settings.update(community=community, at=NOW, by=make.SITE, timezone="Asia/Shanghai")
    brought_up(community)
    assert weeks(community) == {"2026-03-02": 1}
    assert known.state(community.pk).zone == "Asia/Shanghai"


def test_another_weight_changes_the_scores_and_no_day(community):
    stream.load(community, row(1, "posted", "03-09 10:00"))
    brought_up(community)
    assert MemberStanding.objects.get(community_id=community.pk).score == 5
    community_settings.update(community=community, at=NOW, by=make.SITE, score_weights={"posted": 7})
    done = brought_up(community)
    assert (done.days, done.standings) == (0, 1)
    assert MemberStanding.objects.get(community_id=community.pk).score == 7


def test_standings_hold_stage_score_and_days(community):
    stream.people(community, range(2, 5), at("01-05 09:00"))
    stream.load(
        community, row(2, "posted", "03-09 10:00"), row(2, "visited", "02-09 10:00"), row(3, "read", "02-01 10:00"),
    )  # fmt: skip
    brought_up(community)
    faded = pytest.approx(2 ** (-36 / 28), rel=1e-12)
    rows = MemberStanding.objects.filter(community_id=community.pk).order_by("membership__number")
    assert list(rows.values_list("stage", "score", "parts", "active_days", "last_active_day")) == [
        ("silent", 0, {}, 0, None),
        ("active", 5.5, {"posted": 5, "visited": 0.5}, 1, YESTERDAY),
        ("drifting", faded, {"read": faded}, 0, date(2026, 2, 1)),
        ("silent", 0, {}, 0, None),
    ]


def test_a_membership_that_is_over_has_no_stage(community):
    Membership.objects.create(
        community=community, number=7, status="left", joined_at=at("01-06 09:00"), left_at=at("03-01 09:00")
    )
    brought_up(community)
    assert MemberStanding.objects.get(membership__number=7).stage == ""


def test_an_empty_community_has_figures_too(community):
    Membership.objects.of(community.pk).delete()
    assert brought_up(community).standings == 0
    assert figure(community, "stage") == dict.fromkeys(
        ["new", "core", "active", "drifting", "dormant", "silent"], 0
    )


# --- what is due --------------------------------------------------------------------------------------


def test_what_is_due_is_dirty_or_of_an_earlier_day(community):
    assert refresh.due(at=NOW) == [community.pk]
    brought_up(community)
    assert refresh.due(at=NOW) == []
    assert refresh.due(at=NOW + timedelta(days=1)) == [community.pk]
    stream.load(community, row(1, "posted", "03-02 10:00"))
    assert refresh.due(at=NOW) == [community.pk]


def test_the_last_complete_day_is_the_community_s_own(community):
    other = make.community(timezone="Pacific/Kiritimati")
    for one in (community, other):
        brought_up(one)
    assert refresh.due(at=NOW) == []
    assert known.state(other.pk).as_of == date(2026, 3, 10)


# --- whatever the order -------------------------------------------------------------------------------

START = at("01-20 00:00")
a_fact = st.builds(
    facts.Row,
    member=st.integers(1, 6),
    verb=st.sampled_from(sorted(ACTS) + ["invited", "paid", "left"]),
    at=st.integers(0, 45 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes)),
    target=st.none() | st.integers(1, 7),
    object_kind=st.just(""),
    object_id=st.just(""),
    circle_id=st.none(),
    value=st.none() | st.decimals(0, 100, places=2),
    staff=st.booleans(),
    dedupe=st.sampled_from(["", "", "a", "b"]),
)


@pytest.mark.django_db
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    rows=st.lists(a_fact, max_size=40),
    cuts=st.lists(st.integers(0, 40), max_size=4),
    zone=st.sampled_from(["UTC", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"]),
    gone=st.integers(0, 4),
)
def test_refreshing_as_facts_arrive_equals_recomputing_from_all_of_them(rows, cuts, zone, gone):
    with transaction.atomic():
        community = make.community(timezone=zone)
        stream.people(community, range(2, 7), at("02-01 09:00"))
        edges = [0, *sorted(cuts), len(rows)]
        for place, (start, end) in enumerate(zip(edges, edges[1:], strict=False)):
            batch = UUID(int=place)
            facts.load(community_id=community.pk, rows=rows[start:end], at=NOW, batch=batch)
            brought_up(community)
        facts.retract(community_id=community.pk, batch=UUID(int=gone), by=make.SITE, at=NOW)
        brought_up(community)
        step_by_step = everything(community)
        brought_up(community, full=True)
        assert everything(community) == step_by_step
        transaction.set_rollback(True)


# --- two at once --------------------------------------------------------------------------------------


class Session(threading.Thread):
    """Work in a connection of its own; `finish` waits for it and raises what it raised."""

    def __init__(self, work):
        super().__init__(daemon=True)
        self.work, self.error, self.value = work, None, None
        self.start()

    def run(self):
        try:
            self.value = self.work()
        except BaseException as error:
            self.error = error
        finally:
            connection.close()

    def finish(self):
        self.join(30)
        assert not self.is_alive()
        if self.error:
            raise self.error
        return self.value


@pytest.mark.django_db(transaction=True)
def test_a_fact_that_is_committed_late_is_not_lost():
    community = make.community()
    brought_up(community)
    written, commit = threading.Event(), threading.Event()

    def write_slowly():
        with transaction.atomic():
            activity.publish(
                Activity(community_id=community.pk, member=1, verb="posted", at=at("03-02 10:00"))
            )
            written.set()
            assert commit.wait(20)

    slow = Session(write_slowly)
    assert written.wait(20)
    # A later fact of the same day is committed first, and rolled up while the slow one is still open.
    stream.load(community, row(2, "posted", "03-02 11:00"))
    stream.people(community, range(2, 3), at("01-06 09:00"))
    brought_up(community)
    assert weeks(community) == {"2026-03-02": 1}
    commit.set()
    slow.finish()
    assert len(stream.dirty(community)) == 1
    brought_up(community)
    assert weeks(community) == {"2026-03-02": 2}


@pytest.mark.django_db(transaction=True)
def test_a_fact_that_is_committed_while_a_refresh_runs_is_not_lost(monkeypatch):
    """Between emptying the log and reading the facts: read now or rolled up next time, never forgotten."""
    community = make.community()
    brought_up(community)
    stream.people(community, range(2, 3), at("01-06 09:00"))
    stream.load(community, row(1, "posted", "03-02 10:00"))
    drain = refresh._drain

    def drained_and_then_written(*given):
        work = drain(*given)
        Session(
            lambda: stream.load(community, row(2, "posted", "03-02 11:00"), row(2, "read", "03-05 11:00"))
        ).finish()
        return work

    monkeypatch.setattr(refresh, "_drain", drained_and_then_written)
    brought_up(community)
    monkeypatch.undo()
    assert DirtyDay.objects.filter(community_id=community.pk).exists()
    brought_up(community)
    assert weeks(community) == {"2026-03-02": 2}
    once = everything(community)
    brought_up(community, full=True)
    assert everything(community) == once


@pytest.mark.django_db(transaction=True)
def test_one_community_never_blocks_another_and_waits_for_itself():
    one, other = make.community(), make.community()
    for community in (one, other):
        stream.load(community, row(1, "posted", "03-02 10:00"))
    with transaction.atomic():
        assert brought_up(one).days > 0
        assert Session(lambda: brought_up(other, wait=False)).finish().days > 0
        assert Session(lambda: brought_up(one, wait=False)).finish() is None
    assert RollupState.objects.get(pk=one.pk).generation == 1


@pytest.mark.django_db(transaction=True)
def test_a_change_of_the_time_zone_loses_no_fact_of_the_same_moment():
    community = make.community()
    brought_up(community)
    written, commit = threading.Event(), threading.Event()

    def write_slowly():
        with transaction.atomic():
            stream.load(community, row(1, "posted", "03-01 20:00"))
            written.set()
            assert commit.wait(20)

    slow = Session(write_slowly)
    assert written.wait(20)
    community_settings.update(community=community, at=NOW, by=make.SITE, timezone="Asia/Shanghai")
    brought_up(community)
    commit.set()
    slow.finish()
    brought_up(community)
    assert weeks(community) == {"2026-03-02": 1}


@pytest.mark.django_db(transaction=True)
def test_a_time_zone_changed_between_reading_the_community_and_emptying_the_log_is_not_lost(monkeypatch):
    community = make.community()
    stream.load(community, row(1, "posted", "03-01 20:00"))
    drain = refresh._drain

    def change():
        community_settings.update(community=community, at=NOW, by=make.SITE, timezone="Asia/Shanghai")

    def changed_and_drained(*given):
        Session(change).finish()
        return drain(*given)

    monkeypatch.setattr(refresh, "_drain", changed_and_drained)
    refresh.refresh(community_id=community.pk, at=NOW)
    monkeypatch.undo()
    while community.pk in refresh.due(at=NOW):
        refresh.refresh(community_id=community.pk, at=NOW)
    stepwise = everything(community)
    refresh.refresh(community_id=community.pk, at=NOW, full=True)
    assert everything(community) == stepwise
