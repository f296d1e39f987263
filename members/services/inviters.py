"""Who invited whom: fixed on joining, corrected by staff with a reason, never in a loop."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kernel import locks
from kernel.errors import Refused
from members.actors import Actor
from members.models import Membership
from members.roles import NOT_JOINED
from members.services import audit, history, powers


@transaction.atomic
def correct(
    *, membership: Membership, inviter: Membership | None, reason: str, at: datetime, by: Actor
) -> Membership:
    """Say who really invited the member; None for nobody. The figures follow from this day on.

    Raises `Refused` without a reason (`required`), for an actor who may not change members any more, for the
    member themselves (`own_inviter`), for somebody who never joined (`unknown`) and for somebody whom they
    brought, at whatever distance (`loop`).
    """
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why: it stays in the history."), code="required", field="reason")
    if inviter is not None and inviter.community_id != membership.community_id:
        raise ValueError("An inviter of another community.")
    # The lock that the database's own guard takes, and before any row: so nobody waits for one another.
    locks.advisory(name="inviters", key=membership.community_id)
    membership, acting, _owners = powers.hold(membership, by)
    powers.guard(acting, "members.change")
    if inviter is not None and inviter.pk == membership.pk:
        raise Refused(_("Nobody invites themselves."), code="own_inviter", field="inviter")
    if inviter is not None and inviter.status in NOT_JOINED and inviter.left_at is None:
        raise Refused(
            _("%(inviter)s has never joined.") % {"inviter": inviter}, code="unknown", field="inviter"
        )
    former = membership.invited_by
    if (former.pk if former else None) == (inviter.pk if inviter else None):
        return membership
    membership.invited_by = inviter
    try:
        with transaction.atomic():
            membership.save(update_fields=["invited_by"])
    except IntegrityError as error:
        if "loop of inviters" not in str(error):
            raise
        words = _("%(inviter)s was brought by %(member)s: that would go round in a circle.")
        raise Refused(
            words % {"inviter": inviter, "member": membership}, code="loop", field="inviter"
        ) from None
    before, after = _named(former), _named(inviter)
    history.note(
        membership,
        history.Kind.INVITER,
        before=before,
        after=after,
        at=at,
        by=by,
        reason=reason[:240],
    )
    audit.record(
        action="member.inviter_changed",
        object_kind="member",
        object_id=membership.number,
        by=by,
        at=at,
        community_id=membership.community_id,
        before={"inviter": former.number if former else None},
        after={"inviter": inviter.number if inviter else None, "reason": reason},
    )
    history.publish(membership, "inviter_changed", at=at)
    return membership


def _named(inviter: Membership | None) -> str:
    """As files and the history name a member: by their own id, or by #number."""
    return "" if inviter is None else inviter.external_id or f"#{inviter.number}"
