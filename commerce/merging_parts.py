"""What of this app goes over to the record that is kept: nothing. Books stay with whom they were written for, and are read
through the record that was merged."""

from kernel import merging


def register() -> None:
    merging.stay(
        "Books are kept as they were written; what is owed and paid is read through the merged record.",
        "commerce.CouponUse.membership",
        "commerce.Entry.membership",
        "commerce.Gift.giver",
        "commerce.Gift.redeemed_by",
        "commerce.Invoice.membership",
        "commerce.Mandate.membership",
        "commerce.Payment.membership",
        "commerce.ReferralReward.invitee",
        "commerce.ReferralReward.inviter",
        "commerce.Seat.membership",
        "commerce.Subscription.membership",
    )
