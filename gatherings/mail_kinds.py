"""The letters around gatherings: to the staff, to who plans and holds them, to everybody who comes."""

from django.utils.translation import gettext_lazy as _

from gatherings.access import MANAGE
from kernel import mails
from kernel.mails import Group, MailKind

PROPOSED, AGREED, DECLINED = "event.proposed", "event.agreed", "event.declined"
CANCELLED, CHANGED, HOST = "event.cancelled", "event.changed", "event.host"


def register() -> None:
    event = {"event": _("the gathering's title"), "when": _("when it is")}
    mails.add(
        MailKind(
            PROPOSED,
            label=_("A member proposes a gathering"),
            subject=_("{planner} would like to hold: {event}"),
            body=_(
                "Hello {member},\n\n{planner} would like to hold a gathering in {community} and waits for your yes: "
                "{event}, {when}.\n\n[Look at it]({url})"
            ),
            placeholders={**event, "planner": _("who proposes it")},
            notice=_("{planner} would like to hold “{event}”."),
            group=Group.EVENTS,
            permission=MANAGE,
        )
    )
    mails.add(
        MailKind(
            AGREED,
            label=_("Your gathering is announced"),
            subject=_("Yes: {event} is announced"),
            body=_(
                "Hello {member},\n\nthe staff of {community} agree: {event}, {when}, is announced. Thank you for "
                "holding it!\n\n[Go to the gathering]({url})"
            ),
            placeholders=event,
            notice=_("The staff agree: “{event}” is announced."),
            group=Group.EVENTS,
        )
    )
    mails.add(
        MailKind(
            DECLINED,
            label=_("Your gathering was declined"),
            subject=_("About your proposal: {event}"),
            body=_(
                "Hello {member},\n\nthe staff of {community} have declined {event}, {when}:\n\n{reason}\n\nYou can "
                "change it and propose it again.\n\n[Go to the gathering]({url})"
            ),
            placeholders={**event, "reason": _("the reason")},
            long=frozenset({"reason"}),
            notice=_("The staff declined “{event}”: {reason}"),
            group=Group.EVENTS,
        )
    )
    mails.add(
        MailKind(
            HOST,
            label=_("You hold a gathering"),
            subject=_("You are a host of {event}"),
            body=_(
                "Hello {member},\n\nyou are a host of {event}, {when}, in {community}: you can change it, see who comes, "
                "and let people in at the door.\n\n[Go to the gathering]({url})"
            ),
            placeholders=event,
            notice=_("You are a host of “{event}” now."),
            group=Group.EVENTS,
        )
    )
    where = {"where": _("where it is")}
    mails.add(
        MailKind(
            CHANGED,
            label=_("A gathering has a new time or place"),
            subject=_("New time or place: {event}"),
            body=_(
                "Hello {member},\n\n{event} of {community} has changed. It is now:\n\n**{when}**\n\n{where}\n\n"
                "[See it, and say whether you still come]({url})"
            ),
            placeholders={**event, **where},
            # Whoever has a place would stand before a closed door.
            optional=False,
            notice=_("“{event}” has a new time or place: {when}, {where}"),
            group=Group.EVENTS,
        )
    )
    mails.add(
        MailKind(
            CANCELLED,
            label=_("A gathering is cancelled"),
            subject=_("Cancelled: {event}"),
            body=_(
                "Hello {member},\n\n{event} of {community}, {when}, is cancelled. You need not come.\n\n{reason}\n\n"
                "[Go to the gathering]({url})"
            ),
            placeholders={**event, "reason": _("the reason")},
            long=frozenset({"reason"}),
            optional=False,
            notice=_("“{event}”, {when}, is cancelled."),
            group=Group.EVENTS,
        )
    )
