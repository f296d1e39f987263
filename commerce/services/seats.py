"""The seats of a group: as many as are paid for, each with its code."""

from datetime import datetime

from django.utils.crypto import get_random_string

from commerce.models import Seat, Subscription
from kernel.locks import locked
from members.models import Membership

#: Nothing that is read as something else.
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def add(subscription: Subscription, many: int, *, at: datetime, payer: Membership | None = None) -> None:
    """So many more seats; who pays sits on the first."""
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
    person has none."""
    seats = list(locked(Seat.objects.filter(subscription=subscription, ended_at=None)).order_by("id"))
    wanted = subscription.quantity if subscription.plan.group else 0
    if len(seats) < wanted:
        add(subscription, wanted - len(seats), at=at, payer=None if seats else subscription.membership)
    for seat in sorted(seats, key=lambda seat: seat.membership_id is not None)[: max(len(seats) - wanted, 0)]:
        seat.ended_at = at
        seat.save(update_fields=["ended_at"])


def new_code() -> str:
    return get_random_string(12, LETTERS)
