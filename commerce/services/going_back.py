"""What of an order goes back, and which way: all of it, the shares of what was given back, or what came twice.

Never more than came: each payment says what is left of it, and no share is sent twice (`OrderPart.sent_at`).
"""

from collections.abc import Sequence
from datetime import datetime

from commerce.models import Invoice, Order, OrderPart, Payment, Refund
from commerce.services import credit_notes, credits, refunds
from commerce.services.orders import ORDERS
from kernel.errors import Refused
from kernel.money import Money


def send(
    order: Order, bills: Sequence[Invoice], owed: Sequence[OrderPart], *, whole: bool, at: datetime
) -> None:
    """Send all that was paid of it (`whole`), or the shares that are owed; where none is, what came twice. Its invoices are
    locked. Raises `Refused` as `refunds.ask` does."""
    if whole:
        _all(order, bills, at)
        return
    if not owed or _came_twice(order):
        _surplus(order, at)
    _shares(order, bills, sum(part.gross for part in owed), at)


def _all(order: Order, bills: Sequence[Invoice], at: datetime) -> None:
    for bill in bills:
        if bill.status == Invoice.Status.PAID:
            credit_notes.credit_back(invoice=bill, community=order.community, reason=order.reason, at=at)
    for payment in _payments(order):
        _ask_back(payment, _left(payment), order.reason, at)


def _surplus(order: Order, at: datetime) -> None:
    """Of what came twice the last goes back: the first may have paid for what they have."""
    last = next((one for one in reversed(_payments(order)) if one.surplus), None)
    if last is not None:
        _ask_back(last, _left(last), order.reason, at)


def _came_twice(order: Order) -> bool:
    """Whether more is here than it comes to."""
    came = [one for one in _payments(order) if one.method != Payment.Method.CREDIT]
    return sum(_left(payment) for payment in came) > order.amount


def _shares(order: Order, bills: Sequence[Invoice], amount: int, at: datetime) -> None:
    """So much of what was paid: first what payments brought to the invoice, then what credit paid of it, which goes back by
    the payment that became that credit, or stays credit."""
    for payment in _payments(order):
        straight = 0 if payment.surplus else max(credits.creditable(payment) - payment.refunding, 0)
        part = min(amount, _left(payment), straight)
        if part > 0:
            _ask_back(payment, part, order.reason, at)
            amount -= part
    for bill in bills:
        if bill.status != Invoice.Status.PAID or amount <= 0:
            continue
        note = credit_notes.credit_back(
            invoice=bill, community=order.community, reason=order.reason, at=at, most=amount
        )
        back = note.gross if note is not None else 0
        amount -= back
        for payment in _payments(order):
            part = min(back, _left(payment)) if payment.surplus else 0
            if part > 0:
                _ask_back(payment, part, order.reason, at)
                back -= part


def _payments(order: Order) -> list[Payment]:
    rows = Payment.objects.filter(invoice__order=order, reversed_at=None)
    return [one for one in rows.select_related("invoice").order_by("pk") if refunds.can_be_asked(one)]


def _left(payment: Payment) -> int:
    return payment.amount - payment.refunded - payment.refunding


def _ask_back(payment: Payment, amount: int, reason: str, at: datetime) -> None:
    """By its provider; what came by bank or in cash, or by one that sends nothing in parts, nobody can send by themselves,
    so it is their credit, to be paid out by staff."""
    to_credit = payment.method != Payment.Method.PROVIDER
    if to_credit and payment.surplus:
        return
    money = Money(amount, payment.currency)
    try:
        _ask(payment, money, reason, at, to_credit=to_credit)
    except Refused as refusal:
        if refusal.code != "not_by_rail" or amount == payment.amount or payment.surplus or to_credit:
            raise
        _ask(payment, money, reason, at, to_credit=True)


def _ask(payment: Payment, money: Money, reason: str, at: datetime, *, to_credit: bool) -> None:
    refunds.ask(
        payment=payment,
        money=money,
        reason=reason,
        then=Refund.Then.KEEP,
        at=at,
        by=ORDERS,
        to_credit=to_credit,
    )
