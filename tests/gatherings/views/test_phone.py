"""The door on a phone: the list that it carries along, what it tells, and who may have either."""

import json
from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

import pytest

from gatherings.models import Attendance
from gatherings.selectors import carried
from gatherings.services import events, seats
from kernel.clock import now
from members.models import AuditEntry
from tests import make
from tests.gatherings import holding
from tests.gatherings.views.test_events import client_of, gathering
from tests.make import SITE

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return make.community("lantern", at=now() - timedelta(days=30))


@pytest.fixture
def at_the_door(community):
    """A gathering of tonight, a ticket for it, its host's client, and the address of its door."""
    host = make.member(community, name="Hanna Host")
    event = gathering(community, days=0.1, host=host, places=9)
    member = make.member(community, name="Yan Yes")
    ticket = seats.take(kind=holding.kind(event), member=member, at=now())
    return event, ticket, client_of(host), f"/c/lantern/events/{event.key}/door/"


def tell(client, path, *seen):
    body = [{"name": uuid4().hex, "act": "in", "ago": 0} | one for one in seen]
    return client.post(f"{path}settle/", json.dumps({"seen": body}), content_type="application/json")


def test_only_this_page_may_ask_for_the_camera(community, at_the_door):
    event, ticket, host, path = at_the_door
    page = host.get(path)
    assert page["Permissions-Policy"] == "camera=(self), microphone=(), display-capture=()"
    assert "no-store" in page["Cache-Control"] and ticket.code not in page.content.decode()
    assert "worker-src 'self'" in page["Content-Security-Policy"]
    beside = host.get(path.removesuffix("door/"))
    assert beside["Permissions-Policy"] == "camera=(), microphone=(), display-capture=()"


def test_the_list_goes_along_without_a_code(community, at_the_door):
    event, ticket, host, path = at_the_door
    back = seats.take(kind=holding.kind(event), member=make.member(community, name="Gina Gone"), at=now())
    seats.give_back(ticket=back, at=now())
    answer = host.get(f"{path}list.json")
    told = answer.json()
    assert [(one["name"], one["way"], one["came_at"]) for one in told["people"]] == [
        ("Yan Yes", "in_person", None),
        ("Gina Gone", "", None),
    ]
    hashed = sha256(ticket.code.encode()).hexdigest()
    assert [one["tickets"][0][1] for one in told["people"]] == ["valid", "given_back"]
    assert told["people"][0]["tickets"] == [[hashed, "valid"]]
    assert (told["counts"]["missing"], told["stands"], told["next"]) == (1, True, None)
    assert "no-store" in answer["Cache-Control"]
    assert not {ticket.code, back.code} & set(answer.content.decode().split('"'))


def test_that_a_phone_has_the_list_is_written_down_once_a_day(community, at_the_door):
    event, ticket, host, path = at_the_door
    for _n in range(2):
        host.get(f"{path}list.json")
    assert list(AuditEntry.objects.filter(action="event.list_kept").values_list("object_id", flat=True)) == [
        str(event.key)
    ]


def test_a_long_list_comes_by_the_page_at_the_same_number_of_queries(
    community, at_the_door, django_assert_num_queries
):
    event, ticket, host, path = at_the_door
    with django_assert_num_queries(2):
        assert [one["name"] for one in carried.page(event, size=2)["people"]] == ["Yan Yes"]
    for n in range(3):
        seats.take(kind=holding.kind(event), member=make.member(community, name=f"More {n}"), at=now())
    with django_assert_num_queries(2):
        first = carried.page(event, size=2)
    rest = carried.page(event, after=first["next"], size=2)
    names = [one["name"] for page in (first, rest) for one in page["people"]]
    assert (names, rest["next"]) == (["Yan Yes", "More 0", "More 1", "More 2"], None)
    assert host.get(f"{path}list.json?after=9007199254740991").json()["people"] == []


def test_what_it_has_seen_is_settled(community, at_the_door):
    event, ticket, host, path = at_the_door
    walks_in = make.member(community, name="Walt Walksin")
    told = tell(host, path, {"code": ticket.code, "ago": 90.5}, {"number": walks_in.number}).json()
    assert [(one["outcome"], one["who"], one["by"]) for one in told["settled"]] == [
        ("in", "Yan Yes", "Hanna Host"),
        ("in", "Walt Walksin", "Hanna Host"),
    ]
    assert (told["counts"]["came"], told["counts"]["missing"]) == (2, 0)
    came = Attendance.objects.get(membership=ticket.membership)
    assert 85 < (now() - came.came_at).total_seconds() < 120
    undone = tell(host, path, {"number": walks_in.number, "act": "undo"}).json()
    assert (undone["settled"][0]["outcome"], undone["counts"]["came"]) == ("undone", 1)


@pytest.mark.parametrize(
    "body",
    ["", "[]", '{"seen": {}}', '{"seen": [1]}', '{"seen": [{}]}', "{" * 5000]
    + [
        json.dumps({"seen": [{"name": "a" * 32, "act": "in", "ago": ago, "code": "X"}]})
        for ago in (-1, "x", 1e400)
    ]
    + [json.dumps({"seen": [{"name": "a" * 32, "act": "undo", "ago": 1, "code": "X"}]})]
    + [json.dumps({"seen": [{"name": "a" * 32, "act": "in", "ago": 1, "code": "X"}] * 101})],
)
def test_what_our_page_would_not_send_changes_nothing(community, at_the_door, body):
    event, ticket, host, path = at_the_door
    assert host.post(f"{path}settle/", body, content_type="application/json").status_code == 400
    assert not Attendance.objects.filter(came_at__isnull=False).exists()


def test_who_may_not_has_neither(community, at_the_door):
    event, ticket, host, path = at_the_door
    member = client_of(make.member(community))
    other = client_of(make.member(make.community()))
    for asks, status in ((member, 403), (other, 404)):
        answers = [asks.get(f"{path}{part}").status_code for part in ("", "list.json", "worker.js")]
        assert [*answers, tell(asks, path, {"code": ticket.code}).status_code] == [status] * 4
    assert client_of().get(f"{path}list.json").status_code == 302
    assert not Attendance.objects.filter(came_at__isnull=False).exists()


def test_the_worker_is_bounded_by_its_address(community, at_the_door):
    event, ticket, host, path = at_the_door
    worker = host.get(f"{path}worker.js")
    assert worker["Content-Type"].startswith("text/javascript") and "Service-Worker-Allowed" not in worker
    assert worker.content.decode().startswith('importScripts("/static/js/door-worker')


def test_the_page_of_a_ticket_lets_in_where_the_door_opens_it(community, at_the_door):
    event, ticket, host, path = at_the_door
    address = f"/c/lantern/tickets/{ticket.code}/"
    assert 'value="came"' in host.get(address).content.decode()
    for reader in (client_of(ticket.membership), client_of()):
        assert 'value="came"' not in reader.get(address).content.decode()
    events.cancel(event=event, at=now(), by=SITE)
    assert "camera" in host.get(path)["Permissions-Policy"]
