"""What of this app goes over to the record that is kept, and what stays with the one that was merged."""

from django.utils.translation import gettext_lazy as _

from kernel import merging
from members.models import Note, OptOut


def register() -> None:
    merging.add(merging.rows("members.notes", label=_("Notes"), model=Note, field="membership"))
    # Who has said no, under whatever record, is not written to.
    merging.add(
        merging.once(
            "members.opt_outs",
            label=_("Letters switched off"),
            model=OptOut,
            field="membership",
            same=("channel", "kind"),
        )
    )
    merging.stay(
        "It is what happened to that record; pages and figures read both.",
        "members.MembershipChange.membership",
        "members.InvitationUse.membership",
        "members.PurposeNotice.membership",
    )
    merging.stay(
        "It was sent or shown to that record, under its own address.",
        "members.Message.membership",
        "members.Notification.membership",
        "members.Waiting.membership",
        "members.MemberCard.membership",
        "members.ErasureRequest.membership",
    )
    merging.stay(
        "Whoever comes by it comes by who is kept: the database sees to that. Files know it by its own record.",
        "members.Invitation.inviter",
    )
    merging.stay("Who is kept has said it for themselves.", "members.DailyWish.membership")
    merging.stay("It is written anew from the name of the record.", "members.SearchEntry.membership")
    merging.stay(
        "It says who acted then, by whatever record.",
        "members.MembershipChange.by",
        "members.Note.by",
        "members.Invitation.created_by",
        "members.Segment.made_by",
        "members.Merge.by",
        "members.MergeProposal.by",
    )
    merging.stay(
        "Merging itself reads and writes it.",
        "members.Membership.invited_by",
        "members.Membership.merged_into",
        "members.Merge.kept",
        "members.Merge.merged",
        "members.MergeProposal.kept",
        "members.MergeProposal.merged",
        "members.TwoPeople.first",
        "members.TwoPeople.second",
    )
