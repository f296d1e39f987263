import pytest
from django.utils.translation import override

from commerce.providers import creditor_reference
from commerce.providers.base import Attempt, Health, Instructions, State, Surface
from commerce.providers.offline import Offline, wrong_with
from kernel.money import Money

KEYS = {
    "holder": "Lantern e. V.",
    "number": "DE89 3704 0044 0532 0130 00",
    "bank": "Bank of Lantern",
    "bic": "",
    "cash": "To the treasurer",
}
ATTEMPT = Attempt("inv-1", Money(128050, "CNY"), "A year", "en")


def test_the_payer_is_told_what_to_write():
    shown = Offline(KEYS).create_checkout(ATTEMPT, idem="pay-1", surface=Surface.PHONE, return_url="")
    assert isinstance(shown, Instructions)
    with override("en"):
        assert [(str(label), value) for label, value in shown.lines] == [
            ("Amount", "1280.50 CNY"),
            ("Account holder", "Lantern e. V."),
            ("IBAN or account number", "DE89 3704 0044 0532 0130 00"),
            ("Bank", "Bank of Lantern"),
            ("Reference", "RF15 CBHY YRSC RMV"),
            ("Where cash can be paid", "To the treasurer"),
        ]
    assert shown.provider_reference == creditor_reference.of("inv-1")


def test_whether_it_came_is_not_its_to_say():
    rail = Offline(KEYS)
    assert [rail.fetch_payment("inv-1").state, rail.cancel("inv-1").state] == [State.PENDING, State.CANCELLED]


@pytest.mark.parametrize(
    ("number", "works"),
    [("DE89370400440532013000", True), ("DE88370400440532013000", False), ("6222 0202 0000 1234 567", True),
     ("GB82WEST12345698765432", True), ("12", False), ("账号", False)],
)  # fmt: skip
def test_an_account_number_is_looked_at(number, works):
    assert (wrong_with(number) is None) == works
    assert Offline(KEYS | {"number": number}).test_connection().works == works


def test_what_is_missing_is_named():
    health = Offline({"number": KEYS["number"]}).test_connection()
    with override("en"):
        assert health == Health(
            False, account=KEYS["number"], missing=("Account holder is missing.", "Bank is missing.")
        )
