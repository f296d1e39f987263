"""What the API says of gifts and of rewards for who brought whom, and what it takes."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from commerce.models import Gift, Invoice, ReferralReward
from commerce.selectors import gifts
from commerce.services import gift_orders
from kernel.api.fields import Email, Moment, Text, Whole
from kernel.api.money import MoneyOf
from kernel.api.serializers import Body, Shape, page_of
from kernel.clock import now

State = gifts.State


class GiftShape(Shape):
    """A term that one member pays for and somebody else has. What is between the two is told to them alone; what is paid,
    to the giver and to who sees the money."""

    sparse = True

    key = serializers.UUIDField()
    state = serializers.SerializerMethodField(
        help_text="`open` can be taken; `waits` is taken and begins when what its taker has is over.",
    )
    giver = serializers.IntegerField(source="giver.number", help_text="The number of who gives it.")
    plan = serializers.UUIDField(source="plan.key", help_text="The plan's key.")
    plan_name = serializers.CharField(source="plan.name")
    periods = serializers.IntegerField()
    recipient_name = serializers.CharField()
    recipient_email = serializers.CharField(help_text="For its giver and who may see the money.")
    message = serializers.CharField(help_text="For its giver and its taker alone.")
    code = serializers.CharField(
        allow_null=True,
        help_text="Who has it takes the gift with it, on the community's pages: told to its signed-in giver while it can be"
        " taken, and to no key.",
    )
    invoice = serializers.UUIDField(
        source="invoice.key", allow_null=True, help_text="For its giver and who may see the money."
    )
    pay_url = serializers.SerializerMethodField(
        help_text="Who holds this link may pay it; null once nothing is to be paid, and for who is given it."
    )
    made_at = Moment()
    paid_at = Moment(allow_null=True)
    expires_at = Moment(allow_null=True, help_text="Until then it can be taken.")
    taker = serializers.IntegerField(
        source="redeemed_by.number",
        allow_null=True,
        default=None,
        help_text="The number of who took it, for themselves and who may see the money.",
    )
    taken_at = Moment(source="redeemed_at", allow_null=True)
    begins_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True, help_text="The first day after it; null for life.")
    revoked_at = Moment(allow_null=True)

    @extend_schema_field(serializers.ChoiceField(choices=State.values))
    def get_state(self, gift: Gift) -> str:
        return gifts.told(gift, now()).state.value

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_pay_url(self, gift: Gift) -> str | None:
        if gift.invoice.status != Invoice.Status.OPEN:
            return None
        return str(
            self.context["request"].build_absolute_uri(reverse("commerce:pay", args=[gift.invoice.pay_token]))
        )

    def to_representation(self, gift: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().to_representation(gift)
        whole, mine = self.context["whole"], self.context["mine"]
        gives, has = gift.giver_id in mine, gift.redeemed_by_id in mine
        hidden: dict[str, Any] = {}
        if not (gives and self.get_state(gift) == State.OPEN):
            hidden["code"] = None
        if not (gives or has):
            hidden["message"] = ""
        if not (gives or whole):
            hidden |= {"recipient_email": "", "invoice": None, "pay_url": None}
        if not (has or whole):
            hidden["taker"] = None
        return found | {name: value for name, value in hidden.items() if name in found}


GiftPage = page_of(GiftShape, "GiftPage")


class Giving(Body):
    """What is given, and for whom."""

    plan = serializers.UUIDField(help_text="The key of a plan that is offered for one person, at a price.")
    periods = Whole(min_value=1, max_value=gift_orders.MOST_PERIODS, help_text="1 of what does not renew.")
    recipient_name = Text(required=False, max_length=120, allow_blank=True)
    recipient_email = Email(
        required=False,
        max_length=254,
        allow_blank=True,
        help_text="The gift is sent there once it is paid; without it, its giver passes on the code.",
    )
    message = Text(required=False, max_length=1000, allow_blank=True, help_text="To who is given it.")


class RewardShape(Shape):
    """What a member gets, as credit, for whom they brought and who then paid. One level, never more."""

    sparse = True

    member = serializers.IntegerField(source="inviter.number", help_text="The number of who gets it.")
    brought = serializers.IntegerField(source="invitee.number", help_text="The number of whom they brought.")
    state = serializers.ChoiceField(choices=ReferralReward.State.values)
    amount = MoneyOf("amount")
    payment = serializers.UUIDField(
        source="payment.key", allow_null=True, help_text="What it is for, for who may see the money."
    )
    made_at = Moment()
    held_until = Moment(help_text="It is given then, unless the money went back.")
    settled_at = Moment(allow_null=True)

    def to_representation(self, reward: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().to_representation(reward)
        if "payment" in found and not self.context["whole"]:
            found["payment"] = None
        return found


RewardPage = page_of(RewardShape, "RewardPage")
