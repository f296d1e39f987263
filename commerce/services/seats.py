"""The seats of a group: as many as are paid for, each with its code."""

from datetime import datetime

from django.utils.crypto import get_random_string

from commerce.models import Seat, Subscription
from commerce.services import standings
from kernel.locks import locked
from members.models import Membership

#: Nothing that is read as something else.
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def add(subscription: Subscription, many: int, *, at: datetime, payer: Membership | None = None) -> None:
    """So many more seats; who pays sits on the first."""
    if payer is not None:
        leave_ended(payer, at=at)
    Seat.objects.bulk_create(
        Seat(
            subscription=subscription,
            membership=payer if n == 0 else None,
            taken_at=at if n == 0 and payer else None,
            code=new_code(),
            made_at=at,
        )
        for n in range(many)
    )


def fit(subscription: Subscription, *, at: datetime) -> None:
    """As many seats as are paid for now: more are added, of those that nobody sits on some go. A plan that is for one
    person has none. Where more sit than are paid for, who came last goes; who pays stays."""
    seats = list(locked(Seat.objects.filter(subscription=subscription, ended_at=None)).order_by("id"))
    wanted = subscription.quantity if subscription.plan.group else 0
    if len(seats) < wanted:
        add(subscription, wanted - len(seats), at=at, payer=None if seats else subscription.membership)
    stay = sorted(seats, key=lambda seat: (*_rank(seat, subscription), seat.pk))[:wanted]
    for seat in seats:
        if seat in stay:
            continue
        seat.ended_at = at
        seat.save(update_fields=["ended_at"])
        person = seat.membership
        if person is not None and person.pk != subscription.membership_id and not standings.has_own(person):
            standings.let_one_go(person, at=at)


def leave_ended(person: Membership, *, at: datetime) -> None:
    """A seat in a group that has ended keeps nobody from another."""
    over = Seat.objects.filter(
        membership=person, ended_at=None, subscription__status=Subscription.Status.ENDED
    )
    Seat.objects.filter(pk__in=over.values("pk")).update(ended_at=at)


def _rank(seat: Seat, subscription: Subscription) -> tuple[bool, bool, datetime]:
    free = seat.membership_id is None
    return free, seat.membership_id != subscription.membership_id, seat.taken_at or seat.made_at


def new_code() -> str:
    return get_random_string(12, LETTERS)
