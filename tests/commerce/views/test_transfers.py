"""Transfers at the desk: confirmed one by one, or from a bank's file; and what nobody finished."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from commerce.models import BankLine, Invoice, Payment, PaymentAttempt, ProviderEvent
from commerce.services import terms
from kernel.clock import local_day, now
from members.models import AuditEntry
from tests import make
from tests.commerce.dues import AT, awaited, invoice, plan, received
from tests.commerce.services.test_subscriptions import pay, take

pytestmark = pytest.mark.django_db
ROOM = "/c/lantern/desk/money/transfers/"
PAYMENTS = "/c/lantern/desk/money/payments/"


@pytest.fixture
def community(db):
    return make.community("lantern", owner=make.person("ada@example.org", name="Ada"), currency="CNY", at=AT)


@pytest.fixture
def desk(community):
    client = Client()
    client.force_login(community.founded_by, backend="django.contrib.auth.backends.ModelBackend")
    return client


def said(answer):
    return answer.content.decode()


def file(*rows):
    lines = ["Date,Description,Amount,Currency,Name", *rows]
    return SimpleUploadedFile("bank.csv", "\n".join(lines).encode())


def test_confirmed_with_what_came_and_when(community, desk):
    attempt = awaited(invoice(make.member(community, name="Mei")))
    page = said(desk.get(ROOM))
    assert "Mei" in page and attempt.provider_reference in page
    today = local_day(now(), community.zone).isoformat()
    wrong = desk.post(f"{ROOM}{attempt.key}/confirm/", {"amount": "x", "on": today}, follow=True)
    assert "as a number" in said(wrong)
    desk.post(f"{ROOM}{attempt.key}/confirm/", {"amount": "120.00", "on": today, "method": "cash"})
    assert (Payment.objects.get().method, Invoice.objects.get().status) == ("cash", "paid")
    assert desk.post(f"{ROOM}{attempt.key}/confirm/", {"amount": "1", "on": today}).status_code == 404


def test_a_file_is_read_looked_at_and_booked_in_one_go(community, desk):
    mei = awaited(invoice(make.member(community, name="Mei")))
    other = invoice(make.member(community, name="Rosa"), 5_000)
    today = local_day(now(), community.zone).isoformat()
    rows = (
        f"{today},dues {mei.provider_reference},120.00,CNY,Mei",
        f"{today},thanks,50.00,CNY,?",
        f"{today},x,9.00,CNY,?",
    )
    BankLine.objects.all().delete()
    read = desk.post(f"{ROOM}statement/", {"act": "read", "file": file(*rows)}, follow=True)
    assert "3 new, 0 known before, 0 of money that went" in said(read)
    lines = list(BankLine.objects.order_by("id"))
    assert said(read).count(" checked") == 1
    asked = {"act": "book", "line": [str(line.key) for line in lines[:2]]}
    refused = desk.post(f"{ROOM}statement/", asked, follow=True)
    assert "Which invoice is the line" in said(refused)
    assert not Payment.objects.exists()
    desk.post(f"{ROOM}statement/", asked | {f"invoice_{lines[1].key}": other.number})
    assert list(Invoice.objects.order_by("id").values_list("status", flat=True)) == ["paid", "paid"]
    again = desk.post(f"{ROOM}statement/", {"act": "read", "file": file(*rows)}, follow=True)
    assert "0 new, 3 known before" in said(again)
    desk.post(f"{ROOM}statement/", {"act": "aside", "line": [str(lines[2].key), "nonsense"]})
    assert "Nothing is to be booked" in said(desk.get(f"{ROOM}statement/"))


def test_a_bad_file_is_told_by_its_line(community, desk):
    bad = desk.post(f"{ROOM}statement/", {"act": "read", "file": file("2026-03-02,x,1x,CNY,?")}, follow=True)
    assert "2" in said(bad) and not BankLine.objects.exists()
    for nothing in ({"act": "read"}, {"act": "dance"}):
        assert desk.post(f"{ROOM}statement/", nothing).status_code == 302


def test_the_lists_take_as_many_queries_for_three_as_for_one(community, desk, django_assert_num_queries):
    def more():
        awaited(invoice(make.member(community)))
        BankLine.objects.create(
            community=community, line_id=make.person().email[:32], booked_on=AT.date(), amount=100,
            currency="CNY", text="INV-2026-000001", read_at=AT,
        )  # fmt: skip

    def look():
        with django_assert_num_queries(6):
            desk.get(ROOM)
        with django_assert_num_queries(6):
            desk.get(f"{ROOM}statement/")

    more()
    desk.get(ROOM)
    look()
    more()
    more()
    look()


def test_what_nobody_finished_stands_at_the_head_until_it_is_settled(community, desk):
    attempt = awaited(invoice(make.member(community)))
    PaymentAttempt.objects.update(given_up_at=AT)
    event = ProviderEvent.objects.create(
        account=attempt.account, event_id="evt_1", kind="payment.odd", subject="payment", at=AT, received_at=AT,
        problem="ProviderDown",
    )  # fmt: skip
    page = said(desk.get(PAYMENTS))
    assert "This needs you" in page and "payment.odd" in page
    assert "2 payments need you." in said(desk.get("/c/lantern/desk/"))
    desk.post(f"{PAYMENTS}stuck/attempt/", {"row": attempt.pk, "act": "settle", "reason": ""})
    attempt.refresh_from_db()
    assert attempt.is_live
    desk.post(f"{PAYMENTS}stuck/attempt/", {"row": attempt.pk, "act": "settle", "reason": "Looked there"})
    desk.post(f"{PAYMENTS}stuck/event/", {"row": event.pk, "act": "ask"})
    attempt.refresh_from_db()
    event.refresh_from_db()
    assert (attempt.state, event.next_try_at is not None) == ("cancelled", True)
    assert "This needs you" not in said(desk.get(PAYMENTS))
    assert AuditEntry.objects.filter(action="payment.settled").count() == 1
    assert desk.post(f"{PAYMENTS}stuck/event/", {"row": "1x", "act": "ask"}).status_code == 404


def test_money_for_what_had_ended_needs_somebody_until_it_is_said_what_becomes_of_it(community, desk):
    found = pay(take(make.member(community), plan(community)))
    assert "This needs you" not in said(desk.get(PAYMENTS))
    # A transfer on its way keeps an invoice from being taken back with its plan.
    late = awaited(invoice(found.membership, subscription=found)).invoice
    terms.end(found, "cancelled", community=community, at=AT, whatever=True)
    paid = received(Invoice.objects.get(pk=late.pk), at=AT.replace(day=20))
    assert "It came when the plan had ended" in said(desk.get(PAYMENTS))
    desk.post(f"{PAYMENTS}stuck/payment/", {"row": paid.pk, "act": "settle", "reason": "Gives it to us"})
    assert "This needs you" not in said(desk.get(PAYMENTS))
