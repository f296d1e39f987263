"""The letters around joining: to who applied, to those who decide, and to members who were named."""

from django.utils.translation import gettext_lazy as _

from kernel import mails
from kernel.mails import MailKind

DECIDED, MADE, REFERENCE = "application.decided", "application.made", "application.reference"


def register() -> None:
    mails.add(
        MailKind(
            DECIDED,
            label=_("Decision on an application"),
            subject=_("Your application to {community}"),
            body=_("{message}\n\n[See where it stands]({url})"),
            placeholders={"message": _("what the staff wrote, or the words set for the decision")},
            long=frozenset({"message"}),
            optional=False,
        )
    )
    mails.add(
        MailKind(
            MADE,
            label=_("Somebody has applied"),
            subject=_("{applicant} would like to join {community}"),
            body=_(
                "Hello {member},\n\n{applicant} has applied to {community} and waits for an answer.\n\n"
                "[Read the application]({url})"
            ),
            placeholders={"applicant": _("the applicant's name")},
            notice=_("{applicant} has applied."),
        )
    )
    mails.add(
        MailKind(
            REFERENCE,
            label=_("An applicant names you"),
            subject=_("{applicant} would like to join {community} and names you"),
            body=_(
                "Hello {member},\n\n{applicant} has applied to {community} and says that you know them. Would you "
                "have them here? Only the staff who decide read your word.\n\n[Say a word]({url})"
            ),
            placeholders={"applicant": _("the applicant's name")},
            notice=_("{applicant} wants to join and names you."),
        )
    )
