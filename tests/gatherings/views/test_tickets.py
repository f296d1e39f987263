"""Taking a place on the pages: as a member, as a guest, for money and for nothing; the ticket, the waiting list, the kinds."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from commerce.models import Order
from gatherings.models import EventQuestion, Ticket, TicketKind, Waiting
from gatherings.services import seats, waitlist
from kernel.clock import now
from members.models import Membership
from members.roles import Status
from tests import make
from tests.commerce import paying
from tests.gatherings import holding

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def community():
    return paying.community()


def gathering(community, price=5_000, places=2, **fields):
    begins = now() + timedelta(days=7)
    given = {"audience": "public", "starts_at": begins, "ends_at": begins + timedelta(hours=2)}
    kind = holding.kind(holding.event(community, places=places, at=now(), **(given | fields)))
    TicketKind.objects.filter(pk=kind.pk).update(price=price, guest_price=price)
    kind.refresh_from_db()
    return kind


def signed_in(member):
    client = Client()
    client.force_login(member.user)
    return client


def address(kind, end):
    return f"/c/{kind.event.community.slug}/events/{kind.event.key}/{end}"


def test_a_guest_takes_a_priced_place_in_two_steps_and_pays(community):
    kind, client = gathering(community), Client()
    EventQuestion.objects.create(event=kind.event, position=0, text="What do you bring?", required=True)
    page = client.get(address(kind, "buy/"))
    assert page.status_code == 200
    said = {"kind": kind.key, "name": "Ada", "email": "ada@example.org"}
    missing = client.post(address(kind, "buy/"), said)
    assert (
        missing.status_code,
        Ticket.objects.count(),
        Membership.objects.filter(status="guest").count(),
    ) == (200, 0, 0)
    question = EventQuestion.objects.get()
    answer = client.post(address(kind, "buy/"), said | {f"question_{question.pk}": "Soup"})
    ticket = Ticket.objects.get()
    assert answer.status_code == 302
    assert client.get(answer["Location"]).status_code == 200
    assert (ticket.state, ticket.membership.status) == ("held", Status.GUEST)
    assert ticket.answers == [{"question": "What do you bring?", "answer": "Soup"}]
    shown = client.get(f"/c/{community.slug}/tickets/{ticket.code}/")
    assert answer["Location"] in shown.content.decode()
    assert (shown["Cache-Control"], shown["Referrer-Policy"]) == ("no-store", "strict-origin")


def test_a_member_takes_a_free_place_has_its_code_and_gives_it_back(community):
    kind, member = gathering(community, price=0), make.member(community)
    client = signed_in(member)
    answer = client.post(address(kind, "buy/"), {"kind": kind.key})
    ticket = Ticket.objects.get()
    assert answer["Location"] == f"/c/{community.slug}/tickets/{ticket.code}/"
    assert "card-code" in client.get(answer["Location"]).content.decode()
    assert client.get(address(kind, "buy/"))["Location"] == answer["Location"]
    client.post(f"{answer['Location']}give-back/")
    ticket.refresh_from_db()
    assert (ticket.state, Order.objects.count()) == ("given_back", 0)
    assert "card-code" not in client.get(answer["Location"]).content.decode()


def test_one_address_takes_no_more_than_a_family_as_guests(community):
    kind, client = gathering(community, price=0, places=None), Client()
    for n in range(25):
        client.post(address(kind, "buy/"), {"kind": kind.key, "name": f"G{n}", "email": f"g{n}@example.org"})
    assert Ticket.objects.count() == 20


def test_who_finds_it_full_waits_and_is_told_their_place_in_line(community):
    kind = gathering(community, price=0, places=1)
    seats.take(kind=kind, member=make.member(community), at=now())
    waitlist.join(kind=kind, member=make.member(community), at=now())
    client = signed_in(make.member(community))
    page = client.get(address(kind, "")).content.decode()
    assert address(kind, "wait/") in page
    told = client.post(address(kind, "wait/"), {"kind": kind.key}, follow=True)
    assert "You are number 2 on the waiting list." in told.content.decode()
    assert "You are number 2 in line." in told.content.decode()
    client.post(address(kind, "wait/"), {"act": "leave"})
    assert list(Waiting.objects.order_by("pk").values_list("state", flat=True)) == ["waiting", "left"]


def test_a_ticket_is_of_its_own_community_alone(community):
    ticket = seats.take(kind=gathering(community, price=0), member=make.member(community), at=now())
    other = make.community()
    assert Client().get(f"/c/{other.slug}/tickets/{ticket.code}/").status_code == 404
    assert Client().get(f"/c/{community.slug}/tickets/{ticket.code[:-1]}/").status_code == 404


def test_my_tickets_cost_the_same_however_many_there_are(community, django_assert_num_queries):
    member = make.member(community)
    client = signed_in(member)
    path = f"/c/{community.slug}/tickets/"
    seats.take(kind=gathering(community, price=0), member=member, at=now())
    client.get(path)
    with django_assert_num_queries(4):
        client.get(path)
    for _n in range(2):
        seats.take(kind=gathering(community, price=0), member=member, at=now())
    with django_assert_num_queries(4):
        assert client.get(path).content.decode().count("/tickets/") >= 3


def test_hosts_sell_kinds_of_tickets_where_somebody_can_be_paid(community, sandbox):
    host = make.member(community)
    kind = gathering(community, price=0, host=host)
    client = signed_in(host)
    said = {"room": kind.room.pk, "name": "Patron", "price": "80.50", "guest_price": "", "quantity": "5"}
    refused = client.post(address(kind, "tickets/"), said)
    assert "No way to pay here takes CNY" in refused.content.decode()
    paying.connected(community, sandbox)
    assert client.post(address(kind, "tickets/"), said).status_code == 302
    made = TicketKind.objects.get(name="Patron")
    assert (made.price, made.guest_price, made.quantity) == (8_050, None, 5)
    client.post(
        address(kind, f"tickets/{made.key}/"), said | {"price": "90", "sold_until": "2999-01-01T10:00"}
    )
    client.post(address(kind, f"tickets/{made.key}/"), {"act": "withdraw"})
    made.refresh_from_db()
    assert (made.price, made.withdrawn_at is not None) == (9_000, True)
    client.post(
        address(kind, "tickets/"),
        {"act": "terms", "refund_hours": "48", "tax_percent": "6", "offer_hours": "12"},
    )
    kind.event.refresh_from_db()
    assert (kind.event.refund_hours, kind.event.tax_rate, kind.event.offer_hours) == (48, 600, 12)


def test_who_does_not_hold_it_sells_nothing(community):
    kind = gathering(community, price=0)
    client = signed_in(make.member(community))
    assert client.get(address(kind, "tickets/")).status_code == 403
    assert client.post(address(kind, f"tickets/{kind.key}/"), {"act": "withdraw"}).status_code == 403
    assert TicketKind.objects.get().withdrawn_at is None
