"""Experiments over the API, and that it tells nothing before the end."""

import pytest

from communities.models import ApiKey
from engagement.models import Assignment, Experiment
from engagement.services import arms, experiments
from members.models import MailTemplate
from tests import api, make
from tests.engagement import trying

pytestmark = pytest.mark.django_db

PLAN = {
    "trial": "welcome", "title": "Shorter", "base": 0.2, "least": 0.5,
    "b": [{"key": "en.subject", "text": "Come in, {member}"}],
}  # fmt: skip


@pytest.fixture
def community():
    return make.community("lantern")


def test_one_is_planned_started_ended_and_taken(community):
    program = api.Program(community)
    made = program.post("experiments/", PLAN)
    assert made.status_code == 201
    told = made.json()
    assert (told["state"], told["size"], told["assigned"], told["result"]) == ("planned", 16, 0, None)
    assert [piece["text"] for piece in told["b"]][0] == "Come in, {member}"
    place = f"experiments/{told['id']}/"
    assert program.post(f"{place}take/", {"arm": "B"}).json()["code"] == "not_now"
    assert program.post(f"{place}start/", {}).json()["state"] == "running"
    assert program.post(f"{place}start/", {}).status_code == 422
    Experiment.objects.update(state="ended", result=trying.a_result(a=(18, 2), b=(18, 12)))
    result = program.get(place).json()["result"]
    assert result["a"] == {"units": 18, "good": 2, "share": 2 / 18}
    assert (result["low"] > 0, result["merged"]) == (True, 0)
    assert result["sentence"].startswith("Of 100 newcomers, ")
    assert program.post(f"{place}take/", {"arm": "B"}).json()["taken"] == "B"
    assert MailTemplate.objects.get().subject == "Come in, {member}"


def test_while_it_runs_the_answer_holds_nothing_of_the_arms(community):
    program = api.Program(community)
    running = trying.running(community, size=2)
    for _n in range(4):
        make.member(community)
    assert Assignment.objects.count() == 4
    arms.fill()
    one = program.get(f"experiments/{running.key}/").json()
    assert set(one) == {
        "id", "trial", "title", "state", "base", "least", "size", "assigned", "days", "planned_at", "started_at",
        "over_at", "taken", "a", "b", "result",
    }  # fmt: skip
    assert (one["assigned"], one["result"]) == (4, None)
    assert program.get("experiments/").json()["results"][0]["result"] is None
    experiments.stop(experiment=running, at=make.EARLY, by=make.SITE)
    assert program.get(f"experiments/{running.key}/").json()["result"] is None


def test_the_rows_are_paged_and_there_once_it_has_ended(community):
    program = api.Program(community)
    running = trying.running(community, size=2)
    for _n in range(4):
        make.member(community)
    place = f"experiments/{running.key}/rows/"
    early = program.get(place)
    assert (early.status_code, early.json()["code"]) == (422, "not_now")
    Experiment.objects.update(state="ended", result=trying.a_result(counted=[(1, 3)], merged=[3]))
    first = program.get(f"{place}?limit=3").json()
    last = program.get(first["next"].partition(f"/{community.slug}/")[2]).json()
    rows = first["results"] + last["results"]
    assert [(row["number"], row["block"], row["n"], row["outcome"]) for row in rows] == [
        (2, 1, 0, False), (3, 1, 3, True), (4, 1, 0, False), (5, 1, None, None),
    ]  # fmt: skip
    assert sorted(row["arm"] for row in rows) == ["A", "A", "B", "B"] and last["next"] is None
    theirs = api.Program(make.community("elsewhere")).get(place)
    assert theirs.status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"b": []},
        {"base": 2},
        {"trial": "tea"},
        {"b": [{"key": "en.subject", "text": "{nobody}"}]},
        {"title": ""},
    ],
)
def test_what_does_not_fit_is_refused(community, change):
    answer = api.Program(community).post("experiments/", PLAN | change)
    assert answer.status_code in (400, 422)
    assert not Experiment.objects.exists() and ApiKey.objects.exists()
