"""The one door through which a membership's status changes, by the acts of `members.statuses`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kernel import activity, sweeps
from kernel.errors import Refused
from members.actors import Actor
from members.models import Membership
from members.roles import ADMITTED, COUNTED, GONE, NOT_JOINED, Role, Status
from members.services import audit, bans, capacity, history, powers
from members.statuses import HOLDING, Act, acts


@transaction.atomic
def act(
    key: str,
    *,
    membership: Membership,
    at: datetime,
    by: Actor,
    reason: str = "",
    until: datetime | None = None,
) -> Membership:
    """Carry out one act; the membership as it is afterwards. `until` ends a pause by itself. What is done to a person
    is done to every account of theirs.

    Raises `Refused`: when the act does not start from the present status (`not_now`, `ended`), without a
    reason where one is needed, for who may not do it, for the last owner (`last_owner`), and where the tier has
    no place left (`full`).
    """
    done = acts.get(key)
    reason = reason.strip()
    if done.needs_reason and not reason:
        raise Refused(_("Say why: the member will read it."), code="required", field="reason")
    if until is not None and until <= at:
        raise Refused(_("This time has passed already."), code="past", field="until")
    others = bans.begin(membership) if done.of_person else []
    told: dict[str, Any] = {"at": at, "by": by, "reason": reason, "until": until}
    membership = _carry_out(done, membership, also=others, **told)
    for other in others:
        # Staff who keep an account for trying things out do not shut themselves out with it.
        if by.membership is None or by.membership.pk != other.pk:
            _carry_out(done, other, **told)
    return membership


def _carry_out(
    done: Act,
    membership: Membership,
    *,
    at: datetime,
    by: Actor,
    reason: str,
    until: datetime | None,
    also: Sequence[Membership] = (),
) -> Membership:
    membership, acting, owners = powers.hold(membership, by, also=also)
    _guard_source(done, membership)
    if acting is not None and not (acting.pk == membership.pk and done.own):
        powers.guard(acting, done.permission)
        powers.guard_owner(membership, acting)
    before, after = membership.status, done.target or _former(membership)
    if after not in COUNTED:
        powers.guard_last_owner(membership, owners)
    if after in HOLDING and before not in HOLDING:
        capacity.take(tier_id=membership.tier_id)
    _move(membership, done, after, at=at, by=by, reason=reason, until=until)
    # What a member does about themselves stands in the history; what is done to them is in the audit log too.
    if acting is None or acting.pk != membership.pk:
        audit.record(
            action=f"member.{done.key}",
            object_kind="member",
            object_id=membership.number,
            by=by,
            at=at,
            community_id=membership.community_id,
            before={"status": before},
            after={"status": after} | ({"reason": reason} if reason else {}),
        )
    return membership


def resume_due(*, at: datetime) -> int:
    """Resume the pauses whose time is over; how many there were."""
    due = Membership.objects.filter(status=Status.PAUSED, status_until__lte=at, merged_into=None).order_by(
        "pk"
    )
    return sweeps.each("Member", due.iterator(chunk_size=500), lambda one: _resume(one, at))


def _resume(membership: Membership, at: datetime) -> bool:
    """False where somebody else was faster."""
    try:
        act("resume", membership=membership, at=at, by=Actor.site("The end of a pause"))
    except Refused:
        return False
    return True


def _guard_source(done: Act, membership: Membership) -> None:
    if membership.status in done.sources:
        return
    if membership.status in GONE:
        raise Refused(_("This membership has ended already."), code="ended")
    message = _("“%(act)s” does not fit: the membership is “%(status)s”.")
    raise Refused(
        message % {"act": done.label, "status": membership.get_status_display()},
        code="not_now",
    )


def _former(membership: Membership) -> str:
    before = history.before_the_present(membership)
    return before if before in COUNTED else Status.ACTIVE.value


def _move(
    membership: Membership,
    done: Act,
    after: str,
    *,
    at: datetime,
    by: Actor,
    reason: str,
    until: datetime | None,
) -> None:
    before = membership.status
    enters = after in ADMITTED and before in NOT_JOINED and not history.has_joined(membership)
    history.note(
        membership, history.Kind.STATUS, before=before, after=after, at=at, by=by, reason=reason[:240]
    )
    membership.status, membership.status_until = after, until if done.may_end else None
    if enters:
        membership.joined_at = at
    if after in GONE:
        membership.left_at = at if before not in NOT_JOINED else membership.left_at
    elif after in ADMITTED:
        membership.left_at = None
    if before in GONE and after not in GONE and membership.is_staff:
        # A role is given by an owner: nobody takes up by themselves the one they had laid down.
        history.note(membership, history.Kind.ROLE, before=membership.role, after=Role.MEMBER, at=at, by=by)
        membership.role = Role.MEMBER
    membership.save(update_fields=["status", "status_until", "joined_at", "left_at", "role"])
    if enters:
        history.publish(membership, "joined", at=at)
    elif done.fact and not (after in GONE and before in NOT_JOINED | GONE):
        history.publish(membership, done.fact, at=at)
    activity.announce("membership.status_changed", membership=membership, before=before, at=at, by=by)
    if (before in COUNTED) != (after in COUNTED):
        activity.announce("membership.powers_changed", membership=membership, at=at, by=by)
