"""A membership as its own member reads it: where it stands, and how it came there, in plain words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.custom_values import in_words, is_empty
from members.models import CustomField, Membership, MembershipChange, Tier
from members.roles import Role, Status

S, Kind = Status, MembershipChange.Kind

#: Where one stands, and what that means.
STANDING: dict[str, tuple[str | Promise, str | Promise]] = {
    S.ACTIVE: (gettext_lazy("You are a member."), ""),
    S.TRIAL: (
        gettext_lazy("You are a member on trial."),
        gettext_lazy("Everything is open to you until the trial ends."),
    ),
    S.PAUSED: (
        gettext_lazy("Your membership is paused."),
        gettext_lazy("You can read everything, and do not count as a member until you resume."),
    ),
    S.SUSPENDED: (
        gettext_lazy("Your dues are late."),
        gettext_lazy("You can still read everything, and do not count as a member until they are paid."),
    ),
    S.RESTRICTED: (
        gettext_lazy("The staff have restricted your membership."),
        gettext_lazy("You can read and nothing else until they lift it."),
    ),
    S.LAPSED: (
        gettext_lazy("Your membership has lapsed."),
        gettext_lazy("It ended for dues that never came; renewing brings it back."),
    ),
    S.LEFT: (
        gettext_lazy("You have left."),
        gettext_lazy("Your number stays yours for the day you come back."),
    ),
    S.REMOVED: (
        gettext_lazy("The staff have ended your membership."),
        gettext_lazy("They can take you back."),
    ),
    S.BANNED: (gettext_lazy("The staff have banned you."), gettext_lazy("They can take you back.")),
}
#: What it is to have come to a status.
CAME: dict[str, str | Promise] = {
    S.INVITED: gettext_lazy("You were invited."),
    S.APPLIED: gettext_lazy("You applied."),
    S.WAITING: gettext_lazy("You were put on the waiting list."),
    S.APPROVED: gettext_lazy("Your application was approved."),
    S.AWAITING_PAYMENT: gettext_lazy("Your dues were asked for."),
    S.TRIAL: gettext_lazy("Your trial began."),
    S.ACTIVE: gettext_lazy("You became a member."),
    S.PAUSED: gettext_lazy("Your membership was paused."),
    S.SUSPENDED: gettext_lazy("Your membership was suspended for late dues."),
    S.RESTRICTED: gettext_lazy("Your membership was restricted."),
    S.LAPSED: gettext_lazy("Your membership lapsed."),
    S.REJECTED: gettext_lazy("Your application was not accepted."),
    S.WITHDRAWN: gettext_lazy("You withdrew your application."),
    S.LEFT: gettext_lazy("You left."),
    S.REMOVED: gettext_lazy("The staff ended your membership."),
    S.BANNED: gettext_lazy("The staff banned you."),
}
#: What it is to be active again, by where one comes from.
BACK: dict[str, str | Promise] = {
    S.PAUSED: gettext_lazy("Your membership went on after the pause."),
    S.SUSPENDED: gettext_lazy("Your membership went on: the dues were paid."),
    S.LAPSED: gettext_lazy("Your membership was renewed."),
    S.RESTRICTED: gettext_lazy("The restriction was lifted."),
    S.LEFT: gettext_lazy("You came back."),
    S.REMOVED: gettext_lazy("The staff took you back."),
    S.BANNED: gettext_lazy("The staff took you back."),
}


@dataclass(frozen=True)
class Step:
    """One line of one's own history. `reason` is what was said then; who said it is the staff as a whole."""

    words: str
    reason: str
    at: datetime


def standing(membership: Membership) -> tuple[str, str]:
    """Where the membership stands and what that means; both empty before it ever began."""
    words, meaning = STANDING.get(membership.status, ("", ""))
    return str(words), str(meaning)


def kept(membership: Membership, fields: Iterable[CustomField]) -> list[tuple[str, str]]:
    """(name, words) of what the staff keep of the member in these fields, and the member reads and does not change."""
    values = [(field.name, membership.custom.get(field.key)) for field in fields if not field.editable]
    return [(name, in_words(value)) for name, value in values if not is_empty(value)]


def history(membership: Membership) -> list[Step]:
    """What became of the membership, its role and its tier, newest first."""
    changes = MembershipChange.objects.filter(
        membership=membership, kind__in=(Kind.STATUS, Kind.ROLE, Kind.TIER)
    )
    tiers = dict(Tier.objects.of(membership.community_id).values_list("key", "name"))
    return [
        Step(_words(change, tiers), change.reason, change.at)
        for change in changes.order_by("-at", "-id")
        if (change.kind, change.before, change.after) != (Kind.ROLE, "", Role.MEMBER)
    ]


def _words(change: MembershipChange, tiers: dict[str, str]) -> str:
    if change.kind == Kind.ROLE:
        label = str(dict(Role.choices).get(change.after, change.after))
        return _("Your role became: %(role)s.") % {"role": label}
    if change.kind == Kind.TIER:
        return _("Your tier became: %(tier)s.") % {"tier": tiers.get(change.after, change.after)}
    if change.after in (S.ACTIVE, S.TRIAL) and change.before in BACK:
        return str(BACK[change.before])
    return str(CAME.get(change.after, change.after))
