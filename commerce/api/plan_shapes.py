"""What the API says of plans and coupons, and what it takes."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from commerce.models import Coupon
from commerce.periods import Interval
from kernel.api.fields import Choice, Flag, Moment, Text, Whole
from kernel.api.money import MoneyBody, MoneyShape, Percent
from kernel.api.serializers import Body, Shape, page_of

#: What the database holds of each.
SMALL, WHOLE = 32_767, 2**31 - 1


class PlanShape(Shape):
    """The price of a tier. Price, interval, term and tier of a plan never change: who has it keeps what they agreed to."""

    sparse = True

    key = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField()
    tier = serializers.CharField(source="tier.key", help_text="The tier's key.")
    price = MoneyShape(help_text="Of one period, tax included; of a group, of one seat.")
    interval = serializers.ChoiceField(choices=Interval.values)
    length_days = serializers.IntegerField(allow_null=True, help_text="The term of what is paid `once`.")
    group = serializers.BooleanField(help_text="Whether one member pays for several seats.")
    trial_days = serializers.IntegerField()
    grace_days = serializers.IntegerField(help_text="So long late dues close no door.")
    tax_percent = Percent(source="tax_rate", help_text="The tax within the price.")
    visible = serializers.BooleanField(help_text="Whether members can take it themselves.")
    position = serializers.IntegerField(help_text="Its place in the list.")
    created_at = Moment()
    archived_at = Moment(allow_null=True, help_text="When it was put away.")
    subscribed = serializers.IntegerField(
        allow_null=True, default=None, help_text="How many have it now; null for who may not see the money."
    )


PlanPage = page_of(PlanShape, "PlanPage")


class PlanChange(Body):
    """What may be changed of a plan; what is left out stays."""

    name = Text(required=False, max_length=80)
    description = Text(required=False, max_length=240, allow_blank=True)
    trial_days = Whole(required=False, min_value=0, max_value=365)
    grace_days = Whole(required=False, min_value=0, max_value=365)
    tax_percent = Percent(required=False, source="tax_rate")
    visible = Flag(required=False, help_text="Whether members can take it themselves; else staff give it.")
    position = Whole(required=False, min_value=0, max_value=SMALL)


class NewPlan(PlanChange):
    """A plan to make."""

    tier = Text(max_length=40, help_text="A tier's key.")
    price = MoneyBody(help_text="Of one period, tax included; for a group, of one seat.")
    interval = Choice(choices=Interval.values)
    length_days = Whole(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=36_525,
        help_text="The term of what is paid `once`, and of nothing else.",
    )
    group = Flag(required=False, help_text="One member pays for several seats.")

    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | {"name": Text(max_length=80)}


class CouponShape(Shape):
    """Something off the dues, or off tickets, for who knows the code: a share or an amount. Each member uses one once."""

    sparse = True

    key = serializers.UUIDField()
    code = serializers.CharField()
    good_for = serializers.ChoiceField(
        choices=Coupon.GoodFor.choices, help_text="For dues, or for orders of tickets."
    )
    percent_off = Percent(source="percent", allow_null=True)
    amount_off = MoneyShape(source="money", allow_null=True, help_text="Off each period, or each order.")
    periods = serializers.IntegerField(allow_null=True, help_text="For the first so many; null for all.")
    plans = serializers.SerializerMethodField(help_text="Keys of the plans it is for; none for all of them.")
    limit = serializers.IntegerField(allow_null=True, help_text="How many may use it; null for any number.")
    used = serializers.IntegerField(help_text="How many have used it.")
    expires_at = Moment(allow_null=True)
    created_at = Moment()
    ended_at = Moment(allow_null=True, help_text="When it was ended by hand.")

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_plans(self, coupon: Coupon) -> list[str]:
        return [str(plan.key) for plan in coupon.plans.all()]


CouponPage = page_of(CouponShape, "CouponPage")


class NewCoupon(Body):
    """A coupon to make: of `percent_off` or of `amount_off`, and not of both."""

    code = Text(max_length=40, help_text="Letters, digits and hyphens; it reads the same in capitals.")
    good_for = Choice(
        required=False, choices=Coupon.GoodFor.values, help_text="For dues, unless it says `orders`."
    )
    percent_off = Percent(required=False, source="percent")
    amount_off = MoneyBody(required=False)
    periods = Whole(
        required=False, allow_null=True, min_value=1, max_value=SMALL, help_text="Null for all of them."
    )
    plans = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        max_length=100,
        help_text="Keys of plans; none for all.",
    )
    limit = Whole(required=False, allow_null=True, min_value=1, max_value=WHOLE)
    expires_at = Moment(required=False, allow_null=True)
