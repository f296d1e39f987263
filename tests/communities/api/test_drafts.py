"""Drafts by the API: of the person who asks, saved with the version they began from."""

import pytest

from communities.models import Draft
from communities.services import circles
from tests import api, make
from tests.communities.api.test_talk import ROOT, Browser, ada, circle, post

__all__ = ["ada", "circle", "post"]
pytestmark = pytest.mark.django_db


def problem(answer):
    return (
        answer.status_code,
        answer.json()["code"],
        [one["field"] for one in answer.json().get("errors", [])],
    )


def test_a_person_saves_reads_and_throws_away(ada, post):
    browser = Browser(ada)
    made = browser.send("post", "drafts/", {"circle": "owls", "title": "Tea", "body": "Wh"})
    assert made.status_code == 200
    assert made.json() == {
        "id": str(Draft.objects.get().key), "circle": "owls", "post": None, "comment": None, "changes": False,
        "title": "Tea", "body": "Wh", "poll": None, "version": 1, "saved_at": made.json()["saved_at"], "files": [],
    }  # fmt: skip
    place = f"drafts/{made.json()['id']}/"
    browser.send("post", "drafts/", {"post": str(post.key), "changes": True, "body": "Whom?"})
    again = browser.send(
        "post", "drafts/", {"circle": "owls", "body": "Which?", "title": "Tea", "version": 1}
    )
    assert again.json()["version"] == 2
    listed = browser.client.get(ROOT + "drafts/?fields=body,changes").json()["results"]
    assert listed == [{"body": "Which?", "changes": False}, {"body": "Whom?", "changes": True}]
    assert browser.client.get(ROOT + place).json()["body"] == "Which?"
    assert browser.send("delete", place).status_code == 204
    assert [draft.body for draft in Draft.objects.all()] == ["Whom?"]


def test_what_is_saved_from_an_older_version_is_refused(ada):
    browser = Browser(ada)
    browser.send("post", "drafts/", {"circle": "owls", "body": "First"})
    answer = browser.send("post", "drafts/", {"circle": "owls", "body": "Second"})
    assert (answer.status_code, answer.json()["code"]) == (422, "changed")
    assert Draft.objects.get().body == "First"


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({}, "circle"),
        ({"circle": "nowhere"}, "circle"),
        ({"post": "00000000-0000-0000-0000-000000000009"}, "post"),
    ],
)
def test_a_draft_of_nowhere_is_refused(ada, told, field):
    answer = Browser(ada).send("post", "drafts/", {"body": "B", **told})
    assert answer.status_code == 422, answer.json()
    assert field in str(answer.json()) and Draft.objects.count() == 0


def test_of_another_s_drafts_nothing_is_known_and_keys_have_none(circle, ada):
    Browser(ada).send("post", "drafts/", {"circle": "owls", "body": "Secret"})
    place = f"drafts/{Draft.objects.get().key}/"
    bo = make.member(circle.community)
    circles.put_in(circle=circle, membership=bo, at=make.EARLY, by=make.SITE)
    other = Browser(bo)
    assert other.client.get(ROOT + place).status_code == 404
    assert other.send("delete", place).status_code == 404
    assert other.client.get(ROOT + "drafts/").json()["results"] == []
    program = api.Program(circle.community)
    assert (program.get("drafts/").status_code, program.get(place).status_code) == (403, 404)
    assert Draft.objects.count() == 1


def test_a_poll_is_kept_with_it_as_it_was_typed(ada):
    browser, told = Browser(ada), {"circle": "owls", "body": ""}
    made = browser.send("post", "drafts/", told | {"poll": {"options": "Green\nBla", "closes_at": "soon"}})
    typed = {"options": "Green\nBla", "several": False, "results": "voted", "closes_at": "soon"}
    assert (made.status_code, made.json()["poll"]) == (200, typed)
    assert browser.send("post", "drafts/", told | {"body": "Tea?", "version": 1}).json()["poll"] == typed
    for wrong in ({"options": "a" * 2_001}, {"results": "never"}, {"several": "yes"}, "x"):
        assert browser.send("post", "drafts/", told | {"poll": wrong, "version": 2}).status_code == 400
    taken = browser.send("post", "drafts/", told | {"body": "Tea?", "poll": None, "version": 2})
    assert taken.json()["poll"] is None
