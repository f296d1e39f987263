"""The letters around joining: to who applied or asks for a circle, to those who decide, and to members who were named."""

from django.utils.translation import gettext_lazy as _

from kernel import mails
from kernel.mails import Group, MailKind

DECIDED, MADE, REFERENCE = "application.decided", "application.made", "application.reference"
CIRCLE_ASKED, LET_IN, DECLINED = "circle.asked", "circle.let_in", "circle.declined"
HOST = "circle.host"
ANSWERED, ACCEPTED, HIDDEN = "talk.answered", "talk.accepted", "talk.hidden"
MESSAGE, REPORTED, SETTLED = "message.received", "message.reported", "message.report_settled"
MENTIONED = "talk.mentioned"


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
            outside=True,
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
            permission="members.change",
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
    circle = {"circle": _("the circle's name")}
    mails.add(
        MailKind(
            CIRCLE_ASKED,
            label=_("Somebody asks to join a circle"),
            subject=_("{asker} would like to join the circle {circle}"),
            body=_(
                "Hello {member},\n\n{asker} asks to be let into the circle {circle} of {community}.\n\n{note}\n\n"
                "[Answer them]({url})"
            ),
            placeholders={**circle, "asker": _("who asks"), "note": _("what they wrote to it")},
            long=frozenset({"note"}),
            # Hosts are written to besides the staff, and any member may be one.
            notice=_("{asker} asks to join the circle {circle}."),
            group=Group.TALK,
        )
    )
    mails.add(
        MailKind(
            LET_IN,
            label=_("Let into a circle"),
            subject=_("You are in the circle {circle}"),
            body=_(
                "Hello {member},\n\nyou are in the circle {circle} of {community} now.\n\n[Go to {community}]({url})"
            ),
            placeholders=circle,
            notice=_("You are in the circle {circle} now."),
            group=Group.TALK,
        )
    )
    mails.add(
        MailKind(
            HOST,
            label=_("You look after a circle"),
            subject=_("You look after the circle {circle} now"),
            body=_(
                "Hello {member},\n\nyou look after the circle {circle} of {community} now: you answer who asks to join, "
                "and say what it is about.\n\n[Go to the circle]({url})"
            ),
            placeholders=circle,
            notice=_("You look after the circle {circle} now."),
            group=Group.TALK,
        )
    )
    mails.add(
        MailKind(
            DECLINED,
            label=_("Not let into a circle"),
            subject=_("Your request for the circle {circle}"),
            body=_(
                "Hello {member},\n\nthose who look after the circle {circle} of {community} have declined your "
                "request. The reason they gave:\n\n{reason}"
            ),
            placeholders={**circle, "reason": _("the reason that was given")},
            long=frozenset({"reason"}),
            notice=_("Your request for the circle {circle} was declined: {reason}"),
            group=Group.TALK,
        )
    )
    mails.add(
        MailKind(
            ANSWERED,
            label=_("Somebody has answered you"),
            subject=_("{who} answered you"),
            body=_(
                "Hello {member},\n\n{who} answered what you wrote in the circle {circle}:\n\n{text}\n\n"
                "[Read and answer]({url})"
            ),
            placeholders={**circle, "who": _("who has answered"), "text": _("the beginning of the answer")},
            long=frozenset({"text"}),
            notice=_("{who} answered you in the circle {circle}."),
            group=Group.TALK,
            gathers=True,
        )
    )
    mails.add(
        MailKind(
            MENTIONED,
            label=_("Somebody has named you"),
            subject=_("{who} has named you"),
            body=_(
                "Hello {member},\n\n{who} has named you in the circle {circle}:\n\n{text}\n\n"
                "[Read and answer]({url})"
            ),
            placeholders={**circle, "who": _("who has named them"), "text": _("the beginning of the text")},
            long=frozenset({"text"}),
            notice=_("{who} has named you in the circle {circle}."),
            group=Group.TALK,
        )
    )
    mails.add(
        MailKind(
            ACCEPTED,
            label=_("Your answer was accepted"),
            subject=_("Your answer to “{question}” was accepted"),
            body=_(
                "Hello {member},\n\n{who} has accepted your answer to “{question}” in the circle {circle}. It stands "
                "first there now.\n\n[See it]({url})"
            ),
            placeholders={**circle, "who": _("who has accepted it"), "question": _("the question")},
            notice=_("Your answer to “{question}” was accepted."),
            group=Group.TALK,
        )
    )
    mails.add(
        MailKind(
            HIDDEN,
            label=_("Something you wrote was hidden"),
            subject=_("Something you wrote in {community} was hidden"),
            body=_(
                "Hello {member},\n\nwhat you wrote in the circle {circle} of {community} is not shown any more:\n\n"
                "{text}\n\nThe reason that was given:\n\n{reason}"
            ),
            placeholders={
                **circle,
                "text": _("the beginning of what was hidden"),
                "reason": _("the reason that was given"),
            },
            long=frozenset({"text", "reason"}),
            notice=_("Something you wrote in the circle {circle} was hidden: {reason}"),
            optional=False,
            group=Group.TALK,
        )
    )
    mails.add(
        MailKind(
            MESSAGE,
            label=_("Somebody has written to you"),
            subject=_("{who} has written to you"),
            body=_(
                "Hello {member},\n\n{who} has written to you in {community}. Until you have read it there is no further "
                "letter about it, even if they write more.\n\n[Read and answer]({url})"
            ),
            placeholders={"who": _("who has written")},
            notice=_("{who} has written to you."),
            group=Group.TALK,
            gathers=True,
        )
    )
    mails.add(
        MailKind(
            REPORTED,
            label=_("A message was reported"),
            subject=_("A message in {community} was reported"),
            body=_(
                "Hello {member},\n\n{who} has shown a message that they received to those who keep order in {community}."
                "\n\n[See what it is about]({url})"
            ),
            placeholders={"who": _("who has reported it")},
            notice=_("{who} has reported a message."),
            permission="posts.moderate",
            group=Group.TALK,
        )
    )
    mails.add(
        MailKind(
            SETTLED,
            label=_("A message you reported was looked at"),
            subject=_("The message you reported in {community}"),
            body=_(
                "Hello {member},\n\nthank you: those who keep order in {community} have looked at the message that you "
                "reported, and have done what they found right. What that was stays between them and whom it is about.\n\n"
                "You can block whoever wrote it at any time: then nothing of theirs reaches you.\n\n"
                "[Go to your messages]({url})"
            ),
            notice=_("Those who keep order have looked at the message that you reported."),
            group=Group.TALK,
        )
    )
