"""What the ways by which members come are called."""

from django.utils.translation import gettext as _

#: How somebody came: by an invitation with a channel; brought by a member by none that is known; by themselves.
BY_CHANNEL, BY_MEMBER, BY_NOBODY = "channel", "member", "nobody"


def named(by: str, channel: str | None) -> str:
    """A channel by the word staff gave it, but what the product itself gives out by its name."""
    own = {
        "personal": _("Members' own links"),
        "email": _("By e-mail"),
        "gathering": _("Guests of gatherings"),
        "gift": _("Memberships given as a gift"),
        "seat": _("Places in a group's membership"),
    }
    alone = {BY_MEMBER: _("Brought by a member"), BY_NOBODY: _("By themselves")}
    return alone[by] if by in alone else own.get(str(channel), str(channel))
