"""The ledger's pages: sums against a recount of every entry in plain Python, statements, a posting, who sees what."""

import csv
import io
import random
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from commerce import books
from commerce.models import Account, Entry, Payment, Transaction
from commerce.selectors import books as sums
from commerce.services import ledger, payments
from commerce.services.ledger import Posting, Side
from kernel.money import Money
from members.models import AuditEntry
from tests import api, make
from tests.commerce.dues import AT, SITE, invoice

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
MARCH = (date(2026, 3, 1), date(2026, 3, 31))


@pytest.fixture
def community():
    return make.community("lantern", name="Lantern", currency="CNY", timezone="Asia/Shanghai")


@pytest.fixture
def member(community):
    return make.member(community, name="Mei")


@pytest.fixture
def browser(community):
    return api.browser(community.founded_by)


def at(browser, path="", **asked):
    answer = browser.get(
        f"/c/lantern/desk/money/ledger/{path}", {"since": "2026-03-01", "until": "2026-03-31"} | asked
    )
    assert answer.status_code == 200
    return answer


def paid(owed, *, when=AT):
    return payments.receive(
        invoice=owed,
        community=owed.community,
        money=owed.due,
        method=Payment.Method.BANK,
        paid_at=when,
        at=when,
        by=SITE,
    )


def scattered(community, member, many=120):
    """Postings between random accounts, in three currencies, over five months, at all hours."""
    dice, start = random.Random(7), datetime(2026, 1, 1, tzinfo=SHANGHAI)
    accounts = list(Account)
    postings = []
    for n in range(many):
        amounts = [dice.randint(-(10**6), 10**6) for _side in range(dice.randint(1, 3))]
        sides = [
            Side(dice.choice(accounts), amount, membership=member) for amount in [*amounts, -sum(amounts)]
        ]
        when = start + timedelta(minutes=dice.randint(0, 150 * 24 * 60))
        postings.append(
            Posting("correction", "scattered", n, dice.choice(["CNY", "JPY", "KWD"]), sides, when)
        )
    ledger.post_all(community=community, postings=postings)


def recount(community, first, last):
    """Every entry, added up by hand on the community's days."""
    found = {}
    for entry in Entry.objects.select_related("transaction").filter(community=community):
        day = entry.transaction.at.astimezone(SHANGHAI).date()
        if day > last:
            continue
        of = found.setdefault((entry.currency, entry.account), Counter())
        side = "debits" if entry.amount > 0 else "credits"
        of["opening" if day < first else side] += entry.amount if day < first else abs(entry.amount)
    return {
        key: (of["opening"], of["debits"], of["credits"], of["opening"] + of["debits"] - of["credits"])
        for key, of in found.items()
    }


@pytest.mark.parametrize(
    "days", [MARCH, (date(2026, 2, 11), date(2026, 2, 11)), (date(2025, 1, 1), date(2027, 1, 1))]
)
def test_sums_are_those_of_a_recount(community, member, days):
    scattered(community, member)
    scattered_elsewhere = make.member(make.community(currency="CNY"))
    invoice(scattered_elsewhere)
    trials = sums.trial_balances(community.id, *days)
    told = {
        (one.currency, one.account): (one.opening, one.debits, one.credits, one.closing)
        for trial in trials
        for one in trial.balances
    }
    assert told == recount(community, *days)
    assert [trial.currency for trial in trials] == ["CNY", "JPY", "KWD"]
    assert [trial.is_even for trial in trials] == [True] * 3
    for (currency, account), (opening, debits, credits, closing) in told.items():
        one = sums.balance(community.id, Account(account), currency, *days)
        assert (one.opening, one.debits, one.credits, one.closing) == (opening, debits, credits, closing)


def test_books_that_do_not_add_up_are_said_not_to():
    one = sums.Balance("CNY", 0, 100, 0, Account.BANK)
    assert not sums.TrialBalance("CNY", [one]).is_even
    assert sums.TrialBalance("CNY", [one, sums.Balance("CNY", 0, 0, 100, Account.REVENUE)]).is_even
    assert not sums.TrialBalance("CNY", [sums.Balance("CNY", 5, 0, 0, Account.BANK)]).is_even


def test_a_statement_runs_from_what_was_there_to_what_is(community, member):
    scattered(community, member)
    for account in Account:
        opening = sums.balance(community.id, account, "CNY", *MARCH).opening
        running = opening
        lines = books.lines(sums.statement(community.id, account, "CNY", *MARCH), opening=opening)
        for line in lines:
            running += line.entry.amount
            assert line.balance == Money(running, "CNY")
        assert running == sums.balance(community.id, account, "CNY", *MARCH).closing
        assert [line.entry.day for line in lines] == sorted(line.entry.day for line in lines)


