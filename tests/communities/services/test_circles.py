"""Circles: who makes, sees, joins and changes them; what is secret stays so."""

import pytest

from communities.models import Circle, CircleMembership
from communities.services import circles
from kernel import access
from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry, Membership, Tier
from members.roles import Role
from members.services import memberships, standing
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    community = make.community("lantern")
    Circle.objects.of(community.pk).delete()
    return community


def manager(community) -> Actor:
    member = make.member(community, role=Role.MANAGER)
    return Actor.person(member.user, member)


def opened(community, name="Round", by=SITE, **fields):
    return circles.create(community=community, name=name, at=EARLY, by=by, **fields)


def tier(community, rank):
    return Tier.objects.create(community=community, key=f"r{rank}", name=f"R{rank}", rank=rank)


def refused(act, **told):
    with pytest.raises(Refused) as refusal:
        act(**told)
    return refusal.value.code


def test_a_circle_is_opened_behind_the_others_and_written_down(community):
    first, second = opened(community, "Night owls"), opened(community, "夜猫子", kind="closed")
    assert [(one.slug, one.position) for one in (first, second)] == [("night-owls", 0), ("夜猫子", 1)]
    entry = AuditEntry.objects.filter(action="circle.opened").latest("id")
    assert (entry.object_id, entry.after) == ("夜猫子", {"name": "夜猫子", "kind": "closed"})


def test_a_name_is_there_once_in_any_case(community):
    circle = opened(community, "Round")
    assert refused(circles.create, community=community, name="ROUND", at=EARLY, by=SITE) == "taken"
    assert circles.update(circle=circle, name="ROUND", at=EARLY, by=SITE).name == "ROUND"


def test_whoever_makes_a_secret_circle_is_in_it_and_a_program_makes_none(community):
    by = manager(community)
    circle = opened(community, "Hush", by=by, kind="secret")
    assert list(circle.circle_memberships.values_list("membership", flat=True)) == [by.membership.pk]
    assert (
        refused(circles.create, community=community, name="Sh", at=EARLY, by=SITE, kind="secret") == "secret"
    )


def test_of_a_secret_circle_neither_names_nor_changes_are_told(community):
    by = manager(community)
    circle = opened(community, "Hush", by=by, kind="secret", description="Psst")
    entries = AuditEntry.objects.filter(object_kind="circle")
    assert [(one.object_id, one.after) for one in entries] == [(f"#{circle.pk}", {"kind": "secret"})]
    owner = Membership.objects.get(number=1)
    other = Actor.person(owner.user, owner)
    assert not access.sees(owner, circle)
    assert refused(circles.update, circle=circle, name="Loud", at=EARLY, by=other) == "not_seen"
    assert refused(circles.archive, circle=circle, at=EARLY, by=other) == "not_seen"
    # Nor by the refusal of a name.
    assert opened(community, "hush", by=other).slug != circle.slug


def test_who_stands_too_low_neither_sees_nor_joins(community):
    circle = opened(community, minimum_tier=tier(community, 90))
    low = make.member(community)
    assert not access.sees(low, circle)
    assert refused(circles.join, circle=circle, membership=low, at=EARLY) == "not_open"
    assert (
        refused(circles.put_in, circle=circle, membership=low, at=EARLY, by=manager(community))
        == "tier_too_low"
    )
    high = memberships.change_tier(membership=low, tier=tier(community, 91), at=EARLY, by=SITE)
    assert access.sees(high, circle)
    circles.join(circle=circle, membership=high, at=EARLY)
    assert circle.circle_memberships.count() == 1


@pytest.mark.parametrize(("act", "reason"), [("pause", ""), ("suspend", ""), ("restrict", "x")])
def test_who_may_only_read_sees_and_does_not_join(community, act, reason):
    circle, member = opened(community), make.member(community)
    member = standing.act(act, membership=member, at=EARLY, by=SITE, reason=reason)
    assert access.sees(member, circle)
    assert refused(circles.join, circle=circle, membership=member, at=EARLY) == "not_active"


def test_an_archived_circle_is_there_for_its_members_and_staff(community):
    circle, inside, outside = opened(community), make.member(community), make.member(community)
    circles.join(circle=circle, membership=inside, at=EARLY)
    circle = circles.archive(circle=circle, at=EARLY, by=manager(community))
    assert [access.sees(viewer, circle) for viewer in (inside, outside, None)] == [True, False, False]
    assert access.sees(Membership.objects.get(number=1), circle)
    assert refused(circles.join, circle=circle, membership=inside, at=EARLY) == "not_open"
    circle = circles.reopen(circle=circle, at=EARLY, by=SITE)
    assert access.sees(outside, circle)


def test_moving_passes_over_what_the_mover_does_not_see(community):
    other = manager(community)
    for name, by, kind in (("A", SITE, "open"), ("S", other, "secret"), ("B", SITE, "open")):
        opened(community, name, by=by, kind=kind)
    owner = Membership.objects.get(number=1)
    circles.move(
        circle=Circle.objects.get(name="B"), down=False, at=EARLY, by=Actor.person(owner.user, owner)
    )
    assert list(Circle.objects.of(community.pk).values_list("name", flat=True)) == ["B", "A", "S"]
    circles.move(circle=Circle.objects.get(name="B"), down=False, at=EARLY, by=SITE)
    assert list(Circle.objects.of(community.pk).values_list("name", flat=True)) == ["B", "A", "S"]


def test_the_last_one_who_knows_of_a_secret_circle_stays(community):
    by = manager(community)
    circle = opened(community, "Hush", by=by, kind="secret")
    told = {"circle": circle, "at": EARLY, "by": by}
    assert refused(circles.take_out, membership=by.membership, **told) == "last_one"
    friend = make.member(community)
    circles.put_in(membership=friend, **told)
    circles.take_out(membership=by.membership, **told)
    assert list(CircleMembership.objects.values_list("membership", flat=True)) == [friend.pk]
    assert refused(circles.take_out, membership=friend, **told) == "not_seen"


def test_only_who_may_keep_circles_does(community):
    host = make.member(community, role=Role.HOST)
    by = Actor.person(host.user, host)
    assert refused(circles.create, community=community, name="X", at=EARLY, by=by) == "no_longer_allowed"
    assert not Circle.objects.of(community.pk).exists()


def test_a_tier_of_another_community_is_a_mistake_of_ours(community):
    with pytest.raises(ValueError, match="another community"):
        opened(community, minimum_tier=tier(make.community(), 5))
