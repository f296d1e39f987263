"""What phones at the door have seen: settled once, in order, at the time at which it was seen, and never lost."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache

from engagement.models import Fact
from gatherings.models import Attendance, Ticket
from gatherings.services import door, events, seats, settling
from gatherings.services.settling import IN, UNDO, Sighting
from members.roles import Role
from tests import make
from tests.gatherings import holding
from tests.gatherings.services.test_events import acting, refused
from tests.make import SITE
from tests.security.races import together

pytestmark = pytest.mark.django_db
BEGINS = holding.THEN


@pytest.fixture
def community():
    return make.community()


@pytest.fixture
def event(community):
    return holding.event(community)


@pytest.fixture
def ticket(event, community):
    member = make.member(community, name="Ada Keeper")
    return seats.take(kind=holding.kind(event), member=member, at=make.EARLY)


def seen(act=IN, *, ago=0, **whom):
    return Sighting(uuid4().hex, act, timedelta(seconds=ago), **whom)


def settle(event, *sightings, at=BEGINS, by=SITE):
    return settling.settle(event=event, seen=sightings, at=at, by=by)


def outcomes(event, *sightings, **told):
    return [one.outcome for one in settle(event, *sightings, **told)]


def facts():
    rows = Fact.objects.filter(verb="attended", retracted_at=None)
    return list(rows.values_list("member", "occurred_at"))


def test_the_code_and_the_address_of_a_ticket_let_its_holder_in(event, ticket):
    address = f"https://community.example/c/lantern/tickets/{ticket.code}/"
    spoken = f" {ticket.code[:5].lower()} {ticket.code[5:]} "
    assert [door.code_in(text) for text in (address, spoken, "https://x.example/", "")] == [
        ticket.code
    ] * 2 + [""] * 2
    assert outcomes(event, seen(code=address), seen(code=spoken)) == ["in", "already"]
    assert facts() == [(ticket.membership.number, BEGINS)]


def test_a_ticket_that_is_not_valid_lets_nobody_in(event, ticket, community):
    other = holding.event(community, title="Walk")
    for state in ("held", "expired", "given_back", "cancelled"):
        Ticket.objects.filter(pk=ticket.pk).update(state=state, held_until=BEGINS)
        refused(state, door.admit, event=event, code=ticket.code, at=BEGINS, by=SITE)
    refused("elsewhere", door.admit, event=other, code=ticket.code, at=BEGINS, by=SITE)
    foreign = holding.event(make.community())
    for code, at in ((ticket.code, foreign), ("ABCDEFGHJKMNPQRSTUVW", event), ("\x00", event), ("", event)):
        refused("unknown", door.admit, event=at, code=code, at=BEGINS, by=SITE)
    member = acting(make.member(community))
    refused("not_allowed", door.admit, event=event, code=ticket.code, at=BEGINS, by=member)
    assert not Attendance.objects.filter(came_at__isnull=False).exists() and facts() == []


def test_what_is_told_late_was_then_but_not_before_the_door_opened(event, ticket, community):
    other = make.member(community)
    told = settle(event, seen(code=ticket.code, ago=600), seen(number=other.number, ago=10**6))
    opened = BEGINS - door.OPENS
    assert [one.came_at for one in told] == [(BEGINS - timedelta(minutes=10)).isoformat(), opened.isoformat()]
    ahead = seen(number=make.member(community).number, ago=-3600)
    assert settle(event, ahead)[0].came_at == BEGINS.isoformat()
    early = seen(number=make.member(community).number, ago=60)
    assert outcomes(event, early, at=opened - timedelta(seconds=1)) == ["too_early"]


def test_told_twice_is_told_once(event, ticket, community):
    host = acting(make.member(community, role=Role.HOST))
    sighting = seen(code=ticket.code)
    first = settle(event, sighting, by=host)
    assert settle(event, sighting, at=BEGINS + timedelta(hours=1), by=host) == first
    assert [one.outcome for one in first] == ["in"]
    # Where that is forgotten it is a coming twice.
    cache.clear()
    assert outcomes(event, sighting, by=host) == ["already"]
    assert len(facts()) == 1


def test_what_is_refused_holds_up_nothing(event, ticket, community):
    gone = seats.take(kind=holding.kind(event), member=make.member(community), at=make.EARLY)
    seats.give_back(ticket=gone, at=make.EARLY)
    told = settle(event, seen(code=gone.code), seen(number=9999), seen(code=ticket.code))
    assert [(one.outcome, one.told != "", one.who) for one in told] == [
        ("given_back", True, ""),
        ("number", True, ""),
        ("in", False, "Ada Keeper"),
    ]


def test_a_slip_told_late_leaves_a_later_coming_alone(event, ticket):
    number = ticket.membership.number
    assert outcomes(event, seen(code=ticket.code, ago=60), seen(UNDO, number=number, ago=30)) == [
        "in",
        "undone",
    ]
    assert facts() == []
    assert outcomes(event, seen(number=number, ago=10), seen(UNDO, number=number, ago=20)) == [
        "in",
        "already",
    ]
    assert len(facts()) == 1


def test_of_a_merged_record_the_member_comes(event, ticket, community):
    kept = make.member(community, name="Ada")
    type(kept).objects.filter(pk=ticket.membership_id).update(merged_into=kept)
    assert [(one.outcome, one.number) for one in settle(event, seen(code=ticket.code))] == [
        ("in", kept.number)
    ]


@pytest.mark.django_db(transaction=True)
def test_two_phones_at_once_let_one_in(event, ticket, community):
    hosts = [make.member(community, role=Role.HOST, name=f"Host {n}") for n in range(2)]

    def phone(host):
        return lambda: outcomes(event, seen(code=ticket.code), by=acting(host))[0]

    assert sorted(together(*map(phone, hosts))) == ["already", "in"]
    assert len(facts()) == 1
    undone = lambda: outcomes(event, seen(UNDO, number=ticket.membership.number))[0]  # noqa: E731
    assert together(undone, undone) == ["undone", "undone"]
    assert facts() == []


@pytest.mark.django_db(transaction=True)
def test_given_back_and_let_in_at_once_is_one_of_the_two(event, ticket):
    before = BEGINS - timedelta(hours=1)
    back = lambda: seats.give_back(ticket=ticket, at=before)  # noqa: E731
    came, _ticket = together(lambda: outcomes(event, seen(code=ticket.code), at=before)[0], back)
    assert Ticket.objects.get().state == "given_back" and came in ("in", "given_back")
    assert len(facts()) == (came == "in")


def test_of_a_cancelled_gathering_nothing_is_settled(event, ticket):
    events.cancel(event=event, at=BEGINS, by=SITE)
    assert outcomes(event, seen(number=ticket.membership.number)) == ["not_announced"]
