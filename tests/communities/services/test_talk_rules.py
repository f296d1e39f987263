"""What is held, refused and reported, what newcomers may do, and when a held post is written."""

from datetime import timedelta

import pytest

from communities.models import Case, Circle, Comment, Measure, Mention, Post, TalkRules
from communities.services import cases, circles, comments, posts, talk_rules
from engagement.models import Fact
from kernel import access
from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry, Message, Notification
from members.roles import Role
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db
LATER = EARLY + timedelta(hours=1)
LINK = "https://evil.example/"


@pytest.fixture
def circle():
    return Circle.objects.of(make.community("lantern").pk)[0]


def inside(circle, name="", **fields):
    member = make.member(circle.community, name=name, **fields)
    circles.put_in(circle=circle, membership=member, at=EARLY, by=SITE)
    return member


@pytest.fixture
def ada(circle):
    return inside(circle, "Ada")


@pytest.fixture
def keeper(circle):
    return inside(circle, "Kim", role=Role.MODERATOR)


def acting(member) -> Actor:
    return Actor.person(member.user, member)


def ruled(circle, **fields):
    return talk_rules.save(community=circle.community, at=EARLY, by=SITE, **fields)


def refused(service, **told):
    with pytest.raises(Refused) as refusal:
        service(at=LATER, **told)
    return refusal.value.code


def facts():
    return list(Fact.objects.filter(verb__in=["posted", "commented"]).values_list("verb", "occurred_at"))


def test_a_held_post_is_for_its_author_and_who_keeps_order_until_approved(circle, ada, keeper):
    ruled(circle, held_words=["free money"])
    post = posts.write(circle=circle, author=ada, body="FREE money!", at=EARLY)
    other = inside(circle)
    assert [access.sees(one, post) for one in (ada, keeper, other)] == [True, True, False]
    assert (post.held_at, post.hidden_at, facts()) == (EARLY, EARLY, [])
    (case,) = Case.objects.all()
    assert list(case.reports.values_list("reporter", "reason", "words")) == [(None, "rule", "free money")]
    assert refused(posts.change, post=post, author=ada, title="", body="x") == "held"
    cases.decide(case=case, act="keep", at=LATER, by=acting(keeper))
    post.refresh_from_db()
    # It is written when it is read first: so its readers find it, and nobody waits for its answers before.
    assert (post.created_at, post.last_at, post.hidden_at, post.held_at) == (LATER, LATER, None, None)
    assert access.sees(other, post)
    assert facts() == [("posted", LATER)]
    assert Notification.objects.get(kind="talk.approved").membership == ada
    assert not Measure.objects.exists()


def test_what_is_held_and_not_approved_is_hidden_with_a_reason(circle, ada, keeper):
    ruled(circle, held_words=["free money"])
    post = posts.write(circle=circle, author=ada, body="Free money", at=EARLY)
    cases.decide(case=Case.objects.get(), act="hide", reason="An advert", at=LATER, by=acting(keeper))
    post.refresh_from_db()
    assert (post.held_at, post.hidden_at, post.reason, facts()) == (None, LATER, "An advert", [])
    assert Measure.objects.get().kind == "hide"
    assert "An advert" in Message.objects.get(kind="talk.hidden").text


def test_a_held_comment_counts_and_is_told_once_approved(circle, ada, keeper):
    post = posts.write(circle=circle, author=inside(circle, "Bo"), body="Who?", at=EARLY)
    ruled(circle, held_words=["加微信"])
    comment = comments.write(post=post, author=ada, body="大家加微信聊", at=EARLY)
    post.refresh_from_db()
    assert (post.comment_count, comment.is_there) == (0, False)
    assert not Message.objects.filter(kind="talk.answered").exists()
    comments.show(comment=comment, at=LATER, by=acting(keeper))
    post.refresh_from_db()
    comment.refresh_from_db()
    assert (post.comment_count, post.last_at, comment.created_at) == (1, LATER, LATER)
    assert Message.objects.get(kind="talk.answered").membership == post.author
    assert facts() == [("posted", EARLY), ("commented", LATER)]
    assert Case.objects.get().state == "kept"


def test_whom_held_words_name_hears_of_it_once_they_are_approved(circle, ada, keeper):
    ruled(circle, held_words=["free money"])
    bo, cy = inside(circle, "Bo"), inside(circle, "Cy")
    post = posts.write(circle=circle, author=ada, body=f"Free money, @[Bo]({bo.number})", at=EARLY)
    thread = posts.write(circle=circle, author=ada, body="Who?", at=EARLY)
    comment = comments.write(post=thread, author=ada, body="Hello", at=EARLY)
    words = f"Free money, @[Cy]({cy.number})"
    comments.change(comment=comment, author=ada, body=words, at=EARLY)
    assert not Mention.objects.exists()
    posts.show(post=post, at=LATER, by=acting(keeper))
    comments.show(comment=comment, at=LATER, by=acting(keeper))
    assert list(Mention.objects.order_by("pk").values_list("member", "at")) == [
        (bo.pk, LATER),
        (cy.pk, LATER),
    ]


