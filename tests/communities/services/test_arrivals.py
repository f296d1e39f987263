"""Joining by whatever invitation brought one there."""

from datetime import timedelta

import pytest

from communities.services import arrivals
from communities.services import settings as community_settings
from kernel.errors import Refused
from members.actors import Actor
from members.models import Attribution, Invitation, InvitationUse, Membership, Tier
from members.services import invitations, standing
from tests import make
from tests.make import EARLY, SITE
from tests.security.races import together

LATER = EARLY + timedelta(days=1)


def opened(community, person, link):
    assert invitations.attribute(user=person, invitation=link, at=EARLY)


def come(community, person, *, at=LATER) -> Membership:
    questions = community.join_questions.all()
    answers = {one.pk: one.options[0] if one.options else "because" for one in questions if one.required}
    return arrivals.come_in(community=community, user=person, answers=answers, at=at, by=Actor.person(person))


def tool(**fields):
    community = make.community(type="tool")
    return (
        community_settings.update(community=community, at=EARLY, by=SITE, **fields) if fields else community
    )


def link_of(community, **fields) -> Invitation:
    return invitations.create_link(community=community, channel="wechat", at=EARLY, by=SITE, **fields)


@pytest.mark.django_db
def test_without_an_invitation_one_joins_as_ever():
    community = tool()
    came = come(community, make.person())
    assert (came.invited_by, came.channel, InvitationUse.objects.count()) == (None, "", 0)


@pytest.mark.django_db
def test_an_invitation_opens_a_community_that_is_joined_by_invitation():
    community, person = tool(join_policy="invitation"), make.person()
    with pytest.raises(Refused) as refused:
        come(community, person)
    assert refused.value.code == "not_invited"
    link = link_of(community, tier=Tier.objects.of(community.pk).last(), campaign="spring", limit=1)
    opened(community, person, link)
    came = come(community, person)
    assert (came.status, came.channel, came.campaign, came.tier) == ("active", "wechat", "spring", link.tier)
    link.refresh_from_db()
    assert (link.used, came.invitation_use.invitation) == (1, link)


@pytest.mark.django_db
@pytest.mark.parametrize("policy", ["open", "invitation"])
def test_one_taken_back_on_the_way_opens_nothing(policy):
    community, person = tool(join_policy=policy), make.person()
    inviter = make.member(community)
    link = invitations.personal(membership=inviter, at=EARLY)
    opened(community, person, link)
    invitations.revoke(invitation=link, at=EARLY, by=SITE)
    if policy == "open":
        assert come(community, person).invited_by == inviter
        link.refresh_from_db()
        assert link.used == 0
    else:
        with pytest.raises(Refused) as refused:
            come(community, person)
        assert refused.value.code == "invitation_over"
        assert not Membership.objects.filter(user=person).exists()
        assert Attribution.objects.filter(user=person).exists()


@pytest.mark.django_db
def test_what_is_refused_uses_nothing_up():
    community, person = make.community(type="interest"), make.person()
    link = link_of(community, limit=1)
    opened(community, person, link)
    with pytest.raises(Refused):
        arrivals.come_in(community=community, user=person, answers={}, at=LATER, by=Actor.person(person))
    link.refresh_from_db()
    assert (link.used, Attribution.objects.count(), InvitationUse.objects.count()) == (0, 1, 0)


@pytest.mark.django_db
def test_who_comes_back_is_not_brought_anew():
    community, person = tool(), make.person()
    came = come(community, person)

    standing.act("leave", membership=came, at=LATER, by=SITE)
    opened(community, person, invitations.personal(membership=make.member(community), at=EARLY))
    assert come(community, person, at=LATER + timedelta(days=1)).invited_by is None


@pytest.mark.django_db(transaction=True)
def test_the_last_use_goes_to_one():
    community = tool(join_policy="invitation")
    link = link_of(community, limit=1)
    people = [make.person() for _n in range(4)]
    for person in people:
        opened(community, person, link)
    outcomes = together(*[lambda person=person: come(community, person).number for person in people])
    assert sorted(map(str, outcomes)) == ["2", "invitation_over", "invitation_over", "invitation_over"]
    link.refresh_from_db()
    assert (link.used, InvitationUse.objects.count()) == (1, 1)
