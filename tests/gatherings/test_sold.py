"""The list of tickets as who looks after a gathering has it, and guests who become members."""

import csv
import io
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress

from communities.services import arrivals
from gatherings.models import Attendance, EventHost, Ticket
from gatherings.selectors import orders as found
from gatherings.services import door, guests
from gatherings.services.parties import Guest
from kernel.clock import now
from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry, Invitation, Membership, Merge, Message
from members.roles import Role
from tests import make
from tests.commerce import paying
from tests.commerce.dues import AT, SITE, guard
from tests.gatherings import buying
from tests.gatherings.test_parties import friends

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return paying.community()


@pytest.fixture
def account(community, sandbox):
    return paying.connected(community, sandbox)


def client_of(member, client):
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def address(event, rest=""):
    return f"/c/{event.community.slug}/events/{event.key}/orders/{rest}"


def sold(community, account, sandbox):
    """A member and a friend have paid 2 x 50.00; a guest pays."""
    kind = buying.priced(community, places=5, refund_hours=24)
    one = make.member(community, name="Mei")
    paid = buying.take(kind, one, others=friends(kind, ("Bea", "bea@example.org")))
    buying.pay(paid, account, sandbox)
    buying.take(kind, Guest("Cem", "cem@example.org"))
    return kind, paid


def test_who_sees_the_money_sees_sums_and_hosts_see_who(community, account, sandbox, client):
    kind, paid = sold(community, account, sandbox)
    owner = community.memberships.get(role=Role.OWNER)
    page = client_of(owner, client).get(address(kind.event)).content.decode()
    assert all(name in page for name in ("Mei", "Bea", "Cem", "50.00"))
    assert "100.00 paid" in page and "with Mei" in page
    host = make.member(community, name="Hao")
    EventHost.objects.create(event=kind.event, membership=host)
    page = client_of(host, client).get(address(kind.event)).content.decode()
    assert "Bea" in page and "50.00" not in page and "100.00" not in page
    header = client.get(address(kind.event, "sheet/")).getvalue().decode()
    assert "Bea" in header and "price" not in header
    assert client_of(make.member(community), client).get(address(kind.event)).status_code == 403


def test_a_host_who_is_no_staff_knows_the_addresses_of_guests_alone(community):
    kind = buying.priced(community, price=0, places=5)
    one, host = make.member(community, name="Mei"), make.member(community, name="Hao")
    Membership.objects.filter(pk=one.pk).update(email="mei@example.org")
    EventHost.objects.create(event=kind.event, membership=host)
    buying.take(kind, one, others=friends(kind, ("Bea", "bea@example.org")))
    owner = community.memberships.get(role=Role.OWNER)
    for viewer, known in ((owner, ["mei@example.org", "bea@example.org"]), (host, ["", "bea@example.org"])):
        assert [row[2] for row in found.sheet(kind.event, viewer, money=False)] == known
        by_address = [found.tickets(kind.event, viewer, text=text).count() for text in known if text]
        assert by_address == [1] * len(by_address)
    assert found.tickets(kind.event, host, text="mei@example.org").count() == 0


def test_one_is_taken_back_with_its_money_and_its_holder_told(community, account, sandbox, client):
    kind, paid = sold(community, account, sandbox)
    owner = community.memberships.get(role=Role.OWNER)
    client_of(owner, client)
    bea = Ticket.objects.get(membership__name="Bea")
    assert client.get(address(kind.event, f"{bea.key}/take-back/")).status_code == 200
    said = client.post(address(kind.event, f"{bea.key}/take-back/"), {"reason": "", "refund": "on"})
    assert (said.status_code, Ticket.objects.get(pk=bea.pk).state) == (200, "valid")
    client.post(address(kind.event, f"{bea.key}/take-back/"), {"reason": "Taken twice", "refund": "on"})
    buying.end(now())
    assert Ticket.objects.get(pk=bea.pk).state == "cancelled"
    letter = Message.objects.get(kind="ticket.taken_back_paid")
    assert letter.address == "bea@example.org"
    sums = found.sums(kind.event)
    assert (sums["paid"].amount, sums["back"].amount, sums["left"].amount) == (10_000, 5_000, 5_000)
    rows = list(
        csv.DictReader(
            io.StringIO(client.get(address(kind.event, "sheet/")).getvalue().decode().lstrip("\ufeff"))
        )
    )
    assert [(row["name"], row["state"], row["price"], row["paid"], row["sent_back"]) for row in rows] == [
        ("Mei", "valid", "50.00", "50.00", "0.00"),
        ("Bea", "cancelled", "50.00", "50.00", "50.00"),
        ("Cem", "expired", "50.00", "0.00", "0.00"),
    ]
    assert AuditEntry.objects.filter(action="event.tickets_taken_along").count() == 1
    guard(community)


