"""Who takes orders for other apps (`kernel.payable`)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from commerce.discounts import off
from commerce.models import Order, OrderPart
from commerce.providers import providers
from commerce.services import accounts, coupons, orders
from kernel.money import Money
from kernel.payable import Ordered, Paper, Share


class Till:
    def place(
        self,
        *,
        payable: str,
        subject: UUID,
        payer: Any,
        at: datetime,
        by: Any,
        coupon: str,
        choices: Mapping[str, Any],
    ) -> Ordered:
        order = orders.place(
            payable=payable, subject=subject, payer=payer, at=at, by=by, coupon=coupon, choices=choices
        )
        invoice = orders.pay_invoice(order)
        path = reverse("commerce:pay", args=[invoice.pay_token]) if invoice else ""
        return Ordered(order.key, path, order.held_until, order.state == Order.State.PAID)

    def price_with(
        self, *, coupon: str, payer: Any, community: Any, gross: int, currency: str, at: datetime
    ) -> int:
        found = coupons.judge_order(
            code=coupon, community_id=community.pk, membership=payer, currency=currency, at=at
        )
        return gross + (off(orders.discount_of(found), [gross])[0] if found else 0)

    def takes(self, *, community: Any, currency: str) -> bool:
        for account in accounts.offered(community):
            known = providers.get(account.provider).currencies
            if known is None or currency in known:
                return True
        return False

    def paper(self, *, order: UUID, at: datetime) -> Paper | None:
        found = Order.objects.filter(key=order).first()
        invoice = orders.pay_invoice(found) if found else None
        if found is None or invoice is None:
            return None
        pay, document = (reverse(f"commerce:{name}", args=[invoice.pay_token]) for name in ("pay", "invoice"))
        words = str(found.get_state_display())
        return Paper(words, found.money, found.takes_money(at), pay, document)

    def shares(self, *, orders: Iterable[UUID]) -> Mapping[tuple[UUID, int], Share]:
        rows = OrderPart.objects.filter(order__key__in=list(orders)).select_related("order")
        return {(one.order.key, one.position): _share(one) for one in rows}

    def is_shown_to(self, viewer: Any) -> bool:
        return bool(viewer.may("money.view"))


def _share(part: OrderPart) -> Share:
    currency = part.order.currency
    paid = part.order.paid_at is not None
    back = part.gross if paid and part.sent_at is not None else 0
    return Share(Money(part.gross, currency), paid, Money(back, currency))
