"""The feed, a thread, and writing in circles as members do it."""

from datetime import timedelta

import pytest
from django.test import Client

from communities.models import Circle, Comment, Post
from communities.selectors import talk
from communities.services import acceptances, circles, comments, drafts, posts, reactions
from communities.services.polls import Ask
from members.actors import Actor
from members.models import Membership
from members.roles import Role
from tests import make

pytestmark = pytest.mark.django_db

ROOT = "/c/lantern/"


@pytest.fixture
def circle(settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    community = make.community("lantern")
    Circle.objects.of(community.pk).delete()
    return circles.create(community=community, name="Owls", at=make.EARLY, by=make.SITE)


def inside(circle, name, **fields):
    member = make.member(circle.community, name=name, **fields)
    circles.put_in(circle=circle, membership=member, at=make.EARLY, by=make.SITE)
    return member


@pytest.fixture
def ada(circle):
    return inside(circle, "Ada")


@pytest.fixture
def post(circle, ada):
    return posts.write(circle=circle, author=ada, title="Hello", body="Who is **awake**?", at=make.EARLY)


def visitor(member: Membership) -> Client:
    client = Client()
    client.force_login(member.user)
    client.get(f"{ROOT}circles/")  # the day's first visit is written down; what is counted comes after it
    return client


def place(post: Post) -> str:
    return f"{ROOT}posts/{post.key}/"


def test_a_thread_from_its_first_word_to_its_end(circle, ada):
    client, other = visitor(ada), visitor(inside(circle, "Bo"))
    answer = client.post(f"{ROOT}circles/owls/write/", {"title": "Tea", "body": "Which *one*?"}, follow=True)
    post = Post.objects.get()
    assert answer.redirect_chain == [(place(post), 302)]
    assert "Which <em>one</em>?" in answer.content.decode()
    other.post(place(post), {"body": "Oolong"})
    first = Comment.objects.get()
    answered = client.get(f"{place(post)}?to={first.key}").context["form"]
    client.post(place(post), {"body": "Why?", "parent": answered["parent"].value()})
    page = other.get(place(post)).context["thread"]
    assert [(one.comment.body, one.depth) for one in page.answers] == [("Oolong", 0), ("Why?", 1)]
    other.post(f"{ROOT}comments/{first.key}/", {"body": "Green"})
    assert "<p>Oolong</p>" in client.get(place(post)).content.decode()
    other.post(f"{ROOT}comments/{first.key}/act/", {"act": "remove"})
    client.post(f"{place(post)}edit/", {"title": "Tea", "body": "Which?"})
    said = other.get(place(post))
    assert "Its author has taken this back." in said.content.decode()
    assert [version.body for version in said.context["versions"]] == ["Which *one*?"]
    client.post(f"{place(post)}act/", {"act": "remove"})
    assert other.get(place(post)).status_code == 404


def test_nothing_written_is_lost_where_it_is_refused(circle, ada, post):
    client = visitor(ada)
    page = client.post(f"{ROOT}circles/owls/write/", {"title": "T", "body": "a" * 20_001})
    assert page.context["form"]["body"].value() == "a" * 20_001 and page.context["form"].errors["body"]
    posts.lock(post=post, locks=True, reason="Enough", at=make.EARLY, by=make.SITE)
    page = client.post(place(post), {"body": "Still?"})
    assert page.context["form"].non_field_errors() == ["This thread is closed."]


@pytest.mark.parametrize("parent", ["x", "0" * 32, "00000000-0000-0000-0000-000000000000"])
def test_an_answer_to_nothing_is_an_answer_to_the_post_or_refused(ada, post, parent):
    answer = visitor(ada).post(place(post), {"body": "Hm", "parent": parent})
    assert answer.status_code in (200, 302)
    assert visitor(ada).get(f"{place(post)}?to={parent}").context["answered"] is None


def test_who_keeps_order_hides_closes_and_pins(circle, ada, post):
    comment = comments.write(post=post, author=ada, body="Rude", at=make.EARLY)
    keeper = visitor(make.member(circle.community, role=Role.MODERATOR))
    act, other = f"{place(post)}act/", visitor(inside(circle, "Bo"))
    keeper.post(f"{ROOT}comments/{comment.key}/act/", {"act": "hide", "reason": "Rude"})
    assert "Rude" not in other.get(place(post)).content.decode()
    keeper.post(f"{ROOT}comments/{comment.key}/act/", {"act": "show"})
    assert "Rude" in other.get(place(post)).content.decode()
    assert "Say why" in keeper.post(act, {"act": "lock"}, follow=True).content.decode()
    for one in ("pin", "lock"):
        keeper.post(act, {"act": one, "reason": "Enough said"})
    assert other.get(f"{ROOT}circles/owls/").context["pinned"] == [post]
    assert "takes no more answers" in other.get(place(post)).content.decode()
    keeper.post(act, {"act": "hide", "reason": "Off topic"})
    assert other.get(place(post)).status_code == 404
    assert "Off topic" in visitor(ada).get(place(post)).content.decode()
    for member_act in ("show", "unlock", "unpin"):
        other.post(act, {"act": member_act})
    post.refresh_from_db()
    assert post.hidden_at and post.locked_at and post.pinned_at


def test_the_feed_is_of_what_one_reads_and_of_one_s_own_circles(circle, ada, post):
    hush = circles.create(community=circle.community, name="Hush", kind="closed", at=make.EARLY, by=make.SITE)
    larks = circles.create(community=circle.community, name="Larks", at=make.EARLY, by=make.SITE)
    for where in (hush, larks):
        author = inside(where, where.name)
        posts.write(circle=where, author=author, body=where.name, at=make.EARLY + timedelta(hours=1))
    client = visitor(ada)
    assert [one.body for one in client.get(f"{ROOT}posts/").context["page"].rows] == ["Larks", post.body]
    assert client.get(f"{ROOT}posts/?circles=mine").context["page"].rows == [post]
    assert client.get(f"{ROOT}posts/?at=made-up&circles=x").status_code == 200


def test_a_comment_is_found_on_its_page(monkeypatch, circle, ada, post):
    monkeypatch.setattr(talk, "COMMENTS", 3)
    made = [comments.write(post=post, author=ada, body=f"{n}", at=make.EARLY) for n in range(8)]
    client = visitor(ada)
    for n, comment in enumerate(made):
        found = client.get(place(post), {"comment": comment.key}).context["thread"]
        assert found.comments == made[n // 3 * 3 : n // 3 * 3 + 3]


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("path", "queries"), [("posts/", 6), ("circles/owls/", 12), ("thread", 9)])
def test_the_same_queries_for_one_and_for_three(circle, ada, path, queries, rows, django_assert_num_queries):
    for n in range(rows):
        friend = inside(circle, f"Bo {n}")
        post = posts.write(circle=circle, author=friend, body="Hello", at=make.EARLY)
    for n in range(rows):
        comments.write(post=post, author=inside(circle, f"Cy {n}"), body="Hi", at=make.EARLY)
    client = visitor(ada)
    with django_assert_num_queries(queries):
        client.get(place(post) if path == "thread" else f"{ROOT}{path}")


def test_a_thread_with_all_there_can_be_asks_twelve_times(
    circle, ada, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(talk, "COMMENTS", 2)
    bo, told = inside(circle, "Bo"), {"at": make.EARLY}
    asked = posts.write(
        circle=circle,
        author=bo,
        body=f"Which, @#{ada.number}?",
        asks=True,
        poll=Ask(["Green", "Red"]),
        **told,
    )
    said = [comments.write(post=asked, author=bo, body=f"{n} @#{ada.number}", **told) for n in range(5)]
    reactions.give(on=said[4], member=ada, emoji="👍", **told)
    acceptances.accept(comment=said[0], by=Actor.person(bo.user, bo), **told)
    drafts.save(place=drafts.answer(asked), author=ada, body="I think", version=0, **told)
    client = visitor(ada)
    with django_assert_num_queries(12):
        page = client.get(place(asked), {"comment": said[4].key})
    shown = page.context["thread"]
    assert (shown.comments, shown.accepted.comment, shown.page.number) == ([said[4]], said[0], 3)
    assert shown.accepted.comment.people and page.context["draft"].body == "I think"


def test_a_question_from_asking_to_its_answer(circle, ada):
    client, other = visitor(ada), visitor(inside(circle, "Bo"))
    asked = {"title": "Tea", "body": "Which?", "asks": "on"}
    client.post(f"{ROOT}circles/owls/write/", asked)
    post = Post.objects.get()
    other.post(place(post), {"body": "Coffee"})
    other.post(place(post), {"body": "Oolong"})
    first, second = Comment.objects.order_by("pk")
    assert client.get(f"{ROOT}posts/?show=questions").context["page"].rows == [post]
    other.post(f"{ROOT}comments/{second.key}/accept/", {"act": "accept"})
    assert client.get(place(post)).context["thread"].accepted is None
    client.post(f"{ROOT}comments/{second.key}/accept/", {"act": "accept"})
    page = other.get(place(post))
    assert page.context["thread"].accepted.comment == second
    assert page.content.decode().index("Oolong") < page.content.decode().index("Coffee")
    assert client.get(f"{ROOT}posts/?show=questions").context["page"].rows == []
    client.post(f"{ROOT}comments/{first.key}/accept/", {"act": "take_back"})
    assert client.get(place(post)).context["thread"].accepted is None


def test_members_are_named_as_one_writes_and_shown_as_they_are_called(circle, ada):
    bo = inside(circle, "Bo <b>")
    client = visitor(ada)
    found = client.get(f"{ROOT}circles/owls/names/?q=bo").content.decode()
    assert f'data-name="Bo &lt;b&gt;" data-number="{bo.number}"' in found
    client.post(f"{ROOT}circles/owls/write/", {"title": "", "body": f"Ask @[Bo]({bo.number})"})
    post = Post.objects.get()
    shown = f'href="{ROOT}people/{bo.number}/"'
    page = client.get(place(post)).content.decode()
    assert shown in page and "@Bo &lt;b&gt;</a>" in page
    assert client.get(f"{place(post)}edit/").context["form"]["body"].value() == f"Ask @[Bo <b>]({bo.number})"
    assert "Ask @Bo &lt;b&gt;" in client.get(f"{ROOT}posts/").content.decode()
    Circle.objects.update(kind="closed")
    stranger = visitor(make.member(circle.community))
    assert stranger.get(f"{ROOT}circles/owls/names/?q=bo").status_code == 404
