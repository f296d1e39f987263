"""The letters about places: a ticket, one that waits to be paid, one that is offered."""

from django.utils.translation import gettext_lazy as _

from kernel import mails
from kernel.mails import Group, MailKind

TICKET, BROUGHT, HELD, OFFERED = "ticket.yours", "ticket.brought", "ticket.held", "place.offered"


def register() -> None:
    about = {"event": _("the gathering's title"), "when": _("when it begins")}
    for kind in (
        MailKind(
            TICKET,
            label=_("Your ticket"),
            subject=_("{event}: your ticket"),
            body=_(
                "Hello {member},\n\nyou have a place at {event}, {when}.\n\n[Show the ticket]({url})\n\nIts code is what the "
                "door reads: keep the link to yourself. Should you not be able to come, give it back there, and somebody "
                "else can."
            ),
            placeholders=about,
            notice=_("You have a place at {event}, {when}."),
            group=Group.EVENTS,
            optional=False,
            drawn=True,
        ),
        MailKind(
            BROUGHT,
            label=_("A ticket that somebody took for you"),
            subject=_("{event}: {by} took a place for you"),
            body=_(
                "Hello {member},\n\n{by} took a place for you at {event}, {when}.\n\n[Show the ticket]({url})\n\nIts code is "
                "what the door reads: keep the link to yourself. Should you not be able to come, give it back there, and "
                "somebody else can. You have no account by it, and nobody else was told of your address."
            ),
            placeholders={**about, "by": _("who took it for them")},
            group=Group.EVENTS,
            optional=False,
        ),
        MailKind(
            HELD,
            label=_("A ticket waits to be paid"),
            subject=_("{event}: your place is kept until {until}"),
            body=_(
                "Hello {member},\n\na place at {event}, {when}, is kept for you until {until}. It is yours as soon as you "
                "have paid {amount}.\n\n[Pay]({url})\n\nAfter that it goes to somebody else, and nothing is charged."
            ),
            placeholders={**about, "until": _("until when it is kept"), "amount": _("the amount")},
            group=Group.EVENTS,
            optional=False,
        ),
        MailKind(
            OFFERED,
            label=_("A place became free"),
            subject=_("{event}: there is a place for you"),
            body=_(
                "Hello {member},\n\nyou waited for a place at {event}, {when}: now there is one. It is kept for you until "
                "{until}.\n\n[Take it]({url})\n\nIf you do not take it, the next one in line is asked."
            ),
            placeholders={**about, "until": _("until when it is kept")},
            notice=_("There is a place for you at {event}: take it by {until}."),
            group=Group.EVENTS,
            optional=False,
        ),
    ):
        mails.add(kind)
