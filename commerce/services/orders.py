"""Orders: what is ordered is kept while it is paid for, handed over once it is, let go where it is not, and paid back.

What is ordered is another app's (`kernel.payable`), which locks it before an order's row is locked; so whoever takes or ends
several of them holds the thing first. Of one order everything happens under its payer's row. A payment that comes after the
thing was let go takes it anew where that can be, and goes back by itself where not (docs/adr/0033).
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from commerce.discounts import Discount, off
from commerce.models import Coupon, CouponUse, Invoice, InvoiceLine, Order, OrderPart, Payment
from commerce.periods import Period
from commerce.services import billing, coupons, credits, invoices
from commerce.services.invoices import NewLine
from communities.models import Community
from kernel import activity, tasks
from kernel.clock import local_day
from kernel.locks import held, locked
from kernel.payable import Line, payables
from members.actors import Actor
from members.models import Membership

log = logging.getLogger(__name__)

State, Kind = Order.State, InvoiceLine.Kind
#: So long something is kept while it is paid for.
KEPT = timedelta(minutes=15)
#: Who acts where time, or a payment, does.
ORDERS = Actor.site("Orders")
DAY = timedelta(days=1)


@transaction.atomic
def place(
    *,
    payable: str,
    subject: UUID,
    payer: Membership,
    at: datetime,
    by: Actor,
    coupon: str = "",
    choices: Mapping[str, Any] | None = None,
) -> Order:
    """Have something kept, and write the invoice by which it is paid; what comes to nothing is theirs at once.

    Raises `Refused` as what is ordered does (`Payable.keep`), and for a coupon that is not good for it (field `coupon`).
    """
    payer = held(Membership.objects.filter(pk=payer.pk)).get()
    community: Community = payer.community
    key = uuid4()
    with translation.override(billing.language_of(payer, community)):
        kept = payables.get(payable).keep(
            order=key, subject=subject, payer=payer, at=at, until=at + KEPT, by=by, choices=choices or {}
        )
        used = coupons.judge_order(
            code=coupon, community_id=community.pk, membership=payer, currency=kept.currency, at=at, hold=True
        )
        less = off(discount_of(used), [line.gross for line in kept.lines]) if used else [0] * len(kept.lines)
        lines = lines_of(kept.lines, less)
    order = Order.objects.create(
        key=key,
        community=community,
        membership=payer,
        payable=payable,
        subject=subject,
        title=kept.title[:240],
        amount=sum(line.gross for line in lines),
        currency=kept.currency,
        made_at=at,
        held_until=kept.until,
    )
    OrderPart.objects.bulk_create(
        OrderPart(order=order, position=position, gross=line.gross + taken)
        for position, (line, taken) in enumerate(zip(kept.lines, less, strict=True))
    )
    if used is not None:
        CouponUse.objects.create(coupon=used, membership=payer, order=order, used_at=at)
    _ask(order, lines, community=community, at=at, by=by)
    order.refresh_from_db()
    return order


def lines_of(asked: Sequence[Line], less: Sequence[int]) -> list[NewLine]:
    """What is asked for, and what the coupon takes off it (`less`, for each), in the language in force. What costs nothing
    is no line, unless nothing costs anything."""
    lines, taken = [], dict[tuple[int, Period | None], int]()
    for line, minus in zip(asked, less, strict=True):
        days = Period(line.earned_on, line.earned_on + DAY) if line.earned_on else None
        if line.gross or not any(one.gross for one in asked):
            lines.append(NewLine(Kind.ITEM, line.words, line.gross, line.tax_rate, 1, days))
        taken[line.tax_rate, days] = taken.get((line.tax_rate, days), 0) + minus
    for (tax_rate, days), minus in taken.items():
        if minus:
            lines.append(NewLine(Kind.COUPON, _("Coupon"), minus, tax_rate, 1, days))
    return lines


def discount_of(coupon: Coupon) -> Discount:
    return Discount(percent=coupon.percent or 0, amount=coupon.amount or 0)


def pay_invoice(order: Order) -> Invoice | None:
    """The invoice by which it is paid, or was."""
    return last_invoice(order.invoices.all())


def last_invoice(found: Iterable[Invoice]) -> Invoice | None:
    """Of an order's invoices the last one that is not void, else the last."""
    latest = sorted(found, key=lambda one: one.pk, reverse=True)
    return next((one for one in latest if one.status != Invoice.Status.VOID), latest[0] if latest else None)


