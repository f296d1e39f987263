"""What the API says of the ledger. A debit is positive, a credit negative."""

from typing import Any

from rest_framework import serializers

from commerce.models import Account
from commerce.services import ledger
from kernel.api.fields import Moment
from kernel.api.money import MoneyOf, MoneyShape
from kernel.api.serializers import Shape, page_of


class EntryShape(Shape):
    """One side of a posting. The sides of a posting sum to zero, and none of them ever changes."""

    sparse = True

    posting = serializers.UUIDField(
        source="transaction.key", help_text="The sides of one posting have it in common."
    )
    kind = serializers.ChoiceField(source="transaction.kind", choices=list(ledger.KINDS))
    day = serializers.DateField(help_text="The community's day.")
    at = Moment(source="transaction.at")
    account = serializers.ChoiceField(choices=Account.values)
    amount = MoneyOf("amount")
    member = serializers.IntegerField(
        source="membership.number", allow_null=True, default=None, help_text="Whose debt or credit it is."
    )
    provider = serializers.CharField(
        source="provider_account.provider",
        allow_null=True,
        default=None,
        help_text="With whom the money lies.",
    )
    reverses = serializers.UUIDField(
        source="transaction.reverses.key",
        allow_null=True,
        default=None,
        help_text="The posting it takes back.",
    )


EntryPage = page_of(EntryShape, "EntryPage")


class BalanceShape(Shape):
    """What stands on an account at the end of a day."""

    account = serializers.ChoiceField(choices=Account.values)
    currency = serializers.CharField()
    balance = MoneyShape()


class BalancesShape(Shape):
    """Every account that was ever used by that day, by currency."""

    as_of = serializers.DateField()
    results = BalanceShape(many=True)


class SumsShape(Shape):
    """What was there before the days, what moved on them, and what is there then."""

    opening = MoneyShape()
    debits = MoneyShape(help_text="Nothing or more.")
    credits = MoneyShape(help_text="Nothing or more.")
    closing = MoneyShape()


class AccountSumsShape(SumsShape):
    """The sums of one account."""

    account = serializers.ChoiceField(choices=Account.values)


class TrialShape(Shape):
    """The accounts of one currency and their sums: debits are credits, and nothing is left over."""

    currency = serializers.CharField()
    accounts = AccountSumsShape(many=True)
    total = SumsShape()


class TrialsShape(Shape):
    """A trial balance for each currency."""

    results = TrialShape(many=True)

    def get_fields(self) -> dict[str, Any]:
        days = {name: serializers.DateField(help_text="Included.") for name in ("from", "to")}
        return days | super().get_fields()


class RailShape(Shape):
    """A community's account with a payment provider. Its keys are told to nobody."""

    key = serializers.UUIDField()
    provider = serializers.CharField()
    name = serializers.CharField(help_text="What payers know it as.")
    reference = serializers.CharField(help_text="The provider's own name for the account.")
    enabled = serializers.BooleanField(help_text="Whether members can pay by it.")
    works = serializers.BooleanField(help_text="What the last test found.")
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="What the last test found to be wrong."
    )
    made_at = Moment()
    tested_at = Moment(allow_null=True)


class RailsShape(Shape):
    """The accounts that are connected, in the community's order."""

    results = RailShape(many=True)
