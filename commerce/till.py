"""Who takes orders for other apps (`kernel.payable`)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from commerce.discounts import off
from commerce.models import Order
from commerce.providers import providers
from commerce.services import accounts, coupons, orders
from kernel.payable import Ordered, Paper


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
        return Paper(str(found.get_state_display()), found.takes_money(at), pay, document)
