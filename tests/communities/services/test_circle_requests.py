"""Closed circles: who may ask and when again, what is answered, and who hears of it."""

from datetime import timedelta

import pytest

from communities.models import Circle, CircleMembership, CircleRequest
from communities.services import circle_requests, circles
from engagement.models import Fact
from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry, Message, Notification, Tier
from members.roles import Role
from members.services import memberships, standing
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db

LATER = EARLY + timedelta(days=2)


@pytest.fixture
def community():
    community = make.community("lantern")
    Circle.objects.of(community.pk).delete()
    return community


@pytest.fixture
def circle(community):
    return circles.create(community=community, name="Binders", at=EARLY, by=SITE, kind="closed")


@pytest.fixture
def host(community) -> Actor:
    return staff(community, Role.HOST)


def staff(community, role) -> Actor:
    member = make.member(community, role=role)
    return Actor.person(member.user, member)


def ask(circle, member, at=EARLY, **more) -> CircleRequest:
    return circle_requests.ask(circle=circle, membership=member, at=at, **more)


def decide(request, by=SITE, approve=True, at=LATER, **more):
    return circle_requests.decide(request=request, approve=approve, at=at, by=by, **more)


def refused(act, *args, **told) -> str:
    with pytest.raises(Refused) as refusal:
        act(*args, **told)
    return refusal.value.code


def is_in(circle, member) -> bool:
    return CircleMembership.objects.filter(circle=circle, membership=member).exists()


def told(member) -> list[str]:
    """Kinds of the letters and notices they got about circles."""
    letters = Message.objects.filter(membership=member, kind__startswith="circle.").values_list(
        "kind", flat=True
    )
    notices = Notification.objects.filter(membership=member, kind__startswith="circle.")
    return sorted([*letters, *notices.values_list("kind", flat=True)])


def test_who_is_let_in_is_in_it_and_both_sides_hear_of_it(community, circle, host):
    member = make.member(community, name="Bo")
    facts = Fact.objects.count()
    asked = ask(circle, member, note=" I bind books. ")
    assert (asked.words, ask(circle, member).pk) == ("I bind books.", asked.pk)
    assert told(host.membership) == ["circle.asked"] * 2
    done = decide(asked, by=host)
    assert (done.state, done.decided_by, done.decided_at) == ("approved", host.membership, LATER)
    assert is_in(circle, member) and told(member) == ["circle.let_in"] * 2
    entry = AuditEntry.objects.get(action="circle.request_approved")
    assert (entry.object_id, entry.after, entry.actor) == ("binders", {"member": member.number}, host.user)
    # The stream of facts has no verb for circles: joining one is no act.
    assert Fact.objects.count() == facts
    assert refused(ask, circle, member) == "already_in"


def test_who_is_declined_reads_why_and_can_ask_again_in_a_month(community, circle, host):
    member = make.member(community, name="Bo")
    asked = ask(circle, member)
    assert refused(decide, asked, by=host, approve=False, reason=" ") == "required"
    decide(asked, by=host, approve=False, reason="Full for now.")
    asked.refresh_from_db()
    assert (asked.state, asked.reason, is_in(circle, member)) == ("declined", "Full for now.", False)
    letter = Message.objects.get(membership=member, kind="circle.declined")
    assert "Full for now." in letter.text
    assert refused(decide, asked, by=host) == "decided"
    assert refused(ask, circle, member, at=LATER + timedelta(days=29)) == "too_soon"
    assert ask(circle, member, at=LATER + timedelta(days=30)).state == "open"


def test_nobody_asks_for_what_they_do_not_see_or_need_not_ask_for(community, circle, host):
    member = make.member(community)
    gold = Tier.objects.create(community=community, key="gold", name="Gold", rank=90)
    make_ = {"community": community, "at": EARLY}
    secret = circles.create(name="Hush", kind="secret", by=staff(community, Role.MANAGER), **make_)
    high = circles.create(name="High", kind="closed", minimum_tier=gold, by=SITE, **make_)
    opened = circles.create(name="Open", by=SITE, **make_)
    for one in (secret, high, opened, circles.archive(circle=circle, at=EARLY, by=SITE)):
        assert refused(ask, one, member) == "not_closed"
    circles.reopen(circle=circle, at=EARLY, by=SITE)
    elsewhere = make.member(make.community())
    assert refused(ask, circle, elsewhere) == "not_closed"
    paused = standing.act("pause", membership=member, at=EARLY, by=SITE)
    assert refused(ask, circle, paused) == "not_active"
    assert CircleRequest.objects.count() == 0


def test_the_rule_of_the_circle_holds_when_it_is_decided(community, circle, host):
    gold = Tier.objects.create(community=community, key="gold", name="Gold", rank=90)
    low, gone = make.member(community), make.member(community)
    asked = [ask(circle, one) for one in (low, gone)]
    circles.update(circle=circle, minimum_tier=gold, at=EARLY, by=SITE)
    standing.act("leave", membership=gone, at=EARLY, by=SITE)
    assert [refused(decide, one, by=host) for one in asked] == ["tier_too_low", "not_member"]
    memberships.change_tier(membership=low, tier=gold, at=EARLY, by=SITE)
    circles.archive(circle=circle, at=EARLY, by=SITE)
    assert refused(decide, asked[0], by=host) == "archived"
    circles.reopen(circle=circle, at=EARLY, by=SITE)
    assert decide(asked[0], by=host).state == "approved"


def test_a_role_that_is_gone_decides_nothing_and_a_circle_that_became_secret_is_not_seen(
    community, circle, host
):
    asked = ask(circle, make.member(community))
    memberships.change_role(membership=host.membership, role=Role.TREASURER, at=EARLY, by=SITE)
    assert refused(decide, asked, by=host) == "no_longer_allowed"
    moderator = staff(community, Role.MODERATOR)
    circles.update(circle=circle, kind="secret", at=EARLY, by=staff(community, Role.MANAGER))
    assert refused(decide, asked, by=moderator) == "not_seen"


def test_who_takes_it_back_or_comes_in_otherwise_waits_no_longer(community, circle, host):
    one, other = make.member(community), make.member(community)
    taken_back, put_in = ask(circle, one), ask(circle, other)
    circles.leave(circle=circle, membership=one)
    circles.put_in(circle=circle, membership=other, at=LATER, by=SITE)
    assert refused(decide, taken_back, by=host) == refused(decide, put_in, by=host) == "decided"
    states = [CircleRequest.objects.get(pk=asked.pk).state for asked in (taken_back, put_in)]
    assert states == ["withdrawn", "approved"]
    assert ask(circle, one).pk != taken_back.pk
