"""Bulk acts by the API: begun in three ways, watched, taken back."""

from uuid import UUID

import pytest

from kernel.clock import now
from members.models import BulkAct, Membership
from members.services import bulk, memberships
from tests import api, make
from tests.api import where

pytestmark = pytest.mark.django_db

CITY = {"all": [{"field": "city", "is": "is", "value": "Lyon"}]}


@pytest.fixture
def program() -> api.Program:
    community = make.community()
    for name, city in [("Bob", "Paris"), ("Cleo", "Lyon")]:
        memberships.add(community=community, at=make.EARLY, by=make.SITE, name=name, city=city)
    return api.Program(community)


def tagged():
    return sorted(Membership.objects.filter(tags__contains=["vip"]).values_list("name", flat=True))


def carry_out(answer):
    return bulk.carry_out(bulk_id=UUID(answer.json()["id"]), now=now)


@pytest.mark.parametrize(
    ("who", "names"),
    [({"rules": CITY}, ["Cleo"]), ({"numbers": [2, 2, 77]}, ["Bob"]), ({"segment": 0}, ["Cleo"])],
)
def test_it_is_begun_watched_and_taken_back(program, who, names):
    if "segment" in who:
        who = {"segment": program.post("segments/", {"name": "Lyon", "rules": CITY}).json()["id"]}
    begun = program.post("bulk/", {"kind": "tag", "tag": "vip"} | who)
    assert (begun.status_code, begun.json()["state"], begun.json()["total"]) == (201, "waiting", 1)
    carry_out(begun)
    assert tagged() == names
    done = program.get(f"bulk/{begun.json()['id']}/").json()
    assert (done["state"], done["changed"], done["report"]) == ("done", 1, [])
    back = program.post(f"bulk/{begun.json()['id']}/undo/")
    assert (back.status_code, back.json()["undo_of"]) == (201, begun.json()["id"])
    carry_out(back)
    assert tagged() == []
    assert [one["id"] for one in program.get("bulk/").json()["results"]] == [
        back.json()["id"],
        begun.json()["id"],
    ]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"kind": "tag", "tag": "vip"}, ("#/rules", "required")),
        ({"kind": "tag", "tag": "vip", "rules": CITY, "numbers": [1]}, ("#/rules", "required")),
        ({"kind": "tag", "tag": "vip", "segment": 77}, ("#/segment", "unknown")),
        ({"kind": "tag", "rules": CITY}, ("#/tag", "tag")),
        ({"kind": "tier", "tier": "x", "rules": CITY}, ("#/tier", "unknown")),
        ({"kind": "delete", "rules": CITY}, ("#/kind", "invalid_choice")),
    ],
)
def test_what_is_refused_begins_nothing(program, body, fault):
    assert where(program.post("bulk/", body)) == [fault]
    assert BulkAct.objects.count() == 0
