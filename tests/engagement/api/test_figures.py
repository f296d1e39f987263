"""Figures by the API."""

from datetime import UTC, datetime, timedelta

import pytest

from engagement.services import facts, refresh
from engagement.services.facts import Row
from kernel.clock import last_complete_day, now
from kernel.metrics import metrics
from members.roles import Role
from members.services import memberships, standing
from tests import api, make
from tests.api import where

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return make.community(timezone="Asia/Shanghai")


@pytest.fixture
def program(community) -> api.Program:
    return api.Program(community)


def test_every_figure_is_listed_with_its_definition(program):
    listed = program.get("metrics/").json()["results"]
    assert [one["key"] for one in listed] == metrics.keys()
    for one in listed:
        assert all(one[name] for name in ("title", "question", "unit", "formula", "reads", "blind_spots"))
        assert one["version"] == one["revisions"][-1]["version"]


def test_a_figure_in_full(community, program):
    answer = program.get("metrics/members/?grain=month&as_of=2026-03-15&from=2026-01-01")
    assert answer.status_code == 200
    found = answer.json()
    assert found.pop("computed_at").startswith(str(now().date()))
    assert found == {
        "key": "members",
        "version": 1,
        "community": community.slug,
        "timezone": "Asia/Shanghai",
        "as_of": "2026-03-15",
        "parameters": {"grain": "month", "from": "2026-01-01", "as_of": "2026-03-15"},
        "data": [
            {"period": "2026-01", "value": 1, "joined": 1, "left": 0},
            {"period": "2026-02", "value": 1, "joined": 0, "left": 0},
            {"period": "2026-03", "value": None, "joined": None, "left": None},
        ],
    }


def test_without_a_day_it_is_the_last_complete_one(community, program):
    expected = last_complete_day(community.zone, now())
    assert program.get("metrics/stage/").json()["as_of"] == expected.isoformat()


@pytest.mark.parametrize("key", [metric.key for metric in metrics if not metric.heavy])
def test_every_light_figure_answers_at_once(program, key):
    assert program.get(f"metrics/{key}/").status_code == 200


def test_a_heavy_figure_is_202_until_it_is_there(community, program, settings):
    settings.CELERY_TASK_ALWAYS_EAGER = False
    answer = program.get("metrics/network/?window=30")
    assert (answer.status_code, answer["Retry-After"]) == (202, "2")
    assert answer.json() == {"state": "waiting", "progress": 0, "retry_after": 2}
    from engagement.models import FigureRequest
    from engagement.services import figures

    figures.answer(request_id=FigureRequest.objects.get().pk, at=now())
    assert program.get("metrics/network/?window=30").json()["parameters"]["window"] == 30


@pytest.mark.parametrize(
    ("query", "status", "fault"),
    [
        ("grain=fortnight", 400, ("grain", "invalid_parameter")),
        ("as_of=2026-02-30", 400, ("as_of", "invalid_parameter")),
        ("as_of=", 400, ("as_of", "invalid_parameter")),
        ("window=7", 400, ("window", "unknown_parameter")),
        ("as_of=2099-01-01", 422, ("as_of", "future")),
    ],
)
def test_parameters_that_do_not_fit_are_named(program, query, status, fault):
    answer = program.get(f"metrics/retention/?{query}")
    assert (answer.status_code, where(answer)) == (status, [fault])


def test_a_number_of_thousands_of_digits_is_refused(program):
    answer = program.get(f"metrics/score/?limit={'9' * 5000}")
    assert (answer.status_code, where(answer)) == (400, [("limit", "invalid_parameter")])


@pytest.mark.parametrize("day", ["0001-01-01", "1900-01-01"])
def test_a_day_before_everything_is_answered(program, day):
    light = [metric.key for metric in metrics if not metric.heavy]
    statuses = {program.get(f"metrics/{key}/?as_of={day}").status_code for key in light}
    assert statuses == {200}


@pytest.mark.parametrize(("role", "status"), [(Role.MEMBER, 403), (Role.MODERATOR, 200)])
def test_figures_are_shown_to_staff(community, role, status):
    client = api.browser(make.member(community, role=role).user)
    assert client.get(f"/api/v1/communities/{community.slug}/metrics/stage/").status_code == status


def test_a_member_s_timeline(community, program):
    memberships.add(community=community, at=make.EARLY, by=make.SITE, external_id="a")
    at = make.EARLY + timedelta(days=1)
    rows = [
        {
            "member": "a",
            "verb": "posted",
            "occurred_at": (at + timedelta(hours=n // 2)).isoformat(),
            "id": n,
            "circle": "ideas",
        }
        for n in range(5)
    ]
    assert program.post("activities/", rows).json()["accepted"] == 5
    first = program.get("members/2/timeline/?limit=2").json()
    assert first["results"][0] == {
        "occurred_at": "2026-01-06T11:00:00Z",
        "verb": "posted",
        "verb_class": "contribution",
        "target": None,
        "object": "",
        "circle": "ideas",
        "value": None,
        "staff": False,
    }
    second = program.client.get(first["next"]).json()
    third = program.client.get(second["next"]).json()
    whole = program.get("members/2/timeline/").json()
    assert first["results"] + second["results"] + third["results"] == whole["results"]
    assert program.client.get(second["previous"]).json() == first | {"previous": None}
    assert [one["verb"] for one in third["results"]] == ["posted", "joined"]
    assert program.get("members/9/timeline/").status_code == 404


def test_stage_and_score_stand_with_the_member(community, program):
    memberships.add(community=community, at=make.EARLY, by=make.SITE, external_id="a")
    program.post("activities/", {"member": "a", "verb": "posted", "occurred_at": "2026-01-06T10:00:00Z"})
    refresh.refresh(community_id=community.id, at=make.EARLY + timedelta(days=3))
    found = program.get("members/2/").json()
    assert (found["stage"], found["last_active"]) == ("new", "2026-01-06")
    assert found["score"] > 0
    assert [one["number"] for one in program.get("members/?stage=new&ordering=-score").json()["results"]] == [
        2,
        1,
    ]


def test_who_has_left_has_no_stage(community, program):
    gone = memberships.add(community=community, at=make.EARLY, by=make.SITE, external_id="a")
    standing.act("leave", membership=gone, at=make.EARLY + timedelta(days=1), by=make.SITE)
    refresh.refresh(community_id=community.id, at=make.EARLY + timedelta(days=3))
    assert program.get("members/2/").json()["stage"] is None


def test_what_was_said_before_1970_is_answered_too(community, program):
    ada, bo = make.member(community, at=make.EARLY), make.member(community, at=make.EARLY)
    then = datetime(1965, 5, 4, 12, tzinfo=UTC)
    rows = [
        Row(ada.number, "posted", then, None, "letter", "1"),
        Row(ada.number, "commented", then + timedelta(minutes=1), None, "letter", "1"),
        Row(bo.number, "commented", then + timedelta(minutes=90), ada.number, "letter", "1"),
        Row(bo.number, "posted", then, None, "", ""),
    ]
    facts.load(community_id=community.pk, rows=rows, at=now())
    assert program.get("metrics/response_time/?window=all").json()["data"] == {
        "threads": 1,
        "within_24h": 1,
        "answered": 1,
        "by_members": 1,
        "share": 1.0,
        "median_minutes": 90.0,
        "members_share": 1.0,
    }
