"""A group that one member pays for: people come and go by the codes of its seats."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from commerce.models import Seat, Subscription
from commerce.services import seats, standings
from kernel.errors import Refused
from kernel.locks import locked
from members.actors import Actor
from members.models import Membership
from members.services import powers

Status = Subscription.Status
MANAGE = "money.manage"
#: A seat in what is not paid for, or has ended, lets nobody in.
LETS_IN = frozenset({Status.ACTIVE, Status.PAST_DUE, Status.CANCELLED, Status.TRIALING})


@transaction.atomic
def take(*, code: str, membership: Membership, at: datetime, by: Actor) -> Seat:
    """Sit down on the seat of that code: in, as long as the group is paid for.

    Raises `Refused`: for a code that leads nowhere (`unknown`), a seat that somebody sits on (`taken`), a group that is not
    paid for (`not_paid`), and for who has a plan or a seat already (`subscribed`).
    """
    person = standings.hold(membership)
    rows = Seat.objects.filter(code=code.strip().upper(), subscription__community=person.community_id)
    seat = locked(rows.filter(ended_at=None)).first()
    if seat is None:
        raise Refused(_("There is no seat of this code."), code="unknown", field="code")
    if seat.membership_id == person.pk:
        return seat
    if seat.membership_id is not None:
        raise Refused(_("Somebody sits on this seat already."), code="taken", field="code")
    subscription = Subscription.objects.select_related("plan__tier").get(pk=seat.subscription_id)
    if subscription.status not in LETS_IN:
        raise Refused(_("This group is not paid for now."), code="not_paid")
    words = _("You have a plan already: end that one first.")
    if Subscription.objects.live().filter(membership=person).exists():
        raise Refused(words, code="subscribed")
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
    standings.let_one_go(person, at=at)
    return free
