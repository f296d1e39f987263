"""What the API says of members' plans, and what it takes."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from commerce.models import InvoiceLine, Subscription, SubscriptionChange
from commerce.services.quotes import Quote
from commerce.tax import tax_within
from kernel.api.fields import Day, Flag, Moment, Text, Whole
from kernel.api.money import MoneyShape, Percent
from kernel.api.serializers import Body, Shape, page_of
from kernel.money import Money

MOST_SEATS = 1000


class SubscriptionShape(Shape):
    """That a member has taken a plan, at the price it had then, and how far it is paid for."""

    sparse = True

    key = serializers.UUIDField()
    member = serializers.IntegerField(source="membership.number", help_text="The member's number.")
    plan = serializers.UUIDField(source="plan.key", help_text="The plan's key.")
    plan_name = serializers.CharField(source="plan.name")
    kind = serializers.ChoiceField(choices=Subscription.Kind.values)
    status = serializers.ChoiceField(choices=Subscription.Status.values)
    price = MoneyShape(help_text="Of one period, all seats together, before any coupon.")
    quantity = serializers.IntegerField(help_text="Seats of a group; 1 for one person.")
    period_start = serializers.DateField()
    period_end = serializers.DateField(
        allow_null=True,
        help_text="The first day that is not paid for; null for life and before anything is paid.",
    )
    trial_ends_on = serializers.DateField(allow_null=True)
    next_plan = serializers.UUIDField(
        source="next_plan.key", allow_null=True, default=None, help_text="The plan that follows."
    )
    next_quantity = serializers.IntegerField(allow_null=True)
    paused_on = serializers.DateField(allow_null=True)
    resumes_on = serializers.DateField(allow_null=True)
    started_at = Moment()
    cancelled_at = Moment(allow_null=True)
    cancel_reason = serializers.CharField()
    ended_on = serializers.DateField(allow_null=True)
    cause = serializers.ChoiceField(
        choices=[*Subscription.Cause.values, ""], help_text="Why it ended; empty while it has not."
    )


SubscriptionPage = page_of(SubscriptionShape, "SubscriptionPage")


class ChangeShape(Shape):
    """What was contracted from a day on."""

    kind = serializers.ChoiceField(choices=SubscriptionChange.Kind.values)
    day = serializers.DateField()
    at = Moment()
    plan = serializers.UUIDField(source="plan.key")
    price = serializers.SerializerMethodField(
        help_text="Of one period and seat; nothing where nothing is paid."
    )
    quantity = serializers.IntegerField()

    @extend_schema_field(MoneyShape)
    def get_price(self, change: SubscriptionChange) -> Any:
        # A subscription stays in one currency.
        return MoneyShape(Money(change.amount, change.subscription.currency)).data


class WholeSubscriptionShape(SubscriptionShape):
    """A subscription with all that it ever was."""

    changes = ChangeShape(many=True, source="changes.all", help_text="The oldest first.")


class SeatShape(Shape):
    """A place in a group that one member pays for."""

    key = serializers.UUIDField()
    code = serializers.CharField(help_text="Who has it sits down with it.")
    member = serializers.IntegerField(
        source="membership.number",
        allow_null=True,
        default=None,
        help_text="Who sits there; null for nobody.",
    )
    made_at = Moment()
    taken_at = Moment(allow_null=True)


class SeatsShape(Shape):
    """The seats of a group."""

    results = SeatShape(many=True)


class QuoteLineShape(Shape):
    """One line of the invoice that would be written."""

    kind = serializers.ChoiceField(choices=InvoiceLine.Kind.values)
    words = serializers.CharField()
    quantity = serializers.IntegerField()
    tax_percent = Percent(source="tax_rate", read_only=True)
    total = MoneyShape(help_text="Tax included; negative for what is taken off.")
    tax = MoneyShape()
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True, help_text="The first day after it.")


class QuoteShape(Shape):
    """What a beginning or a change would cost, before anybody agrees."""

    plan = serializers.UUIDField(source="plan.key")
    quantity = serializers.IntegerField()
    now = serializers.BooleanField(help_text="Whether an invoice follows at once; else it holds from `on`.")
    on = serializers.DateField()
    period_start = serializers.DateField(source="period.start")
    period_end = serializers.DateField(source="period.end", allow_null=True)
    trial_ends_on = serializers.DateField(allow_null=True)
    lines = serializers.SerializerMethodField()
    total = MoneyShape()
    tax = MoneyShape()
    credit_used = MoneyShape(help_text="What the member's credit would pay of it.")
    due = MoneyShape(help_text="What is to be paid now.")

    @extend_schema_field(QuoteLineShape(many=True))
    def get_lines(self, quote: Quote) -> Any:
        return QuoteLineShape([_line(line, quote.currency) for line in quote.lines], many=True).data


def _line(line: Any, currency: str) -> dict[str, Any]:
    days = line.days
    return {
        "kind": line.kind,
        "words": line.words,
        "quantity": line.quantity,
        "tax_rate": line.tax_rate,
        "total": Money(line.gross, currency),
        "tax": Money(tax_within(line.gross, line.tax_rate), currency),
        "starts_on": days.start if days else None,
        "ends_on": days.end if days else None,
    }


class OtherPlan(Body):
    """The plan to change to, or another number of seats of the same."""

    plan = serializers.UUIDField(help_text="The plan's key.")
    quantity = Whole(
        required=False, min_value=1, max_value=MOST_SEATS, help_text="Seats; as many as now when left out."
    )


class Taking(Body):
    """The plan that is to be taken."""

    plan = serializers.UUIDField(help_text="The plan's key.")
    quantity = Whole(required=False, min_value=1, max_value=MOST_SEATS, help_text="Seats of a group.")
    coupon = Text(
        required=False, max_length=40, allow_blank=True, help_text="Its code, in any case of letters."
    )
    member = Whole(
        required=False,
        min_value=1,
        max_value=2**31 - 1,
        help_text="The member's number; oneself when left out. A program has to say it.",
    )


class GivenFree(Body):
    """A plan that a member is given free of charge."""

    member = Whole(min_value=1, max_value=2**31 - 1, help_text="The member's number.")
    plan = serializers.UUIDField(help_text="The key of a plan for one person.")
    until = Day(required=False, help_text="The last day that is given; for life when left out.")
    then_paid = Flag(
        required=False, help_text="Whether it is paid for at the plan's price afterwards; else it ends."
    )
    reason = Text(max_length=240, help_text="For the audit log.")


class Cancelling(Body):
    """Why it is cancelled, where it is said."""

    reason = Text(required=False, max_length=240, allow_blank=True)


class Resting(Body):
    """Until when it rests."""

    until = Moment(required=False, help_text="It goes on by itself then; when left out, once it is resumed.")
