"""The letters about places: a ticket, one that waits to be paid, one that is offered."""

from django.utils.translation import gettext_lazy as _

from kernel import mails
from kernel.mails import Group, MailKind

TICKET, BROUGHT, HELD, OFFERED = "ticket.yours", "ticket.brought", "ticket.held", "place.offered"
TAKEN_BACK, TAKEN_BACK_PAID = "ticket.taken_back", "ticket.taken_back_paid"
GIVEN_BACK, WAITS = "ticket.given_back", "place.waited_for"


def register() -> None:
    about = {"event": _("the gathering's title"), "when": _("when it begins")}
    taken_back = {"name": _("whose ticket it was"), "reason": _("why")}
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
            drawn=True,
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
            TAKEN_BACK,
            label=_("A ticket was taken back"),
            subject=_("{event}: the ticket was taken back"),
            body=_(
                "Hello {member},\n\nthe hosts of {event}, {when}, took back the ticket of {name}. They say:\n\n{reason}\n\n"
                "[The ticket]({url})"
            ),
            placeholders=about | taken_back,
            notice=_("The ticket of {name} for {event} was taken back: {reason}"),
            group=Group.EVENTS,
            optional=False,
        ),
        MailKind(
            TAKEN_BACK_PAID,
            label=_("A ticket was taken back and is paid back"),
            subject=_("{event}: the ticket was taken back"),
            body=_(
                "Hello {member},\n\nthe hosts of {event}, {when}, took back the ticket of {name}. They say:\n\n{reason}\n\n"
                "What was paid for it is on its way back to who paid it.\n\n[The ticket]({url})"
            ),
            placeholders=about | taken_back,
            notice=_("The ticket of {name} for {event} was taken back, and is paid back: {reason}"),
            group=Group.EVENTS,
            optional=False,
        ),
        MailKind(
            GIVEN_BACK,
            label=_("A ticket that somebody took for you was given back"),
            subject=_("{event}: your place was given back"),
            body=_(
                "Hello {member},\n\nyour place at {event}, {when}, was given back: by you, or by {by}, who took it for you. "
                "Somebody else can have it now; the code of the ticket lets nobody in any more.\n\n[The ticket]({url})"
            ),
            placeholders={**about, "by": _("who took it for them")},
            group=Group.EVENTS,
            optional=False,
        ),
        MailKind(
            WAITS,
            label=_("On the waiting list as a guest"),
            subject=_("{event}: you are on the waiting list"),
            body=_(
                "Hello {member},\n\nyou wait for a place at {event}, {when}. As soon as there is one for you, we write to you."
                "\n\n[See your turn, or leave the list]({url})\n\nThe link is yours alone: keep it to yourself."
            ),
            placeholders=about,
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
