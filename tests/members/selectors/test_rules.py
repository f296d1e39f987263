"""Conditions as the database reads them: whom each comparison of each kind of field names."""

from datetime import UTC, date, datetime

import pytest

from engagement.models.standing import MemberStanding
from kernel.errors import Refused
from kernel.permissions import unlimited
from members import rules as language
from members.models import CustomField, Membership
from members.selectors import directory, rules
from members.services import memberships, standing
from tests import make

pytestmark = pytest.mark.django_db

AT = datetime(2026, 6, 15, 12, tzinfo=UTC)


@pytest.fixture
def community():
    community = make.community("lantern", owner=make.person(name="Owner"), timezone="Asia/Shanghai")
    for position, (key, kind) in enumerate(
        [("Shoe", "number"), ("Born", "day"), ("Sort", "choice"), ("Skills", "several"), ("Vegan", "flag")]
    ):
        CustomField.objects.create(
            community=community, key=key, name=key, kind=kind, position=position, choices=["a", "b"]
        )
    CustomField.objects.create(community=community, key="city__name", name="Motto", kind="text")
    return community


def add(community, name, **fields):
    fields.setdefault("joined_at", make.EARLY)
    custom = fields.pop("custom", {})
    member = memberships.add(community=community, at=AT, by=make.SITE, name=name, **fields)
    # As a file brought it, whatever a field of that name takes by hand.
    Membership.objects.filter(pk=member.pk).update(custom=custom)
    return member


def fit(community, *conditions, how="all"):
    catalogue = rules.catalogue(community, may=unlimited)
    found = language.checked({how: list(conditions)}, catalogue)
    members = directory.fitting(community=community, rules=found, catalogue=catalogue, at=AT)
    return sorted(member.name for member in members)


def one(field, how, value=None):
    return {"field": field, "is": how} | ({} if value is None else {"value": value})


def test_texts(community):
    add(community, "Bob", city="Paris", external_id="b1")
    add(community, "Cleo", city="Lyon 100%")
    assert fit(community, one("city", "has", "aRi")) == ["Bob"]
    assert fit(community, one("city", "has", "%")) == ["Cleo"]
    assert fit(community, one("city", "has_not", "paris")) == ["Cleo", "Owner"]
    assert fit(community, one("city", "is", "paris")) == ["Bob"]
    assert fit(community, one("city", "empty")) == ["Owner"]
    assert fit(community, one("own_id", "known")) == ["Bob"]
    assert fit(community, one("own_id", "is_not", "b1")) == ["Cleo", "Owner"]
    assert fit(community, one("search", "has", "PAR bo")) == ["Bob"]


def test_days_are_the_community_s(community):
    # In Shanghai it is the 15th of June, which began at 16:00 UTC the day before.
    add(community, "First of seven", joined_at=datetime(2026, 6, 8, 16, tzinfo=UTC))
    add(community, "Before", joined_at=datetime(2026, 6, 8, 15, 59, 59, tzinfo=UTC))
    assert fit(community, one("joined", "last_days", 7)) == ["First of seven"]
    assert fit(community, one("joined", "not_last_days", 7)) == ["Before", "Owner"]
    assert fit(community, one("joined", "on", "2026-06-09")) == ["First of seven"]
    assert fit(community, one("joined", "until", "2026-06-08")) == ["Before", "Owner"]
    assert fit(community, one("joined", "since", "2026-06-08")) == ["Before", "First of seven"]
    assert fit(community, one("left", "known")) == []


def test_choices_groups_tiers_words_and_inviters(community):
    bob = add(community, "Bob", tags=["vip", "old"])
    cleo = add(community, "Cleo", invited_by=bob)
    standing.act("leave", membership=cleo, at=AT, by=make.SITE)
    Membership.objects.filter(pk=bob.pk).update(tier=None)
    assert fit(community, one("status", "is", "gone")) == ["Cleo"]
    assert fit(community, one("status", "is_not", ["gone", "paused"])) == ["Bob", "Owner"]
    assert fit(community, one("tier", "empty")) == ["Bob"]
    assert fit(community, one("tier", "is_not", "user")) == ["Bob"]
    assert fit(community, one("tags", "has", "vip")) == ["Bob"]
    assert fit(community, one("tags", "has_not", "vip")) == ["Cleo", "Owner"]
    assert fit(community, one("tags", "empty")) == ["Cleo", "Owner"]
    assert fit(community, one("invited_by", "is", bob.number)) == ["Cleo"]
    assert fit(community, one("invited_by", "empty")) == ["Bob", "Owner"]
    assert fit(community, one("account", "yes")) == ["Owner"]
    assert fit(community, one("listed", "no")) == []


