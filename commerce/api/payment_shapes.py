"""What the API says of payments and refunds, and what it takes."""

from typing import Any

from rest_framework import serializers

from commerce.models import Payment, Refund
from kernel.api.fields import Choice, Flag, Moment, Text
from kernel.api.money import MoneyBody, MoneyOf, MoneyShape
from kernel.api.serializers import Body, Shape, page_of


class PaymentShape(Shape):
    """Money that came. What it did not pay (`surplus`) is the member's credit."""

    sparse = True

    key = serializers.UUIDField()
    member = serializers.IntegerField(source="membership.number", help_text="The member's number.")
    invoice = serializers.UUIDField(
        source="invoice.key",
        allow_null=True,
        default=None,
        help_text="What it was paid for; null for what was imported.",
    )
    method = serializers.ChoiceField(choices=Payment.Method.values)
    provider = serializers.CharField(source="account.provider", allow_null=True, default=None)
    amount = MoneyShape(source="money")
    refunded = MoneyOf("refunded", help_text="What went back of it.")
    refunding = MoneyOf("refunding", help_text="What is on its way back.")
    surplus = serializers.BooleanField(help_text="Whether it became credit instead of paying the invoice.")
    fee = MoneyOf(
        "fee",
        allow_null=True,
        help_text="What the provider kept; null while it is not known, and for who may not see the money.",
    )
    paid_at = Moment()
    recorded_at = Moment()
    reversed_at = Moment(allow_null=True, help_text="When staff took back that it had come.")
    payment = serializers.CharField(
        source="external_id", allow_null=True, help_text="Its id in the system it was imported from."
    )
    kind = serializers.CharField(help_text="What an imported one was for.")
    note = serializers.CharField(help_text="By staff, for who may see the money.")

    def to_representation(self, payment: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().to_representation(payment)
        if not self.context.get("whole"):
            found |= {name: value for name, value in {"fee": None, "note": ""}.items() if name in found}
        return found


PaymentPage = page_of(PaymentShape, "PaymentPage")


class NewPayment(Body):
    """A transfer or cash that has come."""

    invoice = serializers.UUIDField(help_text="The key of the invoice that it was paid for.")
    amount = MoneyBody(help_text="In the currency of the invoice. What is over becomes the member's credit.")
    method = Choice(choices=[Payment.Method.BANK, Payment.Method.CASH])
    paid_at = Moment(required=False, help_text="Now, when left out; within the last year.")
    note = Text(required=False, max_length=240, allow_blank=True, help_text="For who keeps the books.")


class TakenBack(Body):
    """Why it is taken back."""

    reason = Text(max_length=240)


class RefundShape(Shape):
    """Money on its way back, or gone. It is `created`, `unknown` or `pending` until its provider says what became of it."""

    sparse = True

    key = serializers.UUIDField()
    payment = serializers.UUIDField(source="payment.key", help_text="The key of the payment.")
    member = serializers.IntegerField(source="payment.membership.number", help_text="The member's number.")
    state = serializers.ChoiceField(choices=Refund.State.values)
    amount = MoneyShape(source="money")
    to_credit = serializers.BooleanField(help_text="Into the member's credit, not back the way it came.")
    then = serializers.ChoiceField(choices=Refund.Then.values)
    reason = serializers.CharField()
    credit_note = serializers.UUIDField(
        source="credit_note.key", allow_null=True, default=None, help_text="The key of its credit note."
    )
    problem = serializers.CharField(help_text="Why a provider refused it.")
    made_at = Moment()
    settled_at = Moment(allow_null=True)


RefundPage = page_of(RefundShape, "RefundPage")


class NewRefund(Body):
    """So much of a payment is to go back."""

    payment = serializers.UUIDField(help_text="The key of the payment.")
    amount = MoneyBody(help_text="At most what is left of it.")
    reason = Text(max_length=240, help_text="The member will read it.")
    then = Choice(
        choices=Refund.Then.values,
        help_text="The membership: goes on (`keep`), ends with its period (`at_end`), ends `now`.",
    )
    to_credit = Flag(required=False, help_text="Into the member's credit, not back the way it came.")
