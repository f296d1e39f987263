"""What the API says of orders, and what it takes."""

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from commerce.models import Order
from commerce.services import orders
from gatherings.api.shapes import Companion, QuestionAnswer
from kernel.api.fields import Moment, Text
from kernel.api.money import MoneyOf
from kernel.api.serializers import Body, Shape, page_of
from kernel.clock import now
from kernel.payable import payables


class TicketOrderShape(Shape):
    """Something that was ordered, such as a ticket, and is kept while its invoice is paid."""

    sparse = True

    key = serializers.UUIDField()
    member = serializers.IntegerField(source="membership.number", help_text="The number of who ordered it.")
    payable = serializers.CharField(help_text="Of what sort it is: `ticket`.")
    subject = serializers.UUIDField(help_text="Which one: the key of the kind of ticket.")
    title = serializers.CharField(help_text="What it is called: the gathering's title.")
    state = serializers.ChoiceField(choices=Order.State.choices)
    amount = MoneyOf("amount")
    invoice = serializers.SerializerMethodField(help_text="The key of the invoice by which it is paid.")
    pay_url = serializers.SerializerMethodField(
        help_text="Who holds this link may pay it; null once nothing is to be paid."
    )
    url = serializers.SerializerMethodField(
        help_text="Where what was ordered is found, such as the ticket; for the member themselves, null before it is theirs."
    )
    made_at = Moment()
    held_until = Moment(help_text="It is kept until then while it is not paid.")
    paid_at = Moment(allow_null=True)
    ended_at = Moment(allow_null=True)
    reason = serializers.CharField(help_text="Why it was paid back.")

    @extend_schema_field(serializers.UUIDField(allow_null=True))
    def get_invoice(self, order: Order) -> str | None:
        invoice = orders.last_invoice(order.invoices.all())
        return None if invoice is None else str(invoice.key)

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_pay_url(self, order: Order) -> str | None:
        invoice = orders.last_invoice(order.invoices.all())
        if invoice is None or not order.takes_money(now()):
            return None
        return str(
            self.context["request"].build_absolute_uri(reverse("commerce:pay", args=[invoice.pay_token]))
        )

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_url(self, order: Order) -> str | None:
        if order.membership_id not in self.context["mine"] or order.state != Order.State.PAID:
            return None
        found = payables.get(order.payable).path(order=order.key)
        return str(self.context["request"].build_absolute_uri(found)) if found else None


OrderPage = page_of(TicketOrderShape, "TicketOrderPage")


class Ordering(Body):
    """What is ordered."""

    ticket = serializers.UUIDField(help_text="The key of a kind of ticket.")
    answers = QuestionAnswer(many=True, required=False, help_text="To what the hosts ask.")
    others = Companion(  # type: ignore[call-arg]
        many=True,
        required=False,
        max_length=9,
        help_text="Whom they bring: a place for each, or none at all.",
    )
    coupon = Text(required=False, max_length=40, allow_blank=True)
