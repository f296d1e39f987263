"""The ledger: what is posted sums to zero, is posted once, and stays; the database sees to it, whatever code does."""

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from commerce.models import Account, Entry, Transaction
from commerce.services import ledger
from commerce.services.ledger import Side
from tests import make
from tests.commerce.dues import AT, balances


def post(community, *amounts, source=1, kind="correction"):
    sides = [Side(account, amount) for account, amount in zip(Account, amounts, strict=False)]
    return ledger.post(
        community=community,
        kind=kind,
        source_type="test",
        source_id=source,
        currency="CNY",
        sides=sides,
        at=AT,
    )


@pytest.fixture
def community():
    return make.community(currency="CNY")


pytestmark = pytest.mark.django_db


def test_a_posting_stands_on_its_accounts(community):
    posting = post(community, 300, -100, -200)
    assert balances(community) == {"receivable": 300, "clearing": -100, "bank": -200}
    assert (posting.day, posting.entries.count()) == (date(2026, 3, 2), 3)


def test_sides_that_do_not_sum_to_zero_are_an_error_and_nothing_is_written(community):
    with pytest.raises(ValueError):
        post(community, 300, -299)
    assert not Transaction.objects.exists()


def test_nothing_is_posted_of_nothing(community):
    assert post(community, 0, 0) is None


def test_a_source_is_posted_once_for_each_kind(community):
    post(community, 300, -300)
    with pytest.raises(IntegrityError), transaction.atomic():
        post(community, 300, -300)
    post(community, 300, -300, kind="payment")
    assert balances(community) == {"receivable": 600, "clearing": -600}


def test_what_is_reversed_is_gone_and_is_reversed_once(community):
    posting = post(community, 300, -300)
    ledger.reverse(posting, community=community, kind="void", at=AT)
    assert balances(community) == {}
    with pytest.raises(IntegrityError), transaction.atomic():
        ledger.reverse(posting, community=community, kind="void", at=AT)


def test_the_day_is_the_communitys():
    shanghai = make.community(timezone="Asia/Shanghai", currency="CNY")
    assert post(shanghai, 1, -1, kind="correction").day == date(2026, 3, 2)
    late = ledger.post(
        community=shanghai,
        kind="payment",
        source_type="test",
        source_id=2,
        currency="CNY",
        sides=[Side(Account.BANK, 1), Side(Account.CREDIT, -1)],
        at=AT.replace(hour=16),
    )
    assert late is not None and late.day == date(2026, 3, 3)


def checked_now():
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def entry(posting, amount, **fields):
    given = {"community_id": posting.community_id, "account": "bank", "currency": "CNY", "day": posting.day}
    return Entry(transaction=posting, amount=amount, **(given | fields))


def test_the_database_refuses_what_does_not_sum_to_zero(community):
    posting = post(community, 300, -300)
    for wrong in ([entry(posting, 1)], [entry(posting, 5), entry(posting, -5, currency="USD")]):
        with pytest.raises(IntegrityError, match="does not sum to zero"), transaction.atomic():
            Entry.objects.bulk_create(wrong)
            checked_now()


def test_the_database_refuses_a_posting_without_entries(community):
    with pytest.raises(IntegrityError, match="has no entries"), transaction.atomic():
        Transaction.objects.create(
            community=community, kind="correction", source_type="test", source_id=9, day=AT.date(), at=AT
        )
        checked_now()


def test_the_database_refuses_entries_of_another_community_or_day(community):
    posting = post(community, 300, -300)
    for wrong in ({"community_id": make.community().id}, {"day": date(2026, 3, 3)}):
        with pytest.raises(DatabaseError, match="belongs to the posting"), transaction.atomic():
            entry(posting, 1, **wrong).save()


@pytest.mark.django_db(transaction=True)
def test_nobody_adds_to_a_posting_later(community):
    posting = post(community, 300, -300)
    with pytest.raises(DatabaseError, match="belongs to the posting"), transaction.atomic():
        Entry.objects.bulk_create([entry(posting, 5), entry(posting, -5)])
    assert balances(community) == {"receivable": 300, "clearing": -300}


@pytest.mark.parametrize("table", ["commerce_entry", "commerce_transaction"])
@pytest.mark.parametrize("act", ["UPDATE {} SET day = day", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_database_refuses_to_change_what_was_posted(community, table, act):
    post(community, 300, -300)
    refused = pytest.raises(DatabaseError, match="append-only|permission denied")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(act.format(table))
    assert balances(community) == {"receivable": 300, "clearing": -300}
