"""Invitations: links made and taken back, whom they are credited to, and how often they are used."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from kernel.errors import Refused
from kernel.locks import locked
from kernel.tenancy import Community
from members.actors import Actor
from members.models import Attribution, Invitation, InvitationUse, Membership, Tier, User
from members.selectors import invitations as found
from members.selectors import merged
from members.selectors.invitations import State
from members.services import audit, powers

MANAGE = "invitations.manage"
#: So long the first invitation a person opened is the one they come by.
FIRST_WINS = timedelta(days=30)
#: By these channels people come without an operators' link, and figures count them so: no link is called by one.
OWN_CHANNELS = frozenset({"personal", "email", "gathering", "gift", "seat"})
#: Letters and digits that nobody takes for one another, about 82 bits in all.
_ALPHABET = "23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
_LENGTH = 14

Kind = Invitation.Kind


@dataclass(frozen=True)
class Claim:
    """What a person brings along on joining.

    `invitation` is None where it does not open the door any more (revoked, used up, ...): who invited them, and by
    which channel, stands all the same; the tier it promised does not.
    """

    invited_by: Membership | None
    channel: str
    campaign: str
    tier: Tier | None
    invitation: Invitation | None


def personal(*, membership: Membership, at: datetime) -> Invitation:
    """The member's own link, made when it is first asked for. Raises `Refused` for who may not invite."""
    _guard_inviter(membership)
    known = _personal(membership)
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return Invitation.objects.create(
                community_id=membership.community_id,
                kind=Kind.PERSONAL,
                code=new_code(),
                inviter=membership,
                channel=Kind.PERSONAL,
                created_at=at,
                created_by=membership,
            )
    except IntegrityError:
        # Asked for twice at once: the other one made it.
        made = _personal(membership)
        if made is None:
            raise
        return made


@transaction.atomic
def renew(*, membership: Membership, at: datetime) -> Invitation:
    """Give the member's own link another address; the old one stops to work."""
    _guard_inviter(membership)
    Invitation.objects.filter(inviter=membership, kind=Kind.PERSONAL, revoked_at=None).update(revoked_at=at)
    return personal(membership=membership, at=at)


@transaction.atomic
def create_link(
    *,
    community: Community,
    channel: str,
    at: datetime,
    by: Actor,
    campaign: str = "",
    tier: Tier | None = None,
    limit: int | None = None,
    expires_at: datetime | None = None,
) -> Invitation:
    """Make an operators' link. Raises `Refused` for an actor who may not any more, for a channel of the product's own, for a
    limit below one and for an end that has passed."""
    powers.guard(_acting(by), MANAGE)
    if channel.strip().lower() in OWN_CHANNELS:
        raise Refused(
            _("This name stands for another way of coming. Choose one of your own."),
            code="reserved",
            field="channel",
        )
    if limit is not None and limit < 1:
        raise Refused(_("At least one has to be able to join by it."), code="range", field="limit")
    if expires_at is not None and expires_at <= at:
        raise Refused(_("This time has passed already."), code="past", field="expires_at")
    if tier is not None and tier.community_id != community.id:
        raise ValueError("A tier of another community.")
    link = Invitation.objects.create(
        community_id=community.id,
        kind=Kind.LINK,
        code=new_code(),
        channel=channel,
        campaign=campaign,
        tier=tier,
        limit=limit,
        expires_at=expires_at,
        created_at=at,
        created_by=by.membership,
    )
    _record("invitation.created", link, by=by, at=at, after=_shown(link))
    return link


@transaction.atomic
def revoke(*, invitation: Invitation, at: datetime, by: Actor) -> Invitation:
    """Let nobody come by it any more; those who came stay. Its maker may take back what they mailed themselves.

    Raises `Refused` for anybody else who may not manage invitations. Doing it twice changes nothing.
    """
    # The invitation before who acts, as joining takes them: so neither waits for the other.
    invitation = locked(Invitation.objects.filter(pk=invitation.pk)).get()
    acting = _acting(by)
    own = acting is not None and acting.pk == invitation.inviter_id
    if not own:
        powers.guard(acting, MANAGE)
    if invitation.revoked_at is not None:
        return invitation
    invitation.revoked_at = at
    invitation.save(update_fields=["revoked_at"])
    if not own:
        _record("invitation.revoked", invitation, by=by, at=at, before=_shown(invitation))
    return invitation


