"""What time does to orders: what nobody paid is let go, and what is owed back is sent.

What is due stands in rows, and each is done in a transaction of its own; the ways to pay are closed with their providers
outside of any, so that whoever pays in that moment has paid.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from commerce.models import CouponUse, Invoice, Order, OrderPart, PaymentAttempt
from commerce.providers import wire
from commerce.services import attempts, billing, going_back, invoices, orders, standings
from commerce.services.orders import ORDERS
from kernel import sweeps
from kernel.errors import Refused
from kernel.locks import held, locked, none_open
from kernel.payable import payables
from members.models import Membership

log = logging.getLogger(__name__)

State = Order.State
PORTION = 200
#: Where nobody says what becomes of a payment it is kept so much longer at most, asked for again each minute.
AWAITED, AGAIN = timedelta(minutes=30), timedelta(minutes=1)
#: A transfer takes days, and nobody can be asked about it.
TRANSFER = timedelta(days=3)
#: What could not be sent back is tried again later; staff see the payment meanwhile.
LATER = timedelta(hours=1)


def end_due(*, at: datetime) -> int:
    """End all orders that are due, and send back what is owed; how many those were. Several workers take turns."""
    held = Order.objects.filter(state=State.HELD, held_until__lte=at)
    over = Order.objects.filter(
        state__in=[State.EXPIRED, State.CANCELLED], invoices__status=Invoice.Status.OPEN
    )
    owed = Order.objects.filter(refund_due_at__lte=at)
    return _each(held, _end, at) + _each(over, _void, at) + _each(owed, _send_back, at)


def _each(rows: QuerySet[Order], act: Callable[[int, datetime], bool], at: datetime) -> int:
    done, left = 0, set[int]()
    while True:
        found = list(
            rows.exclude(pk__in=left).order_by("pk").values_list("pk", flat=True).distinct()[:PORTION]
        )
        if not found:
            return done
        for pk in found:
            left.add(pk)
            done += sweeps.alone("Order", pk, lambda pk: act(pk, at))


def _end(pk: int, at: datetime) -> bool:
    """Let go of one that nobody paid in time, unless its payment is on its way."""
    none_open()
    order = Order.objects.get(pk=pk)
    awaited = _closed(order, at)
    if awaited is not None and awaited > at:
        return _prolong(pk, awaited, at)
    return _expire(pk, at) and _void(pk, at)


def _closed(order: Order, at: datetime) -> datetime | None:
    """Close the ways to pay it; until when it is kept for what may still come, None where nothing may."""
    rows = PaymentAttempt.objects.filter(invoice__order=order, state__in=PaymentAttempt.LIVE)
    for attempt in rows.select_related("account"):
        if (attempt.presentation or {}).get("kind") == wire.INSTRUCTIONS and at < order.made_at + TRANSFER:
            return order.made_at + TRANSFER
        try:
            attempts.close(attempt, at=at, by=ORDERS)
        except Refused:
            return min(at + AGAIN, order.made_at + orders.KEPT + AWAITED)
    return None


@transaction.atomic
def _prolong(pk: int, until: datetime, at: datetime) -> bool:
    order = Order.objects.get(pk=pk)
    held(Membership.objects.filter(pk=order.membership_id)).get()
    payables.get(order.payable).prolong(order=order.key, until=until)
    rows = Order.objects.filter(pk=pk, state=State.HELD, held_until__lte=at)
    return bool(rows.update(held_until=until))


@transaction.atomic
def _expire(pk: int, at: datetime) -> bool:
    order = Order.objects.get(pk=pk)
    held(Membership.objects.filter(pk=order.membership_id)).get()
    if not Order.objects.filter(pk=pk, state=State.HELD, held_until__lte=at).exists():
        return False
    payables.get(order.payable).let_go(order=order.key, at=at)
    order = locked(Order.objects.filter(pk=pk)).get()
    order.state, order.ended_at = State.EXPIRED, at
    order.save(update_fields=["state", "ended_at"])
    CouponUse.objects.filter(order=order).delete()
    return True


def _void(pk: int, at: datetime) -> bool:
    """Take its invoice back, once no payment of it can come any more."""
    none_open()
    order = Order.objects.select_related("membership__user", "community").get(pk=pk)
    if order.state == State.HELD or _closed(order, at) is not None:
        return False
    with translation.override(billing.language_of(order.membership, order.community)):
        reason = _("It was not paid for in time.")
    for invoice in order.invoices.filter(status=Invoice.Status.OPEN):
        try:
            invoices.void(invoice=invoice, community=order.community, reason=reason, at=at, by=ORDERS)
        except Refused as refusal:
            log.info("Invoice %s is not taken back now: %s", invoice.pk, refusal.code)
            return False
    return True


@transaction.atomic
def _send_back(pk: int, at: datetime) -> bool:
    """What was paid of it and is owed goes back the way it came, and credit to credit; a worker sends it."""
    order = Order.objects.select_related("membership").get(pk=pk)
    standings.hold(order.membership)
    theirs = Invoice.objects.filter(order=order).order_by("pk")
    bills = list(locked(theirs))
    order = locked(Order.objects.filter(pk=pk)).select_related("community").get()
    if order.refund_due_at is None or order.refund_due_at > at:
        return False
    parts = list(order.parts.all())
    owed = [part for part in parts if part.owed_at is not None and part.sent_at is None]
    whole = order.state != State.PAID or all(part.owed_at is not None for part in parts)
    try:
        with transaction.atomic():
            going_back.send(order, bills, owed, whole=whole, at=at)
    except Refused as refusal:
        log.warning("What was paid for order %s is not sent back: %s", order.pk, refusal.code)
        Order.objects.filter(pk=pk).update(refund_due_at=at + LATER)
        return False
    sent = parts if whole else owed
    OrderPart.objects.filter(pk__in=[part.pk for part in sent], sent_at=None).update(sent_at=at)
    order.refund_due_at = None
    if whole:
        order.state, order.ended_at = State.REFUNDED, at
    order.save(update_fields=["refund_due_at", "state", "ended_at"])
    return True
