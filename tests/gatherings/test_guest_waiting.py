"""The waiting list of guests: by their address, with a link to their turn, an offer by letter, and a place taken by its link."""

from datetime import timedelta

import pytest

from gatherings.models import Attendance, Event, Ticket, Waiting
from gatherings.services import guest_waiting, seats, waitlist
from gatherings.services.parties import Guest
from kernel.clock import now
from kernel.errors import Refused
from members.models import Membership, Message
from members.roles import Status
from tests import make
from tests.commerce import paying
from tests.commerce.dues import SITE, guard
from tests.gatherings import buying

pytestmark = pytest.mark.django_db
EVE = {"name": "Eve", "email": "Eve@example.org"}


@pytest.fixture
def community():
    return paying.community()


def full(community, price=0, **fields):
    """A gathering in a week from now, whose one place a member has; and that ticket."""
    begins = now() + timedelta(days=7)
    given = {"has_waitlist": True, "starts_at": begins, "ends_at": None, "refund_hours": 24} | fields
    kind = buying.priced(community, price=price, **given)
    # Whoever came before all that is told here had it free.
    type(kind).objects.filter(pk=kind.pk).update(price=0)
    kind.refresh_from_db()
    return kind, seats.take(kind=kind, member=make.member(community), at=now())


def address(kind, rest):
    return f"/c/{kind.event.community.slug}/{rest}"


def waits(client, kind, **said):
    return client.post(address(kind, f"events/{kind.event.key}/wait-as-guest/"), EVE | said)


def test_a_guest_waits_is_offered_the_place_and_takes_it_by_its_link(community, client):
    kind, ticket = full(community)
    assert (
        "Put me on the waiting list"
        in client.get(address(kind, f"events/{kind.event.key}/")).content.decode()
    )
    assert client.get(address(kind, f"events/{kind.event.key}/wait-as-guest/")).status_code == 200
    done = waits(client, kind)
    turn = Waiting.objects.get()
    assert done["Location"] == address(kind, f"waiting/{turn.code}/")
    assert (turn.membership.status, turn.membership.email) == (Status.GUEST, "eve@example.org")
    page = client.get(done["Location"])
    assert "You are number 1 in line." in page.content.decode() and page["Cache-Control"] == "no-store"
    assert Message.objects.get(kind="place.waited_for").address == "eve@example.org"
    seats.give_back(ticket=ticket, at=now())
    assert waitlist.offer(event_id=kind.event_id, at=now()) == 1
    assert Message.objects.get(kind="place.offered").address == "eve@example.org"
    offered = Ticket.objects.live().get()
    theirs = address(kind, f"tickets/{offered.code}/")
    assert f"{theirs}take/" in client.get(theirs).content.decode()
    assert client.get(f"{theirs}take/").status_code == 200
    assert client.post(f"{theirs}take/")["Location"] == theirs
    assert Ticket.objects.get(pk=offered.pk).state == "valid"
    assert Waiting.objects.get().state == "seated"
    # There is nothing to take twice.
    assert client.post(f"{theirs}take/")["Location"] == theirs


def test_a_priced_place_that_is_offered_is_paid(community, client, sandbox):
    account = paying.connected(community, sandbox)
    sandbox.set_clock(None)
    kind, ticket = full(community, price=5_000)
    waits(client, kind)
    seats.give_back(ticket=ticket, at=now())
    waitlist.offer(event_id=kind.event_id, at=now())
    offered = Ticket.objects.live().get()
    paid = client.post(address(kind, f"tickets/{offered.code}/take/"))
    assert paid["Location"].startswith("/pay/")
    offered.refresh_from_db()
    assert (offered.state, offered.price) == ("held", 5_000)
    assert offered.order is not None and account is not None
    # What was offered for a day is kept as long, not for fifteen minutes.
    assert offered.held_until > now() + timedelta(hours=23)
    guard(community)


def test_who_leaves_by_the_link_waits_no_more_and_opening_it_does_nothing(community, client):
    kind, _ticket = full(community)
    waits(client, kind)
    turn = Waiting.objects.get()
    client.get(address(kind, f"waiting/{turn.code}/"))
    assert Waiting.objects.get().state == "waiting"
    client.post(address(kind, f"waiting/{turn.code}/"))
    assert Waiting.objects.get().state == "left"
    assert Attendance.objects.get(membership=turn.membership).answer == "no"
    assert client.get(address(kind, "waiting/23456789ABCDEFGHJKMN/")).status_code == 404


@pytest.mark.parametrize("code", ["not_for_you", "no_waitlist", "not_full"])
def test_where_no_guest_can_wait_there_is_no_record_of_one(community, code):
    kind, ticket = full(community, **({"has_waitlist": False} if code == "no_waitlist" else {}))
    if code == "not_for_you":
        Event.objects.update(audience="members")
    elif code == "not_full":
        seats.give_back(ticket=ticket, at=now())
    with pytest.raises(Refused) as no:
        guest_waiting.join(kind=kind, guest=Guest("Eve", "eve@example.org"), at=now(), by=SITE)
    assert (no.value.code, Membership.objects.filter(status=Status.GUEST).count()) == (code, 0)
