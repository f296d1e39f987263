"""The tickets of a gathering with what was paid for them, for who looks after it."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet

from gatherings.models import Event, Ticket
from kernel import payable
from kernel.money import Money
from members.access import is_on_duty
from members.models import Membership
from members.roles import Status

HEADER = (
    "member",
    "name",
    "email",
    "ticket",
    "state",
    "taken_by",
    "ordered_at",
    "came_in_force_at",
    "ended_at",
)
MONEY = ("order", "price", "paid", "sent_back", "currency")


def shows_money(viewer: Membership | None) -> bool:
    """Whether the viewer is shown what others paid."""
    till = payable.till()
    return viewer is not None and till is not None and till.is_shown_to(viewer)


def tickets(event: Event, viewer: Membership | None, *, state: str = "", text: str = "") -> QuerySet[Ticket]:
    """The latest first; `text` is of the name, the address or the number of who comes. A host who is no staff knows the
    addresses of guests alone."""
    rows = Ticket.objects.filter(event=event).select_related("membership", "taken_by", "kind__room")
    if state in Ticket.State.values:
        rows = rows.filter(state=state)
    if text:
        bare = text.strip().lstrip("#")
        number = int(bare) if bare.isascii() and bare.isdigit() and len(bare) < 10 else 0
        rows = rows.filter(
            Q(membership__name__icontains=text)
            | Q(membership__user__name__icontains=text)
            | (Q(membership__email__iexact=text.strip()) & _tells_address(viewer))
            | Q(membership__number=number)
        )
    return rows.order_by("-made_at", "-pk")


def _tells_address(viewer: Membership | None) -> Q:
    return Q() if is_on_duty(viewer) else Q(membership__status=Status.GUEST)


def tell(rows: Sequence[Any], *, money: bool) -> None:
    """Give each ticket who `brought` them, whether they `can_join`, and with `money` what it `cost` with the coupon taken off,
    whether that `is_paid`, and what of it went `back`."""
    till = payable.till()
    orders = {one.order for one in rows if one.order is not None}
    shares = till.shares(orders=orders) if money and till is not None and orders else {}
    for one in rows:
        share = shares.get((one.order, one.part)) if one.order is not None else None
        one.brought = one.taken_by if one.taken_by_id != one.membership_id else None
        guest = one.membership.status == Status.GUEST and one.membership.merged_into_id is None
        one.can_join = guest and bool(one.membership.email)
        one.cost = share.gross if share else one.money
        one.is_paid = bool(share and share.is_paid and share.gross)
        one.back = share.back if share else Money(0, one.currency)


def counts(event: Event) -> dict[str, int]:
    """How many tickets are in each state."""
    rows = Ticket.objects.filter(event=event).order_by().values("state").annotate(many=Count("pk"))
    return {row["state"]: row["many"] for row in rows}


def sums(event: Event) -> dict[str, Money] | None:
    """What was `paid` for the gathering and what of it went `back`, and what is `left`; None where nothing was sold."""
    till = payable.till()
    rows = Ticket.objects.filter(event=event, order__isnull=False)
    orders = [one for one in rows.order_by().values_list("order", flat=True).distinct() if one is not None]
    if till is None or not orders:
        return None
    zero = Money(0, event.currency)
    paid, back = zero, zero
    for share in till.shares(orders=orders).values():
        if share.is_paid and share.gross.currency == event.currency:
            paid, back = paid + share.gross, back + share.back
    return {"paid": paid, "back": back, "left": paid - back}


def header(*, money: bool) -> list[str]:
    return [*HEADER, *(MONEY if money else ())]


def sheet(event: Event, viewer: Membership | None, *, money: bool) -> Iterator[list[Any]]:
    """All tickets as rows of a file, the oldest first; with the addresses that the viewer may know."""
    rows: list[Any] = list(tickets(event, viewer).order_by("pk"))
    every = is_on_duty(viewer)
    tell(rows, money=money)
    for one in rows:
        moments = [at.isoformat() if at else "" for at in (one.made_at, one.valid_at, one.ended_at)]
        row = [
            one.membership.number,
            one.membership.display_name,
            one.membership.email if every or one.membership.status == Status.GUEST else "",
            str(one.kind),
            one.state,
            one.brought.display_name if one.brought else "",
            *moments,
        ]
        if money:
            paid = one.cost if one.is_paid else Money(0, one.currency)
            row += [str(one.order or ""), str(one.cost), str(paid), str(one.back), one.currency]
        yield row
