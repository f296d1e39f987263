"""Members named in texts: kept by number, told once, and only those who may read it."""

from datetime import timedelta

import pytest

from communities.models import Circle, Mention
from communities.selectors import mentions as seen
from communities.services import circles, comments, posts
from engagement.models import Fact
from kernel.errors import Refused
from members.models import Membership, Message
from members.roles import Status
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db
LATER = EARLY + timedelta(hours=1)


@pytest.fixture
def circle():
    community = make.community("lantern")
    Circle.objects.of(community.pk).delete()
    return circles.create(community=community, name="Owls", at=EARLY, by=SITE)


def inside(circle, name):
    member = make.member(circle.community, name=name)
    circles.put_in(circle=circle, membership=member, at=EARLY, by=SITE)
    return member


@pytest.fixture
def ada(circle):
    return inside(circle, "Ada")


@pytest.fixture
def bo(circle):
    return inside(circle, "Bo [李雷]")


def wrote(circle, author, body):
    return posts.write(circle=circle, author=author, body=body, at=LATER)


def told():
    found = Message.objects.filter(kind="talk.mentioned").order_by("created_at", "membership__number")
    return list(found.values_list("membership__number", flat=True))


def facts():
    found = Fact.objects.filter(verb="mentioned").order_by("target")
    return list(found.values_list("member", "target", "object_kind", "object_id"))


def test_a_name_is_kept_as_a_number_and_is_what_its_member_is_called_now(circle, ada, bo):
    post = wrote(circle, ada, f"Ask @[Bo 李雷]({bo.number}) or @#{bo.number}!")
    assert post.body == f"Ask @#{bo.number} or @#{bo.number}!"
    Membership.objects.filter(pk=bo.pk).update(name="Bo Li")
    seen.fill([post], circle.community, ada)
    assert post.words == "Ask @Bo Li or @Bo Li!"
    assert seen.written_out(post.body, post.people) == f"Ask @[Bo Li]({bo.number}) or @[Bo Li]({bo.number})!"
    Membership.objects.filter(pk=bo.pk).update(listed=False)
    seen.fill([post], circle.community, ada)
    assert post.words == f"Ask @#{bo.number} or @#{bo.number}!"


def test_who_is_named_is_told_once_and_that_is_a_fact(circle, ada, bo):
    cy = inside(circle, "Cy")
    post = wrote(circle, ada, f"@#{bo.number}, @#{bo.number} and @#{ada.number}?")
    posts.change(post=post, author=ada, title="", body="Nobody?", at=LATER)
    posts.change(post=post, author=ada, title="", body=f"@#{bo.number} @#{cy.number}?", at=LATER)
    assert told() == [bo.number, cy.number]
    assert facts() == [(ada.number, one.number, "post", str(post.key)) for one in (bo, cy)]
    comment = comments.write(post=post, author=bo, body=f"@#{ada.number} @#{cy.number}", at=LATER)
    # Ada hears that she was answered.
    assert told() == [bo.number, cy.number, cy.number]
    comments.change(comment=comment, author=bo, body=f"@#{ada.number}!", at=LATER)
    assert (told(), len(facts()), Mention.objects.count()) == ([bo.number, cy.number, cy.number], 4, 4)


def unlisted(bo, circle):
    Membership.objects.filter(pk=bo.pk).update(listed=False)


def gone(bo, circle):
    Membership.objects.filter(pk=bo.pk).update(status=Status.LEFT)


def shut_out(bo, circle):
    Circle.objects.filter(pk=circle.pk).update(kind="closed")
    circle.circle_memberships.filter(membership=bo).delete()


@pytest.mark.parametrize("meanwhile", [unlisted, gone, shut_out])
def test_who_cannot_be_seen_or_cannot_read_it_is_not_told(circle, ada, bo, meanwhile):
    meanwhile(bo, circle)
    circle.refresh_from_db()
    wrote(circle, ada, f"@#{bo.number} and @#999999")
    assert (told(), facts(), Mention.objects.count()) == ([], [], 0)


def test_whom_one_answers_one_can_name_though_they_are_not_listed(circle, ada, bo):
    unlisted(bo, circle)
    post = wrote(circle, ada, "Who?")
    first = comments.write(post=post, author=bo, body="I", at=LATER)
    answer = comments.write(post=post, author=ada, parent=first, body=f"@#{bo.number}?", at=LATER)
    assert facts() == [(ada.number, bo.number, "comment", str(answer.key))]


def test_ten_and_no_more_are_named_in_one_text(circle, ada):
    with pytest.raises(Refused) as refusal:
        wrote(circle, ada, " ".join(f"@#{n}" for n in range(1, 12)))
    assert refusal.value.code == "too_many_named"
    assert (circle.posts.count(), told()) == (0, [])


def test_suggested_are_those_who_read_and_are_seen_by_name_alone(circle, ada, bo):
    cy = make.member(circle.community, name="Cy 王小明", email="bo@example.org")
    hidden = make.member(circle.community, name="Bo Two")
    Membership.objects.filter(pk=hidden.pk).update(listed=False)
    found = [[one.pk for one in seen.suggested(circle, ada, text)] for text in ("bo", "xiaoming", "小明", "")]
    assert found[:3] == [[bo.pk], [cy.pk], [cy.pk]] and ada.pk not in found[3]
    Circle.objects.filter(pk=circle.pk).update(kind="closed")
    circle.refresh_from_db()
    assert seen.suggested(circle, ada, "Cy") == []
