"""The letters before a gathering: to who comes, who might, who comes online, and who holds it."""

from django.utils.translation import gettext_lazy as _

from kernel import mails
from kernel.mails import Group, MailKind

COMES, UNDECIDED, BEGINS, HOLDS = "event.reminder", "event.undecided", "event.begins", "event.holds"


def register() -> None:
    about = {"event": _("the gathering's title"), "when": _("when it is"), "where": _("where it is")}
    for kind in (
        MailKind(
            COMES,
            label=_("A gathering that you come to is near"),
            subject=_("Soon: {event}"),
            body=_(
                "Hello {member},\n\n{event} of {community} is near:\n\n**{when}**\n\n{where}\n\n[Show your place]({url})\n\n"
                "Should you not be able to come, give your place back there: somebody else will be glad of it."
            ),
            placeholders=about,
            notice=_("Soon: “{event}”, {when}, {where}"),
            group=Group.EVENTS,
            drawn=True,
        ),
        MailKind(
            UNDECIDED,
            label=_("A gathering that you answered maybe to is near"),
            subject=_("Do you come? {event}"),
            body=_(
                "Hello {member},\n\nyou said that you might come to {event} of {community}:\n\n**{when}**\n\n{where}\n\n"
                "[Say whether you come]({url})"
            ),
            placeholders=about,
            notice=_("Do you come? “{event}”, {when}"),
            group=Group.EVENTS,
        ),
        MailKind(
            BEGINS,
            label=_("A gathering that you come to online begins"),
            subject=_("In an hour: {event}"),
            body=_(
                "Hello {member},\n\n{event} of {community} begins soon:\n\n**{when}**\n\n[Come in]({online_url})\n\n"
                "[Show your place]({url})"
            ),
            placeholders={**about, "online_url": _("the address online")},
            notice=_("“{event}” begins soon: {when}"),
            group=Group.EVENTS,
            prompt=True,
        ),
        MailKind(
            HOLDS,
            label=_("A gathering that you hold is near"),
            subject=_("You hold it soon: {event}"),
            body=_(
                "Hello {member},\n\n{event}, which you hold in {community}, is near:\n\n**{when}**\n\n{where}\n\n{coming}\n\n"
                "[See who comes]({url})"
            ),
            placeholders={**about, "coming": _("how many have a place")},
            notice=_("You hold “{event}” soon: {when}. {coming}"),
            group=Group.EVENTS,
        ),
    ):
        mails.add(kind)
