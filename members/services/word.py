"""Word of what befalls a membership: the welcome, and what staff decide."""

from datetime import datetime

from kernel import trials
from kernel.trials import Unit
from members.actors import Actor
from members.mail_kinds import BY_STATUS, WELCOME
from members.models import Membership, MembershipChange
from members.roles import ADMITTED, NOT_JOINED, Role, Status
from members.services import mail

Kind = MembershipChange.Kind
#: Before somebody is let in the joining itself tells them how it stands.
_OF_JOINING = NOT_JOINED | {Status.INVITED.value}


def welcome(*, membership: Membership, at: datetime, by: Actor | None = None) -> None:
    """Welcome a person who has just come in; founders, and records that nobody has claimed, are not."""
    if membership.user_id is None or membership.role == Role.OWNER or mail.is_withheld():
        return
    trials.assign(WELCOME, community_id=membership.community_id, unit=Unit(member=membership), at=at)
    mail.send(
        kind=WELCOME,
        to=membership,
        community=membership.community,
        words={"number": str(membership.number)},
        at=at,
        by=by,
        dedupe=f"{WELCOME}:{membership.pk}",
        url=f"/c/{membership.community.slug}/",
    )


def of_change(*, membership: Membership, before: str, at: datetime, by: Actor) -> None:
    """Tell a member of a change of status that they have not made themselves; hears "membership.status_changed"."""
    after = membership.status
    if mail.is_withheld():
        return
    if before in _OF_JOINING:
        if after in ADMITTED and not _approved_just_now(membership, at):
            welcome(membership=membership, at=at, by=by)
        if after not in ("removed", "banned"):
            return
    if after not in BY_STATUS or (by.membership is not None and by.membership.pk == membership.pk):
        return
    mail.send(
        kind=BY_STATUS[after],
        to=membership,
        community=membership.community,
        words={"reason": _reason(membership)},
        at=at,
        by=by,
        dedupe=f"status:{membership.pk}:{after}:{at.isoformat()}",
        url=f"/c/{membership.community.slug}/",
    )


def _approved_just_now(membership: Membership, at: datetime) -> bool:
    """Whether the decision on an application let them in, which is told with the decision."""
    decided = MembershipChange.objects.filter(membership=membership, kind=Kind.STATUS, at=at)
    return decided.filter(after=Status.APPROVED).exists()


def _reason(membership: Membership) -> str:
    changes = MembershipChange.objects.filter(membership=membership, kind=Kind.STATUS).order_by("-at", "-id")
    return changes.values_list("reason", flat=True).first() or ""
