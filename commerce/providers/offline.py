"""Bank transfer and cash: the payer is told where the money goes, and the treasurer says when it came."""

import re
from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from commerce.providers import creditor_reference
from commerce.providers.base import (
    NOTHING,
    Attempt,
    Health,
    Instructions,
    KeyField,
    Presentation,
    Provider,
    ProviderPayment,
    State,
    Surface,
    Words,
)

_IBAN = re.compile(r"[A-Z]{2}\d{2}[0-9A-Z]{11,30}")
_NUMBER = re.compile(r"[0-9A-Z]{4,40}")


def _account_number(text: str) -> str:
    return re.sub(r"[\s-]", "", text).upper()


def wrong_with(text: str) -> Words | None:
    """What is wrong with an IBAN or an account number of a country without one."""
    number = _account_number(text)
    if not number.isascii() or not _NUMBER.fullmatch(number):
        return _("An account number has 4 to 40 digits and letters.")
    if _IBAN.fullmatch(number):
        turned = "".join(str(int(character, 36)) for character in number[4:] + number[:4])
        if int(turned) % 97 != 1:
            return _("A digit of this IBAN is wrong: its check digits do not fit.")
    return None


class Offline(Provider):
    key = "offline"
    label = _("Bank transfer or cash")
    capabilities = frozenset()
    currencies = None
    fields = (
        KeyField("holder", _("Account holder"), secret=False),
        KeyField("number", _("IBAN or account number"), secret=False, check=wrong_with),
        KeyField("bank", _("Bank"), secret=False),
        KeyField("bic", _("BIC (SWIFT)"), secret=False, required=False),
        KeyField(
            "cash",
            _("Where cash can be paid"),
            help=_("For instance: to the treasurer, at any gathering."),
            secret=False,
            required=False,
        ),
    )

    def __init__(self, keys: Mapping[str, str], *, notify_url: str = "") -> None:
        super().__init__({name: value.strip() for name, value in keys.items()}, notify_url=notify_url)

    @property
    def account(self) -> str:
        return _account_number(self.keys["number"])

    def test_connection(self) -> Health:
        """There is nobody to ask: what was written is looked at."""
        faults = self.faults()
        return Health(not faults, account=self.keys.get("number", ""), missing=faults)

    def create_checkout(
        self, attempt: Attempt, *, idem: str, surface: Surface, return_url: str
    ) -> Presentation:
        reference = creditor_reference.of(attempt.reference)
        number = self.account
        lines = (
            (_("Amount"), f"{attempt.amount} {attempt.amount.currency}"),
            (_("Account holder"), self.keys["holder"]),
            (_("IBAN or account number"), creditor_reference.grouped(number)),
            (_("Bank"), self.keys["bank"]),
            (_("BIC (SWIFT)"), self.keys.get("bic", "")),
            (_("Reference"), creditor_reference.grouped(reference)),
            (_("Where cash can be paid"), self.keys.get("cash", "")),
        )
        return Instructions(tuple(line for line in lines if line[1]), reference)

    def fetch_payment(self, reference: str, provider_reference: str = "") -> ProviderPayment:
        """Always on its way: whether it came is known to the treasurer alone, and so no amount is said."""
        return self._payment(reference, State.PENDING)

    def cancel(self, reference: str, provider_reference: str = "") -> ProviderPayment:
        """Nobody can be kept from sending a transfer; what comes all the same is found by its reference."""
        return self._payment(reference, State.CANCELLED)

    def _payment(self, reference: str, state: State) -> ProviderPayment:
        theirs = creditor_reference.of(reference)
        return ProviderPayment(reference, state, NOTHING, NOTHING, NOTHING, provider_reference=theirs)