def test_a_change_is_held_too_and_keeps_its_place(circle, ada, keeper):
    post = posts.write(circle=circle, author=ada, body="Hello", at=EARLY)
    comment = comments.write(post=post, author=ada, body="Hello", at=EARLY)
    ruled(circle, held_words=["money"])
    posts.change(post=post, author=ada, title="", body="Money", at=LATER)
    posts.show(post=post, at=LATER, by=acting(keeper))
    comments.change(comment=comment, author=ada, body="Money", at=LATER)
    assert Post.objects.get().comment_count == 0
    comments.show(comment=comment, at=LATER, by=acting(keeper))
    post.refresh_from_db()
    assert (post.created_at, post.comment_count, len(facts())) == (EARLY, 1, 2)


def test_nobody_approves_of_their_own(circle, ada):
    ruled(circle, held_words=["money"])
    post = posts.write(circle=circle, author=ada, body="Money", at=EARLY)
    ada.role = Role.MODERATOR
    ada.save(update_fields=["role"])
    assert refused(posts.show, post=post, by=acting(ada)) == "own"


def test_refused_and_reported_words(circle, ada, keeper):
    ruled(circle, refused_words=["cunt"], reported_words=["casino"])
    assert refused(posts.write, circle=circle, author=ada, body="You CUNT") == "words"
    assert not Post.objects.exists()
    posts.write(circle=circle, author=ada, body="We met in Scunthorpe", at=EARLY)
    post = posts.write(circle=circle, author=ada, title="Casino", body="Come", at=EARLY)
    assert (post.is_there, Case.objects.get().post) == (True, post)
    # Staff quote what they like.
    assert posts.write(circle=circle, author=keeper, body="Nobody writes cunt", at=EARLY).is_there


@pytest.mark.parametrize(("links", "outcome"), [("allow", True), ("hold", False), ("refuse", "links")])
def test_links_of_newcomers_to_other_sites(circle, ada, links, outcome):
    ruled(circle, links=links, domains=["https://Example.org/", "www.example.net"])
    told = {"circle": circle, "author": ada}
    assert posts.write(body="See https://shop.example.org and /c/lantern/", at=EARLY, **told).is_there
    if outcome == "links":
        assert refused(posts.write, body=f"[See]({LINK})", **told) == "links"
    else:
        assert posts.write(body=f"[See]({LINK})", at=EARLY, **told).is_there == outcome
    # A week later they are new no more.
    assert posts.write(body=LINK, at=EARLY + timedelta(days=7), **told).is_there


def test_newcomers_write_less_at_first(circle, ada):
    ruled(circle, new_per_hour=2, new_links=1, new_mentions=1)
    told = {"circle": circle, "author": ada}
    assert refused(posts.write, body=f"{LINK}a {LINK}b", **told) == "new_member"
    assert refused(posts.write, body="@[A](1) @[B](2)", **told) == "new_member"
    post = posts.write(body=f"{LINK} @[A](1)", at=LATER, **told)
    posts.write(body="x", at=LATER, **told)
    assert refused(posts.write, body="x", **told) == "new_member"
    comments.write(post=post, author=ada, body="x", at=LATER)


def test_who_has_been_read_for_a_day_is_new_no_more(circle, ada):
    ruled(circle, new_kept=2, new_links=0)
    told = {"circle": circle, "author": ada}
    post = posts.write(body="x", at=EARLY, **told)
    comment = comments.write(post=post, author=ada, body="x", at=EARLY)
    day = EARLY + timedelta(days=1)
    assert refused(posts.write, body=LINK, **told) == "new_member"
    comments.hide(comment=comment, reason="x", at=EARLY, by=SITE)
    with pytest.raises(Refused):
        posts.write(body=LINK, at=day, **told)
    comments.show(comment=comment, at=EARLY, by=SITE)
    assert posts.write(body=LINK, at=day, **told).is_there


def test_staff_are_never_new(circle, keeper):
    ruled(circle, new_per_hour=0, new_links=0, links="refuse")
    assert posts.write(circle=circle, author=keeper, body=LINK, at=EARLY).is_there
    assert Comment.objects.count() == 0


def test_the_rules_are_kept_in_order_and_written_down(circle, keeper):
    rules = ruled(circle, held_words=["  free   money ", "free money", "\u200b", ""], new_days=3)
    assert (rules.held_words, rules.new_days, rules.new_kept) == (["free money"], 3, 3)
    assert AuditEntry.objects.get(action="community.talk_rules_changed").after["new_days"] == 3
    told = {"community": circle.community}
    assert refused(talk_rules.save, by=SITE, new_days=999, **told) == "range"
    assert refused(talk_rules.save, by=SITE, links="x", **told) == "unknown"
    assert refused(talk_rules.save, by=SITE, held_words=[f"w{n}" for n in range(501)], **told) == "too_many"
    assert refused(talk_rules.save, by=acting(keeper), new_days=1, **told) == "no_longer_allowed"
    assert TalkRules.objects.get().new_days == 3
