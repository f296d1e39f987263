"""What is read at once takes as many queries with one row as with three: two for the community and the key."""

import pytest

from commerce.models import InvoiceLine
from commerce.services import seats
from commerce.services.invoices import NewLine
from tests import api, make
from tests.commerce import dues

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return make.member(make.community(currency="CNY"))


@pytest.fixture
def program(member):
    program = api.Program(member.community)
    program.get("")  # the first use of a key in a minute is written down
    return program


def test_an_invoice_of_one_line_and_of_three(program, member, django_assert_num_queries):
    line = NewLine(InvoiceLine.Kind.DUES, "Dues", 1_000, days=dues.MONTH)
    for many in (1, 3):
        asked = dues.invoice(member, lines=[line] * many)
        with django_assert_num_queries(5):
            assert len(program.get(f"invoices/{asked.key}/").json()["lines"]) == many


def test_seats_one_and_three(program, member, django_assert_num_queries):
    group = dues.a_group(member)
    for many in (1, 3):
        seats.add(group, many - group.seats.count(), at=make.EARLY)
        with django_assert_num_queries(4):
            assert len(program.get(f"subscriptions/{group.key}/seats/").json()["results"]) == many
        with django_assert_num_queries(4):
            program.get(f"subscriptions/{group.key}/")


def test_balances_of_one_currency_and_of_three(program, member, django_assert_num_queries):
    for many, currency in enumerate(("CNY", "JPY", "USD"), start=1):
        dues.invoice(member, currency=currency)
        for path in ("ledger/accounts/", "ledger/trial-balance/"):
            with django_assert_num_queries(3):
                found = program.get(path).json()["results"]
            assert len({one["currency"] for one in found}) == many