def attribute(*, user: User, invitation: Invitation, at: datetime) -> bool:
    """Remember that this person found the community by the invitation; whether it is this one that counts.

    The first one counts for 30 days, as long as one can come by it. Nobody comes by their own.
    """
    if found.state(invitation, at) != State.OPEN or _is_own(invitation, user):
        return False
    kept, new = Attribution.objects.get_or_create(
        user=user, community_id=invitation.community_id, defaults={"invitation": invitation, "at": at}
    )
    if new or kept.invitation_id == invitation.pk:
        return True
    first = found.by_code(kept.invitation.code or "")
    if kept.at > at - FIRST_WINS and first is not None and found.state(first, at) == State.OPEN:
        return False
    replaced = Attribution.objects.filter(pk=kept.pk, invitation_id=kept.invitation_id)
    return bool(replaced.update(invitation=invitation, at=at))


def claimed(*, user: User, community: Community, at: datetime, hold: bool = False) -> Claim | None:
    """What this person brings along when they join the community now; None where nobody invited them.

    Found by what they opened, in whatever browser, or by a mailed invitation to an address of theirs. With `hold`
    nobody else comes by the invitation until the transaction ends, so that `used` finds it as it is told here.
    """
    kept = found.attribution(user, community)
    invitation = kept.invitation if kept is not None else None
    if invitation is None or found.state(invitation, at) != State.OPEN:
        invitation = _mailed_to(user, community, at) or invitation
    if invitation is None or _is_own(invitation, user):
        return None
    if hold:
        invitation = found.whole(locked(Invitation.objects.filter(pk=invitation.pk))).get()
    opens = found.state(invitation, at) == State.OPEN
    return Claim(
        invited_by=merged.stands_for(invitation.inviter) if invitation.inviter else None,
        channel=invitation.channel,
        campaign=invitation.campaign,
        tier=invitation.tier if opens else None,
        invitation=invitation if opens else None,
    )


@transaction.atomic
def used(*, invitation: Invitation, membership: Membership, at: datetime) -> None:
    """Count that the member came by it, in the transaction in which they join.

    Its row is held until then, so that a limit is never exceeded. Raises `Refused` (`invitation_used_up`, ...) when
    it does not open the door any more.
    """
    row = found.whole(locked(Invitation.objects.filter(pk=invitation.pk))).get()
    standing = found.state(row, at)
    if standing != State.OPEN:
        raise Refused(_("This invitation cannot be used any more."), code=f"invitation_{standing.value}")
    _use, new = InvitationUse.objects.get_or_create(
        membership=membership, defaults={"invitation": row, "at": at}
    )
    if new:
        Invitation.objects.filter(pk=row.pk).update(used=F("used") + 1)
    Attribution.objects.filter(user__memberships=membership, community_id=row.community_id).delete()


def new_code() -> str:
    return "".join(secrets.choice(_ALPHABET) for _place in range(_LENGTH))


def _personal(membership: Membership) -> Invitation | None:
    return Invitation.objects.filter(inviter=membership, kind=Kind.PERSONAL, revoked_at=None).first()


def _guard_inviter(membership: Membership) -> None:
    if not found.may_invite(membership, membership.community):
        raise Refused(_("In this community, its staff invite."), code="no_longer_allowed")


def _acting(by: Actor) -> Membership | None:
    """Who acts, as they are from now until the end of the transaction; None for programs and the site."""
    if by.membership is None:
        return None
    return locked(Membership.objects.filter(pk=by.membership.pk)).get()


def _is_own(invitation: Invitation, user: User) -> bool:
    inviter = invitation.inviter
    return inviter is not None and user.pk in (inviter.user_id, merged.stands_for(inviter).user_id)


def _mailed_to(user: User, community: Community, at: datetime) -> Invitation | None:
    addresses = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    mine = Invitation.objects.of(community.id).mails().filter(email__in=[a.lower() for a in addresses])
    rows = found.whole(mine).order_by("created_at", "id")
    return next((row for row in rows if found.state(row, at) == State.OPEN), None)


def _shown(invitation: Invitation) -> dict[str, object]:
    """What the audit log keeps of a link: never its code, which opens the door."""
    ends = invitation.expires_at
    told = {
        "kind": invitation.kind,
        "channel": invitation.channel,
        "campaign": invitation.campaign,
        "tier": invitation.tier.key if invitation.tier else "",
        "limit": invitation.limit,
        "expires_at": ends.isoformat() if ends else "",
    }
    return {name: value for name, value in told.items() if value not in ("", None)}


def _record(
    action: str, invitation: Invitation, *, by: Actor, at: datetime, **values: dict[str, object]
) -> None:
    audit.record(
        action=action,
        object_kind="invitation",
        object_id=invitation.pk,
        by=by,
        at=at,
        community_id=invitation.community_id,
        **values,
    )
