"""The verbs of the stream of facts in words: as things one can count, and as what a member did."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

#: What one counts: "12 answers".
NOUNS: dict[str, str | Promise] = {
    "visited": _("Visits"),
    "read": _("Readings"),
    "posted": _("Posts"),
    "commented": _("Comments"),
    "asked": _("Questions"),
    "answered": _("Answers"),
    "proposed": _("Proposals"),
    "shared": _("Things shared"),
    "hosted": _("Gatherings hosted"),
    "published": _("Publications"),
    "helped": _("Times helped"),
    "reacted": _("Reactions"),
    "voted": _("Votes"),
    "rsvped": _("Sign-ups"),
    "attended": _("Attendances"),
    "messaged": _("Messages"),
    "mentioned": _("Mentions"),
    "accepted": _("Acceptances"),
    "completed": _("Things completed"),
    "used": _("Uses"),
    "endorsed": _("Endorsements"),
    "invited": _("Invitations"),
}

#: What the member did, alone and towards another member.
DEEDS: dict[str, tuple[str | Promise, str | Promise]] = {
    "visited": (_("Came by"), _("Visited %(target)s")),
    "read": (_("Read something"), _("Read something by %(target)s")),
    "posted": (_("Wrote a post"), _("Wrote a post to %(target)s")),
    "commented": (_("Commented"), _("Commented to %(target)s")),
    "asked": (_("Asked a question"), _("Asked %(target)s a question")),
    "answered": (_("Answered a question"), _("Answered %(target)s")),
    "proposed": (_("Made a proposal"), _("Made %(target)s a proposal")),
    "shared": (_("Shared something"), _("Shared something with %(target)s")),
    "hosted": (_("Hosted a gathering"), _("Hosted a gathering with %(target)s")),
    "published": (_("Published something"), _("Published something with %(target)s")),
    "helped": (_("Helped out"), _("Helped %(target)s")),
    "reacted": (_("Reacted"), _("Reacted to %(target)s")),
    "voted": (_("Voted"), _("Voted for %(target)s")),
    "rsvped": (_("Said they would come"), _("Told %(target)s they would come")),
    "attended": (_("Was at a gathering"), _("Was at a gathering of %(target)s")),
    "messaged": (_("Sent a message"), _("Wrote to %(target)s")),
    "mentioned": (_("Mentioned somebody"), _("Mentioned %(target)s")),
    "accepted": (_("Accepted an answer"), _("Accepted the answer of %(target)s")),
    "completed": (_("Completed something"), _("Completed something by %(target)s")),
    "used": (_("Used something"), _("Used something by %(target)s")),
    "endorsed": (_("Endorsed something"), _("Endorsed %(target)s")),
    "invited": (_("Sent an invitation"), _("Invited %(target)s")),
    "joined": (_("Joined"), _("Joined, invited by %(target)s")),
    "left": (_("Left the community"), _("Left the community")),
    "suspended": (_("Was suspended"), _("Was suspended")),
    "resumed": (_("Came back"), _("Came back")),
    "lapsed": (_("Membership lapsed"), _("Membership lapsed")),
    "inviter_changed": (_("Inviter was changed"), _("Inviter was changed to %(target)s")),
    "paid": (_("Paid"), _("Paid for %(target)s")),
    "refunded": (_("Was refunded"), _("Was refunded for %(target)s")),
    "subscribed": (_("Subscribed"), _("Subscribed for %(target)s")),
    "cancelled": (
        pgettext_lazy("a subscription", "Cancelled"),
        pgettext_lazy("a subscription", "Cancelled for %(target)s"),
    ),
}


def noun(verb: str) -> str:
    return str(NOUNS.get(verb, verb))


def deed(verb: str, target: str = "") -> str:
    """What was done, in one short sentence; `target` is the other member's name, empty when there is none."""
    alone, towards = DEEDS[verb]
    return str(towards) % {"target": target} if target else str(alone)
