"""Kinds of ticket and waiting lists over the API."""

import pytest

from gatherings.models import TicketKind, Waiting
from gatherings.services import seats
from kernel.clock import now
from members.models import AuditEntry
from tests import api, make
from tests.commerce import paying
from tests.gatherings.api.test_events import code, person
from tests.gatherings.views.test_events import gathering

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return paying.community(slug="lantern")


def test_kinds_are_added_changed_and_withdrawn(community, sandbox):
    paying.connected(community, sandbox)
    program, event = api.Program(community), gathering(community, places=5)
    address = f"events/{event.key}/kinds/"
    made = program.post(address, {"way": "in_person", "name": "Early", "price": "12.50", "guest_price": None})
    assert made.status_code == 201
    early = made.json()
    assert (early["price"], early["guest_price"]) == ({"amount": "12.50", "currency": "CNY"}, None)
    assert [one["name"] for one in program.get(address).json()["results"]] == ["", "Early"]
    changed = program.patch(f"{address}{early['id']}/", {"guest_price": "20", "quantity": 2}).json()
    assert (changed["guest_price"]["amount"], changed["quantity"], changed["name"]) == ("20.00", 2, "Early")
    assert program.post(f"{address}{early['id']}/withdraw/", {"withdrawn": True}).json()["withdrawn_at"]
    assert [one["id"] for one in program.get(f"{address}?withdrawn=true").json()["results"]] == [early["id"]]
    assert TicketKind.objects.get(key=early["id"]).price == 1_250
    assert AuditEntry.objects.filter(action="event.tickets_changed").count() == 3
    for body, said in (
        ({"way": "online"}, "unknown"),
        ({"way": "in_person", "price": "-1"}, "price"),
        ({"way": "in_person", "price": "much"}, "amount"),
        ({"way": "in_person", "price": None}, "for_nobody"),
        ({"way": "in_person", "minimum_tier": "no-such-tier"}, "unknown"),
    ):
        assert code(program.post(address, body)) == said, body
    assert code(person(make.member(community)).post(address, {"way": "in_person"})) == "not_allowed"


def test_a_member_waits_and_stops(community):
    event = gathering(community, places=1)
    kind, one, door = event.kinds.get(), make.member(community), api.Program(community)
    body = {"kind": str(kind.key)}
    assert code(person(one).post(f"events/{event.key}/wait/", body)) == "not_full"
    seats.take(kind=kind, member=make.member(community), at=now())
    assert person(one).post(f"events/{event.key}/wait/", body).json()["state"] == "waiting"
    other = make.member(community)
    person(other).post(f"events/{event.key}/wait/", body)
    rows = door.get(f"waiting/?event={event.key}").json()["results"]
    assert [row["member"] for row in rows] == [one.number, other.number]
    assert [row["member"] for row in person(other).get("waiting/").json()["results"]] == [other.number]
    assert person(one).post(f"events/{event.key}/stop-waiting/", {}).json()["state"] == "left"
    assert code(person(one).post(f"events/{event.key}/stop-waiting/", {})) == "not_waiting"
    assert code(door.post(f"events/{event.key}/wait/", body)) == "person_needed"
    assert Waiting.objects.filter(state="waiting").get().membership == other
