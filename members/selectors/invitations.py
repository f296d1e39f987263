"""Invitations as they stand, and lists of them."""

from datetime import datetime

from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from kernel.tenancy import Community
from members.models import Attribution, Invitation, Membership, User
from members.models.invitation import InvitationQuerySet
from members.selectors import merged

SEND = "invitations.send"


class State(TextChoices):
    """Whether one can still come by it, and if not, why."""

    OPEN = "open", _("Open")
    USED_UP = "used_up", _("Used up")
    EXPIRED = "expired", _("Expired")
    REVOKED = "revoked", _("Revoked")
    CLOSED = "closed", _("Closed")


def state(invitation: Invitation, at: datetime) -> State:
    """Where the invitation stands. Closed: whoever invited may not any more, or one that only a file tells of."""
    if invitation.revoked_at is not None:
        return State.REVOKED
    if invitation.is_expired(at):
        return State.EXPIRED
    if invitation.is_used_up:
        return State.USED_UP
    if invitation.code is None or not _may_still(invitation):
        return State.CLOSED
    return State.OPEN


def _may_still(invitation: Invitation) -> bool:
    inviter = invitation.inviter
    if inviter is None or invitation.kind == Invitation.Kind.EMAIL:
        # What was mailed was mailed: it holds even where members may not invite any more, or its sender has left.
        return True
    return may_invite(merged.stands_for(inviter), invitation.community)


def may_invite(membership: Membership | None, community: Community) -> bool:
    """Whether this member may invite: staff always, others where the community lets its members."""
    if membership is None or not membership.may(SEND):
        return False
    return membership.is_staff or community.members_invite


def by_code(code: str) -> Invitation | None:
    """The invitation with its community, inviter and tier."""
    return whole(Invitation.objects.filter(code=code)).first()


def whole(invitations: QuerySet[Invitation]) -> QuerySet[Invitation]:
    return invitations.select_related("community", "inviter", "tier")


def links(community: Community) -> InvitationQuerySet:
    """The operators' links with their tiers and makers."""
    return Invitation.objects.of(community.id).links().select_related("tier", "created_by", "inviter")


def mails(community: Community) -> InvitationQuerySet:
    """What was mailed, with its sender and who came by it."""
    found = Invitation.objects.of(community.id).mails()
    return found.select_related("inviter", "tier").prefetch_related("uses__membership")


def mails_of(membership: Membership, *, most: int) -> list[Invitation]:
    """The latest invitations this member mailed, newest first."""
    found = mails(membership.community).filter(inviter=membership)
    return list(found.order_by("-created_at", "-id")[:most])


def attribution(user: User, community: Community) -> Attribution | None:
    """By which invitation this person found the community; None where by none."""
    found = Attribution.objects.filter(user=user, community_id=community.id)
    return found.select_related("invitation__community", "invitation__inviter", "invitation__tier").first()
