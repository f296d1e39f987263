"""Guests who may become members: asked to join, and their records put to them once they have."""

import logging
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from gatherings.access import looks_after
from gatherings.models import Event, Ticket
from kernel import sweeps
from kernel.errors import Refused
from members.actors import Actor
from members.models import Invitation, Membership
from members.roles import ADMITTED, Status
from members.services import invitation_mail, merging

log = logging.getLogger(__name__)

GATHERINGS = Actor.site("Gatherings")
PORTION = 200


def invite(*, event: Event, guest: Membership, inviter: Membership, at: datetime, by: Actor) -> Invitation:
    """Ask who has, or had, a ticket of the gathering as a guest to join, by a letter to the address they gave: an invitation
    like every other, with its bounds.

    Raises `Refused`: for who does not look after the gathering (`not_allowed`), for who is no guest of it (`no_guest`) or
    gave no address (`no_address`), and as `invitation_mail.send` does.
    """
    if not looks_after(inviter, event):
        raise Refused(_("You do not look after this gathering."), code="not_allowed")
    guest = Membership.objects.get(pk=guest.pk)
    is_guest = guest.status == Status.GUEST and guest.merged_into_id is None
    if not is_guest or not Ticket.objects.filter(event=event, membership=guest).exists():
        raise Refused(_("They are no guest any more."), code="no_guest")
    if not guest.email:
        raise Refused(_("They gave no address."), code="no_address")
    return invitation_mail.send(community=event.community, inviter=inviter, email=guest.email, at=at, by=by)


def join_records(*, at: datetime) -> int:
    """Put the records of guests who have joined since to their memberships: by the address that they gave then and have
    confirmed by now. Their tickets and comings are theirs; how many were. Whoever types a member's address as a guest is not
    taken for them: the record is older than the joining, or staff decide."""
    done = 0
    for pair in list(_joined().order_by("pk").values_list("pk", "member")):
        done += sweeps.alone("Guest record", pair, lambda pair: _join(*pair, at=at))
        if done == PORTION:
            break
    return done


def _join(pk: int, kept: int, *, at: datetime) -> bool:
    rows = Membership.objects.filter(pk__in=(pk, kept)).select_related("community")
    found = {row.pk: row for row in rows}
    try:
        merging.merge(kept=found[kept], merged=found[pk], choices={"inviter": "kept"}, at=at, by=GATHERINGS)
    except Refused as refusal:
        # Both have a place at one gathering, or one is being erased: staff see the two among the duplicates.
        log.info("Guest record %s is not put to %s: %s", pk, kept, refusal.code)
        return False
    return True


def _joined() -> QuerySet[Any]:
    """Records of guests with the `member` whose they are."""
    confirmed = EmailAddress.objects.filter(
        user=OuterRef("user"), verified=True, email__iexact=OuterRef(OuterRef("email"))
    )
    members = Membership.objects.filter(
        community=OuterRef("community"), status__in=sorted(ADMITTED), joined_at__gte=OuterRef("joined_at")
    ).filter(Exists(confirmed), merged_into=None, erased_at=None)
    guests = Membership.objects.filter(status=Status.GUEST, merged_into=None, erased_at=None).exclude(
        email=""
    )
    return guests.annotate(member=members.values("pk")[:1]).exclude(member=None)
