"""What is said between us and Alipay: the SDK with its faults told apart, and values as Alipay writes them."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from commerce.providers import pem
from commerce.providers.base import BadSignature, ProviderDown, ProviderRefused
from commerce.providers.rail import CHINA, CURRENCY, Rail
from kernel.money import Money

#: Seconds for an answer to come.
PATIENCE = 20
PAGE_TIME = "%Y-%m-%d %H:%M:%S"
DONE, BUSY, FAILED = "10000", "20000", "40004"
#: What Alipay calls that which it does not know.
NOT_THERE = frozenset({"ACQ.TRADE_NOT_EXIST"})
#: "Not now": nothing is known, the same is asked again.
LATER = frozenset({"ACQ.SYSTEM_ERROR", "aop.ACQ.SYSTEM_ERROR", "SYSTEM_ERROR", "isp.unknow-error"})

_AMOUNT = re.compile(r"\d{1,13}(\.\d{1,2})?", re.ASCII)


class Wire:
    """The connection of one application. Raises `ProviderRefused` where its keys are not whole."""

    def __init__(self, rail: Rail) -> None:
        rail.require_keys()
        self.rail = rail

    @cached_property
    def client(self) -> Any:
        # A third of a second, only for who uses it.
        from alipay import AliPay
        from alipay.utils import AliPayConfig

        client = AliPay(
            appid=self.rail.value("app_id"),
            app_notify_url=self.rail.notify_url or None,
            app_private_key_string=pem.as_pkcs8(pem.private_key(self.rail.value("private_key"))),
            alipay_public_key_string=pem.as_spki(pem.public_key(self.rail.value("alipay_public_key"))),
            sign_type="RSA2",
            config=AliPayConfig(timeout=PATIENCE),
        )
        client._gateway = self.rail.gateway
        return client

    def page(self, method: str, order: Mapping[str, Any], return_url: str) -> str:
        """The address of a page of Alipay's, signed by us; nobody is asked."""
        query = self.client.client_api(
            method,
            biz_content=dict(order),
            return_url=return_url,
            notify_url=self.rail.notify_url,
            timestamp=_now(),
        )
        return f"{self.rail.gateway}?{query}"

    def ask(self, method: str, asked: Mapping[str, Any], **words: Any) -> dict[str, Any]:
        """Call the SDK; the answer, proven to be Alipay's."""
        client = self.client
        from alipay.exceptions import AliPayException, AliPayValidationError

        try:
            # The SDK would write the time of this machine's zone.
            answer = client.server_api(method, biz_content=dict(asked), timestamp=_now(), **words)
        except AliPayException as no:
            answer = _unsigned(no)
        except AliPayValidationError:
            raise ProviderDown(
                _("What came in Alipay's name was not signed with the public key that was entered.")
            ) from None
        except Exception as fault:
            # What cannot be read, and whatever `urllib` raises.
            raise self.rail.silent(type(fault).__name__) from None
        with self.rail.readable():
            code = answer["code"]
            if code == DONE:
                return dict(answer)
            word = self.rail.without_secrets(answer.get("sub_code") or code)
            message = self.rail.without_secrets(answer.get("sub_msg") or answer.get("msg") or word)
        raise self._no(code, word, message)

    def _no(self, code: str, word: str, message: str) -> ProviderDown | ProviderRefused:
        if code == BUSY or word in LATER:
            return self.rail.silent(word)
        if word == "isv.invalid-signature":
            message = _(
                "Alipay does not know our signature: was the public key that belongs to this private key uploaded"
                " for this AppID?"
            )
        return ProviderRefused(message, code=word)

    def require_signed(self, told: Mapping[str, str]) -> None:
        """Raises `BadSignature`, or anything, where a notification is not Alipay's."""
        if told["sign_type"] != "RSA2" or told["charset"].lower() != "utf-8":
            raise BadSignature("not signed as agreed")
        # The SDK takes out of what it is given.
        signed = {name: value for name, value in told.items() if name != "sign"}
        if not self.client.verify(signed, told["sign"]):
            raise BadSignature("not signed by Alipay")


def _unsigned(no: Exception) -> dict[str, Any]:
    """Words without a signature: Alipay's gateway does not sign when it turns away who asks. What it says of a payment it
    does sign, so that without one it is no answer."""
    try:
        found = json.loads(str(no).partition("message:")[2])
        [said] = [part for name, part in found.items() if name.endswith("_response")]
        return {"code": BUSY} if said["code"] in (DONE, FAILED) else dict(said)
    except (ValueError, TypeError, KeyError, AttributeError):
        return {"code": BUSY, "sub_code": "unreadable"}


def _now() -> str:
    return datetime.now(CHINA).strftime(PAGE_TIME)


def yuan(written: str) -> Money:
    """Raises `ValueError` for what is no amount."""
    if not _AMOUNT.fullmatch(written):
        raise ValueError("not an amount")
    return Money.parse(written, CURRENCY)


def instant(written: str) -> datetime:
    """Alipay writes the time of China, refunds' with thousandths. Raises `ValueError`."""
    return datetime.strptime(written[:19], PAGE_TIME).replace(tzinfo=CHINA).astimezone(UTC)
