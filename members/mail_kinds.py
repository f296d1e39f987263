"""The letters and notices of this app: welcome, and what staff decide about a membership."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel import digests, mails
from kernel.mails import Group, MailKind
from members.selectors import week

WELCOME = "member.welcome"
DIGEST = "digest"
INVITATION = "invitation"
MEANWHILE = "meanwhile"
#: The letter about each status that staff can put a membership into once it has begun.
BY_STATUS = {
    "suspended": "member.suspended",
    "restricted": "member.restricted",
    "lapsed": "member.lapsed",
    "removed": "member.removed",
    "banned": "member.banned",
    "paused": "member.paused",
    "active": "member.active_again",
    "trial": "member.active_again",
}


def register() -> None:
    digests.add("newcomers", week.newcomers)
    reason = {"reason": _("the reason that was given")}
    mails.add(
        MailKind(
            WELCOME,
            label=_("Welcome"),
            subject=_("Welcome to {community}"),
            body=_(
                "Hello {member},\n\nyou are a member of {community} now: number {number}.\n\n"
                "[See who and what is there]({url})\n\nGood that you are here."
            ),
            placeholders={"number": _("the member's number")},
            notice=_("Welcome to {community}. Have a look around."),
        )
    )
    mails.add(
        MailKind(
            "member.suspended",
            label=_("Membership suspended for dues"),
            subject=_("Your membership of {community} is suspended"),
            body=_(
                "Hello {member},\n\nyour membership of {community} is suspended because of its dues. You can still "
                "read; once they are paid, everything is as before.\n\n{reason}\n\n[Go to {community}]({url})"
            ),
            placeholders=reason,
            long=frozenset({"reason"}),
            optional=False,
            notice=_("Your membership is suspended because of its dues."),
        )
    )
    mails.add(
        MailKind(
            "member.restricted",
            label=_("Membership restricted"),
            subject=_("Your membership of {community} is restricted"),
            body=_(
                "Hello {member},\n\nthe staff of {community} have restricted your membership: you can read, and not "
                "write. The reason they gave:\n\n{reason}"
            ),
            placeholders=reason,
            long=frozenset({"reason"}),
            optional=False,
            notice=_("The staff have restricted your membership: {reason}"),
        )
    )
    mails.add(
        MailKind(
            "member.lapsed",
            label=_("Membership lapsed"),
            subject=_("Your membership of {community} has lapsed"),
            body=_(
                "Hello {member},\n\nyour membership of {community} has lapsed because its dues were not paid. You "
                "keep your number and can renew at any time.\n\n{reason}\n\n[Go to {community}]({url})"
            ),
            placeholders=reason,
            long=frozenset({"reason"}),
            optional=False,
        )
    )
    mails.add(
        MailKind(
            "member.removed",
            label=_("Membership ended by staff"),
            subject=_("Your membership of {community} has ended"),
            body=_(
                "Hello {member},\n\nthe staff of {community} have ended your membership. The reason they gave:\n\n"
                "{reason}"
            ),
            placeholders=reason,
            long=frozenset({"reason"}),
            optional=False,
        )
    )
    mails.add(
        MailKind(
            "member.banned",
            label=_("Membership ended for good"),
            subject=_("Your membership of {community} has ended for good"),
            body=_(
                "Hello {member},\n\nthe staff of {community} have ended your membership for good; you cannot join "
                "again. The reason they gave:\n\n{reason}"
            ),
            placeholders=reason,
            long=frozenset({"reason"}),
            optional=False,
        )
    )
    mails.add(
        MailKind(
            "member.paused",
            label=_("Membership paused by staff"),
            subject=_("Your membership of {community} is paused"),
            body=_(
                "Hello {member},\n\nthe staff of {community} have paused your membership. You can resume it "
                "whenever you like.\n\n{reason}\n\n[Go to {community}]({url})"
            ),
            placeholders=reason,
            long=frozenset({"reason"}),
            optional=False,
            notice=_("The staff have paused your membership."),
        )
    )
    mails.add(
        MailKind(
            "member.active_again",
            label=_("Membership active again"),
            subject=_("Your membership of {community} is active again"),
            body=_(
                "Hello {member},\n\nyour membership of {community} is active again. Good to have you back.\n\n"
                "{reason}\n\n[Go to {community}]({url})"
            ),
            placeholders=reason,
            long=frozenset({"reason"}),
            optional=False,
            notice=_("Your membership is active again."),
        )
    )
    mails.add(
        MailKind(
            DIGEST,
            label=_("What happened this week"),
            subject=pgettext_lazy("subject of the weekly digest", "{community}: your week"),
            body=_(
                "Hello {member},\n\nthis is what happened in {community} last week.\n\n{week}\n\n"
                "[Go to {community}]({url})"
            ),
            placeholders={"week": _("what happened, by part")},
            group=Group.NEWS,
            bulk=True,
        )
    )
    mails.add(
        MailKind(
            MEANWHILE,
            label=_("Several things in one letter"),
            subject=_("{community}: what is new for you"),
            body=_(
                "Hello {member},\n\nthis is new for you in {community}.\n\n{news}\n\n[See all that is new]({url})"
            ),
            placeholders={"news": _("what is new, by part")},
            group=Group.NEWS,
        )
    )
    mails.add(
        MailKind(
            INVITATION,
            label=_("Invitation by a member"),
            subject=_("{inviter} invites you to {community}"),
            body=_(
                "Hello,\n\n{inviter} invites you to {community}.\n\n{note}\n\n[Look at the invitation]({url})\n\n"
                "It works once, for 30 days. Your address is used for this one letter and for nothing else."
            ),
            placeholders={
                "inviter": _("the name of the member who invites"),
                "note": _("what they wrote to it"),
            },
            long=frozenset({"note"}),
            group=Group.INVITATIONS,
            outside=True,
        )
    )
