"""Invitations by e-mail: few a day, never twice to one address in a month, never to somebody who wants no mail."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from kernel import activity, locks, trials
from kernel.activity import Activity
from kernel.errors import Refused
from kernel.locks import locked
from kernel.tenancy import Community
from kernel.trials import Unit
from members.actors import Actor
from members.mail_kinds import INVITATION
from members.models import Invitation, Membership, Message, Tier, User
from members.roles import ADMITTED, GONE, NOT_JOINED, Status
from members.selectors import invitations as found
from members.services import audit, invitations, mail, powers

DAY = timedelta(days=1)
#: How many letters a member, one of the staff, and all of a community may send within 24 hours.
A_DAY_BY_MEMBER, A_DAY_BY_STAFF, A_DAY = 10, 200, 500
#: So long nobody is invited a second time, and so long a mailed invitation works.
ONCE_IN = timedelta(days=30)
#: Who came as far as that is not invited again; who left, withdrew or was rejected may be.
_NOT_AGAIN = (ADMITTED | GONE | NOT_JOINED) - {Status.LEFT, Status.WITHDRAWN, Status.REJECTED, Status.INVITED}
#: What mail programs make a link of.
_LINK = re.compile(r"://|\bwww\.|@|\w\.(com|net|org|cn|io|top|xyz)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Outcome:
    """What became of one address: the invitation, or why there is none."""

    email: str
    invitation: Invitation | None = None
    refusal: Refused | None = None


@transaction.atomic
def send(
    *,
    community: Community,
    inviter: Membership,
    email: str,
    at: datetime,
    by: Actor,
    language: str = "",
    note: str = "",
    campaign: str = "",
    tier: Tier | None = None,
) -> Invitation:
    """Invite the person behind an address, in their language (the community's unless given), with a word of the
    inviter's own.

    `campaign` and `tier` are for those who may manage invitations. Raises `Refused`: for an inviter who may not
    (`no_longer_allowed`), for what is no address (`email`), where the bounds of a day are reached (`too_many`), and
    for an address that is not written to now (`not_now`): members are not told whether it is somebody's here.
    """
    # The bounds hold for all of a community, so its invitations go one after the other.
    locks.advisory(name="invitations", key=community.id)
    inviter = locked(Membership.objects.filter(pk=inviter.pk)).select_related("community").get()
    if not found.may_invite(inviter, inviter.community):
        raise Refused(_("In this community, its staff invite."), code="no_longer_allowed")
    if campaign or tier is not None:
        powers.guard(inviter if by.membership else None, invitations.MANAGE)
    email = _address(email)
    _guard_note(note, inviter)
    _guard_bounds(inviter, at)
    _guard_address(email, inviter, at)
    invitation = Invitation.objects.create(
        community_id=community.id,
        kind=Invitation.Kind.EMAIL,
        code=invitations.new_code(),
        inviter=inviter,
        channel=Invitation.Kind.EMAIL,
        campaign=campaign,
        tier=tier,
        limit=1,
        email=email,
        language=language,
        note=note,
        created_at=at,
        created_by=by.membership,
        sent_at=at,
        expires_at=at + ONCE_IN,
    )
    trials.assign(INVITATION, community_id=community.id, unit=Unit(member=inviter), at=at)
    letter = mail.send(
        kind=INVITATION,
        to=email,
        community=community,
        words={"inviter": inviter.display_name, "note": note},
        language=language or _language_of(email),
        at=at,
        by=by,
        dedupe=f"invitation:{invitation.pk}",
        url=f"/i/{invitation.code}",
        unit=inviter,
    )
    if letter is not None and letter.state == Message.State.SUPPRESSED:
        raise _not_now(inviter, Message.Reason(letter.reason).label)
    _tell(invitation, inviter, at=at, by=by)
    return invitation


def send_all(
    *,
    community: Community,
    inviter: Membership,
    emails: Sequence[str],
    at: datetime,
    by: Actor,
    **words: object,
) -> list[Outcome]:
    """Invite several, each by itself, as `send` does; what became of each, in their order."""
    outcomes = []
    for email in dict.fromkeys(one.strip() for one in emails if one.strip()):
        try:
            sent = send(community=community, inviter=inviter, email=email, at=at, by=by, **words)  # type: ignore[arg-type]
        except Refused as refusal:
            outcomes.append(Outcome(email, refusal=refusal))
        else:
            outcomes.append(Outcome(email, invitation=sent))
    return outcomes


def left_today(inviter: Membership, *, at: datetime) -> int:
    """How many more letters this member may send now."""
    lately = Invitation.objects.of(inviter.community_id).mails().filter(created_at__gt=at - DAY)
    bound = A_DAY_BY_STAFF if inviter.is_staff else A_DAY_BY_MEMBER
    return max(min(bound - lately.filter(inviter=inviter).count(), A_DAY - lately.count()), 0)


def _address(email: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Refused(_("This is no e-mail address."), code="email", field="email") from None
    return email


def _language_of(email: str) -> str:
    """The language of the person who signs in with this address, "" where there is none."""
    known = User.objects.filter(email__iexact=email).values_list("language", flat=True).first()
    return known or ""


def _guard_note(note: str, inviter: Membership) -> None:
    if not inviter.is_staff and _LINK.search(note):
        raise Refused(
            _("No addresses of other pages here, please: the letter has its link."), code="link", field="note"
        )


def _guard_bounds(inviter: Membership, at: datetime) -> None:
    if left_today(inviter, at=at) == 0:
        raise Refused(
            _("That is as many invitations as may be mailed in a day. Your link has no such bound."),
            code="too_many",
        )


def _guard_address(email: str, inviter: Membership, at: datetime) -> None:
    of_community = Invitation.objects.of(inviter.community_id).mails()
    if of_community.filter(email=email, created_at__gt=at - ONCE_IN).exists():
        raise _not_now(inviter, _("It was invited within the last 30 days."))
    people = Membership.objects.of(inviter.community_id).filter(
        user__emailaddress__email__iexact=email, user__emailaddress__verified=True
    )
    if people.filter(status__in=_NOT_AGAIN).exists():
        raise _not_now(inviter, _("It is the address of somebody who is here, has applied or was sent away."))


def _not_now(inviter: Membership, why: object) -> Refused:
    """Staff are told why. To members an address says nothing about the person behind it."""
    if inviter.is_staff:
        words = _("This address cannot be invited now: %(why)s") % {"why": why}
    else:
        words = _(
            "This address cannot be invited now. Perhaps somebody was faster, or no mail is wanted there."
        )
    return Refused(words, code="not_now", field="email")


def _tell(invitation: Invitation, inviter: Membership, *, at: datetime, by: Actor) -> None:
    activity.publish(fact(invitation, inviter))
    if inviter.is_staff or by.membership is None:
        audit.record(
            action="invitation.sent",
            object_kind="invitation",
            object_id=invitation.pk,
            by=by,
            at=at,
            community_id=invitation.community_id,
            after={"inviter": inviter.number}
            | ({"campaign": invitation.campaign} if invitation.campaign else {}),
        )


def fact(invitation: Invitation, inviter: Membership) -> Activity:
    """That it was sent: its object names the invitation, the channel and the campaign (docs/adr/0014)."""
    return Activity(
        community_id=invitation.community_id,
        member=inviter.number,
        verb="invited",
        at=invitation.sent_at or invitation.created_at,
        object_kind="invitation",
        object_id=f"{invitation.pk}/{invitation.channel}/{invitation.campaign}",
        staff=inviter.is_staff,
        dedupe=f"invited:{invitation.pk}",
    )
