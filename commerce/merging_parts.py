"""What of this app goes over to the record that is kept: nothing. Books stay with whom they were written for, and are read
through the record that was merged."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from commerce.models import Seat, Subscription
from kernel import merging
from members.models import Membership

TWO_PLANS = _("Each of them has a plan that runs, or a seat in a group: end one of the two first.")


def register() -> None:
    merging.hindrances.add("plans", two_plans)
    merging.stay(
        "Books are kept as they were written; what is owed and paid is read through the merged record.",
        "commerce.CouponUse.membership",
        "commerce.Entry.membership",
        "commerce.Gift.giver",
        "commerce.Gift.redeemed_by",
        "commerce.Invoice.membership",
        "commerce.Mandate.membership",
        "commerce.Order.membership",
        "commerce.Payment.membership",
        "commerce.ReferralReward.invitee",
        "commerce.ReferralReward.inviter",
        "commerce.Seat.membership",
        "commerce.Subscription.membership",
    )


def two_plans(kept: int, merged: int) -> merging.Words | None:
    """A person has one plan or one seat: two would both go on, and be charged."""
    return TWO_PLANS if _has_place(kept) and _has_place(merged) else None


def _has_place(record: int) -> bool:
    people: QuerySet[Membership] = Membership.objects.filter(Q(pk=record) | Q(merged_into=record))
    # Who has not paid for a plan yet has none.
    taken = Subscription.objects.live().exclude(status=Subscription.Status.PENDING)
    seated = Seat.objects.filter(ended_at=None)
    return any(rows.filter(membership__in=people.values("pk")).exists() for rows in (taken, seated))
