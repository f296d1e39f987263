"""The pages of a group: its payer sends links, whoever holds one sits down, and everybody can go again."""

import re

import pytest
from django.core.cache import cache
from django.test import Client

from commerce.models import Seat
from commerce.services import groups, subscriptions
from communities.models import Application, Community, JoinQuestion
from communities.services import applications
from kernel.clock import now
from members.models import Membership, Message
from tests import make
from tests.commerce.dues import SITE, guard, plan
from tests.commerce.services.test_subscriptions import of, pay, ruled

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_counts():
    cache.clear()


@pytest.fixture
def community():
    found = make.community("lantern", name="Lantern", currency="CNY")
    JoinQuestion.objects.filter(community=found).delete()
    return found


@pytest.fixture
def group(community):
    shared = plan(community, 1_000, group=True, name="Firm")
    payer = make.member(community, name="Mei")
    taken = subscriptions.subscribe(membership=payer, plan=shared, quantity=3, at=now(), by=SITE)
    return pay(taken, at=now())


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def free(group) -> Seat:
    return group.seats.filter(membership=None, ended_at=None).order_by("id").first()


def address(seat: Seat) -> str:
    return f"/c/lantern/seat/{seat.code}/"


def test_a_visitor_makes_an_account_and_comes_by_the_link(group):
    page = Client().get(address(free(group))).content.decode()
    assert (
        "Mei keeps a seat for you" in page and f"next=%2Fc%2Flantern%2Fseat%2F{free(group).code}%2F" in page
    )
    seat, jan = free(group), make.person(name="Jan")
    signed_in(jan).post(address(seat), follow=True)
    found = Membership.objects.get(user=jan)
    seat.refresh_from_db()
    assert (found.status, seat.membership, found.invited_by, found.channel) == (
        "active",
        found,
        group.membership,
        "seat",
    )
    guard(group.community)


def test_what_newcomers_are_asked_is_asked_of_them_too(group):
    JoinQuestion.objects.create(
        community=group.community, position=1, text="Why?", kind="text", required=True
    )
    seat, client = free(group), signed_in(make.person())
    assert "Why?" in client.get(address(seat)).content.decode()
    assert Membership.objects.filter(community=group.community).count() == 2
    refused = client.post(address(seat))
    assert refused.status_code == 200 and free(group) == seat


@pytest.mark.parametrize("dues_first", [True, False])
def test_where_staff_decide_the_seat_waits_for_them(group, dues_first):
    ruled(group.community, join_policy="application", dues_first=dues_first, visibility="private")
    seat, jan = free(group), make.person(name="Jan")
    answer = signed_in(jan).post(address(seat), follow=True)
    assert answer.redirect_chain[-1][0] == "/c/lantern/join/"
    person = Membership.objects.get(user=jan)
    assert person.status == ("awaiting_payment" if dues_first else "applied")
    applications.decide(application=Application.objects.get(), decision="approve", at=now(), by=SITE)
    assert of(person) == "active"


def test_by_invitation_alone_the_seat_is_one(group):
    ruled(group.community, join_policy="invitation", visibility="private")
    jan = make.person()
    signed_in(jan).post(address(free(group)))
    assert Membership.objects.get(user=jan).status == "active"


def test_a_member_moves_there_and_gives_it_back(group):
    member = make.member(group.community)
    client = signed_in(member.user)
    client.post(address(free(group)))
    assert Seat.objects.filter(membership=member, ended_at=None).count() == 1
    assert "You have a seat in the group of Mei" in client.get("/c/lantern/dues/").content.decode()
    client.post("/c/lantern/dues/", {"act": "leave_seat"})
    assert Seat.objects.filter(membership=member, ended_at=None).count() == 0
    assert group.seats.filter(ended_at=None).count() == 3


def test_who_pays_sees_who_sits_where_and_frees_a_seat(group, django_assert_num_queries):
    client = signed_in(group.membership.user)

    client.get("/c/lantern/dues/seats/")
    with django_assert_num_queries(4):
        client.get("/c/lantern/dues/seats/")
    jan = make.member(group.community, name="Jan")
    groups.take(code=free(group).code, membership=jan, at=now(), by=SITE)
    groups.take(code=free(group).code, membership=make.member(group.community), at=now(), by=SITE)
    with django_assert_num_queries(4):
        page = client.get("/c/lantern/dues/seats/").content.decode()
    assert "Jan" in page and "3 seats are taken, 0 free" in page
    seat = Seat.objects.get(membership=jan)
    client.post("/c/lantern/dues/seats/", {"act": "free", "seat": seat.key})
    assert of(jan) == "lapsed" and free(group).code != seat.code


def test_a_free_seat_is_sent_by_mail_once_and_gets_a_new_code(group):
    client, seat = signed_in(group.membership.user), free(group)
    for _n in range(2):
        client.post("/c/lantern/dues/seats/", {"act": "invite", "seat": seat.key, "email": "Li@example.org"})
    letter = Message.objects.get(kind="seat.offered")
    assert letter.address == "li@example.org" and f"/c/lantern/seat/{seat.code}/" in letter.text
    client.post("/c/lantern/dues/seats/", {"act": "renew", "seat": seat.key})
    assert client.get(address(seat)).status_code == 404
    seat.refresh_from_db()
    assert client.get(address(seat)).status_code == 200


def test_whoever_guesses_codes_is_told_nothing_more(group):
    client = Client()
    for _n in range(20):
        assert client.get("/c/lantern/seat/XXXXXXXXXXXX/").status_code == 404
    assert client.get(address(free(group))).status_code == 429
    assert Client(REMOTE_ADDR="10.9.9.9").get(address(free(group))).status_code == 200


def test_a_seat_that_is_taken_or_not_paid_for_says_so(group):
    seat = free(group)
    groups.take(code=seat.code, membership=make.member(group.community), at=now(), by=SITE)
    assert "Somebody sits on this seat already" in Client().get(address(seat)).content.decode()
    type(group).objects.filter(pk=group.pk).update(status="suspended")
    assert "is not paid for now" in Client().get(address(free(group))).content.decode()


def test_the_pages_are_on_a_phone_without_scripts(group):
    page = signed_in(group.membership.user).get("/c/lantern/dues/seats/").content.decode()
    assert re.findall(r'name="act" value="(\w+)"', page) == ["invite", "renew", "invite", "renew"]
    assert Community.objects.count() == 1
