"""A poll on the page: written with its post, voted in, changed and shown."""

import pytest

from communities.models import Draft, Option, Poll, Post, Vote
from communities.services import posts
from communities.services.polls import Ask
from tests import make
from tests.communities.views.test_talk import ROOT, ada, circle, inside, place, visitor  # noqa: F401

pytestmark = pytest.mark.django_db
WRITE = f"{ROOT}circles/owls/write/"
POLL = {"poll-options": "Green\r\n\r\nBlack", "poll-results": "voted", "poll-closes_at": ""}


def test_a_poll_from_its_first_word_to_its_votes(circle, ada):  # noqa: F811
    client, other = visitor(ada), visitor(inside(circle, "Bo"))
    client.post(f"{ROOT}circles/owls/write/", {"title": "Tea", "body": "Which?", **POLL})
    post = Post.objects.get()
    assert list(Option.objects.values_list("place", "text")) == [(1, "Green"), (2, "Black")]
    changed = {"title": "Tea", "body": "Which one?", **POLL, "poll-options": "Green\r\nRed"}
    client.post(f"{place(post)}edit/", changed)
    green, red = Option.objects.values_list("pk", flat=True)
    part = other.post(f"{place(post)}vote/", {"option": red}, headers={"HX-Request": "true"}).content.decode()
    assert f'value="{red}" checked' in part and "1 member has voted." in part
    assert "1 member has voted" not in client.get(place(post)).content.decode()
    assert other.post(f"{place(post)}vote/", {"option": green})["Location"] == place(post)
    assert list(Vote.objects.values_list("option__text", flat=True)) == ["Green"]
    page = client.get(f"{place(post)}edit/")
    assert page.context["poll_form"] is None and "the poll stays as it is" in page.content.decode()
    other.post(f"{place(post)}vote/", {"take": "1"})
    for wrong in ("0", "9" * 30, "x", "٣", "-1"):
        other.post(f"{place(post)}vote/", {"option": wrong})
    assert not Vote.objects.exists()


def test_a_poll_that_is_refused_keeps_its_words(circle, ada):  # noqa: F811
    sent = {"title": "Tea", "body": "Which?", **POLL, "poll-options": "Green"}
    page = visitor(ada).post(f"{ROOT}circles/owls/write/", sent)
    assert page.context["form"]["body"].value() == "Which?"
    form = page.context["poll_form"]
    assert (form["options"].value(), list(form.errors)) == ("Green", ["options"])
    page = visitor(ada).post(f"{ROOT}circles/owls/write/", sent | {"poll-closes_at": "soon"})
    assert list(page.context["poll_form"].errors) == ["closes_at"]
    assert (Post.objects.count(), Poll.objects.count()) == (0, 0)


@pytest.mark.parametrize("rows", [2, 6])
def test_a_poll_of_any_length_asks_once(circle, ada, rows, django_assert_num_queries):  # noqa: F811
    options = [f"Tea {n}" for n in range(rows)]
    post = posts.write(circle=circle, author=ada, body="?", poll=Ask(options), at=make.EARLY)
    client = visitor(ada)
    with django_assert_num_queries(10):
        client.get(place(post))


def test_what_is_typed_into_it_is_kept_and_found_again(circle, ada):  # noqa: F811
    client, phone = visitor(ada), visitor(ada)
    typed = POLL | {
        "poll-options": "Green\r\nBla",
        "poll-several": "on",
        "poll-closes_at": "2037-01-01T10:00",
    }
    client.post(WRITE, {"act": "keep", "draft": "0", **typed})
    page = phone.get(WRITE)
    form = page.context["poll_form"]
    assert [field.value() for field in form] == ["Green\nBla", True, "voted", "2037-01-01T10:00"]
    shown = page.content.decode()
    assert '<details class="card folds" open>' in shown and 'value="2037-01-01T10:00"' in shown
    assert "Green / Bla" in phone.get(f"{ROOT}drafts/").content.decode()
    refused = phone.post(WRITE, {"act": "save", "draft": "0", **POLL})
    assert (refused.status_code, refused.json()["poll"]["options"]) == (409, "Green\nBla")
    assert phone.post(WRITE, {"act": "save", "draft": "1", **POLL, "poll-results": "x"}).status_code == 422
    client.post(WRITE, {"body": "Tea?", "draft": "1", **typed})
    asked = list(Option.objects.values_list("text", "poll__several"))
    assert (asked, Draft.objects.count()) == ([("Green", True), ("Bla", True)], 0)


def test_a_changed_post_finds_the_poll_of_its_draft_before_its_own(circle, ada):  # noqa: F811
    post = posts.write(circle=circle, author=ada, body="?", poll=Ask(("Green", "Black")), at=make.EARLY)
    client, edit = visitor(ada), f"{place(post)}edit/"
    assert client.get(edit).context["poll_form"]["options"].value() == "Green\nBlack"
    client.post(edit, {"act": "save", "body": "?", "draft": "0", **POLL, "poll-options": ""})
    assert client.get(edit).context["poll_form"]["options"].value() == ""
    client.post(edit, {"body": "?", "draft": "1", **POLL, "poll-options": ""})
    assert not Poll.objects.exists()


def test_its_author_closes_it_and_nobody_votes_any_more(circle, ada):  # noqa: F811
    ask = Ask(("Green", "Black"), results="closed")
    post = posts.write(circle=circle, author=ada, body="?", poll=ask, at=make.EARLY)
    client, other, close = visitor(ada), visitor(inside(circle, "Bo")), f"{place(post)}poll/close/"
    green = Option.objects.values_list("pk", flat=True)[0]
    other.post(f"{place(post)}vote/", {"option": green})
    assert close in client.get(place(post)).content.decode()
    assert close not in other.get(place(post)).content.decode()
    other.post(close)
    assert not Poll.objects.get().closed_at
    assert client.post(close)["Location"] == f"{place(post)}#poll-{post.key}"
    other.post(f"{place(post)}vote/", {"take": "1"})
    page = other.get(place(post)).content.decode()
    assert ("The poll is closed." in page, "1 member has voted." in page, close in page) == (
        True,
        True,
        False,
    )
    assert client.get(f"{place(post)}edit/").context["poll_form"] is None
