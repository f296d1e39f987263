"""Transfers: confirmed by the treasurer, or booked from a bank's statement, each line once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from commerce.models import BankLine, Payment
from commerce.providers import creditor_reference
from commerce.providers.base import Surface
from commerce.selectors import transfers as found
from commerce.services import accounts, attempts, ledger, payments, transfers
from kernel.errors import Refused
from kernel.money import Money
from members.actors import Actor
from members.models import AuditEntry
from members.roles import Role
from tests import make
from tests.commerce import paying
from tests.commerce.dues import AT, SITE, balances, guard, invoice, received

pytestmark = pytest.mark.django_db
TODAY = AT.date()
KEYS = {"holder": "Lantern", "number": "DE89370400440532013000", "bank": "A bank"}


@pytest.fixture
def community():
    return paying.community()


@pytest.fixture
def account(community):
    account = accounts.connect(community=community, provider="offline", keys=KEYS, at=AT, by=SITE)
    accounts.test(account, at=AT, by=SITE)
    return accounts.enable(account, at=AT, by=SITE)


def awaited(member, account, **fields):
    """A member who was told where to send what an invoice asks for."""
    return attempts.begin(
        invoice=invoice(member, **fields),
        account=account,
        surface=Surface.PHONE,
        return_url=paying.BACK,
        at=AT,
        by=SITE,
    )


def came(attempt, amount=12_000, **fields):
    given = {"money": Money(amount, "CNY"), "on": TODAY, "at": AT, "by": SITE}
    return transfers.confirm(attempt=attempt, **(given | fields))


def refusal(act, *args, **fields):
    with pytest.raises(Refused) as no:
        act(*args, **fields)
    return no.value.code


def stands(attempt):
    attempt.refresh_from_db()
    attempt.invoice.refresh_from_db()
    return attempt.state, attempt.invoice.status


def statement(*lines):
    """As a bank writes it: (day, text, amount, name)."""
    rows = [f'{day},"{text}",{amount},CNY,{name}' for day, text, amount, name in lines]
    return "\n".join(["Date,Description,Amount,Currency,Name", *rows]).encode()


def read(community, *lines):
    return transfers.read(community=community, raw=statement(*lines), at=AT, by=SITE)


def proposals(community):
    lines = list(found.to_book(community.pk))
    return found.proposed(lines, community_id=community.pk)


def book(community, *chosen):
    return transfers.book(community=community, chosen=chosen, at=AT, by=SITE)


def test_what_came_pays_and_is_written_down(community, account):
    attempt = awaited(make.member(community), account)
    yesterday = TODAY - timedelta(days=1)
    payment = came(attempt, on=yesterday)
    assert (stands(attempt), payment.attempt) == (("succeeded", "paid"), attempt)
    assert (payment.paid_at.date(), payment.method) == (yesterday, "bank")
    assert payment.note.replace(" ", "") == attempt.provider_reference
    assert AuditEntry.objects.get(action="payment.by_hand").after["day"] == "2026-03-01"
    assert not found.awaited(community.pk).exists()
    guard(community)


def test_too_little_is_credit_until_the_rest_comes_and_what_is_over_stays_so(community, account):
    member = make.member(community)
    attempt = awaited(member, account)
    assert came(attempt, 10_000).surplus
    assert (stands(attempt), ledger.credit_of(member, "CNY").amount) == (("pending", "open"), 10_000)
    came(attempt, 2_500)
    assert (stands(attempt), ledger.credit_of(member, "CNY").amount) == (("succeeded", "paid"), 500)
    assert balances(community) == {"bank": 12_500, "deferred": -12_000, "credit": -500}
    guard(community)


def test_what_cannot_be_is_refused_and_changes_nothing(community, account):
    attempt = awaited(make.member(community), account)
    assert refusal(came, attempt, 0) == "amount"
    assert refusal(came, attempt, money=Money(1, "USD")) == "currency"
    assert refusal(came, attempt, on=TODAY + timedelta(days=1)) == "paid_at"
    assert refusal(came, attempt, on=TODAY - timedelta(days=367)) == "paid_at"
    assert refusal(came, attempt, method="provider") == "method"
    manager = make.member(community, role=Role.MANAGER)
    assert refusal(came, attempt, by=Actor.person(manager.user, manager)) == "no_longer_allowed"
    assert (stands(attempt), Payment.objects.exists()) == (("pending", "open"), False)


def test_lines_are_sure_probable_or_unknown(community, account):
    mei, rosa = make.member(community, name="Mei Zhang"), make.member(community, name="Rosa Núñez")
    sure, short = awaited(mei, account), awaited(rosa, account)
    numbered, named = invoice(rosa, 5_000), invoice(mei, 7_700)
    spaced = creditor_reference.grouped(sure.provider_reference).lower()
    read(
        community,
        ("2026-03-02", f"dues {spaced}", "120.00", "Zhang"),
        ("2026-03-02", short.provider_reference, "100.00", "Nunez"),
        ("2026-03-02", f"Re {numbered.number.replace('-', ' ')}", "60.00", "Rosa"),
        ("2026-03-02", "thank you", "77.00", "ZHANG Mei"),
        ("2026-03-02", "for nothing", "77.00", "Somebody"),
        ("2026-03-02", "fee", "-3.90", "Bank"),
    )
    told = [(one.certainty.value, one.invoice, one.by_reference) for one in proposals(community)]
    assert told == [
        ("sure", sure.invoice, True), ("probable", short.invoice, True), ("probable", numbered, False),
        ("probable", named, False), ("unknown", None, False),
    ]  # fmt: skip
    assert [one.short for one in proposals(community)][1] == Money(2_000, "CNY")
    assert [one.over for one in proposals(community)][2] == Money(1_000, "CNY")


def test_the_same_file_and_the_same_line_book_nothing_twice(community, account):
    attempt = awaited(make.member(community), account)
    line = ("2026-03-02", attempt.provider_reference, "120.00", "Mei")
    assert vars_of(read(community, line)) == (1, 0, 0)
    [proposal] = proposals(community)
    [payment] = book(community, (proposal.line, proposal.invoice))
    assert (stands(attempt), payment.attempt) == (("succeeded", "paid"), attempt)
    assert book(community, (proposal.line, proposal.invoice)) == []
    other = ("2026-03-02", "nothing", "-1.00", "Bank")
    assert vars_of(read(community, line, other)) == (0, 1, 1)
    assert (proposals(community), Payment.objects.count()) == ([], 1)
    # Two that say the same in one file are two.
    assert vars_of(read(community, line, line)) == (1, 1, 0)
    [second] = proposals(community)
    assert (second.too_late, book(community, (second.line, second.invoice))[0].surplus) == (True, True)
    guard(community)


def vars_of(read):
    return read.new, read.known, read.went


def test_taken_back_the_line_is_to_be_booked_again(community, account):
    mei, rosa = make.member(community), make.member(community)
    wrong, right = awaited(mei, account), awaited(rosa, account)
    read(community, ("2026-03-02", wrong.provider_reference, "120.00", "?"))
    [proposal] = proposals(community)
    [payment] = book(community, (proposal.line, wrong.invoice))
    payments.take_back(payment=payment, community=community, reason="Rosa's", at=AT, by=SITE)
    assert stands(wrong)[1] == "open"
    book(community, (proposal.line, right.invoice))
    assert (stands(right)[1], BankLine.objects.get().payment.membership) == ("paid", rosa)
    guard(community)


def test_set_aside_is_never_proposed_again_and_says_nothing_more(community):
    line = ("2026-03-02", "private words", "50.00", "Aunt")
    read(community, line)
    rows = list(found.to_book(community.pk))
    assert transfers.set_aside(community=community, lines=rows, at=AT, by=SITE) == 1
    assert list(BankLine.objects.values_list("state", "text", "counterparty")) == [("aside", "", "")]
    assert vars_of(read(community, line)) == (0, 1, 0)
    assert proposals(community) == []


def test_a_file_that_cannot_be_read_says_where_and_keeps_nothing(community, monkeypatch):
    with pytest.raises(Refused) as no:
        read(community, ("2026-03-02", "fine", "1.00", "A"), ("2026-03-02", "bad", "12x", "B"))
    assert "3" in str(no.value)
    monkeypatch.setattr(transfers, "MOST_LINES", 1)
    line = ("2026-03-02", "fine", "1.00", "A")
    assert refusal(read, community, line, line) == "too_many"
    assert not BankLine.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_treasurers_at_once_book_a_line_once(community, account):
    attempt = awaited(make.member(community), account)
    read(community, ("2026-03-02", attempt.provider_reference, "120.00", "Mei"))
    [proposal] = proposals(community)

    def one(_n):
        try:
            return len(book(community, (proposal.line, proposal.invoice)))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(one, range(4))) == 1
    assert Payment.objects.count() == 1
    guard(community)


def test_paid_by_transfer_while_another_way_stands_open(community, account):
    member = make.member(community)
    attempt = awaited(member, account)
    received(attempt.invoice, at=AT)
    assert came(attempt, 12_000).surplus
    assert ledger.credit_of(member, "CNY").amount == 12_000
