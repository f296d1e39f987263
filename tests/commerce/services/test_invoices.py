"""Invoices are numbered without a gap, final, paid once, and taken back only by what stands beside them."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from commerce.models import Deferral, Invoice, InvoiceLine, NumberSeries, Payment
from commerce.services import invoices, ledger, payments
from commerce.services.invoices import NewLine
from engagement.models import Fact
from kernel.errors import Refused
from kernel.money import Money
from members.models import AuditEntry
from tests import make
from tests.commerce.dues import AT, MONTH, SITE, balances, guard, invoice

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return make.community(currency="CNY", name="Lantern")


@pytest.fixture
def member(community):
    return make.member(community, name="Mei")


def pay(of, amount, *, method=Payment.Method.BANK, **fields):
    given = {"invoice": of, "community": of.community, "money": Money(amount, "CNY"), "method": method}
    return payments.receive(**(given | {"paid_at": AT, "at": AT, "by": SITE} | fields))


def test_what_is_asked_is_owed_deferred_and_taxed(community, member):
    asked = invoice(member, 12_000, rate=600)
    assert (asked.number, asked.net, asked.tax, asked.due) == (
        "INV-2026-000001", 11_321, 679, Money(12_000, "CNY"),
    )  # fmt: skip
    assert balances(community) == {"receivable": 12_000, "deferred": -11_321, "tax": -679}
    assert (asked.billed_to["name"], asked.seller["name"]) == ("Mei", "Lantern")
    deferral = Deferral.objects.get()
    assert (deferral.amount, deferral.starts_on, deferral.begun_at) == (11_321, date(2026, 3, 1), None)


def test_numbers_have_no_gap_even_where_one_fails(community, member):
    invoice(member)
    with pytest.raises(RuntimeError), transaction.atomic():
        invoice(member)
        raise RuntimeError
    assert invoice(member).number == "INV-2026-000002"
    assert invoice(member, at=AT + timedelta(days=365)).number == "INV-2027-000001"
    assert NumberSeries.objects.filter(community=community).count() == 2
    guard(community)


def test_a_coupon_stands_beside_revenue(community, member):
    lines = [
        NewLine(InvoiceLine.Kind.DUES, "Dues", 10_000),
        NewLine(InvoiceLine.Kind.COUPON, "SPRING", -2_000),
    ]
    invoice(member, lines=lines)
    assert balances(community) == {"receivable": 8_000, "revenue": -10_000, "discount": 2_000}


def test_a_subscription_is_asked_once_for_a_period(community, member):
    with pytest.raises(ValueError):
        invoice(member, lines=[NewLine(InvoiceLine.Kind.OTHER, "Nothing", -1)])
    assert not Invoice.objects.exists()


def test_money_that_covers_it_pays_it(community, member):
    asked = invoice(member)
    payment = pay(asked, 12_000)
    asked.refresh_from_db()
    assert (asked.status, asked.paid_at, payment.surplus) == ("paid", AT, False)
    assert balances(community) == {"bank": 12_000, "deferred": -12_000}
    assert Deferral.objects.get().begun_at == AT
    fact = Fact.objects.get(verb="paid")
    assert (fact.member, str(fact.value.normalize()), fact.object_id) == (
        member.number,
        "1.2E+2",
        payment.key.hex,
    )
    guard(community)


def test_what_is_over_is_credit_and_pays_the_next(community, member):
    pay(invoice(member), 15_000)
    assert ledger.credit_of(member, "CNY") == Money(3_000, "CNY")
    assert ledger.credit_of(member, "USD") == Money(0, "USD")
    following = invoice(member, 5_000)
    assert (following.credit_used, following.due.amount) == (3_000, 2_000)
    pay(following, 2_000)
    assert balances(community) == {"bank": 17_000, "deferred": -17_000}
    guard(community)


def test_credit_that_covers_all_pays_at_once(community, member):
    pay(invoice(member), 30_000)
    assert invoice(member).status == "paid"
    assert ledger.credit_of(member, "CNY").amount == 6_000
    guard(community)


def test_too_little_is_credit_until_it_is_enough(community, member):
    asked = invoice(member)
    assert pay(asked, 7_000).surplus
    asked.refresh_from_db()
    assert (asked.status, ledger.credit_of(member, "CNY").amount) == ("open", 7_000)
    pay(asked, 6_000)
    asked.refresh_from_db()
    assert (asked.status, ledger.credit_of(member, "CNY").amount) == ("paid", 1_000)
    assert Fact.objects.filter(verb="paid").count() == 2
    guard(community)


def test_paid_twice_is_paid_once_and_the_rest_is_credit(community, member):
    asked = invoice(member)
    pay(asked, 12_000)
    assert pay(asked, 12_000).surplus
    assert balances(community) == {"bank": 24_000, "deferred": -12_000, "credit": -12_000}
    guard(community)


def test_a_fee_is_taken_from_where_the_money_lies(community, member):
    pay(invoice(member), 12_000, fee=Money(348, "CNY"))
    assert balances(community) == {"bank": 11_652, "fees": 348, "deferred": -12_000}


@pytest.mark.parametrize("money", [Money(0, "CNY"), Money(-5, "CNY"), Money(12_000, "USD")])
def test_nothing_and_other_currencies_pay_nothing(community, member, money):
    asked = invoice(member)
    with pytest.raises(ValueError):
        pay(asked, 1, money=money)
    assert not Payment.objects.exists()


def test_an_invoice_is_taken_back_with_a_reason_and_its_credit_returns(community, member):
    pay(invoice(member), 15_000)
    asked = invoice(member)
    with pytest.raises(Refused) as refusal:
        invoices.void(invoice=asked, community=community, reason=" ", at=AT, by=SITE)
    assert refusal.value.code == "required"
    invoices.void(invoice=asked, community=community, reason="Asked by mistake", at=AT, by=SITE)
    assert balances(community) == {"bank": 15_000, "deferred": -12_000, "credit": -3_000}
    assert AuditEntry.objects.get(action="invoice.voided").after["amount"] == "120.00"
    with pytest.raises(Refused) as refusal:
        invoices.void(invoice=asked, community=community, reason="Again", at=AT, by=SITE)
    assert refusal.value.code == "not_open"
    assert pay(asked, 12_000).surplus
    guard(community)


CHANGES = [
    "net = net + 1, gross = gross + 1",
    "sequence = 99",
    "due_on = due_on + 1",
    'billed_to = \'{"name": "X"}\'',
]


@pytest.mark.parametrize("change", CHANGES)
def test_the_database_refuses_to_change_what_an_invoice_says(member, change):
    invoice(member)
    with (
        pytest.raises(DatabaseError, match="final invoice"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE commerce_invoice SET {change}")


@pytest.mark.parametrize("table", ["commerce_invoiceline", "commerce_invoice"])
def test_the_database_refuses_to_take_an_invoice_away(member, table):
    invoice(member)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")


def test_the_database_refuses_lines_that_do_not_add_up(member):
    asked = invoice(member)
    with pytest.raises(IntegrityError, match="do not add up"), transaction.atomic():
        InvoiceLine.objects.create(
            invoice=asked, position=5, kind="other", words="More", net=1, tax=0, gross=1
        )
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_refuses_to_send_back_more_than_came(community, member):
    payment = pay(invoice(member), 12_000)
    with pytest.raises(IntegrityError, match="never_refunded_beyond"), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(refunded=8_000, refunding=4_001)


def test_an_invoice_names_days_it_is_for(member):
    assert invoice(member, period=MONTH).period_end == date(2026, 4, 1)
