"""Payments at the desk: found, looked at, sent back with what that does to the membership, taken back."""

import pytest
from django.test import Client

from commerce.models import Payment, Refund
from kernel.clock import now
from members.models import AuditEntry
from members.roles import Role
from tests import make
from tests.commerce.dues import AT, invoice, plan, received
from tests.commerce.services.test_subscriptions import pay, take

pytestmark = pytest.mark.django_db
LIST = "/c/lantern/desk/money/payments/"


@pytest.fixture
def owner(db):
    return make.person("ada@example.org", name="Ada", password="a long secret")


@pytest.fixture
def community(owner):
    return make.community("lantern", owner=owner, currency="CNY")


@pytest.fixture
def desk(community, owner):
    """Somebody who has just signed in, as the pages of money want it."""
    client = Client()
    client.post("/accounts/login/", {"login": "ada@example.org", "password": "a long secret"})
    return client


def page(client, path="", **asked):
    answer = client.get(f"{LIST}{path}", asked)
    assert answer.status_code == 200
    return answer.content.decode()


def names(client, **asked):
    text = page(client, **asked)
    return [name for name in ("Mei", "Rosa", "Tom") if f"<strong>{name}</strong>" in text]


def test_found_by_member_number_note_way_state_and_day(community, desk):
    mei, rosa, tom = (make.member(community, name=name) for name in ("Mei", "Rosa", "Tom"))
    paid = received(invoice(mei), note="second hand")
    received(invoice(rosa), method=Payment.Method.CASH)
    received(invoice(tom), at=AT.replace(day=9))
    assert names(desk) == ["Mei", "Rosa", "Tom"]
    assert names(desk, q="ros") == names(desk, way="cash") == ["Rosa"]
    assert names(desk, q=paid.invoice.number.lower()) == names(desk, q="SECOND") == ["Mei"]
    assert names(desk, since="2026-03-03") == ["Tom"]
    assert names(desk, until="2026-03-02", way="bank") == ["Mei"]
    assert names(desk, state="refunded") == names(desk, q="nobody") == []
    assert names(desk, way="nonsense", since="x") == ["Mei", "Rosa", "Tom"]


def test_the_list_takes_as_many_queries_for_three_as_for_one(community, desk, django_assert_num_queries):
    received(invoice(make.member(community)))
    page(desk)
    with django_assert_num_queries(LISTED):
        page(desk)
    for _one in range(2):
        received(invoice(make.member(community)))
    with django_assert_num_queries(LISTED):
        page(desk)


LISTED = 11


def test_shown_first_and_then_sent_back_and_the_membership_ends(community, desk):
    member = make.member(community, name="Mei")
    found = pay(take(member, plan(community, tax_rate=600), at=now()), at=now())
    paid = Payment.objects.get()
    asked = {"amount": "60.00", "way": "back", "then": "at_end", "reason": "Moved away"}
    shown = desk.post(f"{LIST}{paid.key}/refund/", asked).content.decode()
    assert [
        words
        for words in ("CN¥60.00", "tax of CN¥3.39 in it", "It ends with the period")
        if words not in shown
    ] == []
    assert not Refund.objects.exists()
    answer = desk.post(f"{LIST}{paid.key}/refund/", asked | {"agreed": "yes"}, follow=True)
    assert "It is sent back." in answer.content.decode()
    made = Refund.objects.get()
    found.refresh_from_db()
    assert (made.amount, made.then, made.credit_note.tax, found.status) == (6_000, "at_end", 339, "cancelled")
    one = page(desk, f"{paid.key}/")
    for words in ("CN-", "Moved away", "Credit note", "Bank and cash", "partly sent back"):
        assert words in one


def test_what_does_not_go_is_said_where_it_was_typed_and_nothing_is_done(community, desk):
    paid = received(invoice(make.member(community)))
    form = {"way": "back", "then": "keep", "reason": "x", "agreed": "yes"}
    for amount, words in (("120.01", "more than is left"), ("1.234", "2 decimals"), ("a", "as a number")):
        assert words in desk.post(f"{LIST}{paid.key}/refund/", form | {"amount": amount}).content.decode()
    # Nothing runs that could end.
    desk.post(f"{LIST}{paid.key}/refund/", form | {"amount": "1", "then": "now"})
    assert not Refund.objects.exists()


def test_who_has_not_proven_lately_who_they_are_is_asked(community, owner):
    paid = received(invoice(make.member(community)))
    client = Client()
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    asked = {"amount": "1", "way": "credit", "then": "keep", "reason": "x", "agreed": "yes"}
    answer = client.post(f"{LIST}{paid.key}/refund/", asked)
    assert (answer.status_code, "reauthenticate" in answer["Location"]) == (302, True)
    assert not Refund.objects.exists()


def test_taken_back_with_a_reason(community, desk):
    paid = received(invoice(make.member(community)))
    desk.post(f"{LIST}{paid.key}/take-back/", {"reason": " "})
    assert not Payment.objects.exclude(reversed_at=None).exists()
    desk.post(f"{LIST}{paid.key}/take-back/", {"reason": "Another's"})
    paid.refresh_from_db()
    assert (paid.reversed_at is not None, paid.invoice.__class__.objects.get(pk=paid.invoice_id).status) == (
        True,
        "open",
    )
    assert AuditEntry.objects.filter(action="payment.taken_back").count() == 1
    assert "Take it back" not in page(desk, f"{paid.key}/")


def test_a_manager_looks_and_sends_nothing_back(community):
    paid = received(invoice(make.member(community)))
    manager = make.member(community, role=Role.MANAGER)
    client = Client()
    client.force_login(manager.user, backend="django.contrib.auth.backends.ModelBackend")
    assert "Send it back" not in page(client, f"{paid.key}/")
    assert client.post(f"{LIST}{paid.key}/refund/", {}).status_code == 403
