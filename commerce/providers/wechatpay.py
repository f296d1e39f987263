"""WeChat Pay, API v3, for a merchant of its own: a code on the desk, H5 on a phone, JSAPI in WeChat's own browser.

The payment's name there is our reference, so that asking again is the same payment; each surface is a kind of order of its
own, and an order that was opened as one kind is refused as another: a payer who changes the device needs a new attempt.
"""

import json
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commerce.providers import pem, wechatpay_identity
from commerce.providers.base import (
    FRESH,
    LARGEST_MESSAGE,
    NO_CODE,
    Attempt,
    BadSignature,
    Capability,
    Event,
    InApp,
    KeyField,
    Presentation,
    ProviderDown,
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
from commerce.providers.wechatpay_wire import NOT_THERE, Wire, cut, instant, money, text
from kernel.money import Money

PAYMENT_STATES = {
    "SUCCESS": State.SUCCEEDED,
    # It was paid, and something went back: how much is the refunds' to say.
    "REFUND": State.SUCCEEDED,
    "NOTPAY": State.PENDING,
    "USERPAYING": State.PENDING,
    "ACCEPT": State.PENDING,
    "CLOSED": State.CANCELLED,
    "REVOKED": State.CANCELLED,
    "PAYERROR": State.SOFT_DECLINE,
}
REFUND_STATES = {
    "SUCCESS": State.SUCCEEDED,
    "PROCESSING": State.PENDING,
    # The payer's bank card or account takes nothing: the merchant has to say where the money is to go.
    "ABNORMAL": State.REQUIRES_ACTION,
    "CLOSED": State.HARD_DECLINE,
}


def _is_apiv3_key(value: str) -> Words | None:
    if len(value.encode()) != 32:
        return gettext_lazy("The APIv3 key has exactly 32 characters.")
    return None


class WeChatPay(ChineseRail):
    key = "wechatpay"
    label = gettext_lazy("WeChat Pay")
    capabilities = frozenset(
        {Capability.REFUND, Capability.PARTIAL_REFUND, Capability.SETTLEMENT, Capability.WEBHOOKS}
    )
    fields = (
        KeyField(
            "mchid",
            gettext_lazy("Merchant number"),
            gettext_lazy("Eight to ten digits, at the top of the merchant platform (pay.weixin.qq.com)."),
            secret=False,
        ),
        KeyField(
            "appid",
            gettext_lazy("AppID"),
            gettext_lazy("Of the official account that is bound to the merchant number; begins with wx."),
            secret=False,
        ),
        KeyField(
            "app_secret",
            gettext_lazy("AppSecret"),
            gettext_lazy(
                "Of the same official account (mp.weixin.qq.com: Settings and development, Basic configuration). Only for"
                " paying inside WeChat: without it, who opens the page there is not offered WeChat Pay."
            ),
            required=False,
            check=wechatpay_identity.check_secret,
        ),
        KeyField(
            "domain_file",
            gettext_lazy("File for the domain"),
            gettext_lazy(
                "The name of the file MP_verify_….txt that the official account gives for the domain of web authorization."
                " It need not be uploaded: this site shows it to WeChat."
            ),
            secret=False,
            required=False,
            check=wechatpay_identity.check_domain_file,
        ),
        KeyField(
            "apiv3_key",
            gettext_lazy("APIv3 key"),
            gettext_lazy("The 32 characters that were set under Account centre, API security."),
            check=_is_apiv3_key,
        ),
        KeyField(
            "cert_serial_no",
            gettext_lazy("Serial number of the merchant's certificate"),
            gettext_lazy("Shown under API security, beside the merchant's API certificate."),
            secret=False,
        ),
        KeyField(
            "private_key",
            gettext_lazy("The merchant's private key"),
            gettext_lazy("The whole content of apiclient_key.pem, from the certificate's archive."),
            multiline=True,
            check=pem.check_private,
        ),
        KeyField(
            "platform_key",
            gettext_lazy("WeChat Pay's public key"),
            gettext_lazy(
                "The content of pub_key.pem from API security, or of the platform's certificate where the"
                " merchant number still has one."
            ),
            secret=False,
            multiline=True,
            check=pem.check_public,
        ),
        KeyField(
            "platform_key_id",
            gettext_lazy("Number of WeChat Pay's public key"),
            gettext_lazy("Begins with PUB_KEY_ID_; not needed with a certificate."),
            secret=False,
            required=False,
        ),
    )
    gateway = "https://api.mch.weixin.qq.com"
    #: Where the payer's browser is sent to be named, and where its name is asked for.
    door, identity = "https://open.weixin.qq.com", "https://api.weixin.qq.com"
    named_on = frozenset({Surface.WECHAT})
    #: They are made at ten, and kept for three months.
    bill_hour = 11

    @property
    def account(self) -> str:
        return self.value("mchid")

    def faults(self) -> tuple[Words, ...]:
        found = super().faults()
        if not found and not (pem.certificate(self.value("platform_key")) or self.value("platform_key_id")):
            return (_("The number of WeChat Pay's public key is missing."),)
        return found

    def payable_on(self, surface: Surface) -> bool:
        return surface not in self.named_on or bool(self.value("app_secret"))

    def notes(self, site: str) -> tuple[tuple[Words, str], ...]:
        return (
            (_("With the official account, as domain of web authorization"), urlsplit(site).netloc),
            (_("On the merchant platform, as payment directory of JSAPI"), f"{site}/"),
            (_("On the merchant platform, as domain of H5"), urlsplit(site).netloc),
        )

    def root_files(self) -> dict[str, str]:
        return wechatpay_identity.root_files(self.value("domain_file"))

    def wanting(self) -> tuple[Words, ...]:
        if not self.value("app_secret"):
            return (
                _(
                    "Without the AppSecret nobody can pay inside WeChat: who opens the page there is not offered it."
                ),
            )
        try:
            # A code of nobody's: that it is refused as a code shows that AppID and AppSecret are known.
            self.payer("connection_test")
        except (ProviderDown, ProviderRefused) as no:
            return () if getattr(no, "code", "") == NO_CODE else (str(no),)
        return ()

    def ask_payer(self, *, state: str, back: str) -> str:
        return wechatpay_identity.address(self, self.door, state=state, back=back)

    def payer(self, code: str) -> str:
        return wechatpay_identity.named(self, self.identity, code)

    def create_checkout(
        self, attempt: Attempt, *, idem: str, surface: Surface, return_url: str
    ) -> Presentation:
        from wechatpayv3 import WeChatPayType

        self.require_payable(attempt)
        order: dict[str, Any] = {
            "description": cut(attempt.description, 127) or attempt.reference,
            "out_trade_no": attempt.reference,
            "amount": {"total": attempt.amount.amount, "currency": CURRENCY},
        }
        if attempt.expires_at:
            order["time_expire"] = attempt.expires_at.astimezone(CHINA).isoformat(timespec="seconds")
        if surface is Surface.DESK:
            with self.readable():
                return QrCode(text(self._wire.ask("pay", **order, pay_type=WeChatPayType.NATIVE), "code_url"))
        if surface is Surface.PHONE:
            if not attempt.client_ip:
                raise ProviderRefused(_("WeChat Pay asks for the payer's address."), code="client_ip")
            scene = {"payer_client_ip": attempt.client_ip, "h5_info": {"type": "Wap"}}
            with self.readable():
                page = text(
                    self._wire.ask("pay", **order, scene_info=scene, pay_type=WeChatPayType.H5), "h5_url"
                )
            return Redirect(f"{page}&{urlencode({'redirect_url': return_url})}")
        if not attempt.payer:
            raise ProviderRefused(_("WeChat did not say who is paying. Open the page anew."), code="payer")
        payer = {"openid": attempt.payer}
        with self.readable():
            prepaid = text(
                self._wire.ask("pay", **order, payer=payer, pay_type=WeChatPayType.JSAPI), "prepay_id"
            )
        return InApp(self._signed_for_the_browser(prepaid))

    def fetch_payment(self, reference: str, provider_reference: str = "") -> ProviderPayment:
        try:
            answer = self._wire.ask("query", out_trade_no=self.name(reference))
        except ProviderRefused as no:
            if no.code not in NOT_THERE:
                raise
            return ProviderPayment.absent(reference)
        with self.readable():
            if answer["out_trade_no"] != reference or answer["mchid"] != self.account:
                raise ValueError("about another payment")
            state = PAYMENT_STATES.get(answer["trade_state"], State.UNKNOWN)
            amount = money(answer.get("amount", {"total": 0}), "total")
            paid = state is State.SUCCEEDED
            nothing = Money.zero(amount.currency)
            return ProviderPayment(
                reference,
                state,
                amount,
                captured=amount if paid else nothing,
                refunded=None if answer["trade_state"] == "REFUND" else nothing,
                provider_reference=answer.get("transaction_id", ""),
                paid_at=instant(answer["success_time"]) if paid else None,
                decline_code=answer["trade_state"] if state is State.SOFT_DECLINE else "",
            )

    def cancel(self, reference: str, provider_reference: str = "") -> ProviderPayment:
        refusal = None
        try:
            self._wire.ask("close", out_trade_no=self.name(reference))
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
        answer = self._wire.ask(
            "refund",
            out_refund_no=idem,
            out_trade_no=self.name(reference),
            amount={
                "refund": self.yuan(money).amount,
                "total": self.yuan(total).amount,
                "currency": CURRENCY,
            },
            reason=cut(reason, 80) or None,
        )
        return self._refund(answer, idem)

    def fetch_refund(
        self, idem: str, *, payment_reference: str, provider_reference: str = ""
    ) -> ProviderRefund:
        try:
            return self._refund(self._wire.ask("query_refund", out_refund_no=idem), idem)
        except ProviderRefused as no:
            if no.code not in NOT_THERE:
                raise
            return ProviderRefund.absent(idem)

    def parse_webhook(self, headers: Mapping[str, str], raw_body: bytes, now: datetime) -> list[Event]:
        if len(raw_body) > LARGEST_MESSAGE:
            raise BadSignature("larger than any notification")
        try:
            if abs(now - datetime.fromtimestamp(int(headers["wechatpay-timestamp"]), UTC)) > FRESH:
                raise BadSignature("stale")
            return [self._event(self._wire.told(headers, raw_body))]
        except BadSignature:
            raise
        except Exception:
            # The SDK raises whatever a malformed message leads to; none of it proves a sender.
            raise BadSignature("not to be read") from None

    def acknowledge(self, ok: bool) -> tuple[int, str, bytes]:
        answer = {"code": "SUCCESS"} if ok else {"code": "FAIL", "message": "not accepted"}
        return (200 if ok else 500), "application/json", json.dumps(answer).encode()

    def bill(self, day: date) -> list[SettlementLine]:
        return self._wire.bill(day)

    @cached_property
    def _wire(self) -> Wire:
        return Wire(self)

    def _signed_for_the_browser(self, prepay_id: str) -> dict[str, str]:
        appid, stamp, nonce = self.value("appid"), str(int(time.time())), uuid.uuid4().hex
        package = f"prepay_id={prepay_id}"
        return {
            "appId": appid,
            "timeStamp": stamp,
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": self._wire.client.sign([appid, stamp, nonce, package]),
        }

    def _refund(self, answer: dict[str, Any], idem: str) -> ProviderRefund:
        with self.readable():
            if answer["out_refund_no"] != idem:
                raise ValueError("about another refund")
            return ProviderRefund(
                idem,
                REFUND_STATES.get(answer["status"], State.UNKNOWN),
                money(answer["amount"], "refund"),
                provider_reference=answer.get("refund_id", ""),
                at=instant(answer["success_time"]) if answer.get("success_time") else None,
            )

    def _event(self, told: Mapping[str, Any]) -> Event:
        about, appid = told["resource"], self.value("appid")
        if about["mchid"] != self.account or about.get("appid", appid) != appid:
            raise BadSignature("for another merchant")
        refund = "out_refund_no" in about
        return Event(
            event_id=text(told, "id"),
            kind=text(told, "event_type"),
            subject=Subject.REFUND if refund else Subject.PAYMENT,
            at=instant(told["create_time"]),
            reference=text(about, "out_refund_no" if refund else "out_trade_no"),
            provider_reference=str(about.get("refund_id" if refund else "transaction_id", "")),
            amount=money(about["amount"], "refund" if refund else "total"),
        )
