"""What the API says of disputes and of the comparison of books, and what it takes."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from commerce.models import Difference, Dispute, ReconciliationRun, Refund
from kernel.api.fields import Moment, Text
from kernel.api.money import MoneyOf, MoneyShape
from kernel.api.serializers import Body, Shape, page_of
from kernel.money import Money


class DisputeShape(Shape):
    """A payment that its payer's bank asks about, or has taken back until it is decided."""

    sparse = True

    key = serializers.UUIDField()
    payment = serializers.UUIDField(source="payment.key", help_text="The key of the payment.")
    member = serializers.IntegerField(source="payment.membership.number", help_text="The member's number.")
    provider = serializers.CharField(source="account.provider")
    reference = serializers.CharField(
        source="provider_reference", help_text="The provider's own name for it."
    )
    state = serializers.ChoiceField(choices=Dispute.State.values)
    amount = MoneyShape(source="money", help_text="What the bank took; nothing while it only asks.")
    fee = MoneyOf(
        "fee", allow_null=True, help_text="What the provider took for it; null while it is not known."
    )
    reason = serializers.CharField(help_text="The provider's code.")
    then = serializers.ChoiceField(
        choices=[*Refund.Then.values, ""],
        help_text="What staff chose for the membership; empty until they did.",
    )
    credit_note = serializers.UUIDField(
        source="credit_note.key", allow_null=True, default=None, help_text="Of what was lost."
    )
    opened_at = Moment()
    evidence_due_at = Moment(
        allow_null=True, help_text="Until then the bank can be answered, at the provider."
    )
    decided_at = Moment(allow_null=True)


DisputePage = page_of(DisputeShape, "DisputePage")


class SideShape(Shape):
    """One side's movements."""

    count = serializers.IntegerField()
    amount = MoneyShape(help_text="Signed as the balance with the provider moves.")


class ComparedShape(Shape):
    """One kind of movement in one currency, on both sides."""

    kind = serializers.ChoiceField(choices=Difference.Subject.values)
    here = SideShape()
    there = SideShape()


class RunShape(Shape):
    """One comparison of a provider's books with ours: once on each day of the community's."""

    sparse = True

    account = serializers.UUIDField(source="account.key", help_text="The key of the provider account.")
    provider = serializers.CharField(source="account.provider")
    day = serializers.DateField()
    since = Moment(help_text="What moved from here on was judged.")
    until = Moment(help_text="And before this.")
    began_at = Moment()
    ended_at = Moment(allow_null=True)
    problem = serializers.CharField(help_text="Why nothing could be compared; empty where it could.")
    lines = serializers.IntegerField(help_text="Lines of the provider's books.")
    taken_over = serializers.IntegerField(
        help_text="What was missing here, and was there once the provider was asked for it."
    )
    sums = serializers.SerializerMethodField(help_text="What both sides come to.")

    @extend_schema_field(ComparedShape(many=True))
    def get_sums(self, run: ReconciliationRun) -> Any:
        return ComparedShape([_compared(row) for row in run.sums], many=True).data


RunPage = page_of(RunShape, "ReconciliationRunPage")


def _compared(row: dict[str, Any]) -> dict[str, Any]:
    sides = {
        name: {"count": row[name][0], "amount": Money(row[name][1], row["currency"])}
        for name in ("here", "there")
    }
    return {"kind": row["kind"], **sides}


class DifferenceShape(Shape):
    """Something on which a provider's books and ours disagree; carried on until it is gone by itself or settled."""

    sparse = True

    key = serializers.UUIDField()
    account = serializers.UUIDField(source="account.key", help_text="The key of the provider account.")
    provider = serializers.CharField(source="account.provider")
    kind = serializers.ChoiceField(choices=Difference.Kind.values)
    subject = serializers.ChoiceField(choices=Difference.Subject.values)
    reference = serializers.CharField(
        source="provider_reference", help_text="The provider's own name for it."
    )
    payment = serializers.UUIDField(
        source="payment.key", allow_null=True, default=None, help_text="The key of the payment."
    )
    here = MoneyShape(source="ours", allow_null=True, help_text="In our books; null where they have nothing.")
    there = MoneyShape(source="theirs", allow_null=True, help_text="In the provider's.")
    at = Moment(help_text="When the money moved.")
    found_at = Moment()
    gone_at = Moment(allow_null=True, help_text="When the books agreed again by themselves.")
    settled_at = Moment(allow_null=True)
    reason = serializers.CharField(help_text="Why it was settled.")


DifferencePage = page_of(DifferenceShape, "DifferencePage")


class Settling(Body):
    """What was found out."""

    reason = Text(max_length=240, help_text="It stands with the difference and in the audit log.")
