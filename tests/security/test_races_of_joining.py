"""Two staff at one application, two people at the last place: one outcome, and the second is told."""

from functools import partial

import pytest

from communities.models import Application, Community
from communities.services import applications, joining
from members.actors import Actor
from members.models import Membership, MembershipChange
from members.roles import Role
from tests import make
from tests.make import EARLY, SITE
from tests.security.races import together

pytestmark = pytest.mark.django_db(transaction=True)


def of(**fields):
    made = make.community()
    made.join_questions.all().delete()
    Community.objects.filter(pk=made.pk).update(**fields)
    return Community.objects.get(pk=made.pk)


def leave_places(community, many):
    tier = community.tiers.get(is_default=True)
    tier.capacity = tier.memberships.count() + many
    tier.save()


def apply(community):
    member = joining.join(community=community, user=make.person(), answers={}, at=EARLY, by=SITE)
    return Application.objects.get(membership=member)


def staff(community):
    member = make.member(community, role=Role.MANAGER)
    return Actor.person(member.user, member)


def test_two_staff_decide_one_application():
    for _round in range(4):
        community = of(join_policy="application")
        one, other = staff(community), staff(community)
        application = apply(community)
        decide = partial(applications.decide, application=application, at=EARLY, reason="So.")
        outcomes = together(
            partial(decide, decision="approve", by=one), partial(decide, decision="reject", by=other)
        )
        said = [outcome if isinstance(outcome, str) else outcome.decision for outcome in outcomes]
        assert said in (["approve", "decided"], ["decided", "reject"])
        application.refresh_from_db()
        expected = {"approve": ("approved", "active"), "reject": ("rejected", "rejected")}
        status = Membership.objects.get(pk=application.membership_id).status
        assert (application.state, status) == expected[application.decision]


def test_the_last_place_goes_to_one_of_two_who_are_approved():
    for _round in range(4):
        community = of(join_policy="application")
        by = staff(community)
        found = [apply(community), apply(community)]
        tier = community.tiers.get(is_default=True)
        tier.capacity = tier.memberships.filter(status="active").count() + 1
        tier.save()
        together(
            *[
                partial(applications.decide, application=one, decision="approve", at=EARLY, by=by)
                for one in found
            ]
        )
        left = Membership.objects.filter(pk__in=[one.membership_id for one in found])
        assert sorted(left.values_list("status", flat=True)) == ["active", "waiting"]


def test_the_last_place_goes_to_one_of_two_who_join():
    for _round in range(4):
        community = of(join_policy="open")
        leave_places(community, 1)
        people = [make.person(), make.person()]
        joined = together(
            *[
                partial(joining.join, community=community, user=person, answers={}, at=EARLY, by=SITE)
                for person in people
            ]
        )
        assert sorted(member.status for member in joined) == ["active", "waiting"]


def test_a_free_place_is_offered_to_one():
    community = of(join_policy="open")
    leave_places(community, 0)
    for _n in range(2):
        joining.join(community=community, user=make.person(), answers={}, at=EARLY, by=SITE)
    tier = community.tiers.get(is_default=True)
    tier.capacity += 1
    tier.save()
    offer = partial(applications.offer_places, at=EARLY)
    together(offer, offer, offer)
    mine = Membership.objects.of(community.pk)
    assert sorted(mine.values_list("status", flat=True)) == ["active", "approved", "waiting"]


def test_a_place_is_taken_once():
    community = of(join_policy="open")
    leave_places(community, 0)
    member = joining.join(community=community, user=make.person(), answers={}, at=EARLY, by=SITE)
    leave_places(community, 1)
    applications.offer_places(at=EARLY)
    take = partial(joining.take_place, membership=member, at=EARLY, by=SITE)
    outcomes = together(take, take)
    assert sorted(one if isinstance(one, str) else one.status for one in outcomes) == ["active", "not_now"]
    taken = MembershipChange.objects.filter(membership=member, after="active")
    assert taken.count() == 1
