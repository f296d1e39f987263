"""What the API says of ways to pay and of tries to pay, and what it takes."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from commerce.models import PaymentAttempt
from commerce.providers import providers
from commerce.providers.base import Surface
from kernel.api.fields import Choice, Flag, Moment
from kernel.api.money import MoneyShape, Written
from kernel.api.serializers import Body, Shape


class WayShape(Shape):
    """A way to pay that the community offers for an invoice."""

    key = serializers.UUIDField()
    provider = serializers.CharField()
    name = serializers.CharField(help_text="What payers know it as.")
    surfaces = serializers.ListField(
        child=serializers.ChoiceField(choices=[one.value for one in Surface]),
        help_text="Where it can be used.",
    )
    saves_means = serializers.BooleanField(
        help_text="Whether the means can be saved, to be charged when dues fall due."
    )


class WaysShape(Shape):
    """The ways to pay, in the community's order."""

    results = WayShape(many=True)


class Address(Written):
    """An address of a page, as browsers ask for it."""

    pattern = "^https?://[!-~]{1,900}$"


class PayerName(Written):
    """The name that a provider has for somebody."""

    pattern = "^[0-9A-Za-z_-]{1,128}$"


class NewAttempt(Body):
    """How the invoice is to be paid."""

    way = serializers.UUIDField(help_text="The key of a way to pay.")
    surface = Choice(
        choices=[one.value for one in Surface],
        help_text="Where the payer is: a code to scan is useless on the phone that shows it.",
    )
    return_url = Address(
        required=False,
        max_length=1000,
        help_text="Where the provider leads the payer when they are done; to the invoice's page when left out.",
    )
    save_means = Flag(required=False, help_text="Save the means, to be charged when dues fall due.")
    payer = PayerName(
        required=False,
        max_length=128,
        help_text="The provider's own name for the payer, where it asks for one (an openid in WeChat's browser).",
    )
    payer_ip = serializers.IPAddressField(
        required=False, protocol="ipv4", help_text="The payer's address, from a program that speaks for them."
    )


class PresentationShape(Shape):
    """How the payer goes on, by `kind`: `redirect` to `url`, `qr` to be drawn of `content`, `in_app` with `parameters` for
    the provider's own script, `instructions` to be read."""

    kind = serializers.ChoiceField(choices=["redirect", "qr", "in_app", "instructions"])
    url = serializers.CharField(allow_null=True)
    content = serializers.CharField(allow_null=True)
    parameters = serializers.DictField(child=serializers.CharField(), allow_null=True)
    lines = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField(), min_length=2, max_length=2),
        allow_null=True,
        help_text="Each a label and a value.",
    )


class AttemptShape(Shape):
    """One try to have an invoice paid. At most one of an invoice is on its way at a time."""

    key = serializers.UUIDField()
    invoice = serializers.UUIDField(source="invoice.key", help_text="The key of the invoice.")
    provider = serializers.CharField(source="account.provider")
    name = serializers.SerializerMethodField(help_text="What payers know the way to pay as.")
    kind = serializers.ChoiceField(choices=PaymentAttempt.Kind.values)
    state = serializers.ChoiceField(
        choices=PaymentAttempt.State.values,
        help_text="`unknown`: the provider has not answered. `succeeded`: paid, for good.",
    )
    amount = MoneyShape(source="money")
    presentation = serializers.SerializerMethodField(
        help_text="How the payer goes on; null while the provider has not said so."
    )
    decline_code = serializers.CharField(help_text="The provider's word for why the last try there failed.")
    made_at = Moment()
    settled_at = Moment(allow_null=True)

    def get_name(self, attempt: PaymentAttempt) -> str:
        return str(providers.get(attempt.account.provider).label)

    @extend_schema_field(PresentationShape(allow_null=True))
    def get_presentation(self, attempt: PaymentAttempt) -> Any:
        shown = attempt.presentation
        names = ("kind", "url", "content", "parameters", "lines")
        return {name: shown.get(name) for name in names} if shown and attempt.is_live else None