def test_columns_of_apps_above(community):
    bob = add(community, "Bob")
    add(community, "Cleo")
    MemberStanding.objects.create(
        membership=bob, community_id=community.pk, stage="core", score=7.5, last_active_day=date(2026, 6, 15)
    )
    assert fit(community, one("stage", "is", "core")) == ["Bob"]
    assert fit(community, one("stage", "is_not", "core")) == ["Cleo", "Owner"]
    assert fit(community, one("score", "at_least", 7)) == ["Bob"]
    assert fit(community, one("score", "empty")) == ["Cleo", "Owner"]
    for column in ("score", "stage", "last_active"):
        assert fit(community, one(column, "empty"), one("name", "is", "Bob"), how="any") == [
            "Bob",
            "Cleo",
            "Owner",
        ]
        assert fit(community, {"any": [one(column, "empty"), one("name", "is", "Cleo")]}) == ["Cleo", "Owner"]
    assert fit(community, one("last_active", "last_days", 1)) == ["Bob"]
    assert fit(community, one("last_active", "not_last_days", 1)) == []


def test_fields_of_the_community_s_own(community):
    add(community, "Bob", custom={"Shoe": 43, "Born": "1990-02-03", "Sort": "a", "Skills": ["x", "y"]})
    add(community, "Cleo", custom={"Shoe": "unknown", "Vegan": True, "city__name": "Carpe 100% diem"})
    add(community, "Dan", custom={"Shoe": None, "Born": "", "Skills": [], "Vegan": False})
    assert fit(community, one("custom.Shoe", "at_least", 43)) == ["Bob"]
    assert fit(community, one("custom.Shoe", "is", 43)) == ["Bob"]
    assert fit(community, one("custom.Shoe", "is_not", 43)) == ["Cleo", "Dan", "Owner"]
    assert fit(community, one("custom.Shoe", "empty")) == ["Dan", "Owner"]
    assert fit(community, one("custom.Born", "until", "1990-02-03")) == ["Bob"]
    assert fit(community, one("custom.Born", "since", "1990-02-04")) == []
    assert fit(community, one("custom.Born", "known")) == ["Bob"]
    assert fit(community, one("custom.Sort", "is", ["a", "b"])) == ["Bob"]
    assert fit(community, one("custom.Sort", "is_not", "a")) == ["Cleo", "Dan", "Owner"]
    assert fit(community, one("custom.Skills", "has", "x")) == ["Bob"]
    assert fit(community, one("custom.Skills", "has_not", "x")) == ["Cleo", "Dan", "Owner"]
    assert fit(community, one("custom.Skills", "empty")) == ["Cleo", "Dan", "Owner"]
    assert fit(community, one("custom.Vegan", "yes")) == ["Cleo"]
    assert fit(community, one("custom.Vegan", "no")) == ["Dan"]
    assert fit(community, one("custom.city__name", "has", "100%")) == ["Cleo"]
    assert fit(community, one("custom.city__name", "has_not", "carpe")) == ["Bob", "Dan", "Owner"]
    assert fit(community, one("custom.city__name", "is", "carpe 100% DIEM")) == ["Cleo"]


def test_groups_in_groups(community):
    add(community, "Bob", city="Paris", tags=["vip"])
    add(community, "Cleo", city="Lyon", tags=["vip"])
    add(community, "Dan", city="Lyon")
    either = {"any": [one("city", "is", "paris"), {"all": [one("tags", "empty"), one("city", "known")]}]}
    assert fit(community, either) == ["Bob", "Dan"]
    assert fit(community, either, one("tags", "has", "vip")) == ["Bob"]
    assert fit(community, either, one("name", "is", "Owner"), how="any") == ["Bob", "Dan", "Owner"]
    assert fit(community) == ["Bob", "Cleo", "Dan", "Owner"]
    assert fit(community, how="any") == []


def test_of_another_community_nobody_fits_and_nothing_is_known(community):
    other = make.community("other")
    make.member(other, name="Zoe")
    CustomField.objects.create(community=other, key="Secret", name="Secret", kind="text")
    assert fit(community, one("name", "known")) == ["Owner"]
    with pytest.raises(Refused):
        fit(community, one("custom.Secret", "known"))


def test_conditions_in_words(community):
    catalogue = rules.catalogue(community, may=unlimited)
    found = language.checked(
        {
            "all": [
                one("tags", "has", "vip"),
                {"any": [one("status", "is", ["active", "gone"]), one("joined", "last_days", 30)]},
                one("left", "since", "2026-03-02"),
                one("city", "empty"),
            ]
        },
        catalogue,
    )
    assert rules.told(found, catalogue) == (
        "Tags has “vip” and (Status is Active, Gone or Joined in the last 30 days)"
        " and Left is on or after 2 Mar 2026 and City is empty"
    )
