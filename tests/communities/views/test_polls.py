"""A poll on the page: written with its post, voted in, changed and shown."""

import pytest

from communities.models import Option, Poll, Post, Vote
from communities.services import posts
from communities.services.polls import Ask
from tests import make
from tests.communities.views.test_talk import ROOT, ada, circle, inside, place, visitor  # noqa: F401

pytestmark = pytest.mark.django_db
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
