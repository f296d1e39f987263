"""A group that one member pays for: people come and go by the codes of its seats."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from commerce import mail_kinds
from commerce.models import Seat, Subscription
from commerce.services import letters, seats, standings
from communities.models import Community
from communities.services import arrivals
from kernel.errors import Refused
from kernel.locks import locked
from members.actors import Actor
from members.models import Membership, Message, User
from members.roles import GONE
from members.roles import Status as Standing
from members.services import powers

Status = Subscription.Status
MANAGE = "money.manage"
#: A seat in what is not paid for, or has ended, lets nobody in.
LETS_IN = frozenset({Status.ACTIVE, Status.PAST_DUE, Status.CANCELLED, Status.TRIALING})

#: Who comes (back) by joining, or not at all.
OUTSIDE = GONE | {Standing.REJECTED, Standing.WITHDRAWN, Standing.INVITED}
#: Letters with seats that may go out of a community in a day, and how long one address is not written to again.
A_DAY, ONCE_IN = 200, timedelta(days=7)


@transaction.atomic
def come(
    *, code: str, community: Community, user: User, said: Mapping[str, Any], at: datetime, by: Actor
) -> Seat:
    """Join the community by the seat of that code, and sit down on it: who pays for it vouches for whoever takes it, so
    they need no invitation; what the community asks newcomers is asked of them too (`said`, as `arrivals.come_in` takes
    it), and where its staff decide, they sit there and are let in once that is decided.

    Raises `Refused` as `take` and `joining.join` do.
    """
    seat = (
        _open(code, community.pk)
        .select_related("subscription__membership", "subscription__plan__tier")
        .first()
    )
    if seat is None:
        raise _unknown()
    paid = seat.subscription
    person = arrivals.come_in(
        community=community,
        user=user,
        at=at,
        by=by,
        vouched_by=paid.membership,
        channel="seat",
        tier=paid.plan.tier,
        **said,
    )
    return take(code=code, membership=person, at=at, by=Actor.person(user, person))


@transaction.atomic
def take(*, code: str, membership: Membership, at: datetime, by: Actor) -> Seat:
    """Sit down on the seat of that code: in, as long as the group is paid for.

    Raises `Refused`: for a code that leads nowhere (`unknown`), a seat that somebody sits on (`taken`), a group that is not
    paid for (`not_paid`) or gets smaller with its next period (`full`), and for who has a plan or a seat already
    (`subscribed`).
    """
    person = standings.hold(membership)
    seat = locked(_open(code, person.community_id)).first()
    if seat is None:
        raise _unknown()
    if seat.membership_id == person.pk:
        return seat
    if person.status in OUTSIDE:
        raise Refused(_("Join the community first, or ask its staff to take you back."), code="ended")
    if seat.membership_id is not None:
        raise Refused(_("Somebody sits on this seat already."), code="taken", field="code")
    subscription = Subscription.objects.select_related("plan__tier", "next_plan").get(pk=seat.subscription_id)
    if subscription.status not in LETS_IN:
        raise Refused(_("This group is not paid for now."), code="not_paid")
    if _is_full(subscription):
        raise Refused(_("This group is getting smaller: no seat is free any more."), code="full")
    words = _("You have a plan already: end that one first.")
    if Subscription.objects.live().of_person(person).exists():
        raise Refused(words, code="subscribed")
    seats.leave_ended(person, at=at)
    seat.membership, seat.taken_at = person, at
    try:
        with transaction.atomic():
            seat.save(update_fields=["membership", "taken_at"])
    except IntegrityError:
        raise Refused(words, code="subscribed") from None
    standings.let_one_in(person, subscription.plan.tier, at=at)
    return seat


@transaction.atomic
def leave(*, seat: Seat, at: datetime, by: Actor) -> Seat:
    """Free a seat, by who sits on it or who pays for it: it gets another code, for somebody else. The seat that is free now.

    Raises `Refused` for one that nobody sits on (`free`), for the payer's own (`own`), and for who may not.
    """
    subscription = Subscription.objects.select_related("membership").get(pk=seat.subscription_id)
    standings.hold(subscription.membership)
    seat = locked(Seat.objects.filter(pk=seat.pk)).get()
    person = seat.membership
    if person is None or seat.ended_at is not None:
        raise Refused(_("Nobody sits on this seat."), code="free")
    if person.pk == subscription.membership_id:
        raise Refused(_("Who pays for the group keeps a seat in it."), code="own")
    if by.membership is not None and by.membership.pk not in (person.pk, subscription.membership_id):
        powers.require(by, MANAGE)
    seat.ended_at = at
    seat.save(update_fields=["ended_at"])
    free = Seat.objects.create(subscription=subscription, code=seats.new_code(), made_at=at)
    if not standings.has_own(person):
        standings.let_one_go(person, at=at)
    return free


@transaction.atomic
def invite(*, seat: Seat, email: str, at: datetime, by: Actor) -> Seat:
    """Send the code of a free seat to somebody by mail, by who pays for it, or staff.

    Raises `Refused` for a seat that is taken or gone (`taken`), for what is no address (`email`), for one that was written
    to lately or where a day's letters are written (`too_many`), and for who may not.
    """
    subscription = _paid_by(seat, by)
    seat = locked(Seat.objects.filter(pk=seat.pk)).get()
    if seat.membership_id is not None or seat.ended_at is not None:
        raise Refused(_("Somebody sits on this seat already."), code="taken")
    try:
        email = email.strip().lower()
        validate_email(email)
    except ValidationError:
        raise Refused(_("This is no e-mail address."), code="email", field="email") from None
    if subscription.status not in LETS_IN:
        raise Refused(_("This group is not paid for now."), code="not_paid")
    _guard_letters(subscription, email, at)
    seat.email = email
    seat.save(update_fields=["email"])
    letters.seat(seat, subscription, at=at)
    return seat


@transaction.atomic
def renew(*, seat: Seat, at: datetime, by: Actor) -> Seat:
    """Give a free seat another code: whoever holds the old one comes by it no more. Raises `Refused` as `invite` does."""
    _paid_by(seat, by)
    seat = locked(Seat.objects.filter(pk=seat.pk)).get()
    if seat.membership_id is not None or seat.ended_at is not None:
        raise Refused(_("Somebody sits on this seat already."), code="taken")
    seat.code, seat.email = seats.new_code(), ""
    seat.save(update_fields=["code", "email"])
    return seat


def gone(person: Membership, *, at: datetime) -> None:
    """Who leaves the community, or never comes in, keeps nobody from the seat: it is free, with another code."""
    for seat in locked(Seat.objects.filter(membership=person, ended_at=None).order_by("pk")):
        seat.ended_at = at
        seat.save(update_fields=["ended_at"])
        alive = Subscription.objects.live().filter(pk=seat.subscription_id)
        if alive.exclude(membership=person).exists():
            Seat.objects.create(subscription_id=seat.subscription_id, code=seats.new_code(), made_at=at)


def admitted(person: Membership, *, at: datetime) -> bool:
    """Let somebody in who was asked to pay and sits on a seat that is paid for; whether there was one."""
    mine = Seat.objects.filter(membership=person, ended_at=None, subscription__status__in=LETS_IN)
    seat = mine.select_related("subscription__plan__tier").first()
    if seat is None:
        return False
    standings.let_one_in(person, seat.subscription.plan.tier, at=at)
    return True


def _open(code: str, community_id: int) -> QuerySet[Seat]:
    written = Seat.objects.filter(code=code.strip().upper(), ended_at=None)
    return written.filter(subscription__community=community_id)


def _is_full(group: Subscription) -> bool:
    """Whether as many sit already as are paid for after a change that was chosen."""
    if group.next_plan is None:
        return False
    most = (group.next_quantity or 1) if group.next_plan.group else 1
    return group.seats.filter(ended_at=None, membership__isnull=False).count() >= most


def _unknown() -> Refused:
    return Refused(_("There is no seat of this code."), code="unknown", field="code")


def _guard_letters(group: Subscription, email: str, at: datetime) -> None:
    sent = Message.objects.filter(kind=mail_kinds.SEAT, community_id=group.community_id)
    again = sent.filter(address=email, created_at__gt=at - ONCE_IN).exists()
    if again or sent.filter(created_at__gt=at - timedelta(days=1)).count() >= A_DAY:
        message = _("No more letters can go there now: send the link yourself.")
        raise Refused(message, code="too_many", field="email")


def _paid_by(seat: Seat, by: Actor) -> Subscription:
    """The group, held with its payer. Raises `Refused` for who neither pays for it nor manages money."""
    found = Subscription.objects.select_related("membership", "plan", "community").get(
        pk=seat.subscription_id
    )
    standings.hold(found.membership)
    if by.membership is not None and by.membership.pk != found.membership_id:
        powers.require(by, MANAGE)
    return found
