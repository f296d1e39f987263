"""Posts and comments by the API: read by keys and people, written by people, kept in order by both."""

import json

import pytest

from communities.models import Circle, Comment, Post
from communities.services import circles, comments, posts
from members.models import Membership
from tests import api, make

pytestmark = pytest.mark.django_db

ROOT = "/api/v1/communities/lantern/"


@pytest.fixture
def circle():
    community = make.community("lantern")
    Circle.objects.of(community.pk).delete()
    return circles.create(community=community, name="Owls", at=make.EARLY, by=make.SITE)


@pytest.fixture
def ada(circle) -> Membership:
    member = make.member(circle.community, name="Ada")
    circles.put_in(circle=circle, membership=member, at=make.EARLY, by=make.SITE)
    return member


@pytest.fixture
def post(circle, ada):
    return posts.write(circle=circle, author=ada, title="Hello", body="Who?", at=make.EARLY)


class Browser:
    """A signed-in person's calls of the API, with the token that a page would send."""

    def __init__(self, member):
        self.client = api.browser(member.user)
        self.client.get("/c/lantern/me/")
        self.token = self.client.cookies["csrftoken"].value

    def send(self, method, path, body=None, **headers):
        return getattr(self.client, method)(
            ROOT + path, json.dumps(body or {}), content_type="application/json",
            headers={"X-CSRFToken": self.token, **headers},
        )  # fmt: skip


def test_a_person_writes_changes_answers_and_takes_back(circle, ada):
    browser = Browser(ada)
    made = browser.send("post", "circles/owls/posts/", {"title": "Tea", "body": "Which?"})
    post = Post.objects.get()
    assert (made.status_code, made["Location"]) == (201, f"http://testserver{ROOT}posts/{post.key}/")
    assert made.json() == {
        "id": str(post.key), "circle": "owls", "author": ada.number, "title": "Tea", "body": "Which?",
        "created_at": made.json()["created_at"], "edited_at": None, "pinned_at": None, "locked_at": None,
        "hidden_at": None, "held_at": None, "reason": "", "files": [], "comments": 0, "last_at": made.json()["created_at"],
        "reactions": [], "asks": False, "accepted": None, "poll": None,
        "mentions": [],
    }  # fmt: skip
    place = f"posts/{post.key}/"
    assert browser.send("patch", place, {"body": "What?"}, **{"If-Match": '"old"'}).status_code == 412
    assert browser.send("patch", place, {"body": "What?"}).json()["body"] == "What?"
    first = browser.send("post", f"{place}comments/", {"body": "Green"}).json()
    second = browser.send("post", f"{place}comments/", {"body": "Why?", "answers_to": first["id"]}).json()
    assert second["answers_to"] == first["id"]
    assert browser.send("patch", f"comments/{first['id']}/", {"body": "Red"}).json()["body"] == "Red"
    assert browser.send("delete", f"comments/{first['id']}/").status_code == 204
    told = browser.client.get(f"{ROOT}{place}comments/").json()["results"]
    assert [(one["body"], bool(one["removed_at"])) for one in told] == [("", True), ("Why?", False)]
    assert browser.send("delete", place).status_code == 204
    assert browser.client.get(f"{ROOT}{place}").status_code == 404


def test_a_program_is_nobody_who_writes(circle, post):
    program = api.Program(circle.community)
    for path in ("circles/owls/posts/", f"posts/{post.key}/comments/"):
        refused = program.post(path, {"body": "Buy!"})
        assert (refused.status_code, refused.json()["code"]) == (403, "person_needed")
    assert (Post.objects.count(), Comment.objects.count()) == (1, 0)


def test_a_program_keeps_order(circle, ada, post):
    comment = comments.write(post=post, author=ada, body="Rude", at=make.EARLY)
    program = api.Program(circle.community)
    assert program.post(f"comments/{comment.key}/order/", {"act": "hide"}).json()["code"] == "required"
    hidden = program.post(f"comments/{comment.key}/order/", {"act": "hide", "reason": "Rude"}).json()
    assert (hidden["body"], bool(hidden["hidden_at"])) == ("", True)
    assert program.post(f"comments/{comment.key}/order/", {"act": "show"}).json()["body"] == "Rude"
    place = f"posts/{post.key}/order/"
    assert program.post(place, {"act": "lock"}).json()["code"] == "required"
    for act, field in (("pin", "pinned_at"), ("lock", "locked_at")):
        assert program.post(place, {"act": act, "reason": "Enough"}).json()[field]
        assert program.post(place, {"act": f"un{act}"}).json()[field] is None
    assert program.post(place, {"act": "hide", "reason": "No"}).json()["reason"] == "No"
    assert program.post(place, {"act": "show"}).json()["hidden_at"] is None
    for name in ("Larks", "Moles"):
        circles.create(community=circle.community, name=name, at=make.EARLY, by=make.SITE)
    Circle.objects.filter(name="Moles").update(kind="secret")
    for to in ("moles", "nowhere", "owls"):
        moved = program.post(place, {"act": "move", "circle": to, "reason": "Fits there"})
        assert (moved.status_code, moved.json()["code"]) == (422, "circle")
    assert program.post(place, {"act": "move", "circle": "larks"}).json()["code"] == "required"
    moved = program.post(place, {"act": "move", "circle": "larks", "reason": "Fits there"})
    assert moved.json()["circle"] == "larks"


