"""Whoever a gathering concerns is written to, in their language, once; nobody else is."""

from datetime import timedelta

import pytest

from gatherings.models import GatheringRules, Waiting
from gatherings.services import events, hosts, news, seats
from members.models import Message, Notification
from members.roles import Role
from tests import make
from tests.gatherings import holding
from tests.gatherings.services.test_events import acting
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db
LATER = {"starts_at": holding.THEN + timedelta(days=1), "ends_at": None}


@pytest.fixture
def community():
    return make.community()


def letters(kind):
    news.tell()
    rows = Message.objects.filter(kind=kind).order_by("membership__number")
    return list(rows.values_list("membership__number", "subject"))


def told(kind):
    return sorted(Notification.objects.filter(kind=kind).values_list("membership__number", flat=True))


def full(community):
    """A gathering with somebody of each sort around it: (event, who comes, may come, waits)."""
    event = holding.event(community, places=1, venue="The mill")
    comes, maybe, waits, no, _stranger = (make.member(community) for _n in range(5))
    seats.take(kind=holding.kind(event), member=comes, at=EARLY)
    seats.answer(event=event, member=maybe, answer="maybe", at=EARLY)
    seats.answer(event=event, member=no, answer="no", at=EARLY)
    turn = {"event": event, "room": event.rooms.get(), "kind": holding.kind(event)}
    Waiting.objects.create(membership=waits, since=EARLY, **turn)
    return event, [comes.number, maybe.number, waits.number]


def test_a_new_time_or_place_is_told_to_who_comes_may_come_or_waits(community):
    event, concerned = full(community)
    events.change(event=event, at=EARLY, by=SITE, title="Dinner", description="More.")
    assert letters("event.changed") == []
    events.change(event=event, at=EARLY, by=SITE, **LATER)
    assert letters("event.changed") == [(number, "New time or place: Dinner") for number in concerned]
    assert told("event.changed") == concerned
    body = Message.objects.filter(kind="event.changed")[0].text
    assert "Tuesday, 13 January 2026, 09:00" in body and "The mill" in body


def test_of_one_that_is_over_nobody_hears(community):
    event, _concerned = full(community)
    events.change(event=event, at=event.ends_at, by=SITE, venue="The barn")
    assert letters("event.changed") == []


def test_cancelling_is_told_to_the_same(community):
    event, concerned = full(community)
    events.cancel(event=event, reason="Snow.", at=EARLY, by=SITE)
    events.cancel(event=event, at=EARLY, by=SITE)
    assert letters("event.cancelled") == [(number, "Cancelled: Supper") for number in concerned]
    assert "Snow." in Message.objects.filter(kind="event.cancelled")[0].text


def test_a_proposal_and_its_answer(community):
    member, manager = make.member(community, name="Ada"), make.member(community, role=Role.MANAGER)
    event = holding.event(community, by=acting(member))
    owner = community.memberships.get(role=Role.OWNER)
    subject = "Ada would like to hold: Supper"
    assert letters("event.proposed") == [(owner.number, subject), (manager.number, subject)]
    events.decide(event=event, agrees=False, reason="Too late.", at=EARLY, by=acting(manager))
    events.publish(event=event, at=EARLY, by=acting(member))
    events.decide(event=event, agrees=True, at=EARLY, by=acting(manager))
    assert letters("event.declined") == [(member.number, "About your proposal: Supper")]
    assert letters("event.agreed") == [(member.number, "Yes: Supper is announced")]


def test_hosts_hear_of_it_unless_they_did_it(community):
    GatheringRules.objects.create(community=community, members_plan="yes")
    member, other = make.member(community), make.member(community)
    event = holding.event(community, by=acting(member))
    hosts.name(event=event, hosts=[member, other], at=EARLY, by=acting(member))
    assert letters("event.host") == [(other.number, "You are a host of Supper")]
    assert letters("event.proposed") == letters("event.agreed") == []


def test_in_chinese_to_who_reads_chinese(community):
    member = make.member(community)
    type(member.user).objects.filter(pk=member.user.pk).update(language="zh-hans")
    event = holding.event(community)
    seats.take(kind=holding.kind(event), member=member, at=EARLY)
    events.change(event=event, at=EARLY, by=SITE, **LATER)
    news.tell()
    letter = Message.objects.get(kind="event.changed")
    assert letter.subject == "时间或地点有变：Supper"
    assert "2026年1月13日星期二" in letter.text
