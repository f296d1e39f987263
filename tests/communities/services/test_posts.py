"""Posts and comments: who writes, changes, takes back and hides what, and what becomes of the facts."""

from datetime import timedelta

import pytest

from communities.models import Circle, Comment, Post, Version
from communities.services import circle_hosts, circles, comments, posts
from engagement.models import Fact
from kernel import access
from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry, Membership, Message
from members.roles import Role
from members.services import standing
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db
LATER = EARLY + timedelta(hours=1)


@pytest.fixture
def community():
    community = make.community("lantern")
    Circle.objects.of(community.pk).delete()
    return community


@pytest.fixture
def circle(community):
    return circles.create(community=community, name="Owls", at=EARLY, by=SITE)


def inside(circle, name="", **fields):
    member = make.member(circle.community, name=name, **fields)
    circles.put_in(circle=circle, membership=member, at=EARLY, by=SITE)
    return member


@pytest.fixture
def ada(circle):
    return inside(circle, "Ada")


@pytest.fixture
def bo(circle):
    return inside(circle, "Bo")


@pytest.fixture
def post(circle, ada):
    return posts.write(circle=circle, author=ada, title="Hello", body="Who is **awake**?", at=EARLY)


def acting(member) -> Actor:
    return Actor.person(member.user, member)


def refused(act, **told):
    with pytest.raises(Refused) as refusal:
        act(at=LATER, **told)
    return refusal.value.code


def facts():
    rows = Fact.objects.filter(verb__in=["posted", "commented"]).order_by("occurred_at")
    return list(rows.values_list("verb", "member", "target", "object_id", "circle_id"))


def test_a_post_is_a_fact_and_an_answer_turns_to_its_author(circle, ada, bo, post):
    answer = comments.write(post=post, author=bo, body="I am", at=LATER)
    comments.write(post=post, author=ada, parent=answer, body="Good", at=LATER + timedelta(hours=1))
    key = str(post.key)
    assert facts() == [
        ("posted", ada.number, None, key, circle.pk),
        ("commented", bo.number, ada.number, key, circle.pk),
        ("commented", ada.number, bo.number, key, circle.pk),
    ]
    post.refresh_from_db()
    assert (post.comment_count, post.last_at) == (2, LATER + timedelta(hours=1))
    told = Message.objects.filter(kind="talk.answered").order_by("created_at")
    assert [message.membership for message in told] == [ada, bo]


def test_answering_oneself_tells_nobody(ada, post):
    comments.write(post=post, author=ada, body="Anyone?", at=LATER)
    assert not Message.objects.filter(kind="talk.answered").exists()


@pytest.mark.parametrize("body", ["", "  \n", "a" * 20_001, "a\x00"])
def test_a_text_is_neither_empty_nor_endless(circle, ada, post, body):
    assert refused(posts.write, circle=circle, author=ada, body=body) == "length"
    assert refused(comments.write, post=post, author=ada, body=body) == "length"
    assert (Post.objects.count(), Comment.objects.count()) == (1, 0)


def test_who_is_not_in_the_circle_reads_an_open_one_and_does_not_write(community, circle, post):
    outside = make.member(community)
    assert access.sees(outside, post)
    assert refused(posts.write, circle=circle, author=outside, body="x") == "not_in_it"
    assert refused(comments.write, post=post, author=outside, body="x") == "not_in_it"


def test_what_is_written_in_a_closed_circle_is_for_those_in_it(community, ada, circle, post):
    circles.update(circle=circle, kind="closed", at=EARLY, by=SITE)
    post = Post.objects.get()
    outside, staff = make.member(community), make.member(community, role=Role.MODERATOR)
    assert [access.sees(viewer, post) for viewer in (ada, outside, staff, None)] == [True, False, True, False]


@pytest.mark.parametrize(("act", "reason"), [("pause", ""), ("suspend", ""), ("restrict", "x")])
def test_who_may_only_read_reads(circle, ada, post, act, reason):
    ada = standing.act(act, membership=ada, at=EARLY, by=SITE, reason=reason)
    assert access.sees(ada, post)
    assert refused(posts.write, circle=circle, author=ada, body="x") == "not_active"
    assert refused(posts.change, post=post, author=ada, title="", body="x") == "not_active"
    posts.remove(post=post, author=ada, at=LATER)


def test_in_an_archived_circle_nothing_is_written(circle, ada, post):
    circles.archive(circle=circle, at=EARLY, by=SITE)
    assert refused(posts.write, circle=circle, author=ada, body="x") == "archived"


