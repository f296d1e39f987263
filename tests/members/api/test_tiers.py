"""Tiers by the API: made, read, changed on what was read, taken away."""

import pytest

from members.models import Tier
from tests import api, make
from tests.api import where

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> api.Program:
    return api.Program(make.community())


def test_a_tier_from_the_first_to_the_last(program):
    body = {
        "name": "Patron",
        "perks": ["A seat", "A book"],
        "capacity": 2,
        "colour": "rose",
        "visible": False,
    }
    made = program.post("tiers/", body)
    assert (made.status_code, made["Location"]) == (201, f"http://testserver{program.root}tiers/patron/")
    assert made.json() == {
        "key": "patron",
        "name": "Patron",
        "description": "",
        "rank": Tier.objects.get(key="patron").rank,
        "perks": ["A seat", "A book"],
        "colour": "rose",
        "capacity": 2,
        "held": 0,
        "visible": False,
        "is_default": False,
    }
    changed = program.patch("tiers/patron/", {"capacity": None}, **{"If-Match": made["ETag"]})
    assert (changed.status_code, changed.json()["capacity"]) == (200, None)
    stale = program.patch("tiers/patron/", {"capacity": 5}, **{"If-Match": made["ETag"]})
    assert (stale.status_code, program.get("tiers/patron/").json()["capacity"]) == (412, None)
    assert program.client.delete(f"{program.root}tiers/patron/").status_code == 204
    assert program.get("tiers/patron/").status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "fault"),
    [
        ({}, 400, ("#/name", "required")),
        ({"name": "x", "key": "No Key"}, 400, ("#/key", "key")),
        ({"name": "x", "key": "patron"}, 422, ("#/key", "taken")),
        ({"name": "x", "capacity": 0}, 400, ("#/capacity", "min_value")),
        ({"name": "x", "colour": "sky"}, 400, ("#/colour", "invalid_choice")),
        ({"name": "x", "visible": "yes"}, 400, ("#/visible", "invalid")),
        ({"name": "x", "size": 5}, 400, ("#/size", "unknown_field")),
    ],
)
def test_what_does_not_fit_makes_none(program, body, status, fault):
    program.post("tiers/", {"name": "Patron"})
    many = Tier.objects.count()
    answer = program.post("tiers/", body)
    assert (answer.status_code, where(answer)) == (status, [fault])
    assert Tier.objects.count() == many


def test_the_tier_given_on_joining_stays(program):
    key = Tier.objects.get(is_default=True).key
    answer = program.client.delete(f"{program.root}tiers/{key}/")
    assert (answer.status_code, answer.json()["code"]) == (422, "default")


def test_a_key_that_may_only_read_changes_none():
    community = make.community()
    program = api.Program(community, "read")
    assert program.post("tiers/", {"name": "Patron"}).status_code == 403
    assert program.get("tiers/").status_code == 200