def test_with_one_those_they_bring_are_taken_back(community, client):
    kind = buying.priced(community, price=0, places=5)
    mine = buying.take(kind, make.member(community), others=friends(kind, ("Bea", ""), ("Cem", ""))).ticket
    client_of(community.memberships.get(role=Role.OWNER), client)
    path = address(kind.event, f"{mine.key}/take-back/")
    assert b"Also those of the 2 people they bring" in client.get(path).content
    bea = Ticket.objects.get(membership__name="Bea")
    brought = client.get(address(kind.event, f"{bea.key}/take-back/")).content
    assert b'name="along"' not in brought
    client.post(path, {"reason": "Snow", "along": "on"})
    assert set(Ticket.objects.values_list("state", flat=True)) == {"cancelled"}
    assert AuditEntry.objects.filter(action="event.ticket_taken_back").count() == 3


def test_who_gave_no_address_has_it_told_by_who_brought_them(community, client):
    kind = buying.priced(community, price=0, places=5)
    one = make.member(community, name="Mei")
    buying.take(kind, one, others=friends(kind, ("Bea", "")))
    bea = Ticket.objects.get(membership__name="Bea")
    client_of(community.memberships.get(role=Role.OWNER), client)
    client.post(address(kind.event, f"{bea.key}/take-back/"), {"reason": "Taken twice"})
    assert Message.objects.get(kind="ticket.taken_back").membership == one


def test_a_guest_is_asked_to_join_once(community, client):
    kind = buying.priced(community, price=0, places=5)
    ada = buying.take(kind, Guest("Ada", "ada@example.org")).ticket
    bea = buying.take(kind, Guest("Ben", "ben@example.org"), others=friends(kind, ("Bea", ""))).ticket
    client_of(community.memberships.get(role=Role.OWNER), client)
    for _again in range(2):
        client.post(address(kind.event, f"{ada.key}/invite/"))
    assert list(Invitation.objects.mails().values_list("email", flat=True)) == ["ada@example.org"]
    owner = community.memberships.get(role=Role.OWNER)
    brought = Ticket.objects.get(taken_by=bea.membership, membership__name="Bea")
    for ticket, code in ((brought, "no_address"), (ada, "not_now")):
        with pytest.raises(Refused) as no:
            invite(ticket.event, ticket.membership, owner)
        assert no.value.code == code
    with pytest.raises(Refused) as no:
        invite(kind.event, ada.membership, make.member(community))
    assert no.value.code == "not_allowed"
    with pytest.raises(Refused) as no:
        invite(buying.priced(community, price=0).event, ada.membership, owner)
    assert no.value.code == "no_guest"


def invite(event, guest, inviter):
    by = Actor.person(inviter.user, inviter)
    return guests.invite(event=event, guest=guest, inviter=inviter, at=now(), by=by)


def joins(community, email, *, verified=True, at=AT + timedelta(days=30)):
    user = make.person(name="Ada", email=email)
    EmailAddress.objects.update_or_create(
        user=user, email=email, defaults={"verified": verified, "primary": True}
    )
    return arrivals.come_in(community=community, user=user, answers={}, at=at, by=Actor.person(user, None))


def test_who_joins_with_the_address_they_came_with_has_what_was_theirs(community):
    type(community).objects.filter(pk=community.pk).update(join_policy="open")
    community.refresh_from_db()
    community.join_questions.all().delete()
    kind = buying.priced(community, price=0, places=5)
    ticket = buying.take(kind, Guest("Ada", "Ada@example.org")).ticket
    other = buying.take(kind, Guest("Eve", "eve@example.org")).ticket
    guest = ticket.membership
    door.check_in(event=kind.event, member=guest, at=buying.BEGINS, by=SITE)
    member = joins(community, "ada@example.org")
    joined_at = member.joined_at
    assert guests.join_records(at=AT + timedelta(days=31)) == 1
    assert guests.join_records(at=AT + timedelta(days=31)) == 0
    member = Membership.objects.get(pk=member.pk)
    assert Ticket.objects.get(pk=ticket.pk).membership == member
    assert Attendance.objects.get(event=kind.event, membership=member).came_at == buying.BEGINS
    assert (member.joined_at, Merge.objects.get().kept) == (joined_at, member)
    assert Ticket.objects.get(pk=other.pk).membership == other.membership


@pytest.mark.parametrize("why", ["the address is not confirmed", "the record is younger"])
def test_nobody_is_taken_for_who_they_may_not_be(community, why):
    type(community).objects.filter(pk=community.pk).update(join_policy="open")
    community.refresh_from_db()
    community.join_questions.all().delete()
    kind = buying.priced(community, price=0, places=5)
    if why == "the record is younger":
        joins(community, "ada@example.org", at=AT - timedelta(days=1))
        buying.take(kind, Guest("Ada", "ada@example.org"))
    else:
        buying.take(kind, Guest("Ada", "ada@example.org"))
        joins(community, "ada@example.org", verified=False)
    assert guests.join_records(at=now()) == 0