def test_what_it_said_before_is_kept_until_it_is_taken_back(ada, bo, post):
    comment = comments.write(post=post, author=bo, body="One", at=EARLY)
    posts.change(post=post, author=ada, title="Hi", body="Who?", at=LATER)
    comments.change(comment=comment, author=bo, body="Two", at=LATER)
    comments.change(comment=comment, author=bo, body="Two", at=LATER)
    said = Version.objects.order_by("pk").values_list("title", "body", "until")
    assert list(said) == [("Hello", "Who is **awake**?", LATER), ("", "One", LATER)]
    comments.remove(comment=comment, author=bo, at=LATER)
    posts.remove(post=post, author=ada, at=LATER)
    assert not Version.objects.exists()
    assert list(Post.objects.values_list("title", "body")) == [("", "")]
    assert not access.sees(ada, Post.objects.get())
    assert len(facts()) == 2


def test_nobody_changes_or_takes_back_what_is_somebody_else_s(ada, bo, post):
    comment = comments.write(post=post, author=bo, body="One", at=EARLY)
    assert refused(posts.change, post=post, author=bo, title="", body="x") == "not_yours"
    assert refused(posts.remove, post=post, author=bo) == "not_yours"
    assert refused(comments.change, comment=comment, author=ada, body="x") == "not_yours"
    assert refused(comments.remove, comment=comment, author=ada) == "not_yours"


def test_the_count_is_of_what_is_there(ada, bo, post):
    mine, other = (comments.write(post=post, author=bo, body=body, at=EARLY) for body in ("One", "Two"))
    moderator = acting(make.member(post.circle.community, role=Role.MODERATOR))
    counts = []

    def count():
        counts.append(Post.objects.get().comment_count)

    count()
    comments.hide(comment=other, reason="Rude", at=LATER, by=moderator)
    count()
    comments.hide(comment=other, reason="Rude", at=LATER, by=moderator)
    count()
    comments.remove(comment=other, author=bo, at=LATER)
    count()
    comments.remove(comment=mine, author=bo, at=LATER)
    count()
    assert counts == [2, 1, 1, 1, 0]


def test_what_is_hidden_is_there_for_its_author_and_for_who_keeps_order(community, circle, ada, bo, post):
    host = inside(circle)
    circle_hosts.appoint(circle=circle, membership=host, at=EARLY, by=SITE)
    assert refused(posts.hide, post=post, reason=" ", by=acting(host)) == "required"
    assert refused(posts.hide, post=post, reason="No", by=acting(bo)) == "no_longer_allowed"
    hidden = posts.hide(post=post, reason="Off topic", at=LATER, by=acting(host))
    moderator = make.member(community, role=Role.MODERATOR)
    assert [access.sees(one, hidden) for one in (ada, bo, host, moderator)] == [True, False, True, True]
    letter = Message.objects.get(kind="talk.hidden")
    assert letter.membership == ada and "Off topic" in letter.text
    assert refused(posts.change, post=post, author=ada, title="", body="x") == "hidden"
    assert refused(comments.write, post=post, author=bo, body="x") == "gone"
    entry = AuditEntry.objects.get(action="post.hidden")
    assert entry.after == {"member": ada.number, "reason": "Off topic"}
    shown = posts.show(post=post, at=LATER, by=acting(moderator))
    assert access.sees(bo, shown) and shown.reason == ""


def test_a_closed_thread_takes_nothing_more(ada, bo, post):
    comment = comments.write(post=post, author=bo, body="One", at=EARLY)
    for _twice in range(2):
        posts.lock(post=post, locks=True, reason="Enough", at=LATER, by=SITE)
    assert AuditEntry.objects.filter(action="post.locked").count() == 1
    assert refused(comments.write, post=post, author=bo, body="Two") == "locked"
    assert refused(comments.change, comment=comment, author=bo, body="Two") == "locked"
    assert refused(posts.change, post=post, author=ada, title="", body="x") == "locked"
    posts.lock(post=post, locks=False, at=LATER, by=SITE)
    assert comments.write(post=post, author=bo, body="Two", at=LATER).pk


def test_an_hour_holds_so_much_and_no_more(circle, ada):
    Membership.objects.update(joined_at=EARLY - timedelta(days=30))
    for n in range(posts.PER_HOUR):
        posts.write(circle=circle, author=ada, body=f"{n}", at=EARLY)
    with pytest.raises(Refused) as refusal:
        posts.write(circle=circle, author=ada, body="x", at=EARLY + timedelta(minutes=59))
    assert refusal.value.code == "too_many"
    assert posts.write(circle=circle, author=ada, body="x", at=EARLY + timedelta(minutes=61)).pk


def test_an_answer_below_what_is_gone_is_refused(ada, bo, post):
    comment = comments.write(post=post, author=bo, body="One", at=EARLY)
    comments.remove(comment=comment, author=bo, at=EARLY)
    assert refused(comments.write, post=post, author=ada, parent=comment, body="x") == "gone"
    posts.remove(post=post, author=ada, at=EARLY)
    assert refused(comments.write, post=post, author=bo, body="x") == "gone"
