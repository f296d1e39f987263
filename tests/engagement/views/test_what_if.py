"""What if: the page, its rows and the API, and who sees what recurs."""

from datetime import timedelta

import pytest
from django.test import Client

from engagement.models import Figure
from engagement.selectors import figures
from engagement.selectors.figures import Question
from kernel.clock import last_complete_day, now
from kernel.metrics import metrics
from members.roles import Role
from tests import api, make
from tests.engagement.metrics.test_what_if import contracts, past_of, steady

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def data():
    people, facts, referrals = steady()
    rows = [(one.number, 1_000, one.joined_at.date() + timedelta(days=1), None, 0) for one in people[::2]]
    return metrics.get("what_if").compute(past_of(people, facts, referrals, 58, money=contracts(rows)))


@pytest.fixture
def community(data):
    community = make.community("lantern")
    question = Question.of(metrics.get("what_if"), {})
    Figure.objects.create(
        community_id=community.pk,
        key="what_if",
        as_of=last_complete_day(community.zone, now()),
        asked=question.asked,
        version=question.metric.version,
        computed_at=now(),
        took_ms=1,
        parameters={},
        data=data,
        generation=figures.state(community.pk).generation,
    )
    return community


@pytest.fixture
def reading(community, settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False

    def as_role(role):
        client = Client()
        client.force_login(make.member(community, role=role).user)
        return client

    return as_role


@pytest.mark.parametrize(("role", "sees"), [(Role.TREASURER, True), (Role.MODERATOR, False)])
def test_what_recurs_is_for_those_who_see_the_money(reading, community, data, role, sees):
    client = reading(role)
    page = client.get("/c/lantern/desk/figures/what_if/").content.decode()
    rows = b"".join(client.get("/c/lantern/desk/figures/what_if/csv/").streaming_content).decode()
    answer = client.get(f"/api/v1/communities/{community.slug}/metrics/what_if/").json()["data"]
    assert "Active members" in page
    assert "Active members" in rows
    assert ("Recurring revenue, EUR a month" in page) == sees
    assert ("Recurring revenue, EUR a month" in rows) == sees
    assert answer == (data if sees else data | {"revenue": []})


def test_a_key_sees_all(community, data):
    assert api.Program(community).get("metrics/what_if/").json()["data"] == data


def test_the_page_shows_what_was_said_half_a_year_ago(reading, data):
    page = reading(Role.OWNER).get("/c/lantern/desk/figures/what_if/")
    body = page.content.decode()
    assert page.context["finding"] in body
    assert "What the same would have said half a year ago" in body
    assert body.count("data-chart=") == 6
    assert [one["tested"] for one in page.context["tested"]] == [
        f"In {measure['back']['within']} of 26 weeks it was within the band."
        for measure in (data["members"], data["actives"], *data["revenue"])
    ]


@pytest.mark.parametrize(
    "given", ["churn=-101", "churn=401", "churn=--5", "churn=-", "price=1.5", "price=−5"]
)
def test_a_lever_that_goes_too_far_is_refused(community, given):
    assert api.Program(community).get(f"metrics/what_if/?{given}").status_code == 400


def test_a_lever_may_go_down(community):
    question = Question.of(metrics.get("what_if"), {"churn": "-50", "price": "0"})
    assert question.arguments["churn"] == -50
    assert "churn=-50" in question.asked
