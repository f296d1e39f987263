"""Tiers: one is always given on joining, none is taken from under its members."""

import pytest

from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry, Tier
from members.roles import Role
from members.services import memberships, tiers
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return make.community()


def create(community, name="Patron", by=SITE, **fields):
    return tiers.create(community=community, name=name, at=EARLY, by=by, **fields)


def change(tier, by=SITE, **fields):
    return tiers.update(tier=tier, at=EARLY, by=by, **fields)


def defaults(community):
    return [tier.key for tier in community.tiers.filter(is_default=True)]


def test_a_tier_has_a_key_of_its_own_and_is_the_highest(community):
    made = [create(community, name) for name in ("Patron", "Patron", "会员")]
    assert [tier.key for tier in made] == ["patron", "patron-2", "hui-yuan"]
    ranks = list(Tier.objects.of(community.pk).values_list("rank", flat=True))
    assert ranks == sorted(ranks) and ranks[-3:] == [tier.rank for tier in made]
    assert AuditEntry.objects.filter(action="tier.created").count() == 3
    with pytest.raises(Refused) as refusal:
        create(community, key="patron")
    assert (refusal.value.code, refusal.value.field) == ("taken", "key")


def test_one_tier_is_given_on_joining(community):
    patron = create(community)
    before = defaults(community)
    assert len(before) == 1
    change(patron, is_default=True)
    assert defaults(community) == ["patron"]
    assert make.member(community).tier == patron
    with pytest.raises(Refused) as refusal:
        change(patron, is_default=False)
    assert refusal.value.code == "default"
    with pytest.raises(Refused):
        tiers.delete(tier=patron, at=EARLY, by=SITE)
    assert defaults(community) == ["patron"]


@pytest.mark.parametrize(
    "fields", [{"capacity": 0}, {"rank": -1}, {"rank": 40_000}, {"colour": "sky"}, {"perks": ["x"] * 21}]
)
def test_what_does_not_fit_is_refused(community, fields):
    with pytest.raises(Refused) as refusal:
        create(community, **fields)
    assert refusal.value.field == next(iter(fields))
    assert not Tier.objects.filter(key="patron").exists()


def test_a_tier_in_use_stays(community):
    patron = create(community)
    member = make.member(community)
    memberships.change_tier(membership=member, tier=patron, at=EARLY, by=SITE)
    with pytest.raises(Refused) as refusal:
        tiers.delete(tier=patron, at=EARLY, by=SITE)
    assert refusal.value.code == "in_use"
    memberships.change_tier(membership=member, tier=community.tiers.get(is_default=True), at=EARLY, by=SITE)
    tiers.delete(tier=patron, at=EARLY, by=SITE)
    assert not Tier.objects.filter(key="patron").exists()
    assert AuditEntry.objects.get(action="tier.deleted").before["name"] == "Patron"


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.TREASURER, Role.HOST, Role.MEMBER])
def test_who_may_not_manage_tiers(community, role):
    patron = create(community)
    member = make.member(community, role=role)
    by = Actor.person(member.user, member)
    for act in (
        lambda: create(community, "Other", by=by),
        lambda: change(patron, by=by, name="Other"),
        lambda: tiers.delete(tier=patron, at=EARLY, by=by),
    ):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.code == "no_longer_allowed"
    assert list(Tier.objects.filter(key="patron").values_list("name", flat=True)) == ["Patron"]
    assert not Tier.objects.filter(name="Other").exists()
