"""What of this app goes over to the record that is kept: nothing, since facts are read as those of who is kept."""

from kernel import merging


def register() -> None:
    merging.stay(
        "It is reckoned anew from the figures, which know of one person.",
        "engagement.MemberStanding.membership",
    )
