from datetime import timedelta

import pytest

from commerce.models import Order
from gatherings.models import Event, EventQuestion, Ticket, TicketKind
from kernel.clock import now
from tests import api, make
from tests.commerce import dues, paying
from tests.gatherings import buying, holding

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return paying.community()


@pytest.fixture
def kind(community):
    begins = now() + timedelta(days=7)
    made = holding.kind(holding.event(community, places=1, at=now(), starts_at=begins, ends_at=None))
    TicketKind.objects.filter(pk=made.pk).update(price=buying.PRICE)
    return made


def person(member):
    client = api.browser(member.user)
    client.handler.enforce_csrf_checks = False
    return client


def path(community, rest=""):
    return f"/api/v1/communities/{community.slug}/orders/{rest}"


def order(client, community, **body):
    return client.post(path(community), body, content_type="application/json")


def test_a_member_orders_a_ticket_and_is_told_where_it_is_paid(community, kind):
    member = make.member(community)
    client = person(member)
    answer = order(client, community, ticket=str(kind.key))
    told = answer.json()
    assert (answer.status_code, told["state"], told["member"]) == (201, "held", member.number)
    assert (told["amount"], told["url"]) == ({"amount": "50.00", "currency": "CNY"}, None)
    assert client.get(told["pay_url"]).status_code == 200
    assert client.get(path(community, f"{told['key']}/")).json()["key"] == told["key"]
    client = person(make.member(community))
    refused = order(client, community, ticket=str(kind.key))
    assert (refused.status_code, refused.json()["code"]) == (422, "full")
    assert client.get(path(community, f"{told['key']}/")).status_code == 404
    assert client.get(path(community)).json()["results"] == []


@pytest.mark.parametrize("code", ["unanswered", "free", "not_on_sale"])
def test_what_cannot_be_ordered_is_said(community, kind, code):
    ticket = str(kind.key)
    if code == "unanswered":
        EventQuestion.objects.create(event=kind.event, position=0, text="Why?", required=True)
    elif code == "free":
        TicketKind.objects.update(price=0)
    else:
        ticket = "0b9c2f4e-5a1d-4f7e-9d11-3a4b5c6d7e8f"
    answer = order(person(make.member(community)), community, ticket=ticket)
    assert (answer.json()["code"], Order.objects.count()) == (code, 0)


def test_a_program_reads_everybodys_and_orders_nothing(community, kind):
    made = dues.an_order(make.member(community))
    program = api.Program(community)
    found = program.client.get(path(community)).json()["results"]
    assert [(one["key"], one["url"]) for one in found] == [(str(made.key), None)]
    answer = program.client.post(path(community), {"ticket": str(kind.key)}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "no_member")


def test_a_member_orders_for_whom_they_bring_and_all_is_kept_or_nothing(community, kind):
    TicketKind.objects.update(guest_price=7_000)
    Event.objects.update(audience="public")
    kind.event.rooms.update(capacity=3)
    client = person(make.member(community))
    friends = [{"name": "Bea"}, {"name": "Cem", "email": "cem@example.org"}]
    told = order(client, community, ticket=str(kind.key), others=friends).json()
    # 50.00 for the member, 70.00 for each guest.
    assert told["amount"] == {"amount": "190.00", "currency": "CNY"}
    assert sorted(Ticket.objects.values_list("membership__name", flat=True))[1:] == ["Bea", "Cem"]
    kind.event.rooms.update(capacity=4)
    answer = order(person(make.member(community)), community, ticket=str(kind.key), others=friends[:1])
    assert (answer.status_code, answer.json()["code"]) == (422, "full")
    answer = order(
        person(make.member(community)), community, ticket=str(kind.key), others=[{"name": "B", "email": "x"}]
    )
    assert api.where(answer) == [("#/others", "email")]
