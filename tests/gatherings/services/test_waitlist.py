from datetime import timedelta

import pytest

from gatherings.models import Attendance, Ticket, Waiting
from gatherings.services import seats, waitlist
from kernel.errors import Refused
from members.models import Message, Tier
from tests import make
from tests.commerce.dues import AT
from tests.gatherings import buying, holding

pytestmark = pytest.mark.django_db

DAY = timedelta(hours=24)


@pytest.fixture
def kind():
    """Of one place, which is taken."""
    kind = holding.kind(
        holding.event(make.community(), places=1, at=AT, starts_at=buying.BEGINS, ends_at=None)
    )
    seats.take(kind=kind, member=make.member(kind.event.community), at=AT)
    return kind


def wait(kind, minutes):
    """Somebody who waits since then."""
    person = make.member(kind.event.community)
    return waitlist.join(kind=kind, member=person, at=AT + timedelta(minutes=minutes))


def states():
    return list(Waiting.objects.order_by("pk").values_list("state", flat=True))


def free(kind, at=AT + timedelta(hours=1)):
    seats.give_back(ticket=Ticket.objects.live().get(event=kind.event), at=at)
    return waitlist.offer(event_id=kind.event_id, at=at)


def test_a_place_that_becomes_free_is_offered_to_who_came_first(kind):
    # The later row came first.
    second, first = wait(kind, 20), wait(kind, 10)
    assert [waitlist.place_in_line(turn) for turn in (first, second)] == [1, 2]
    assert free(kind) == 1
    first.refresh_from_db()
    assert (first.state, second.state) == ("offered", "waiting")
    assert first.ticket.state == "held"
    assert first.ticket.held_until == AT + timedelta(hours=25)
    assert Message.objects.get(kind="place.offered").membership == first.membership
    with pytest.raises(Refused) as no:
        seats.take(kind=kind, member=make.member(kind.event.community), at=AT + timedelta(hours=2))
    assert no.value.code == "full"
    ticket = seats.take(kind=kind, member=first.membership, at=AT + timedelta(hours=2))
    first.refresh_from_db()
    assert (ticket.state, first.state, second.state) == ("valid", "seated", "waiting")


def test_an_offer_that_lapses_goes_to_the_next(kind):
    turns = [wait(kind, n) for n in range(3)]
    free(kind)
    for n in range(1, 3):
        assert waitlist.offer_due(at=AT + n * DAY + timedelta(hours=1 + n)) == 1
        assert states() == ["passed"] * n + ["offered"] + ["waiting"] * (2 - n)
    assert Attendance.objects.get(membership=turns[0].membership).answer == "no"
    assert waitlist.offer_due(at=AT + timedelta(days=5)) == 0
    assert (states(), Ticket.objects.live().count()) == (["passed"] * 3, 0)


def test_an_offer_never_stands_beyond_the_beginning(kind):
    wait(kind, 0)
    assert free(kind, at=buying.BEGINS - timedelta(hours=3)) == 1
    assert Ticket.objects.live().get().held_until == buying.BEGINS


def test_who_leaves_gives_their_turn_and_their_offer_away(kind):
    first, second, third = (wait(kind, n) for n in range(3))
    waitlist.leave(turn=second, at=AT)
    free(kind)
    first.refresh_from_db()
    waitlist.leave(turn=first, at=AT + timedelta(hours=2))
    assert waitlist.offer(event_id=kind.event_id, at=AT + timedelta(hours=2)) == 1
    assert states() == ["left", "left", "offered"]
    assert Ticket.objects.live().get().membership == third.membership


def test_nobody_waits_twice_or_beside_a_place(kind):
    turn = wait(kind, 0)
    assert waitlist.join(kind=kind, member=turn.membership, at=AT) == turn
    with pytest.raises(Refused) as no:
        waitlist.join(kind=kind, member=Ticket.objects.live().get().membership, at=AT)
    assert no.value.code == "twice"


@pytest.mark.parametrize("code", ["no_waitlist", "not_full", "over"])
def test_one_waits_only_where_there_is_something_to_wait_for(kind, code):
    event, at = kind.event, AT
    if code == "no_waitlist":
        type(event).objects.filter(pk=event.pk).update(has_waitlist=False)
    elif code == "not_full":
        type(kind.room).objects.filter(pk=kind.room.pk).update(capacity=2)
    else:
        at = buying.BEGINS
    with pytest.raises(Refused) as no:
        waitlist.join(kind=kind, member=make.member(event.community), at=at)
    assert (no.value.code, Waiting.objects.count()) == (code, 0)


def test_who_may_have_it_no_more_is_passed_over(kind):
    first, second = wait(kind, 0), wait(kind, 1)
    high = Tier.objects.create(community=kind.event.community, key="high", name="High", rank=9)
    Tier.objects.filter(pk=second.membership.tier_id).update(rank=10)
    type(first.membership).objects.filter(pk=first.membership.pk).update(tier=None)
    type(kind).objects.filter(pk=kind.pk).update(minimum_tier=high)
    assert free(kind) == 1
    assert states() == ["passed", "offered"]


def test_what_is_offered_for_money_is_kept_until_it_is_paid(kind):
    """The order keeps it as long as the offer stands: who was asked at night has until the next day."""
    turn = wait(kind, 0)
    type(kind).objects.filter(pk=kind.pk).update(price=buying.PRICE)
    free(kind)
    kind.refresh_from_db()
    taken = buying.take(kind, turn.membership, at=AT + timedelta(hours=2))
    order = buying.order_of(taken)
    assert (taken.ticket.pk, order.held_until) == (
        turn.__class__.objects.get().ticket_id,
        AT + timedelta(hours=25),
    )
    assert waitlist.offer_due(at=AT + timedelta(hours=26)) == 0
    assert buying.end(AT + timedelta(hours=26)) == 1
    assert (states(), Ticket.objects.live().count()) == (["passed"], 0)
