"""Targets and weights of the well-being: versions, and weeks that stay as they were counted."""

from datetime import UTC, date, datetime, timedelta

import pytest

from communities.models import Community
from engagement.models import DirtyDay, HealthStandard, HealthWeek
from engagement.selectors import loading, standards
from engagement.services import health_weeks, refresh
from engagement.services import standards as setting
from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry
from members.roles import Role
from tests import make

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 11, 9, tzinfo=UTC)


@pytest.fixture
def community():
    return make.community("lantern", timezone="Asia/Shanghai")


def change(community, at=NOW, **goals):
    return setting.change(community=community, goals=goals, at=at, by=make.SITE)


def targets(standard):
    return {goal.component.key: (goal.target, goal.weight) for goal in standard.goals}


def test_a_community_begins_with_the_targets_of_its_type(community):
    (first,) = standards.every(community)
    assert (first.version, first.since, first.goals) == (1, None, community.blueprint.health)


def test_a_change_is_a_version_from_its_day_on(community):
    DirtyDay.objects.all().delete()
    late = datetime(2026, 3, 10, 17, tzinfo=UTC)  # the 11th by the community's clock
    made = change(community, at=late, retention=(0.5, 7))
    assert (made.version, made.since) == (2, date(2026, 3, 11))
    assert targets(made) == targets(standards.every(community)[1]) | {"retention": (0.5, 7)}
    assert standards.of(community, date(2026, 3, 10)).version == 1
    assert standards.of(community, date(2026, 3, 11)).version == 2
    assert list(DirtyDay.objects.values_list("community_id", "since")) == [(community.pk, None)]
    entry = AuditEntry.objects.get(action="community.health_changed")
    assert (entry.before, entry.after) == (
        {"health": {"retention": [0.3, 3]}},
        {"health": {"retention": [0.5, 7]}},
    )


def test_of_two_changes_on_one_day_the_last_holds_and_none_is_lost(community):
    change(community, retention=(0.5, 7))
    change(community, at=NOW + timedelta(hours=1), retention=(0.6, 7))
    assert targets(standards.of(community, date(2026, 3, 11)))["retention"] == (0.6, 7)
    assert [one.version for one in standards.every(community)] == [3, 2, 1]


def test_what_changes_nothing_is_no_version(community):
    change(community, retention=(0.3, 3))
    assert HealthStandard.objects.count() == 0
    assert not AuditEntry.objects.filter(action="community.health_changed").exists()


@pytest.mark.parametrize(
    ("goals", "code"),
    [
        ({"retention": (0, 3)}, "target"),
        ({"retention": (1.01, 3)}, "target"),
        ({"retention": (float("nan"), 3)}, "target"),
        ({"retention": (0.3, -1)}, "weight"),
        ({"retention": (0.3, float("inf"))}, "weight"),
        ({"renewal": (0.3, 1)}, "unknown"),
        ("nothing", "nothing_weighs"),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(community, goals, code):
    if goals == "nothing":
        goals = {goal.component.key: (goal.target, 0) for goal in community.blueprint.health}
    with pytest.raises(Refused) as refusal:
        change(community, **goals)
    assert (refusal.value.code, HealthStandard.objects.count()) == (code, 0)


def test_who_may_change_no_settings_may_not_change_them(community):
    moderator = make.member(community, role=Role.MODERATOR)
    with pytest.raises(Refused):
        setting.change(
            community=community,
            goals={"retention": (0.5, 1)},
            at=NOW,
            by=Actor.person(moderator.user, moderator),
        )
    assert HealthStandard.objects.count() == 0


def test_weeks_stand_as_they_were_counted_whatever_is_changed_later(community):
    refresh.refresh(community_id=community.pk, at=NOW)
    assert health_weeks.keep(community_id=community.pk, at=NOW) == 12
    rows = HealthWeek.objects.order_by("sunday")
    assert [row.sunday for row in rows][-1] == date(2026, 3, 8)
    assert {row.standard for row in rows} == {1}
    HealthWeek.objects.update(value=40)
    change(community, at=NOW, retention=(0.5, 7))
    assert health_weeks.keep(community_id=community.pk, at=NOW) == 0
    later = NOW + timedelta(days=7)
    refresh.refresh(community_id=community.pk, at=later)
    assert health_weeks.keep(community_id=community.pk, at=later) == 1
    weeks = standards.weeks(community, date(2026, 3, 17))
    assert [(week.monday, week.value, week.standard) for week in weeks][-2:] == [
        (date(2026, 3, 2), 40, 1),
        (date(2026, 3, 9), weeks[-1].value, 2),
    ]
    history = loading.history(community=Community.objects.get(), as_of=date(2026, 3, 9))
    assert (history.standard.version, len(history.weeks)) == (1, 12)
