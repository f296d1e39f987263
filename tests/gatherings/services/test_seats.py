"""Places are taken, held and given back, and there are never more than there are."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from engagement.models import Fact
from gatherings.models import Attendance, Room, Ticket, TicketKind, Waiting
from gatherings.services import events, seats
from kernel.errors import Refused
from tests import make
from tests.gatherings import holding
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return make.community()


def refused(code, work, **named):
    with pytest.raises(Refused) as refusal:
        work(**named)
    assert refusal.value.code == code


def test_yes_is_a_valid_ticket_an_answer_and_one_fact(community):
    event, member = holding.event(community), make.member(community)
    ticket = seats.take(kind=holding.kind(event), member=member, at=EARLY)
    again = seats.take(kind=holding.kind(event), member=member, at=EARLY)
    assert (again.pk, ticket.state, ticket.price, ticket.valid_at) == (ticket.pk, "valid", 0, EARLY)
    row = Attendance.objects.get()
    assert (row.membership, row.answer, row.answered_at, row.came_at) == (member, "yes", EARLY, None)
    fact = Fact.objects.get(object_kind="event")
    assert (fact.member, fact.object_id) == (member.number, str(event.key))


def test_no_gives_the_place_back_for_the_next(community):
    event, one, other = holding.event(community, places=1), make.member(community), make.member(community)
    kind = holding.kind(event)
    ticket = seats.take(kind=kind, member=one, at=EARLY)
    refused("full", seats.take, kind=kind, member=other, at=EARLY)
    row = seats.answer(event=event, member=one, answer="no", at=EARLY)
    ticket.refresh_from_db()
    assert (row.answer, ticket.state, ticket.ended_at) == ("no", "given_back", EARLY)
    assert seats.take(kind=kind, member=other, at=EARLY).state == "valid"


def test_a_held_place_is_taken_and_whose_it_was_is_not_made_valid_later(community):
    event, one, other = holding.event(community, places=1), make.member(community), make.member(community)
    kind, until = holding.kind(event), EARLY + timedelta(minutes=15)
    ticket = seats.hold(kind=kind, member=one, taken_by=one, at=EARLY, until=until)
    refused("full", seats.take, kind=kind, member=other, at=EARLY)
    seats.free(ticket=ticket, at=until, state=Ticket.State.EXPIRED)
    assert seats.take(kind=kind, member=other, at=until).state == "valid"
    refused("lapsed", seats.confirm, ticket=ticket, at=until)
    assert sorted(Ticket.objects.values_list("state", flat=True)) == ["expired", "valid"]


def test_whoever_waits_comes_before_who_asks_now(community):
    event, one, other = holding.event(community, places=1), make.member(community), make.member(community)
    kind = holding.kind(event)
    turn = Waiting.objects.create(event=event, room=kind.room, kind=kind, membership=one, since=EARLY)
    refused("waitlist", seats.take, kind=kind, member=other, at=EARLY)
    ticket = seats.hold(kind=kind, member=one, taken_by=one, at=EARLY, until=holding.THEN, turn=turn)
    assert ticket.state == "held"


def test_who_may_not_take_one(community):
    member = make.member(community)
    dear = holding.event(community)
    TicketKind.objects.filter(event=dear).update(price=500)
    refused("priced", seats.take, kind=holding.kind(dear), member=member, at=EARLY)
    for fields, code in (
        ({"price": None}, "not_for_you"),
        ({"sold_from": EARLY + timedelta(1)}, "not_on_sale"),
        ({"sold_until": EARLY}, "not_on_sale"),
        ({"withdrawn_at": EARLY}, "not_on_sale"),
        ({"quantity": 0}, "full"),
    ):
        event = holding.event(community)
        TicketKind.objects.filter(event=event).update(**fields)
        refused(code, seats.take, kind=holding.kind(event), member=member, at=EARLY)
    elsewhere = holding.event(make.community())
    refused("not_for_you", seats.take, kind=holding.kind(elsewhere), member=member, at=EARLY)
    begun = holding.event(community)
    refused("over", seats.take, kind=holding.kind(begun), member=member, at=begun.starts_at)
    draft = holding.event(community, announced=False)
    refused("over", seats.take, kind=holding.kind(draft), member=member, at=EARLY)
    assert not Ticket.objects.exists() and not Attendance.objects.exists()


def test_the_database_refuses_one_more_than_there_are(community):
    """Whatever code does: the room, the kind, and a bound that is set below what is taken."""
    event, people = holding.event(community, places=2), [make.member(community) for _n in range(3)]
    kind = holding.kind(event)

    def put(member, **fields):
        values = {
            "community": community, "event": event, "room": kind.room, "kind": kind, "membership": member,
            "taken_by": member, "state": "valid", "currency": "EUR", "made_at": EARLY,
        } | fields  # fmt: skip
        with transaction.atomic():
            return Ticket.objects.create(**values)

    put(people[0]), put(people[1])
    with pytest.raises(IntegrityError, match="all 2 places of room"):
        put(people[2])
    waits = put(people[2], state="expired")
    with pytest.raises(IntegrityError, match="all 2 places of room"), transaction.atomic():
        Ticket.objects.filter(pk=waits.pk).update(state="held", held_until=EARLY)
    with pytest.raises(IntegrityError, match="2 are taken already"), transaction.atomic():
        Room.objects.filter(event=event).update(capacity=1)
    with pytest.raises(IntegrityError, match="2 are taken already"), transaction.atomic():
        TicketKind.objects.filter(event=event).update(quantity=1)
    Room.objects.filter(event=event).update(capacity=None)
    TicketKind.objects.filter(event=event).update(quantity=2)
    with pytest.raises(IntegrityError, match="all 2 tickets of kind"):
        put(people[2])
    assert Ticket.objects.live().count() == 2


def test_cancelling_ends_tickets_and_turns(community):
    event, one, other = holding.event(community, places=1), make.member(community), make.member(community)
    kind = holding.kind(event)
    ticket = seats.take(kind=kind, member=one, at=EARLY)
    turn = Waiting.objects.create(event=event, room=kind.room, kind=kind, membership=other, since=EARLY)
    events.cancel(event=event, reason="Snow.", at=EARLY, by=SITE)
    ticket.refresh_from_db(), turn.refresh_from_db(), event.refresh_from_db()
    assert (ticket.state, turn.state, event.state, event.reason) == (
        "cancelled",
        "left",
        "cancelled",
        "Snow.",
    )
    assert event.revision == 1
    refused("over", seats.answer, event=event, member=one, answer="no", at=EARLY)
