"""The ledger by the API: read, added up, and never changed."""

from datetime import timedelta

import pytest

from commerce.models import Entry
from commerce.services import accounts, invoices, payments
from tests import api, make
from tests.commerce import dues

pytestmark = pytest.mark.django_db
LATER = dues.AT + timedelta(days=3)


@pytest.fixture
def community():
    return make.community(currency="CNY")


@pytest.fixture
def member(community):
    return make.member(community)


@pytest.fixture
def program(community):
    return api.Program(community, "read")


def yuan(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


@pytest.fixture(autouse=True)
def _books(community, member):
    """106.00 asked for on 2 March with 6.00 of tax, and paid on the 5th; 1200 yen asked for and taken back."""
    asked = dues.invoice(member, 10_600, rate=600)
    payments.receive(
        invoice=asked, community=community, money=asked.due, method="bank", paid_at=LATER, at=LATER,
        by=dues.SITE,
    )  # fmt: skip
    yen = dues.invoice(member, 1_200, currency="JPY")
    invoices.void(invoice=yen, community=community, reason="x", at=LATER, by=dues.SITE)


def test_balances_of_a_day(program):
    def read(day):
        told = program.get(f"ledger/accounts/?as_of={day}").json()
        assert told["as_of"] == day
        return {(one["currency"], one["account"]): one["balance"]["amount"] for one in told["results"]}

    before = {("CNY", "receivable"): "106.00", ("CNY", "deferred"): "-100.00", ("CNY", "tax"): "-6.00"}
    assert read("2026-03-01") == {}
    assert read("2026-03-02") == before | {("JPY", "receivable"): "1200", ("JPY", "deferred"): "-1200"}
    assert read("2026-03-05") == before | {
        ("CNY", "receivable"): "0.00",
        ("CNY", "bank"): "106.00",
        ("JPY", "receivable"): "0",
        ("JPY", "deferred"): "0",
    }


def test_the_trial_balance_is_even(program):
    told = program.get("ledger/trial-balance/?from=2026-03-03&to=2026-03-31").json()
    assert (told["from"], told["to"], [one["currency"] for one in told["results"]]) == (
        "2026-03-03",
        "2026-03-31",
        ["CNY", "JPY"],
    )
    chinese = told["results"][0]
    rows = {one.pop("account"): [sum["amount"] for sum in one.values()] for one in chinese["accounts"]}
    assert rows == {
        "receivable": ["106.00", "0.00", "106.00", "0.00"],
        "bank": ["0.00", "106.00", "0.00", "106.00"],
        "deferred": ["-100.00", "0.00", "0.00", "-100.00"],
        "tax": ["-6.00", "0.00", "0.00", "-6.00"],
    }
    assert chinese["total"] == {
        "opening": yuan("0.00"),
        "debits": yuan("106.00"),
        "credits": yuan("106.00"),
        "closing": yuan("0.00"),
    }
    wrong = program.get("ledger/trial-balance/?from=2026-03-03&to=2026-03-02")
    assert (wrong.status_code, api.where(wrong)) == (400, [("from", "order")])


def test_entries_are_found_by_what_is_asked(program, member):
    whole = program.get("ledger/entries/").json()["results"]
    assert len(whole) == Entry.objects.count() == 9
    for currency in ("CNY", "JPY"):
        amounts = [one["amount"]["amount"] for one in whole if one["amount"]["currency"] == currency]
        assert sum(int(amount.replace(".", "")) for amount in amounts) == 0
    for asked, many in {
        "account=receivable": 4,
        "account=receivable&currency=JPY": 2,
        "kind=void": 2,
        f"member={member.number}": 4,
        "member=999": 0,
        "from=2026-03-03": 4,
        "from=2026-03-02&to=2026-03-04": 5,
    }.items():
        assert (asked, len(program.get(f"ledger/entries/?{asked}").json()["results"])) == (asked, many)
    (back, *_more) = program.get("ledger/entries/?kind=void").json()["results"]
    assert back["reverses"] in {one["posting"] for one in whole if one["kind"] == "invoice"}


def test_pages_of_entries_lose_nothing(program):
    seen, path = [], "ledger/entries/?limit=2"
    while path:
        page = program.get(path).json()
        seen += [(one["posting"], one["account"]) for one in page["results"]]
        path = page["next"] and page["next"].partition(f"{program.root}")[2]
    assert len(seen) == len(set(seen)) == 9


@pytest.mark.parametrize("path", ["ledger/entries/", "ledger/accounts/", "ledger/trial-balance/"])
def test_nothing_of_it_is_written_by_anybody(community, path):
    program = api.Program(community)
    for method in ("post", "put", "patch", "delete"):
        assert getattr(program.client, method)(program.root + path).status_code == 405


def test_providers_are_told_of_without_their_keys(program, community):
    keys = {"holder": "Lantern e.V.", "number": "DE89370400440532013000", "bank": "Bank of the North"}
    account = accounts.connect(community=community, provider="offline", keys=keys, at=dues.AT, by=dues.SITE)
    accounts.test(account, at=dues.AT, by=dues.SITE)
    answer = program.get("provider-accounts/")
    (told,) = answer.json()["results"]
    assert (told["provider"], told["works"], told["enabled"], told["missing"]) == ("offline", True, False, [])
    assert "Bank of the North" not in answer.content.decode()