# What happens to its invoice, told in the same transaction; the payer's row is held by whoever tells.


def invoice_paid(*, invoice: Invoice, community: Any, at: datetime, by: Actor) -> None:
    """It is paid: it is theirs. Where it was let go meanwhile and cannot be had anew, the money goes back."""
    order = invoice.order
    if order is not None:
        _hand_over(order, at=at)


def payment_received(*, payment: Payment, community: Any, at: datetime, by: Actor) -> None:
    """Money that came for an order which was over, its invoice taken back: it became credit just now."""
    order = payment.invoice.order if payment.invoice else None
    if order is None or not payment.surplus:
        return
    order = Order.objects.get(pk=order.pk)
    if order.state == State.PAID:
        # Paid twice: the second one goes back.
        _pay_back(order, _("It had been paid already."), at=at)
        return
    enough = credits.spendable(order.membership, order.currency).amount >= order.amount
    if order.state not in (State.EXPIRED, State.CANCELLED) or not enough or not _take_anew(order, at=at):
        _pay_back(order, too_late(order), at=at)


def returned(*, order: UUID, part: int, refund: bool, reason: str, at: datetime) -> None:
    """A part of what was handed over was given back, or is not to be had any more (`payable.returned`): with `refund` its
    share goes back. Whoever tells has locked the thing. What is not paid yet is wanted whole or not at all."""
    found = locked(Order.objects.filter(key=order)).first()
    if found is None:
        return
    if found.state == State.HELD:
        # The sweep closes the ways to pay it.
        found.held_until = min(found.held_until, at)
        found.save(update_fields=["held_until"])
        tasks.send("commerce.end_orders")
    elif found.state == State.PAID:
        parts = OrderPart.objects.filter(order=found, position=part, returned_at=None)
        if parts.update(returned_at=at, owed_at=at if refund else None) and refund:
            _owe_back(found, reason, at=at)


def too_late(order: Order) -> str:
    """Why a late payment goes back, in the payer's language."""
    with translation.override(billing.language_of(order.membership, order.community)):
        return _("It came after the time to pay was over, and nothing was left.")


def _hand_over(order: Order, *, at: datetime) -> None:
    theirs = payables.get(order.payable).hand_over(order=order.key, at=at)
    order = locked(Order.objects.filter(pk=order.pk)).get()
    if order.state in (State.PAID, State.REFUNDED):
        return
    if theirs:
        order.state, order.paid_at, order.ended_at = State.PAID, at, None
        order.save(update_fields=["state", "paid_at", "ended_at"])
        activity.announce("order.paid", order=order, at=at)
    else:
        _owe_back(order, too_late(order), at=at)


def _take_anew(order: Order, *, at: datetime) -> bool:
    """Take for them what was let go, and write a second invoice, which their credit pays at once; whether it could be."""
    thing = payables.get(order.payable)
    if not thing.hand_over(order=order.key, at=at):
        return False
    lines = [
        NewLine(
            Kind(line.kind),
            line.words,
            line.gross,
            line.tax_rate,
            1,
            Period(line.starts_on, line.ends_on) if line.starts_on else None,
        )
        for line in order.invoices.earliest("id").lines.all()
    ]
    _ask(order, lines, community=order.community, at=at, by=ORDERS)
    return True


def _ask(order: Order, lines: list[NewLine], *, community: Community, at: datetime, by: Actor) -> Invoice:
    return invoices.issue(
        community=community,
        membership=order.membership,
        reason=Invoice.Reason.ORDER,
        lines=lines,
        currency=order.currency,
        due_on=local_day(at, community.zone),
        at=at,
        by=by,
        order=order,
    )


def _pay_back(order: Order, reason: str, *, at: datetime) -> None:
    _owe_back(locked(Order.objects.filter(pk=order.pk)).get(), reason, at=at)


def _owe_back(order: Order, reason: str, *, at: datetime) -> None:
    """All that was paid goes back, by a worker: nobody outside is waited for here."""
    order.refund_due_at, order.reason = at, reason[:240]
    order.save(update_fields=["refund_due_at", "reason"])
    tasks.send("commerce.end_orders")
