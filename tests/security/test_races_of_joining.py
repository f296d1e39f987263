"""Two staff at one application, two people at the last place, a ban and a joining: one outcome, the second is told."""

import threading
from functools import partial

import pytest
from django.db import transaction

from communities.models import Application, Community
from communities.services import applications, circle_requests, circles, joining
from kernel.errors import Refused
from members.actors import Actor
from members.models import Membership, MembershipChange
from members.roles import Role
from members.services import standing
from tests import make
from tests.make import EARLY, SITE
from tests.security.races import Session, together

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


def test_whoever_is_banned_does_not_come_in_by_another_account_meanwhile():
    """Two accounts of one mailbox: one is banned while the other joins. Whichever is first, nobody is left inside."""
    seen = set()
    for n in range(6):
        community = of(join_policy="open")
        by = staff(community)
        member = make.member(community, email=f"ada{n}@gmail.com")
        other = make.person(f"a.da{n}+club@googlemail.com")
        join = partial(joining.join, community=community, user=other, answers={}, at=EARLY, by=SITE)
        ban = partial(standing.act, "ban", membership=member, at=EARLY, by=by, reason="Spam.")
        outcomes = together(*((join, ban) if n % 2 else (ban, join)))
        mine = Membership.objects.of(community.pk).filter(user__in=[member.user, other])
        assert set(mine.values_list("status", flat=True)) == {"banned"}
        seen.add(len(mine))
        assert ("ended" in outcomes) == (len(mine) == 1)
    assert seen <= {1, 2}


def test_a_joining_waits_for_a_ban_that_has_begun():
    """The same, step by step: the ban is done and not committed when the other account knocks."""
    community = of(join_policy="open")
    member = make.member(community, email="ada@example.org")
    other = make.person("ada+two@example.org")
    done, knocked = threading.Event(), threading.Event()

    def ban():
        with transaction.atomic():
            standing.act("ban", membership=member, at=EARLY, by=SITE, reason="Spam.")
            done.set()
            assert not knocked.wait(0.5), "It did not wait."

    def join():
        done.wait(5)
        try:
            joining.join(community=community, user=other, answers={}, at=EARLY, by=SITE)
        except Refused as refusal:
            return refusal.code
        finally:
            knocked.set()

    sessions = [Session(ban), Session(join)]
    assert [session.finish() for session in sessions] == [None, "ended"]
    assert not Membership.objects.filter(user=other).exists()


def test_two_who_look_after_a_circle_answer_one_request():
    for _round in range(3):
        community = of()
        one, other = staff(community), staff(community)
        circle = circles.create(community=community, name="Binders", at=EARLY, by=SITE, kind="closed")
        member = make.member(community)
        asked = circle_requests.ask(circle=circle, membership=member, at=EARLY)
        decide = partial(circle_requests.decide, request=asked, at=EARLY, reason="So.")
        outcomes = together(partial(decide, approve=True, by=one), partial(decide, approve=False, by=other))
        said = sorted(outcome if isinstance(outcome, str) else outcome.state for outcome in outcomes)
        asked.refresh_from_db()
        assert said == sorted(["decided", asked.state])
        assert circle.circle_memberships.exists() == (asked.state == "approved")
