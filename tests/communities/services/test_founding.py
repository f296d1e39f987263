import pytest
from django.test import override_settings

from communities.blueprints import blueprints
from communities.models import Circle, Community, JoinQuestion
from communities.services import founding
from kernel.errors import Refused
from members.actors import Actor
from members.models import Membership, Tier
from tests import make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("type", blueprints.keys())
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_blueprint_is_carried_out(type, language):
    community = make.community("lantern", type=type, language=language)
    blueprint = community.blueprint
    circles = Circle.objects.of(community.id).values_list("slug", flat=True)
    assert list(circles) == [circle.slug for circle in blueprint.circles]
    tiers = Tier.objects.of(community.id)
    assert list(tiers.values_list("key", "is_default")) == [
        (tier.key, tier.is_default) for tier in blueprint.tiers
    ]
    assert JoinQuestion.objects.filter(community=community).count() == len(blueprint.questions)
    assert community.join_policy == blueprint.join_policy
    owner = Membership.objects.of(community.id).get()
    assert (owner.role, owner.number, owner.tier) == ("owner", 1, tiers.get(is_default=True))


def test_it_speaks_the_community_s_language():
    english = make.community(language="en", type="interest")
    chinese = make.community(language="zh-hans", type="interest")
    names = [
        list(Circle.objects.of(community.id).values_list("name", flat=True))
        for community in (english, chinese)
    ]
    assert names[0] == ["Introductions", "Talk", "Meeting up"]
    assert all(ord(name[0]) > 0x3000 for name in names[1]), names[1]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"slug": "new"}, "slug"),
        ({"slug": "taken"}, "slug"),
        ({"type": "cult"}, "type"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"language": "tlh"}, "language"),
        ({"name": "\u202e"}, "name"),
    ],
)
def test_what_does_not_fit_is_refused_and_leaves_nothing(wrong, field):
    make.community("taken")
    with pytest.raises(Refused) as refusal:
        make.community(**{"slug": "lantern", **wrong})
    assert refusal.value.field == field
    assert Community.objects.count() == 1


def test_where_the_site_approves_it_waits_unlisted():
    founder = make.person()
    with override_settings(SITE_FOUNDING="approved"):
        community = founding.found(
            name="Lantern", slug="lantern", type="product", owner=founder, timezone="UTC", language="en",
            currency="EUR", at=make.EARLY, by=Actor.person(founder),
        )  # fmt: skip
    assert list(Community.objects.listed()) == []
    founding.approve(community=community, at=make.EARLY, by=make.SITE)
    assert list(Community.objects.listed()) == [community]


def test_where_the_site_s_staff_found_others_are_refused():
    founder = make.person()
    with override_settings(SITE_FOUNDING="staff"), pytest.raises(Refused, match="by its staff"):
        founding.found(
            name="Lantern", slug="lantern", type="product", owner=founder, timezone="UTC", language="en",
            currency="EUR", at=make.EARLY, by=Actor.person(founder),
        )  # fmt: skip
    assert Community.objects.count() == 0


@pytest.mark.parametrize("currency", ["EURO", "us", "ABC", ""])
def test_what_is_no_currency_is_refused_by_that_name(currency):
    with pytest.raises(Refused) as refused:
        make.community("lantern", currency=currency)
    assert (refused.value.field, refused.value.code) == ("currency", "unknown")
    assert not Community.objects.exists()


def test_an_address_that_differs_by_its_capitals_alone_is_taken():
    assert make.community("Lantern", currency="eur").slug == "lantern"
    with pytest.raises(Refused) as refused:
        make.community("LANTERN")
    assert (refused.value.field, refused.value.code) == ("slug", "taken")