def test_the_page_of_a_month(browser, member):
    paid(invoice(member, 12_000))
    page = at(browser).content.decode()
    assert "checked: debits and credits are equal" in page
    assert page.count("CN¥120.00") > 4 and "−CN¥120.00" in page
    assert "What came to your bank, or in cash." in page
    assert "differ" not in page


def test_the_last_page_of_a_statement_goes_on_from_the_first(browser, community, member, monkeypatch):
    monkeypatch.setattr("commerce.views.ledger.PAGE", 2)
    for n in range(3):
        paid(invoice(member, 100 * (n + 1), at=AT + timedelta(hours=n)), when=AT + timedelta(hours=n))
    found = [at(browser, "receivable/", page=page).context["lines"] for page in (1, 2, 3)]
    assert [line.balance.amount for lines in found for line in lines] == [100, 0, 200, 0, 300, 0]


def test_a_statement_names_what_it_came_of_and_where_that_is_seen(browser, member):
    owed = invoice(member)
    [line] = at(browser, "receivable/").context["lines"]
    assert (line.kind, line.cause.name, line.member) == ("Invoice", owed.number, member)
    page = at(browser, "receivable/").content.decode()
    posting = Transaction.objects.get()
    assert reverse("commerce:invoice", args=[owed.pay_token]) in page
    assert f"/c/lantern/desk/money/ledger/posting/{posting.key}/" in page


def test_what_is_one_members_alone(browser, community, member):
    invoice(member, 500)
    invoice(make.member(community, name="Bo"), 700)
    assert at(browser, "receivable/").context["sums"]["closing"].amount == 1200
    assert at(browser, "receivable/", member=member.number).context["sums"]["closing"].amount == 500
    for nobody in ("999", "0", "x"):
        alone = at(browser, "receivable/", member=nobody).context["sums"]["closing"].amount
        assert alone == (0 if nobody == "999" else 1200)


def test_a_posting_shows_both_sides_and_what_took_it_back(browser, member, community):
    from commerce.services import invoices

    owed = invoice(member, 12_000)
    first = Transaction.objects.get()
    invoices.void(invoice=owed, community=community, reason="Twice", at=AT, by=SITE)
    back = Transaction.objects.get(reverses=first)
    page = at(browser, f"posting/{first.key}/").content.decode()
    assert "Receivable" in page and "Deferred revenue" in page and page.count("CN¥120.00") == 2
    assert f"ledger/posting/{back.key}/" in page and "Taken back by" in page
    assert "Takes back" in at(browser, f"posting/{back.key}/").content.decode()


def test_another_communitys_posting_is_not_there(browser):
    elsewhere = make.member(make.community(currency="CNY"))
    invoice(elsewhere)
    key = Transaction.objects.get().key
    assert browser.get(f"/c/lantern/desk/money/ledger/posting/{key}/").status_code == 404
    assert browser.get("/c/lantern/desk/money/ledger/nothing/").status_code == 404


def test_days_are_the_communitys(browser, member):
    # The last hour of March in Shanghai is still the afternoon in UTC, the next one April.
    invoice(member, 100, at=datetime(2026, 3, 31, 15, 59, tzinfo=ZoneInfo("UTC")))
    invoice(member, 200, at=datetime(2026, 3, 31, 16, 0, tzinfo=ZoneInfo("UTC")))
    assert at(browser, "receivable/").context["sums"]["closing"].amount == 100


@pytest.mark.parametrize(
    "asked",
    [
        {"since": "x"},
        {"since": "", "until": ""},
        {"since": "2026-04-01", "until": "2026-03-01"},
        {"since": "0001-01-01", "until": "9999-12-31"},
    ],
)
def test_days_that_cannot_be_read_are_this_month(browser, asked, member):
    invoice(member)
    answer = at(browser, **asked)
    first, last = answer.context["first"], answer.context["last"]
    if asked["since"].startswith("0001"):
        assert (first, last) == (date.min, date.max)
    else:
        assert first.day == 1 and (last + timedelta(days=1)).day == 1


@pytest.mark.parametrize(("path", "queries"), [("", 13), ("receivable/", 18)])
@pytest.mark.parametrize("many", [1, 3])
def test_the_same_queries_for_one_and_for_three(
    browser, community, path, queries, many, django_assert_num_queries
):
    for n in range(many):
        paid(invoice(make.member(community, name=f"Member {n}")))
    with django_assert_num_queries(queries):
        at(browser, path)


