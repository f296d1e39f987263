"""Links and whom they are credited to."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from communities.services import settings as community_settings
from engagement.models import Fact
from kernel.errors import Refused
from members.actors import Actor
from members.models import Attribution, AuditEntry, Invitation, Membership, Tier
from members.roles import Role
from members.selectors import invitations as found
from members.services import invitations, memberships, standing
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db
LATER = EARLY + timedelta(days=1)


@pytest.fixture
def community():
    return make.community()


@pytest.fixture
def bob(community):
    return member_of(community, name="Bob")


def member_of(community, **fields) -> Membership:
    membership = make.member(community, **fields)
    membership.community = community
    return membership


def actor(membership: Membership) -> Actor:
    return Actor.person(membership.user, membership)


def link_of(community, **fields) -> Invitation:
    made = invitations.create_link(community=community, at=EARLY, by=SITE, **({"channel": "wechat"} | fields))
    made.community = community
    return made


def come(community, user, *, at=LATER) -> Membership:
    """Join as the joining page does."""
    claim = invitations.claimed(user=user, community=community, at=at)
    assert claim is not None
    with transaction.atomic():
        membership = memberships.enrol(
            community=community,
            user=user,
            at=at,
            invited_by=claim.invited_by,
            channel=claim.channel,
            campaign=claim.campaign,
            tier=claim.tier,
            by=Actor.person(user),
        )
        if claim.invitation is not None:
            invitations.used(invitation=claim.invitation, membership=membership, at=at)
    return membership


def test_a_member_has_one_link_of_their_own_until_they_renew_it(bob):
    first = invitations.personal(membership=bob, at=EARLY)
    assert invitations.personal(membership=bob, at=LATER) == first
    assert len(first.code) == 14 and first.code.isalnum()
    second = invitations.renew(membership=bob, at=LATER)
    assert second.code != first.code
    first.refresh_from_db()
    assert found.state(first, LATER) == "revoked"
    assert invitations.personal(membership=bob, at=LATER) == second


def test_whoever_comes_by_it_has_its_owner_as_inviter(community, bob):
    person = make.person()
    link = invitations.personal(membership=bob, at=EARLY)
    assert invitations.attribute(user=person, invitation=link, at=EARLY)
    came = come(community, person)
    assert (came.invited_by, came.channel, came.campaign) == (bob, "personal", "")
    link.refresh_from_db()
    assert link.used == 1 and came.invitation_use.invitation == link
    assert not Attribution.objects.exists()
    fact = Fact.objects.get(verb="joined", member=came.number)
    assert (fact.target, fact.object_kind, fact.object_id) == (bob.number, "channel", "personal/")


def test_the_first_one_wins_for_thirty_days(community, bob):
    cleo, person = member_of(community), make.person()
    one = invitations.personal(membership=bob, at=EARLY)
    two = invitations.personal(membership=cleo, at=EARLY)
    assert invitations.attribute(user=person, invitation=one, at=EARLY)
    assert not invitations.attribute(user=person, invitation=two, at=EARLY + timedelta(days=29))
    assert Attribution.objects.get().invitation == one
    assert invitations.attribute(user=person, invitation=two, at=EARLY + timedelta(days=30))
    assert Attribution.objects.get().invitation == two


def test_one_that_does_not_open_any_more_gives_way_at_once(community, bob):
    person = make.person()
    invitations.attribute(user=person, invitation=invitations.personal(membership=bob, at=EARLY), at=EARLY)
    second = invitations.renew(membership=bob, at=EARLY)
    assert invitations.attribute(user=person, invitation=second, at=LATER)


def test_nobody_comes_by_their_own(community, bob):
    link = invitations.personal(membership=bob, at=EARLY)
    assert not invitations.attribute(user=bob.user, invitation=link, at=EARLY)
    Attribution.objects.create(user=bob.user, community=community, invitation=link, at=EARLY)
    assert invitations.claimed(user=bob.user, community=community, at=EARLY) is None


def test_a_link_that_was_taken_back_still_tells_who_invited_but_opens_nothing(community, bob):
    person, tier = make.person(), Tier.objects.of(community.pk).order_by("-rank").first()
    link = link_of(community, tier=tier, campaign="spring")
    invitations.attribute(user=person, invitation=link, at=EARLY)
    claim = invitations.claimed(user=person, community=community, at=EARLY)
    assert (claim.tier, claim.invitation, claim.channel, claim.campaign) == (tier, link, "wechat", "spring")
    invitations.revoke(invitation=link, at=EARLY, by=SITE)
    claim = invitations.claimed(user=person, community=community, at=EARLY)
    assert (claim.tier, claim.invitation, claim.channel, claim.campaign) == (None, None, "wechat", "spring")


def test_the_operators_link_gives_tier_channel_and_campaign(community):
    person, tier = make.person(), Tier.objects.of(community.pk).order_by("-rank").first()
    invitations.attribute(
        user=person, invitation=link_of(community, tier=tier, campaign="spring/2"), at=EARLY
    )
    came = come(community, person)
    assert (came.invited_by, came.tier, came.channel, came.campaign) == (None, tier, "wechat", "spring/2")
    fact = Fact.objects.get(verb="joined", member=came.number)
    assert (fact.target, fact.object_id) == (None, "wechat/spring/2")


@pytest.mark.parametrize(
    ("fields", "at", "state"),
    [
        ({"limit": 1}, LATER, "used_up"),
        ({"expires_at": LATER}, LATER, "expired"),
        ({"expires_at": LATER}, EARLY, "open"),
    ],
)
def test_where_a_link_stands(community, fields, at, state):
    link = link_of(community, **fields)
    if "limit" in fields:
        first = make.person()
        invitations.attribute(user=first, invitation=link, at=EARLY)
        come(community, first, at=EARLY)
        link.refresh_from_db()
    assert found.state(link, at) == state
    late = make.person()
    assert invitations.attribute(user=late, invitation=link, at=at) == (state == "open")
    if state != "open":
        with pytest.raises(Refused) as refused:
            invitations.used(invitation=link, membership=make.member(community), at=at)
        assert refused.value.code == f"invitation_{state}"


def test_the_database_holds_the_limit(community):
    link = link_of(community, limit=2)
    with pytest.raises(IntegrityError, match="invitation_within_limit"), transaction.atomic():
        Invitation.objects.filter(pk=link.pk).update(used=3)


@pytest.mark.parametrize("act", ["leave", "remove", "restrict", "closed"])
def test_a_personal_link_ends_where_its_owner_may_not_invite(community, bob, act):
    link = invitations.personal(membership=bob, at=EARLY)
    if act == "closed":
        community_settings.update(community=community, at=EARLY, by=SITE, members_invite=False)
    else:
        standing.act(act, membership=bob, at=EARLY, by=SITE, reason="x")
    assert found.state(found.by_code(link.code), LATER) == "closed"
    bob = Membership.objects.select_related("community").get(pk=bob.pk)
    with pytest.raises(Refused) as refused:
        invitations.renew(membership=bob, at=LATER)
    assert refused.value.code == "no_longer_allowed"


def test_staff_invite_also_where_members_do_not(community):
    community_settings.update(community=community, at=EARLY, by=SITE, members_invite=False)
    host = Membership.objects.select_related("community").get(pk=make.member(community, role=Role.HOST).pk)
    assert found.state(invitations.personal(membership=host, at=EARLY), EARLY) == "open"


def test_links_are_in_the_audit_log_without_their_code(community):
    link = link_of(community, campaign="spring", limit=5)
    invitations.revoke(invitation=link, at=LATER, by=SITE)
    invitations.revoke(invitation=link, at=LATER, by=SITE)
    entries = AuditEntry.objects.filter(object_kind="invitation").order_by("id")
    told = {"kind": "link", "channel": "wechat", "campaign": "spring", "limit": 5}
    assert [(e.action, e.before, e.after) for e in entries] == [
        ("invitation.created", {}, told),
        ("invitation.revoked", told, {}),
    ]


def test_only_those_who_may_make_and_end_links(community, bob):
    link = link_of(community)
    for attempt in (
        lambda: invitations.create_link(community=community, channel="x", at=EARLY, by=actor(bob)),
        lambda: invitations.revoke(invitation=link, at=EARLY, by=actor(bob)),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.code == "no_longer_allowed"
    link.refresh_from_db()
    assert (Invitation.objects.count(), link.revoked_at) == (1, None)


def test_bounds_of_a_link(community):
    own = [("channel", name) for name in ("personal", "Email", " gift ")]
    for field, value in (("limit", 0), ("expires_at", EARLY), *own):
        with pytest.raises(Refused) as refused:
            link_of(community, **{field: value})
        assert refused.value.field == field
