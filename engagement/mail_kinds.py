"""The letter to two members whom the staff bring together."""

from django.utils.translation import gettext_lazy as _

from kernel import mails
from kernel.mails import Group, MailKind

INTRODUCED = "introduction.made"


def register() -> None:
    mails.add(
        MailKind(
            INTRODUCED,
            label=_("You are introduced to somebody"),
            subject=_("{introducer} would like you to meet {other}"),
            body=_(
                "Hello {member},\n\n{introducer} thinks that you and {other} should meet in {community}.\n\n{why}\n\n"
                "A few words are enough to begin: [write to {other}]({url}). {other} hears of you too."
            ),
            placeholders={
                "other": _("whom they are to meet"),
                "introducer": _("who of the staff introduces them"),
                "why": _("what the two have in common"),
            },
            notice=_("{introducer} would like you to meet {other}."),
            group=Group.TALK,
        )
    )
