"""Questions and the answer that helped: who accepts which, what is a fact, and who hears of it."""

from datetime import timedelta

import pytest

from communities.models import Circle
from communities.services import acceptances, circles, comments, posts
from engagement.models import Fact
from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry, Membership, Notification
from members.roles import Role, Status
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db
LATER = EARLY + timedelta(hours=1)


@pytest.fixture
def circle():
    community = make.community("lantern")
    Circle.objects.of(community.pk).delete()
    return circles.create(community=community, name="Owls", at=EARLY, by=SITE)


def inside(circle, name, **fields):
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
def question(circle, ada):
    return posts.write(circle=circle, author=ada, title="Who?", body="Who?", asks=True, at=EARLY)


@pytest.fixture
def answer(question, bo):
    return comments.write(post=question, author=bo, body="I", at=EARLY)


def acting(member) -> Actor:
    return Actor.person(member.user, member)


def facts(*verbs):
    found = Fact.objects.filter(verb__in=verbs).order_by("occurred_at", "verb")
    return list(found.values_list("verb", "member", "target", "object_kind", "object_id"))


def accepted(question):
    question.refresh_from_db()
    return question.accepted


def test_a_question_is_asked_and_what_stands_directly_below_it_answers(ada, bo, question, answer):
    comments.write(post=question, author=ada, parent=answer, body="Really?", at=LATER)
    key = str(question.key)
    assert facts("asked", "answered", "commented", "posted") == [
        ("answered", bo.number, ada.number, "post", key),
        ("asked", ada.number, None, "post", key),
        ("commented", ada.number, bo.number, "post", key),
    ]


def test_an_answer_is_accepted_once_whatever_is_taken_back(ada, bo, question, answer):
    for _twice in range(2):
        acceptances.accept(comment=answer, at=LATER, by=acting(ada))
        acceptances.accept(comment=answer, at=LATER, by=acting(ada))
        assert accepted(question) == answer
        acceptances.take_back(post=question, at=LATER, by=acting(ada))
        acceptances.take_back(post=question, at=LATER, by=acting(ada))
        assert accepted(question) is None
    assert facts("accepted") == [("accepted", ada.number, bo.number, "comment", str(answer.key))]
    heard = Notification.objects.filter(kind="talk.accepted")
    assert list(heard.values_list("membership", flat=True)) == [bo.pk]
    assert not AuditEntry.objects.filter(action__startswith="post.answer").exists()


def test_who_keeps_order_accepts_for_who_asked_and_it_is_written_down(circle, bo, question, answer):
    keeper = make.member(circle.community, role=Role.MODERATOR)
    acceptances.accept(comment=answer, at=LATER, by=acting(keeper))
    acceptances.take_back(post=question, at=LATER, by=acting(keeper))
    entries = AuditEntry.objects.filter(object_id=question.key).order_by("at", "pk")
    assert [(entry.action, entry.after) for entry in entries] == [
        ("post.answer_accepted", {"member": bo.number}),
        ("post.answer_taken_back", {"member": bo.number}),
    ]


def test_accepting_one_s_own_is_no_fact_and_no_news(ada, question):
    own = comments.write(post=question, author=ada, body="Me", at=EARLY)
    acceptances.accept(comment=own, at=LATER, by=acting(ada))
    assert (accepted(question), facts("accepted")) == (own, [])
    assert not Notification.objects.filter(kind="talk.accepted").exists()


def refused(answer, by):
    with pytest.raises(Refused) as refusal:
        acceptances.accept(comment=answer, at=LATER, by=by)
    return refusal.value.code


def test_what_cannot_be_accepted(circle, ada, bo, question, answer):
    deeper = comments.write(post=question, author=bo, parent=answer, body="Or you", at=EARLY)
    plain = posts.write(circle=circle, author=ada, body="Hello", at=EARLY)
    below = comments.write(post=plain, author=bo, body="Hi", at=EARLY)
    other = comments.write(post=question, author=bo, body="She", at=EARLY)
    hidden = comments.write(post=question, author=bo, body="Rude", at=EARLY)
    comments.hide(comment=hidden, reason="Rude", at=EARLY, by=SITE)
    assert refused(answer, acting(bo)) == "not_yours"
    assert refused(answer, SITE) == "person_needed"
    assert [refused(one, acting(ada)) for one in (deeper, below, hidden)] == [
        "no_answer",
        "no_answer",
        "gone",
    ]
    acceptances.accept(comment=other, at=LATER, by=acting(ada))
    assert refused(answer, acting(ada)) == "answered"
    Membership.objects.filter(pk=ada.pk).update(status=Status.PAUSED)
    assert refused(answer, acting(ada)) == "not_active"
    assert (accepted(question), len(facts("accepted"))) == (other, 1)


@pytest.mark.parametrize("goes", ["hide", "remove"])
def test_where_the_accepted_answer_goes_the_question_is_open_again(ada, bo, question, answer, goes):
    acceptances.accept(comment=answer, at=LATER, by=acting(ada))
    if goes == "hide":
        comments.hide(comment=answer, reason="No", at=LATER, by=SITE)
    else:
        comments.remove(comment=answer, author=bo, at=LATER)
    assert accepted(question) is None
