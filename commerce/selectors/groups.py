"""Seats as pages show them."""

from django.db.models import QuerySet

from commerce.models import Seat, Subscription
from members.models import Membership


def seats_of(subscription: Subscription) -> list[Seat]:
    """The seats there are, those that somebody sits on first."""
    rows = subscription.seats.filter(ended_at=None).select_related("membership__user")
    return sorted(rows.order_by("taken_at", "id"), key=lambda seat: seat.membership_id is None)


def seat_of(membership: Membership) -> Seat | None:
    """The seat that a member sits on, in a group that somebody else pays for."""
    mine = _whole(Seat.objects.filter(membership=membership, ended_at=None))
    return mine.exclude(subscription__membership=membership).first()


def by_code(code: str, community_id: int) -> Seat | None:
    """The seat that a code leads to; None for a code that leads nowhere, in this community."""
    rows = Seat.objects.filter(code=code.strip().upper(), ended_at=None, subscription__community=community_id)
    return _whole(rows).first()


def _whole(rows: "QuerySet[Seat]") -> "QuerySet[Seat]":
    return rows.select_related("subscription__plan__tier", "subscription__membership__user", "membership")
