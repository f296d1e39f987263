"""The letters around joining: to who applied or asks for a circle, to those who decide, and to members who were named."""

from django.utils.translation import gettext_lazy as _

from kernel import mails
from kernel.mails import Group, MailKind

DECIDED, MADE, REFERENCE = "application.decided", "application.made", "application.reference"
CIRCLE_ASKED, LET_IN, DECLINED = "circle.asked", "circle.let_in", "circle.declined"
HOST = "circle.host"
ANSWERED, ACCEPTED, HIDDEN = "talk.answered", "talk.accepted", "talk.hidden"
CASE_OPENED, REPORT_ACTED, REPORT_KEPT = "report.made", "report.acted", "report.kept"
WARNED, MUTED = "moderation.warned", "moderation.muted"
LOCKED, MOVED = "moderation.locked", "moderation.moved"
APPEALED, APPEAL_LIFTED, APPEAL_UPHELD = "appeal.made", "appeal.lifted", "appeal.upheld"
APPROVED = "talk.approved"
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
    _add_of_reports()
    _add_of_measures()
    _add_of_appeals()


def _add_of_reports() -> None:
    circle = {"circle": _("the circle's name")}
    mails.add(
        MailKind(
            CASE_OPENED,
            label=_("Something was reported"),
            subject=_("Something in the circle {circle} was reported"),
            body=_(
                "Hello {member},\n\nsomething that is written in the circle {circle} of {community} was reported: "
                "{reason}.\n\n[Look at it]({url})"
            ),
            placeholders={**circle, "reason": _("the reason that was chosen")},
            # Hosts keep order besides the staff, and any member may be one.
            notice=_("Something in the circle {circle} was reported: {reason}."),
            group=Group.TALK,
        )
    )
    mails.add(
        MailKind(
            APPROVED,
            label=_("Something you wrote was approved"),
            placeholders=circle,
            notice=_("What you wrote in the circle {circle} is there for everybody now."),
            group=Group.TALK,
        )
    )
    mails.add(
        MailKind(
            REPORT_ACTED,
            label=_("Your report was acted upon"),
            placeholders=circle,
            notice=_("Thank you: what you reported in the circle {circle} was acted upon."),
            group=Group.TALK,
        )
    )
    mails.add(
        MailKind(
            REPORT_KEPT,
            label=_("Your report was looked at"),
            placeholders=circle,
            notice=_(
                "Thank you: what you reported in the circle {circle} was looked at, and stays as it is."
            ),
            group=Group.TALK,
        )
    )


def _add_of_measures() -> None:
    """What members must hear of: what was done to them or their words, and why."""
    reason = {"reason": _("the reason that was given")}
    text = {"circle": _("the circle's name"), "text": _("the beginning of what they wrote")}
    told = {"optional": False, "group": Group.TALK}
    mails.add(
        MailKind(
            WARNED,
            label=_("A warning"),
            subject=_("A warning from those who keep order in {community}"),
            body=_(
                "Hello {member},\n\nthose who keep order in {community} warn you. The reason that was given:\n\n"
                "{reason}\n\nNothing else changes for now. The warning stays in your record.\n\n[See your record]({url})"
            ),
            placeholders=reason,
            long=frozenset({"reason"}),
            notice=_("You were warned: {reason}"),
            **told,  # type: ignore[arg-type]
        )
    )
    mails.add(
        MailKind(
            MUTED,
            label=_("Muted for a time"),
            subject=_("You cannot write in {community} for a time"),
            body=_(
                "Hello {member},\n\nuntil {until} you can read everything in {community}, and write nothing. It ends by "
                "itself. The reason that was given:\n\n{reason}\n\n[See your record]({url})"
            ),
            placeholders={**reason, "until": _("when it ends")},
            long=frozenset({"reason"}),
            notice=_("You can write nothing until {until}: {reason}"),
            **told,  # type: ignore[arg-type]
        )
    )
    mails.add(
        MailKind(
            LOCKED,
            label=_("A thread of yours was closed"),
            subject=_("A thread of yours in {community} was closed"),
            body=_(
                "Hello {member},\n\nwhat you began in the circle {circle} of {community} takes no more answers:\n\n"
                "{text}\n\nThe reason that was given:\n\n{reason}\n\n[See your record]({url})"
            ),
            placeholders={**text, **reason},
            long=frozenset({"text", "reason"}),
            notice=_("A thread of yours in the circle {circle} was closed: {reason}"),
            **told,  # type: ignore[arg-type]
        )
    )
    mails.add(
        MailKind(
            MOVED,
            label=_("A post of yours was moved"),
            subject=_("A post of yours was moved to the circle {circle}"),
            body=_(
                "Hello {member},\n\nwhat you wrote stands in the circle {circle} of {community} now:\n\n{text}\n\n"
                "The reason that was given:\n\n{reason}\n\n[See your record]({url})"
            ),
            placeholders={**text, **reason},
            long=frozenset({"text", "reason"}),
            notice=_("A post of yours was moved to the circle {circle}: {reason}"),
            **told,  # type: ignore[arg-type]
        )
    )


def _add_of_appeals() -> None:
    mails.add(
        MailKind(
            APPEALED,
            label=_("A member appeals"),
            subject=_("{who} appeals against what was done"),
            body=_(
                "Hello {member},\n\n{who} appeals against what was done about them in {community}:\n\n{text}\n\n"
                "[Read and answer]({url})"
            ),
            placeholders={"who": _("who appeals"), "text": _("what they say to it")},
            long=frozenset({"text"}),
            # Hosts decide besides the staff on what was done in their circles.
            notice=_("{who} appeals against what was done about them."),
            group=Group.TALK,
        )
    )
    answer = {"reason": _("the answer that was given")}
    mails.add(
        MailKind(
            APPEAL_LIFTED,
            label=_("Your appeal: lifted"),
            subject=_("Your appeal in {community}: it is lifted"),
            body=_(
                "Hello {member},\n\nwhat you appealed against in {community} is lifted. The answer:\n\n{reason}\n\n"
                "[See your record]({url})"
            ),
            placeholders=answer,
            long=frozenset({"reason"}),
            notice=_("What you appealed against is lifted: {reason}"),
            optional=False,
            group=Group.TALK,
        )
    )
    mails.add(
        MailKind(
            APPEAL_UPHELD,
            label=_("Your appeal: it stays as it is"),
            subject=_("Your appeal in {community}: it stays as it is"),
            body=_(
                "Hello {member},\n\nsomebody has looked at what you appealed against in {community}, and it stays as it "
                "is. The answer:\n\n{reason}\n\n[See your record]({url})"
            ),
            placeholders=answer,
            long=frozenset({"reason"}),
            notice=_("What you appealed against stays as it is: {reason}"),
            optional=False,
            group=Group.TALK,
        )
    )
