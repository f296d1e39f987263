"""People who do the same thing at the same moment, on real connections: nothing twice, nobody locked out, no 500."""

from functools import partial, wraps

import pytest

from communities.models import ApiKey, Community
from communities.services import api_keys, joining
from members.actors import Actor
from members.models import Membership, MembershipChange
from members.roles import Role
from members.services import memberships, standing
from tests import make
from tests.make import EARLY, SITE
from tests.security.races import together

pytestmark = pytest.mark.django_db(transaction=True)
LATER = EARLY.replace(month=2)


def over_and_over(test):
    """Five rounds in one test: who comes first is chance."""

    @wraps(test)
    def rounds():
        for _round in range(5):
            test()

    return rounds


def by(member: Membership) -> Actor:
    return Actor.person(member.user, member)


def owners(community: Community) -> list[int]:
    return list(
        Membership.objects.of(community.pk).counted().filter(role=Role.OWNER).values_list("number", flat=True)
    )


def test_one_address_is_founded_once():
    people = [make.person() for _n in range(3)]
    found = together(*[partial(make.community, "lantern", owner=person) for person in people])
    assert sorted(one if isinstance(one, str) else "founded" for one in found) == [
        "founded",
        "taken",
        "taken",
    ]
    community = Community.objects.get()
    owner = Membership.objects.get()
    assert (owner.user, owner.role, owner.number) == (community.founded_by, "owner", 1)


def test_one_person_joins_once():
    community = make.community()
    person = make.person()
    join = partial(
        joining.join, community=community, user=person, answers={}, at=LATER, by=Actor.person(person)
    )
    outcomes = together(join, join, join)
    assert sorted(one if isinstance(one, str) else "in" for one in outcomes) == ["already_member"] * 2 + [
        "in"
    ]
    assert Membership.objects.of(community.pk).filter(user=person).count() == 1
    assert MembershipChange.objects.filter(membership__user=person, kind="status").count() == 1


def test_one_person_comes_back_once():
    member = make.member(make.community())
    standing.act("leave", membership=member, at=LATER, by=SITE)
    back = partial(memberships.enrol, community=member.community, user=member.user, at=LATER, by=SITE)
    outcomes = together(back, back)
    assert sorted(one if isinstance(one, str) else "in" for one in outcomes) == ["already_member", "in"]
    assert member.changes.filter(kind="status").count() == 3


def test_one_id_is_entered_once():
    community = make.community()
    add = partial(memberships.add, community=community, at=LATER, by=SITE, name="Ada", external_id="u1")
    outcomes = together(add, add, add)
    assert sorted(one if isinstance(one, str) else "added" for one in outcomes) == ["added", "taken", "taken"]
    assert list(Membership.objects.of(community.pk).values_list("number", flat=True)) == [1, 2]


@over_and_over
def test_two_owners_who_demote_each_other_leave_one():
    community = make.community()
    ada = Membership.objects.of(community.pk).get()
    bob = make.member(community, role=Role.OWNER)

    def demote(whom, who):
        return memberships.change_role(membership=whom, role=Role.MEMBER, at=LATER, by=by(who)).number

    outcomes = together(partial(demote, ada, bob), partial(demote, bob, ada))
    assert len(owners(community)) == 1
    assert sorted(map(str, outcomes))[1] in ("last_owner", "no_longer_allowed")


@over_and_over
def test_owners_who_leave_at_once_leave_one():
    community = make.community()
    people = [
        Membership.objects.of(community.pk).get(),
        *(make.member(community, role=Role.OWNER) for _n in range(2)),
    ]
    outcomes = together(
        *[partial(standing.act, "leave", membership=one, at=LATER, by=by(one)) for one in people]
    )
    assert len(owners(community)) == 1
    assert outcomes.count("last_owner") == 1


def test_of_two_owners_who_remove_each_other_one_stays():
    community = make.community()
    ada = Membership.objects.of(community.pk).get()
    bob, cleo = make.member(community, role=Role.OWNER), make.member(community, role=Role.OWNER)

    def remove(whom, who):
        return standing.act("remove", membership=whom, at=LATER, by=by(who), reason="mine").number

    outcomes = together(partial(remove, ada, bob), partial(remove, bob, ada))
    # Whoever has been removed removes nobody any more.
    assert outcomes.count("no_longer_allowed") == 1
    assert len(owners(community)) == 2 and cleo.number in owners(community)


@over_and_over
def test_who_loses_the_role_has_no_key_from_that_moment():
    community = make.community()
    ada = Membership.objects.of(community.pk).get()
    bob = make.member(community, role=Role.OWNER)

    def mint():
        return api_keys.mint(community=community, name="b", scopes=["write"], at=LATER, by=by(bob))[1]

    together(
        mint,
        partial(memberships.change_role, membership=bob, role=Role.MEMBER, at=LATER, by=by(ada)),
    )
    assert list(ApiKey.objects.usable(LATER).filter(created_by=bob)) == []


def test_a_role_is_not_given_by_who_has_just_lost_theirs():
    community = make.community()
    ada = Membership.objects.of(community.pk).get()
    bob, cleo = make.member(community, role=Role.OWNER), make.member(community)
    stale = by(bob)
    memberships.change_role(membership=bob, role=Role.MEMBER, at=LATER, by=by(ada))
    (outcome,) = together(
        partial(memberships.change_role, membership=cleo, role=Role.OWNER, at=LATER, by=stale)
    )
    assert (outcome, owners(community)) == ("no_longer_allowed", [ada.number])