def test_what_is_written_in_a_secret_circle_is_in_no_program_s_list(circle, ada, post):
    Circle.objects.filter(pk=circle.pk).update(kind="secret")
    program = api.Program(circle.community)
    assert program.get("posts/").json()["results"] == []
    assert program.get(f"posts/{post.key}/").status_code == 404


def test_below_a_post_that_was_taken_back_nothing_is_told(circle, ada, post):
    comment = comments.write(post=post, author=ada, body="Still here", at=make.EARLY)
    program = api.Program(circle.community)
    assert program.get(f"comments/{comment.key}/").status_code == 200
    posts.remove(post=post, author=ada, at=make.EARLY)
    assert program.get(f"comments/{comment.key}/").status_code == 404


def test_an_answer_to_a_comment_elsewhere_is_refused(circle, ada, post):
    other = posts.write(circle=circle, author=ada, body="Other", at=make.EARLY)
    comment = comments.write(post=other, author=ada, body="There", at=make.EARLY)
    refused = Browser(ada).send(
        "post", f"posts/{post.key}/comments/", {"body": "x", "answers_to": str(comment.key)}
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown")


def test_a_question_and_its_accepted_answer(circle, ada):
    browser = Browser(ada)
    post = browser.send("post", "circles/owls/posts/", {"body": "Which?", "asks": True}).json()
    assert (post["asks"], post["accepted"]) == (True, None)
    place = f"posts/{post['id']}/"
    answer = browser.send("post", f"{place}comments/", {"body": "Green"}).json()["id"]
    program = api.Program(circle.community)
    listed = [len(program.get(f"posts/?questions={one}").json()["results"]) for one in ("open", "answered")]
    assert listed == [1, 0]
    taken = browser.send("post", f"{place}answer/", {"comment": answer})
    assert (taken.status_code, taken.json()["accepted"]) == (200, answer)
    listed = [len(program.get(f"posts/?questions={one}").json()["results"]) for one in ("open", "answered")]
    assert listed == [0, 1]
    assert browser.send("post", f"{place}answer/", {"comment": post["id"]}).status_code == 422
    assert program.post(f"{place}answer/", {"comment": answer}).json()["code"] == "person_needed"
    assert browser.send("post", f"{place}answer/", {"comment": None}).json()["accepted"] is None


def test_a_poll_is_written_and_voted_in(circle, ada):
    browser, asks = Browser(ada), {"options": ["Green", "Black"], "results": "voted"}
    made = browser.send("post", "circles/owls/posts/", {"body": "Tea?", "poll": asks}).json()
    green, black = (one["id"] for one in made["poll"]["options"])
    assert made["poll"] == {
        "several": False, "results": "voted", "closes_at": None, "closed_at": None, "closed": False, "voters": None,
        "options": [
            {"id": green, "text": "Green", "mine": False, "votes": None},
            {"id": black, "text": "Black", "mine": False, "votes": None},
        ],
    }  # fmt: skip
    place = f"posts/{made['id']}/"
    voted = browser.send("post", f"{place}votes/", {"options": [black]}).json()["poll"]
    assert (voted["voters"], [one["votes"] for one in voted["options"]]) == (1, [0, 1])
    program = api.Program(circle.community)
    assert program.get("posts/").json()["results"][0]["poll"]["voters"] is None
    assert program.post(f"{place}votes/", {"options": [green]}).json()["code"] == "person_needed"
    for wrong, status in (([black + 1], 422), ([green, black], 422), ([0], 400), ("x", 400)):
        assert browser.send("post", f"{place}votes/", {"options": wrong}).status_code == status
    for wrong in (["One"], ["Same", "same"]):
        told = {"body": "?", "poll": {"options": wrong}}
        assert browser.send("post", "circles/owls/posts/", told).status_code in (400, 422)
    assert Post.objects.count() == 1
    assert program.post(f"{place}poll/close/").json()["code"] == "person_needed"
    closed = browser.send("post", f"{place}poll/close/").json()["poll"]
    assert (closed["closed"], closed["closed_at"] is None) == (True, False)
    assert browser.send("post", f"{place}poll/close/").json()["poll"] == closed
    assert browser.send("post", f"{place}votes/", {"options": [green]}).json()["code"] == "closed"
