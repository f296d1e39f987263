"""Buying tickets in tests, as the product does it: a priced gathering, a rail that takes the money, somebody who pays."""

from datetime import timedelta
from typing import Any

from commerce.models import Invoice, Order, PaymentAttempt
from commerce.services import attempts, ending_orders, orders
from gatherings.models import Event, TicketKind
from gatherings.services import taking
from members.actors import Actor
from members.models import Membership
from tests.commerce import paying
from tests.commerce.dues import AT, SITE
from tests.gatherings import holding

PRICE = 5_000
#: When what nobody paid is let go.
LATE = AT + timedelta(minutes=16)
BEGINS = AT + timedelta(days=7)


def priced(community: Any, places: int | None = 1, price: int = PRICE, **fields: Any) -> TicketKind:
    """The one kind of ticket of a gathering in a week, of that price for members and guests."""
    given = {"starts_at": BEGINS, "ends_at": BEGINS + timedelta(hours=2), "audience": Event.Audience.PUBLIC}
    kind = holding.kind(holding.event(community, places=places, at=AT, **(given | fields)))
    TicketKind.objects.filter(pk=kind.pk).update(price=price, guest_price=price)
    kind.refresh_from_db()
    return kind


def take(kind: TicketKind, who: Any, *, at: Any = AT, **said: Any) -> taking.Taken:
    by = Actor.person(who.user, who) if isinstance(who, Membership) and who.user else SITE
    return taking.take(kind=kind, who=who, at=at, by=by, **said)


def order_of(taken: taking.Taken) -> Order:
    return Order.objects.get(key=taken.ticket.order)


def bill(taken: taking.Taken) -> Invoice:
    found = orders.pay_invoice(order_of(taken))
    assert found is not None
    return found


def begin(taken: taking.Taken, account: Any) -> PaymentAttempt:
    """Choose the way to pay."""
    return paying.begun(bill(taken), account)


def pay(taken: taking.Taken, account: Any, sandbox: Any, *, at: Any = AT) -> PaymentAttempt:
    """Pay at the provider, and come back from there."""
    attempt = begin(taken, account)
    sandbox.pay(attempt.reference)
    return attempts.refresh(attempt, at=at, by=SITE)


def end(at: Any = LATE) -> int:
    return ending_orders.end_due(at=at)
