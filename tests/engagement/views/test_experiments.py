"""Experiments at the desk."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from communities.services import questions
from engagement.models import Assignment, Experiment
from engagement.services import arms
from members.models import Membership
from members.roles import Role
from tests import api, make
from tests.engagement import trying

pytestmark = pytest.mark.django_db

DESK = "/c/lantern/desk/experiments/"


@pytest.fixture
def owner():
    return make.person(name="Ada")


@pytest.fixture
def community(owner):
    return make.community("lantern", owner=owner)


@pytest.fixture
def desk(owner, community, client):
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_planning_works_out_how_many_it_takes(desk, community):
    page = desk.get(f"{DESK}new/welcome/")
    form = page.context["form"]
    sent = {name: form[name].value() for name in form.fields}
    sent |= {"title": "Shorter", "base": "20", "least": "10", "text_0": "Come in"}
    answer = desk.post(f"{DESK}new/welcome/", {name: value or "" for name, value in sent.items()})
    planned = Experiment.objects.get()
    assert answer["Location"] == f"{DESK}{planned.key}/"
    assert (planned.size, planned.base, planned.least) == (294, 0.2, 0.1)
    assert [a["key"] for a, b in zip(planned.a, planned.b, strict=True) if a != b] == ["en.subject"]
    page = desk.get(answer["Location"]).content.decode()
    assert "It takes 588 newcomers, 294 in each arm" in page
    assert "In Simplified Chinese A and B read the same" in page
    desk.post(f"{answer['Location']}decide/", {"act": "start"})
    planned.refresh_from_db()
    assert planned.state == "running"


def test_a_question_is_left_out_in_b(desk, community):
    form = desk.get(f"{DESK}new/join-questions/").context["form"]
    sent = {name: form[name].value() for name in form.fields}
    sent |= {"title": "Fewer", "base": "50", "least": "20"}
    kept = {name: value for name, value in sent.items() if value and name != "asked_0"}
    assert desk.post(f"{DESK}new/join-questions/", kept).status_code == 302
    first, *rest = Experiment.objects.get().b
    assert first["asked"] is False and all(one["asked"] for one in rest)
    refused = desk.post(f"{DESK}new/join-questions/", kept | {"asked_0": "on"})
    assert "B is what stands today" in refused.content.decode()


def test_what_is_not_there_is_not_found(desk):
    assert desk.get(f"{DESK}new/tea/").status_code == 404


def test_while_it_runs_the_page_tells_how_far_it_is_and_nothing_else(desk, community):
    """Whatever those who are assigned do, the pages stay as they are."""
    running = trying.running(community, size=2)
    members = [make.member(community) for _n in range(4)]
    arms.fill()

    def told():
        pages = [desk.get(path).content.decode() for path in (DESK, f"{DESK}{running.key}/")]
        return [page[page.index("<main") :] for page in pages]

    before = told()
    assert "4 of 4 assigned" in before[1] and "with the outcome" not in before[1].lower()
    from tests.engagement.services.test_experiments import acts

    for member in members[:2]:
        acts(community, member, make.EARLY)
    assert [_without_tokens(page) for page in told()] == [_without_tokens(page) for page in before]
    assert Assignment.objects.count() == 4


def _without_tokens(page):
    return [line for line in page.splitlines() if "csrfmiddlewaretoken" not in line]


def test_the_end_says_it_in_a_sentence_and_b_is_one_click(desk, community):
    done = trying.ended(community)
    page = desk.get(f"{DESK}{done.key}/").content.decode()
    assert "Of 100 newcomers, 5 to 24 more take part with B than with A." in page
    assert "Take B for good" in page and f"{DESK}{done.key}/rows.csv" in page
    desk.post(f"{DESK}{done.key}/decide/", {"act": "take", "arm": "B"})
    assert Experiment.objects.get().taken == "B"
    assert "was taken for good" in desk.get(f"{DESK}{done.key}/").content.decode()


def test_the_rows_leave_as_a_file_once_it_has_ended(desk, community):
    running = trying.running(community, size=2)
    address = f"{DESK}{running.key}/rows.csv"
    for _n in range(4):
        make.member(community)
    early = desk.get(address, follow=True)
    assert early.redirect_chain == [(f"{DESK}{running.key}/", 302)]
    assert "not before" in early.content.decode() and "rows.csv" not in early.content.decode()
    Experiment.objects.update(state="ended", result=trying.a_result(a=(2, 1), b=(2, 0), counted=[(1, 3)]))
    answer = desk.get(address)
    assert answer["Content-Disposition"].startswith('attachment; filename="lantern-experiment-')
    head, *rows = b"".join(answer.streaming_content).decode().lstrip("\ufeff").splitlines()
    assert head == "number,arm,block,assigned_on,n,outcome"
    drawn = [arms.arm_of(running.seed, n) for n in range(4)]
    day = make.EARLY.astimezone(community.zone).date()
    assert rows == [
        f"{n + 2},{drawn[n]},1,{day},{3 if n == 1 else 0},{'yes' if n == 1 else 'no'}" for n in range(4)
    ]


def test_a_host_reads_and_changes_nothing(community):
    planned = trying.an_experiment(community)
    host = make.member(community, role=Role.HOST)
    client = api.browser(host.user)
    page = client.get(f"{DESK}{planned.key}/").content.decode()
    assert "Give it up" not in page
    assert client.get(f"{DESK}new/welcome/").status_code == 403


def test_the_list_asks_the_same_of_one_and_of_three(desk, community):
    trying.ended(community)
    desk.get(DESK)
    counts = []
    for n in (0, 2):
        for k in range(n):
            trying.ended(community, title=f"Try {n}{k}")
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(DESK).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_opening_the_form_to_join_assigns_and_shows_the_arm(client, community):
    first = trying.running(community, "join-questions", size=2, text="What brings you?")
    person = make.person(name="Bob")
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/c/lantern/join/").content.decode()
    arm = Assignment.objects.get(user=person).arm
    assert ("What brings you?" in page) == (arm == "B")
    assert client.get("/c/lantern/join/").status_code == 200
    assert Assignment.objects.get(experiment=first).user == person
    asked = questions.put_to(community, person)
    sent = {f"question_{one.pk}": one.options[0] if one.options else "Tea" for one in asked}
    assert client.post("/c/lantern/join/", sent).status_code == 302
    joined = Membership.objects.get(user=person)
    assert Assignment.objects.get().member == joined.number
    assert [one["question"] for one in joined.answers] == [one.text for one in asked]
