"""Money that came without a provider: staff say so, and it is recorded as any other."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from commerce.models import Invoice, Payment, PaymentAttempt
from commerce.services import payments
from kernel.errors import Refused
from kernel.money import Money
from kernel.tenancy import Community
from members.actors import Actor
from members.services import audit, powers

Method = Payment.Method


@transaction.atomic
def came(
    *,
    invoice: Invoice,
    community: Community,
    money: Money,
    method: Payment.Method,
    at: datetime,
    by: Actor,
    paid_at: datetime | None = None,
    note: str = "",
) -> Payment:
    """Record that a transfer or cash has come for an invoice; what becomes of it is told at `payments.receive`.

    Raises `Refused` for another currency (`currency`), for nothing (`amount`), for a time to come
    (`paid_at`), for what comes in another way (`method`), and for who may not.
    """
    powers.require(by, payments.MANAGE)
    if method not in (Method.BANK, Method.CASH):
        raise Refused(_("By hand come transfers and cash."), code="method", field="method")
    if money.currency != invoice.currency:
        message = _("The invoice is in %(currency)s.")
        raise Refused(message % {"currency": invoice.currency}, code="currency", field="currency")
    if money.amount <= 0:
        raise Refused(_("More than nothing, please."), code="amount", field="amount")
    paid_at = at if paid_at is None else paid_at
    if paid_at > at:
        raise Refused(_("Say when it came: not later than now."), code="paid_at", field="paid_at")
    payment = payments.receive(
        invoice=invoice,
        community=community,
        money=money,
        method=method,
        paid_at=paid_at,
        at=at,
        by=by,
        note=note.strip(),
    )
    # A way to pay it elsewhere is closed as soon as somebody can.
    open_ways = invoice.attempts.filter(state__in=PaymentAttempt.LIVE).exclude(next_ask_at=None)
    open_ways.update(next_ask_at=at)
    audit.record(
        action="payment.by_hand",
        object_kind="payment",
        object_id=payment.key,
        by=by,
        at=at,
        community_id=community.id,
        after={
            "member": payment.membership.number,
            "amount": str(money),
            "currency": money.currency,
            "method": str(method),
        },
    )
    return payment
