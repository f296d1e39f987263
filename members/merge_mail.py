"""The letters to two who are asked whether they are one person."""

from django.utils.translation import gettext_lazy as _

from kernel import mails
from kernel.mails import MailKind
from members.services.merge_proposals import ASKED, DECLINED, DONE


def register() -> None:
    placeholders = {
        "other": _("who the other is"),
        "number": _("the number that is kept"),
    }
    mails.add(
        MailKind(
            ASKED,
            label=_("Asked whether two members are one person"),
            subject=_("{community}: are you also {other}?"),
            body=_(
                "Hello {member},\n\nthe staff of {community} think that you are also {other}: one person with two "
                "accounts. If both say yes, the two memberships become one, number {number}. If not, nothing "
                "changes.\n\n[Say yes or no]({url})"
            ),
            placeholders=placeholders,
            optional=False,
            notice=_("Are you also {other}? Say yes or no."),
        )
    )
    mails.add(
        MailKind(
            DONE,
            label=_("Two memberships became one"),
            subject=_("{community}: your memberships are one now"),
            body=_(
                "Hello {member},\n\nyou and {other} are one member of {community} now, number {number}, as both "
                "accounts have said. Sign in with the account of that number. If this is wrong, tell the staff: they "
                "can undo it for 30 days."
            ),
            placeholders=placeholders,
            optional=False,
            notice=_("You and {other} are one member now, number {number}."),
        )
    )
    mails.add(
        MailKind(
            DECLINED,
            label=_("Two memberships stay two"),
            subject=_("{community}: nothing changes"),
            body=_(
                "Hello {member},\n\nyou or {other} said that you are two people. Nothing changes in {community}, and "
                "neither of you is asked again about it."
            ),
            placeholders=placeholders,
            optional=False,
            notice=_("You and {other} stay two members."),
        )
    )
