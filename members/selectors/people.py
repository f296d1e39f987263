"""One member as staff see them: who they are, how that came about, whom they brought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from kernel import words
from kernel.tenancy import Community
from kernel.timelines import Bound
from members.models import CustomField, Membership, MembershipChange, Tier
from members.roles import Role, Status
from members.selectors import forest, merged

INVITEES_SHOWN = 12
Kind = MembershipChange.Kind


@dataclass(frozen=True)
class Change:
    """One line of a membership's history; `before` and `after` in the words readers know."""

    pk: int
    kind: str
    #: The status that began, "" for changes of other kinds.
    status: str
    kind_words: str
    before: str
    after: str
    reason: str
    by: Membership | None
    at: datetime


def find(*, community: Community, number: int) -> Membership | None:
    """The member of that number with tier, person and inviter, or None."""
    return (
        Membership.objects.of(community.id)
        .filter(number=number)
        .select_related("tier", "invited_by", "user")
        .first()
    )


def history(membership: Membership, *, bound: Bound | None = None, most: int | None = None) -> list[Change]:
    """Changes of status, role, tier and inviter, newest first, in words; that one began as a plain member says
    nothing. A tier or an inviter that is gone is called as it was written down. With a bound and `most` a part of it.
    """
    found = MembershipChange.objects.filter(membership__in=merged.keys_of(membership)).select_related("by")
    found = found.exclude(kind=Kind.ROLE, before="", after=Role.MEMBER).order_by("-at", "-id")
    if bound is not None:
        found = found.filter(bound.q("at", "id", int))
    changes = list(found[:most])
    words = _names(membership.community_id, changes)
    return [
        Change(
            pk=change.pk,
            kind=change.kind,
            status=change.after if change.kind == Kind.STATUS else "",
            kind_words=str(Kind(change.kind).label),
            before=str(words[change.kind].get(change.before, change.before)),
            after=str(words[change.kind].get(change.after, change.after)),
            reason=change.reason,
            by=change.by,
            at=change.at,
        )
        for change in changes
    ]


def _names(community_id: int, changes: Sequence[MembershipChange]) -> dict[str, dict[str, Any]]:
    """By kind of change what its values are called; a query each for tiers and for inviters, where there are any."""
    values = {
        kind: {one for each in changes if each.kind == kind for one in (each.before, each.after)}
        for kind in Kind
    }
    tiers = Tier.objects.of(community_id).filter(key__in=values[Kind.TIER])
    return {
        Kind.STATUS: dict(Status.choices),
        Kind.ROLE: dict(Role.choices),
        Kind.TIER: dict(tiers.values_list("key", "name")) if values[Kind.TIER] else {},
        Kind.INVITER: _inviters(community_id, values[Kind.INVITER] - {""}),
    }


def _inviters(community_id: int, written: set[str]) -> dict[str, str]:
    """Members by how histories write them: their own id, or their number behind a #."""
    if not written:
        return {}
    numbers = [int(one[1:]) for one in written if one[0] == "#" and one[1:].isdecimal() and len(one) < 11]
    found = Membership.objects.of(community_id).filter(Q(number__in=numbers) | Q(external_id__in=written))
    called = {f"#{one.number}": one.display_name for one in found}
    return called | {one.external_id: one.display_name for one in found if one.external_id}


def invitees(membership: Membership) -> tuple[list[Membership], int]:
    """The latest members this one brought, at most `INVITEES_SHOWN`, and how many there are; who is still on the way
    in counts here no more than in the forest."""
    brought = forest.invitees(membership)
    latest = list(brought.order_by("-joined_at", "-number")[: INVITEES_SHOWN + 1])
    count = len(latest) if len(latest) <= INVITEES_SHOWN else brought.count()
    return latest[:INVITEES_SHOWN], count


def tiers(community: Community) -> Sequence[Tier]:
    return list(Tier.objects.of(community.id))


def is_anybody_else(community: Community) -> bool:
    """Whether anyone has ever joined besides the staff."""
    return Membership.objects.of(community.id).filter(role=Role.MEMBER).exists()


def custom(member: Membership) -> list[tuple[str, str]]:
    """(name, words) of what the member has in fields of the community's own: the known ones in their order, then what
    came by files and programs under other names."""
    known = {field.key: field for field in CustomField.objects.of(member.community_id)}
    left = [key for key in member.custom if key not in known]
    names = {key: field.name for key, field in known.items()} | {key: key for key in left}
    values = {key: member.custom.get(key) for key in names}
    return [(names[key], _words(value)) for key, value in values.items() if value not in (None, "", [])]


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return words.listed(value) if isinstance(value, list) else str(value)
