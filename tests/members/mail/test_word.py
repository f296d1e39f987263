"""Word of what befalls a membership: the welcome, and what others decide; nothing of one's own acts."""

from datetime import timedelta

import pytest
from django.db import transaction

from members.actors import Actor
from members.models import Message, Notification
from members.services import memberships, standing
from tests import make

pytestmark = pytest.mark.django_db
AT = make.EARLY + timedelta(days=60)


@pytest.fixture
def member():
    member = make.member(make.community("lantern"), name="Li Lei")
    Message.objects.all().delete()
    Notification.objects.all().delete()
    return member


def written():
    return list(Message.objects.order_by("created_at", "kind").values_list("kind", flat=True))


def test_who_joins_is_welcomed_once_and_founders_and_records_are_not():
    community = make.community()
    assert written() == []
    member = make.member(community)
    memberships.add(community=community, at=AT, by=make.SITE, name="A record", email="a@example.org")
    assert written() == ["member.welcome"]
    standing.act("leave", membership=member, at=AT, by=Actor.person(member.user, member))
    memberships.enrol(community=community, user=member.user, at=AT, by=Actor.person(member.user))
    assert written().count("member.welcome") == 1


@pytest.mark.parametrize(
    ("acts", "kinds"),
    [
        (["restrict", "lift"], ["member.restricted", "member.active_again"]),
        (["suspend", "renew"], ["member.suspended", "member.active_again"]),
        (["suspend", "lapse"], ["member.suspended", "member.lapsed"]),
        (["remove", "take_back"], ["member.removed", "member.active_again"]),
        (["ban"], ["member.banned"]),
        (["pause", "resume"], ["member.paused", "member.active_again"]),
        (["leave"], []),
    ],
)
def test_what_staff_decide_is_told_with_its_reason(member, acts, kinds):
    owner = member.community.memberships.get(role="owner")
    for n, act in enumerate(acts):
        at = AT + timedelta(minutes=n)
        standing.act(
            act, membership=member, at=at, by=Actor.person(owner.user, owner), reason=f"Because {n}.\nReally."
        )
    assert written() == kinds
    for n, message in enumerate(Message.objects.order_by("created_at")):
        assert f"Because {n}.\nReally." in message.text
        assert message.address == member.user.email


def test_what_members_do_themselves_is_not_told_to_them(member):
    by = Actor.person(member.user, member)
    standing.act("pause", membership=member, at=AT, by=by)
    standing.act("resume", membership=member, at=AT, by=by)
    assert written() == []


def test_an_applicant_who_is_let_in_later_is_welcomed(member):
    type(member).objects.filter(pk=member.pk).update(status="awaiting_payment")
    standing.act("activate", membership=member, at=AT, by=make.SITE)
    assert written() == ["member.welcome"]


def test_what_is_undone_is_not_told(member):
    with pytest.raises(RuntimeError), transaction.atomic():
        standing.act("ban", membership=member, at=AT, by=make.SITE, reason="x")
        raise RuntimeError
    assert written() == []
