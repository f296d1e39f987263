"""Applications by the API: listed, read, decided once."""

import pytest

from communities.models import Application, Community, Reference
from communities.services import joining, references
from members.actors import Actor
from members.models import Message
from tests import api, make
from tests.api import where

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    made = make.community(owner=make.person("keeper@example.org", name="Ming"))
    Community.objects.update(join_policy="application", references_asked=1)
    made.join_questions.all().delete()
    made.join_questions.create(position=0, text="Why?", kind="text")
    return Community.objects.get(pk=made.pk)


@pytest.fixture
def program(community) -> api.Program:
    return api.Program(community)


def apply(community, answer="Light", named=()):
    why = community.join_questions.get()
    member = joining.join(
        community=community,
        user=make.person(name="Noor"),
        answers={why.pk: answer},
        named=named,
        at=make.EARLY,
        by=make.SITE,
    )
    return Application.objects.get(membership=member)


def test_an_application_in_full(community, program):
    friend = make.member(community, name="Ada")
    application = apply(community, named=[str(friend.number)])
    by = Actor.person(friend.user, friend)
    references.answer(reference=Reference.objects.get(), vouches=True, words="Yes!", at=make.EARLY, by=by)
    assert program.get(f"applications/{application.key}/").json() == {
        "id": str(application.key),
        "member": 3,
        "name": "Noor",
        "status": "applied",
        "tier": "user",
        "state": "open",
        "answers": [{"question": "Why?", "kind": "text", "answer": "Light"}],
        "made_at": "2026-01-05T09:00:00Z",
        "paid_at": None,
        "waiting_since": None,
        "offered_at": None,
        "decision": "",
        "decided_at": None,
        "decided_by": "",
        "reason": "",
        "message": "",
        "references": [
            {"member": 2, "vouches": True, "words": "Yes!", "answered_at": "2026-01-05T09:00:00Z"}
        ],
    }


def test_it_is_decided_once_and_the_applicant_is_written_to(community, program):
    application = apply(community)
    address = f"applications/{application.key}/decide/"
    answer = program.post(address, {"decision": "approve", "message": "Come in, {name}."})
    assert (answer.status_code, answer.json()["state"], answer.json()["status"]) == (
        200,
        "approved",
        "active",
    )
    assert answer.json()["message"] == "Come in, Noor."
    assert answer.json()["decided_by"].startswith("test (")
    again = program.post(address, {"decision": "reject", "reason": "No."})
    assert (again.status_code, again.json()["code"]) == (422, "decided")
    assert "has decided already: Approved." in again.json()["detail"]
    letter = Message.objects.get(kind="application.decided")
    assert (letter.membership, "Come in, Noor." in letter.text) == (application.membership, True)
    assert f"/c/{community.slug}/join/" in letter.text
    told = Message.objects.get(kind="application.made")
    assert (told.address, told.subject) == ("keeper@example.org", "Noor would like to join Lantern")


@pytest.mark.parametrize(
    ("body", "status", "fault"),
    [
        ({}, 400, ("#/decision", "required")),
        ({"decision": "offer"}, 400, ("#/decision", "invalid_choice")),
        ({"decision": "reject"}, 422, ("#/reason", "required")),
        ({"decision": "approve", "seen": "x"}, 400, ("#/seen", "unknown_field")),
    ],
)
def test_what_does_not_fit_decides_nothing(community, program, body, status, fault):
    application = apply(community)
    answer = program.post(f"applications/{application.key}/decide/", body)
    assert (answer.status_code, where(answer)) == (status, [fault])
    application.refresh_from_db()
    assert application.state == "open"


def test_the_list_is_narrowed(community, program):
    first, second = apply(community), apply(community)
    program.post(f"applications/{second.key}/decide/", {"decision": "reject", "reason": "No."})

    def listed(query=""):
        found = program.get(f"applications/{query}").json()["results"]
        return [one["id"] for one in found]

    assert listed() == [str(first.key), str(second.key)]
    assert listed("?state=rejected") == [str(second.key)]
    assert program.get("applications/?state=lost").status_code == 400


def test_a_key_that_may_only_read_decides_nothing(community):
    application = apply(community)
    program = api.Program(community, "read")
    assert program.post(f"applications/{application.key}/decide/", {"decision": "approve"}).status_code == 403
    assert program.get(f"applications/{application.key}/").status_code == 200
