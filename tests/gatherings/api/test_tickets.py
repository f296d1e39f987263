"""Tickets over the API: read, given back by who has them, taken back by who looks after the gathering."""

from uuid import uuid4

import pytest

from commerce.models import OrderPart
from gatherings.models import Ticket
from gatherings.services import taking
from gatherings.services.parties import Guest, Place
from kernel.clock import now
from members.models import AuditEntry, Message
from tests import api, make
from tests.commerce import paying
from tests.commerce.dues import SITE
from tests.gatherings import buying
from tests.gatherings.api.test_events import code, person
from tests.gatherings.views.test_events import gathering

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return make.community("lantern")


def party(community, host=None):
    """A member's ticket, and that of the friend they bring."""
    event = gathering(community, audience="public", host=host, places=5)
    kind = event.kinds.get()
    kind.guest_price = 0
    kind.save()
    one = make.member(community, name="Mei")
    others = [Place(kind, Guest("Bea", "bea@example.org"))]
    mine = taking.take(kind=kind, who=one, others=others, at=now(), by=SITE).ticket
    return mine, Ticket.objects.get(event=event, membership__name="Bea")


def test_they_are_read_by_whom_they_concern(community):
    mine, beas = party(community)
    assert person(mine.membership).get(f"tickets/{beas.key}/").json() == (
        api.Program(community).get(f"tickets/{beas.key}/").json()
    )
    read = person(mine.membership).get(f"tickets/{beas.key}/").json()
    assert (read["id"], read["taken_by"], read["state"]) == (str(beas.key), mine.membership.number, "valid")
    assert person(make.member(community)).get(f"tickets/{mine.key}/").status_code == 404
    assert api.Program(community).get(f"tickets/{uuid4()}/").status_code == 404


def test_one_gives_back_one_s_own_and_those_one_got(community):
    mine, beas = party(community)
    mei = person(mine.membership)
    assert mei.post(f"tickets/{beas.key}/give-back/", {}).json()["state"] == "given_back"
    assert mei.post(f"tickets/{mine.key}/give-back/", {}).json()["state"] == "given_back"
    assert mei.post(f"tickets/{mine.key}/give-back/", {}).status_code == 200
    assert Message.objects.get(kind="ticket.given_back").membership == beas.membership
    mine, beas = party(community)
    assert person(mine.membership).post(f"tickets/{mine.key}/give-back/", {"along": True}).status_code == 200
    beas.refresh_from_db()
    assert beas.state == "given_back"


def test_nobody_gives_back_another_s(community):
    host = make.member(community)
    mine, _beas = party(community, host=host)
    asked = f"tickets/{mine.key}/give-back/"
    assert person(host).post(asked, {}).status_code == 404
    assert person(make.member(community)).post(asked, {}).status_code == 404
    assert code(api.Program(community).post(asked, {})) == "person_needed"
    mine.refresh_from_db()
    assert mine.state == "valid"


def test_once_it_has_begun_it_is_kept(community):
    mine, _beas = party(community)
    mine.event.starts_at = now()
    mine.event.save(update_fields=["starts_at"])
    assert code(person(mine.membership).post(f"tickets/{mine.key}/give-back/", {})) == "over"


def test_who_looks_after_it_takes_it_back_and_says_why(community):
    host = make.member(community)
    mine, beas = party(community, host=host)
    asked = f"tickets/{beas.key}/take-back/"
    assert code(person(mine.membership).post(asked, {"reason": "No"})) == "not_allowed"
    assert person(host).post(asked, {}).status_code == 400
    assert person(host).post(asked, {"reason": "Twice"}).json()["state"] == "cancelled"
    assert code(person(host).post(asked, {"reason": "Twice"})) == "over"
    program = api.Program(community)
    assert (
        program.post(f"tickets/{mine.key}/take-back/", {"reason": "Snow", "along": True}).status_code == 200
    )
    assert AuditEntry.objects.filter(action="event.ticket_taken_back").count() == 2
    assert Message.objects.filter(kind="ticket.taken_back").count() == 2


def test_what_was_paid_goes_back_or_stays(community, sandbox):
    account = paying.connected(paying.community(slug="sold"), sandbox)
    sold = account.community
    program = api.Program(sold)
    for refund in (True, False):
        taken = buying.take(buying.priced(sold), make.member(sold))
        buying.pay(taken, account, sandbox)
        program.post(f"tickets/{taken.ticket.key}/take-back/", {"reason": "Snow", "refund": refund})
        owed = OrderPart.objects.filter(order__key=taken.ticket.order, owed_at__isnull=False)
        assert owed.exists() == refund
