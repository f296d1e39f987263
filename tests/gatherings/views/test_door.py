"""The list at the door, on a phone: found, let in, taken back, counted."""

from datetime import timedelta

import pytest

from gatherings.models import Attendance, Event, TicketKind, Waiting
from gatherings.services import seats, taking
from gatherings.services.parties import Guest
from kernel.clock import now
from members.models import Invitation
from members.roles import Role
from tests import make
from tests.commerce.dues import SITE
from tests.gatherings import holding
from tests.gatherings.views.test_events import client_of, gathering

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return make.community("lantern", at=now() - timedelta(days=30))


@pytest.fixture
def at_the_door(community):
    """A gathering of tonight with everybody on its list, its host's client, and the address of its list."""
    host = make.member(community, name="Hanna Host")
    event = gathering(community, days=0.1, host=host, places=5)
    for name, answer in (("Yan Yes", "yes"), ("May Be", "maybe"), ("Noa No", "no")):
        member = make.member(community, name=name)
        if answer == "yes":
            seats.take(kind=holding.kind(event), member=member, at=now())
        else:
            seats.answer(event=event, member=member, answer=answer, at=now())
    waits = make.member(community, name="Wai Ting")
    Waiting.objects.create(
        event=event, room=event.rooms.get(), kind=holding.kind(event), membership=waits, since=now()
    )
    return event, client_of(host), f"/c/lantern/events/{event.key}/people/"


NAMES = ("Yan Yes", "May Be", "Noa No", "Wai Ting", "Walt Walksin")


def found(client, path, **asked):
    body = client.get(path, asked).content.decode()
    return [name for name in NAMES if name in body]


def test_the_list_is_searched_and_narrowed(community, at_the_door):
    event, client, path = at_the_door
    make.member(community, name="Walt Walksin")
    assert found(client, path) == ["Yan Yes", "May Be", "Noa No", "Wai Ting"]
    assert found(client, path, q="yan") == ["Yan Yes"]
    assert found(client, path, part="waiting") == ["Wai Ting"]
    assert found(client, path, part="missing") == ["Yan Yes"]
    assert found(client, path, q="walks") == ["Walt Walksin"]
    assert client_of(make.member(community)).get(path).status_code == 403


def test_one_tap_and_back(community, at_the_door):
    event, client, path = at_the_door
    member = Attendance.objects.get(answer="yes").membership
    tap = {"number": member.number, "act": "came"}
    answer = client.post(path, tap | {"q": "yan"})
    assert answer["Location"] == f"{path}?q=yan"
    assert Attendance.objects.get(membership=member).seen_by.name == "Hanna Host"
    part = client.post(path, tap, headers={"hx-request": "true"}).content.decode()
    assert "Take it back" in part and "<strong>1 here</strong>" in part and "0 not yet" in part
    client.post(path, {"number": member.number, "act": "undo"})
    assert "<strong>0 here</strong>" in client.get(f"{path}counts/").content.decode()


def test_a_walk_in_is_let_in_by_number(community, at_the_door):
    event, client, path = at_the_door
    member = make.member(community, name="Walt Walksin")
    type(member).objects.filter(pk=member.pk).update(listed=False)
    assert found(client, path, q="Walt") == []
    assert found(client, path, q=f"#{member.number}") == ["Walt Walksin"]
    client.post(path, {"number": member.number, "act": "came"})
    row = Attendance.objects.get(membership=member)
    assert (row.came_at is not None, row.answer) == (True, "")
    assert (
        "Nobody here has that number." in client.post(path, {"number": "9999"}, follow=True).content.decode()
    )


def test_before_the_day_nobody_is_let_in(community, at_the_door):
    event, client, path = at_the_door
    type(event).objects.filter(pk=event.pk).update(starts_at=now() + timedelta(days=3), ends_at=None)
    body = client.get(path).content.decode()
    assert "The door opens on the day: then each coming is one tap." in body and 'name="act"' not in body
    member = Attendance.objects.get(answer="yes").membership
    told = client.post(path, {"number": member.number, "act": "came"}, follow=True).content.decode()
    assert "The door opens on the day." in told
    assert not Attendance.objects.filter(came_at__isnull=False).exists()


def test_the_list_asks_as_often_for_many(community, at_the_door, django_assert_num_queries):
    event, client, path = at_the_door
    client.get(path)
    with django_assert_num_queries(7):
        client.get(path)
    for n in range(3):
        member = make.member(community, name=f"More {n}")
        seats.answer(event=event, member=member, answer="maybe", at=now())
    with django_assert_num_queries(7):
        client.get(path)


def test_a_guest_who_has_come_is_asked_to_join(community, at_the_door):
    event, client, path = at_the_door
    TicketKind.objects.update(guest_price=0)
    Event.objects.update(audience="public")
    guest = taking.take(
        kind=holding.kind(event), who=Guest("Gus Guest", "gus@example.org"), at=now(), by=SITE
    ).ticket.membership
    assert b"Invite to join" not in client.get(path).content
    client.post(path, {"number": guest.number, "act": "came"})
    assert client.get(path).content.count(b"Invite to join") == 1
    admits = make.member(community, role=Role.MODERATOR)
    assert b"Invite to join" not in client_of(admits).get(path).content
    for asks in (client_of(admits), client):
        asks.post(path, {"number": guest.number, "act": "invite"})
    assert [one.inviter.display_name for one in Invitation.objects.mails()] == ["Hanna Host"]
