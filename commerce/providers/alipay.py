"""Alipay: its page on a desk (or a code), its mobile page on a phone.

An order begins there when the payer opens the page: until then Alipay has never heard of it, and the page, which we signed,
can be opened until its time is over. So what is cancelled before it was opened is `absent`, and may yet be paid.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from django.utils.translation import gettext_lazy

from commerce.providers import alipay_bills, pem
from commerce.providers.alipay_wire import NOT_THERE, PAGE_TIME, Wire, instant, yuan
from commerce.providers.base import (
    FRESH,
    LARGEST_MESSAGE,
    Attempt,
    BadSignature,
    Capability,
    Event,
    KeyField,
    Presentation,
    ProviderPayment,
    ProviderRefund,
    ProviderRefused,
    QrCode,
    Redirect,
    SettlementLine,
    State,
    Subject,
    Surface,
    Words,
)
from commerce.providers.rail import CHINA, CURRENCY, ChineseRail
from kernel.money import Money

PAYMENT_STATES = {
    "WAIT_BUYER_PAY": State.PENDING,
    "TRADE_SUCCESS": State.SUCCEEDED,
    # Paid, and too long ago to be paid back through Alipay.
    "TRADE_FINISHED": State.SUCCEEDED,
    "TRADE_CLOSED": State.CANCELLED,
}
REFUND_STATES = {
    "REFUND_SUCCESS": State.SUCCEEDED,
    "REFUND_PROCESSING": State.PENDING,
    "REFUND_FAIL": State.HARD_DECLINE,
}
#: What Alipay takes for a part of its own syntax, in the words that it shows, or the SDK in the answer's.
_SYNTAX = re.compile(r"[/=&{}<>\"'\\\s]+")


def _is_way(value: str) -> Words | None:
    return None if value in ("page", "code") else gettext_lazy("Write page or code.")


def _is_partner(value: str) -> Words | None:
    if not re.fullmatch(r"2088\d{12}", value):
        return gettext_lazy("The merchant's number begins with 2088 and has 16 digits.")
    return None


class Alipay(ChineseRail):
    key = "alipay"
    label = gettext_lazy("Alipay")
    capabilities = frozenset(
        {Capability.REFUND, Capability.PARTIAL_REFUND, Capability.SETTLEMENT, Capability.WEBHOOKS}
    )
    #: WeChat's browser does not open Alipay's pages.
    surfaces = frozenset({Surface.DESK, Surface.PHONE})
    fields = (
        KeyField(
            "app_id",
            gettext_lazy("AppID"),
            gettext_lazy("Of the web or mobile application on open.alipay.com that the merchant signed for."),
            secret=False,
        ),
        KeyField(
            "seller_id",
            gettext_lazy("Merchant's number (PID)"),
            gettext_lazy("Sixteen digits that begin with 2088, under the account's information."),
            secret=False,
            check=_is_partner,
        ),
        KeyField(
            "private_key",
            gettext_lazy("The application's private key"),
            gettext_lazy("RSA2, as Alipay's key tool made it. Choose keys there, not certificates."),
            multiline=True,
            check=pem.check_private,
        ),
        KeyField(
            "alipay_public_key",
            gettext_lazy("Alipay's public key"),
            gettext_lazy("Shown after the application's public key was uploaded; it is not that one."),
            secret=False,
            multiline=True,
            check=pem.check_public,
        ),
        KeyField(
            "desk",
            gettext_lazy("On a desk"),
            gettext_lazy(
                "Write code where only payment face to face was signed for; otherwise leave it empty."
            ),
            secret=False,
            required=False,
            check=_is_way,
        ),
    )
    gateway = "https://openapi.alipay.com/gateway.do"
    #: Whose files are read; tests put a peer of their own in its place.
    files_from = re.compile(r"https://(?:[a-z0-9-]+\.)+alipay\.com/[!-~]*", re.ASCII)
    #: They are made by nine, as a rule.
    bill_hour = 11

    @property
    def account(self) -> str:
        return self.value("app_id")

    def create_checkout(
        self, attempt: Attempt, *, idem: str, surface: Surface, return_url: str
    ) -> Presentation:
        self.require_payable(attempt)
        order = {
            "out_trade_no": attempt.reference,
            "total_amount": str(attempt.amount),
            "subject": _SYNTAX.sub(" ", attempt.description).strip()[:128] or attempt.reference,
        }
        if attempt.expires_at:
            order["time_expire"] = attempt.expires_at.astimezone(CHINA).strftime(PAGE_TIME)
        if surface is Surface.PHONE:
            order |= {"product_code": "QUICK_WAP_WAY", "quit_url": return_url}
            return Redirect(self._wire.page("alipay.trade.wap.pay", order, return_url))
        if surface is Surface.DESK and self.value("desk") == "code":
            answer = self._wire.ask("alipay.trade.precreate", order, notify_url=self.notify_url)
            with self.readable():
                if not answer["qr_code"].startswith("https://"):
                    raise ValueError("no code")
                return QrCode(answer["qr_code"])
        order["product_code"] = "FAST_INSTANT_TRADE_PAY"
        return Redirect(self._wire.page("alipay.trade.page.pay", order, return_url))

    def fetch_payment(self, reference: str, provider_reference: str = "") -> ProviderPayment:
        try:
            answer = self._wire.ask("alipay.trade.query", {"out_trade_no": self.name(reference)})
        except ProviderRefused as no:
            if no.code not in NOT_THERE:
                raise
            return ProviderPayment.absent(reference)
        with self.readable():
            if answer["out_trade_no"] != reference:
                raise ValueError("about another payment")
            state = PAYMENT_STATES.get(answer["trade_status"], State.UNKNOWN)
            amount, nothing = yuan(answer["total_amount"]), Money.zero(CURRENCY)
            paid_at = instant(answer["send_pay_date"]) if answer.get("send_pay_date") else None
            # What was paid is closed when all of it has gone back.
            returned = state is State.CANCELLED and paid_at is not None
            paid = returned or state is State.SUCCEEDED
            return ProviderPayment(
                reference,
                State.SUCCEEDED if returned else state,
                amount,
                captured=amount if paid else nothing,
                refunded=amount if returned else None if paid else nothing,
                provider_reference=answer.get("trade_no", ""),
                paid_at=paid_at,
            )

    def cancel(self, reference: str, provider_reference: str = "") -> ProviderPayment:
        refusal = None
        try:
            self._wire.ask("alipay.trade.close", {"out_trade_no": self.name(reference)})
        except ProviderRefused as no:
            # Paid, closed before, or never there: what it is now says which.
            refusal = no
        payment = self.fetch_payment(reference)
        if refusal and payment.state is State.PENDING:
            raise refusal
        return payment

    def refund(
        self,
        reference: str,
        money: Money,
        *,
        idem: str,
        total: Money,
        provider_reference: str = "",
        reason: str = "",
    ) -> ProviderRefund:
        asked = {
            "out_trade_no": self.name(reference),
            "refund_amount": str(self.yuan(money)),
            "out_request_no": idem,
        }
        if words := _SYNTAX.sub(" ", reason).strip()[:128]:
            asked["refund_reason"] = words
        answer = self._wire.ask("alipay.trade.refund", asked)
        with self.readable():
            if answer["out_trade_no"] != reference:
                raise ValueError("about another payment")
            if answer.get("fund_change") == "Y":
                # `refund_fee` is all that ever went back of this payment.
                at = instant(answer["gmt_refund_pay"]) if answer.get("gmt_refund_pay") else None
                return ProviderRefund(idem, State.SUCCEEDED, money, at=at)
        # No money moved by this call: it was done before, or is yet to be.
        found = self.fetch_refund(idem, payment_reference=reference)
        return ProviderRefund(idem, State.UNKNOWN, money) if found.state is State.ABSENT else found

    def fetch_refund(
        self, idem: str, *, payment_reference: str, provider_reference: str = ""
    ) -> ProviderRefund:
        asked: dict[str, Any] = {
            "out_trade_no": self.name(payment_reference),
            "out_request_no": idem,
            "query_options": ["gmt_refund_pay"],
        }
        try:
            answer = self._wire.ask("alipay.trade.fastpay.refund.query", asked)
        except ProviderRefused as no:
            if no.code not in NOT_THERE:
                raise
            return ProviderRefund.absent(idem)
        with self.readable():
            # A refund that it does not know, or that failed at once, is an answer without a word of it.
            if not answer.get("refund_status"):
                return ProviderRefund.absent(idem)
            if answer["out_request_no"] != idem:
                raise ValueError("about another refund")
            at = instant(answer["gmt_refund_pay"]) if answer.get("gmt_refund_pay") else None
            state = REFUND_STATES.get(answer["refund_status"], State.UNKNOWN)
            return ProviderRefund(idem, state, yuan(answer["refund_amount"]), at=at)

    def parse_webhook(self, headers: Mapping[str, str], raw_body: bytes, now: datetime) -> list[Event]:
        """What is sent again (for 25 hours) comes with the same `notify_id` and the time of its sending. Should it come with
        the first time, it is refused as stale, and what it tells is found by asking."""
        if len(raw_body) > LARGEST_MESSAGE:
            raise BadSignature("larger than any notification")
        try:
            pairs = parse_qsl(
                raw_body.decode("ascii"),
                keep_blank_values=True,
                strict_parsing=True,
                errors="strict",
                max_num_fields=100,
            )
            told = dict(pairs)
            if len(told) != len(pairs):
                raise BadSignature("a value twice")
            if abs(now - instant(told["notify_time"])) > FRESH:
                raise BadSignature("stale")
            self._wire.require_signed(told)
            return [self._event(told)]
        except BadSignature:
            raise
        except Exception:
            # The SDK raises whatever a malformed message leads to; none of it proves a sender.
            raise BadSignature("not to be read") from None

    def acknowledge(self, ok: bool) -> tuple[int, str, bytes]:
        return (200, "text/plain", b"success") if ok else (500, "text/plain", b"fail")

    def bill(self, day: date) -> list[SettlementLine]:
        return alipay_bills.of(self, self._wire, day, files_from=self.files_from)

    @cached_property
    def _wire(self) -> Wire:
        return Wire(self)

    def _event(self, told: Mapping[str, str]) -> Event:
        if told["app_id"] != self.account or told["seller_id"] != self.value("seller_id"):
            raise BadSignature("for another merchant")
        if not told["notify_id"]:
            raise BadSignature("without a number")
        refund = bool(told.get("gmt_refund") and told.get("out_biz_no"))
        return Event(
            event_id=told["notify_id"],
            kind=told["trade_status"],
            subject=Subject.REFUND if refund else Subject.PAYMENT,
            at=instant(told["notify_time"]).astimezone(UTC),
            reference=told["out_biz_no" if refund else "out_trade_no"],
            provider_reference=told["trade_no"],
            # Of a refund it says only what went back of the payment in all.
            amount=None if refund else yuan(told["total_amount"]),
        )