def test_a_month_of_thousands_of_entries_adds_up(community, member):
    """What the database adds up over a hundred times a page is what was posted."""
    postings = [
        Posting(
            "correction", "many", n, "KWD", [Side(Account.BANK, n + 1), Side(Account.REVENUE, -n - 1)], AT
        )
        for n in range(5_000)
    ]
    ledger.post_all(community=community, postings=postings)
    one = sums.balance(community.id, Account.BANK, "KWD", *MARCH)
    assert (one.debits, one.credits) == (5_000 * 5_001 // 2, 0)
    assert one.money["closing"].decimal == Decimal("12502.500")


# --- the accountants' files --------------------------------------------------------------------------------


def table_of(answer):
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = answer.getvalue().decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_the_file_of_entries_adds_up_to_the_trial_balance(browser, community, member, monkeypatch):
    monkeypatch.setattr("commerce.ledger_sheets.PORTION", 7)
    scattered(community, member)
    paid(invoice(member, 12_000))
    rows = table_of(at(browser, "entries.csv"))
    assert list(rows[0]) == [
        "transaction", "day", "at", "kind", "account", "member", "invoice", "debit", "credit", "currency", "reverses", "note",
    ]  # fmt: skip
    added = Counter()
    for row in rows:
        assert (row["debit"] == "") != (row["credit"] == "")
        added[row["currency"], row["account"], "debit"] += Decimal(row["debit"] or 0)
        added[row["currency"], row["account"], "credit"] += Decimal(row["credit"] or 0)
    trial = table_of(at(browser, "trial-balance.csv"))
    for row in trial:
        for side in ("debit", "credit"):
            assert added[row["currency"], row["account"], side] == Decimal(row[side])
        moved = Decimal(row["debit"]) - Decimal(row["credit"])
        assert Decimal(row["opening"]) + moved == Decimal(row["closing"])
    assert {(row["currency"], row["account"]) for row in rows} <= {
        (row["currency"], row["account"]) for row in trial
    }
    counted = recount(community, *MARCH)
    assert {(row["currency"], row["account"]): Decimal(row["closing"]) for row in trial} == {
        (currency, account): Money(of[3], currency).decimal for (currency, account), of in counted.items()
    }
    # Each with exactly the places of its currency.
    places = {(row["currency"], len(row["closing"].partition(".")[2])) for row in trial}
    assert places == {("CNY", 2), ("JPY", 0), ("KWD", 3)}


def test_a_line_of_the_file_says_whose_it_is_and_what_it_came_of(browser, community, member):
    owed = invoice(member, 12_000)
    paid(owed)
    rows = table_of(at(browser, "entries.csv"))
    told = [(row["kind"], row["account"], row["debit"], row["credit"]) for row in rows]
    assert told == [
        ("invoice", "receivable", "120.00", ""),
        ("invoice", "deferred", "", "120.00"),
        ("payment", "bank", "120.00", ""),
        ("payment", "receivable", "", "120.00"),
    ]
    assert {(row["member"], row["invoice"], row["day"]) for row in rows} == {
        (str(member.number), owed.number, "2026-03-02")
    }


def test_an_export_is_kept_in_the_audit_log(browser, community):
    at(browser, "entries.csv")
    at(browser, "trial-balance.csv")
    days = {"since": "2026-03-01", "until": "2026-03-31"}
    assert [entry.after for entry in AuditEntry.objects.filter(action="ledger.exported").order_by("pk")] == [
        {"file": "ledger"} | days,
        {"file": "trial-balance"} | days,
    ]


def test_a_file_is_sent_while_it_is_read(browser, community, member, monkeypatch, django_assert_num_queries):
    """A portion is read and told at a time: two queries for each, of a file that is only begun two in all."""
    monkeypatch.setattr("commerce.ledger_sheets.PORTION", 100)
    postings = [
        Posting("correction", "many", n, "CNY", [Side(Account.BANK, 1), Side(Account.REVENUE, -1)], AT)
        for n in range(500)
    ]
    ledger.post_all(community=community, postings=postings)
    answer = at(browser, "entries.csv")
    told = iter(answer.streaming_content)
    seen = [next(told) for _n in range(3)]
    assert len(seen) == 3 and b"bank" in seen[2]
    assert sum(1 for _line in told) == 1_000 + 2 - 3
