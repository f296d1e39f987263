"""Segments by the API, and the list of members narrowed by one."""

import pytest

from members.models import Segment
from members.services import memberships
from tests import api, make
from tests.api import where

pytestmark = pytest.mark.django_db

VIPS = {"all": [{"field": "tags", "is": "has", "value": "vip"}]}


@pytest.fixture
def community():
    community = make.community()
    for name, tags in [("Bob", ["vip"]), ("Cleo", [])]:
        memberships.add(community=community, at=make.EARLY, by=make.SITE, name=name, tags=tags)
    return community


@pytest.fixture
def program(community) -> api.Program:
    return api.Program(community)


def test_a_segment_is_saved_read_used_changed_and_deleted(program):
    made = program.post("segments/", {"name": "Vips", "rules": VIPS})
    assert made.status_code == 201
    place = f"segments/{made.json()['id']}/"
    assert program.get(place).json() == made.json()
    assert made.json()["rules"] == VIPS
    found = program.get(f"members/?segment={made.json()['id']}").json()["results"]
    assert [member["name"] for member in found] == ["Bob"]
    changed = program.patch(place, {"name": "Guests"})
    assert (changed.status_code, changed.json()["name"]) == (200, "Guests")
    assert [one["name"] for one in program.get("segments/").json()["results"]] == ["Guests"]
    assert program.client.delete(program.root + place).status_code == 204
    assert Segment.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({"name": "x"}, [("#/rules", "required")]),
        ({"name": "x", "rules": []}, [("#/rules", "invalid")]),
        ({"name": "x", "rules": {"all": []}}, [("#/rules", "required")]),
        ({"name": "x", "rules": {"all": [{"field": "pk", "is": "is", "value": 1}]}}, [("#/rules", "rules")]),
        ({"name": "x", "rules": {"all": [[]]}}, [("#/rules", "rules")]),
    ],
)
def test_what_is_refused(program, body, faults):
    answer = program.post("segments/", body)
    assert answer.status_code in (400, 422)
    assert where(answer) == faults
    assert Segment.objects.count() == 0


def test_of_another_community_there_is_no_segment(program):
    other = make.community()
    theirs = api.Program(other).post("segments/", {"name": "Vips", "rules": VIPS}).json()["id"]
    assert program.get(f"segments/{theirs}/").status_code == 404
    assert program.get(f"members/?segment={theirs}").status_code == 400
