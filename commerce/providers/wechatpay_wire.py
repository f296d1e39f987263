"""What is said between us and WeChat Pay: the SDK with its faults told apart, and values as WeChat Pay writes them."""

import hashlib
import json
import zlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from fractions import Fraction
from functools import cached_property
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _

from commerce.providers import pem
from commerce.providers.base import LineKind, ProviderRefused, SettlementLine
from commerce.providers.rail import CHINA, CURRENCY, Rail
from kernel.money import Money, rounded

#: Seconds for a connection to be made, and for an answer to come.
PATIENCE = (5, 20)
LARGEST_BILL = 64 * 1024 * 1024
#: What WeChat Pay calls that which it does not know.
NOT_THERE = frozenset({"ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS", "REFUNDNOTEXIST"})
#: "Not now": the same may be asked again, and nothing has happened.
LATER = frozenset({"FREQUENCY_LIMITED", "FREQUENCY_LIMIT_EXCEED", "RATELIMIT_EXCEEDED", "STATEMENT_CREATING"})
SIGNED = ("signature", "signature-type", "timestamp", "nonce", "serial")


class Wire:
    """The connection of one merchant. Raises `ProviderRefused` where its keys are not whole."""

    def __init__(self, rail: Rail) -> None:
        rail.require_keys()
        self.rail = rail

    @cached_property
    def platform_serial(self) -> str:
        """By what name WeChat Pay says which of its keys it signed with."""
        found = pem.certificate(self.rail.value("platform_key"))
        return pem.serial_of(found) if found else self.rail.value("platform_key_id")

    @cached_property
    def client(self) -> Any:
        # A third of a second, only for who uses it.
        from wechatpayv3 import WeChatPay, WeChatPayType

        # A certificate is handed over as its key and number: with a folder of certificates the SDK would fetch more.
        client = WeChatPay(
            WeChatPayType.NATIVE,
            mchid=self.rail.value("mchid"),
            private_key=pem.as_pkcs8(pem.private_key(self.rail.value("private_key"))),
            cert_serial_no=self.rail.value("cert_serial_no"),
            appid=self.rail.value("appid"),
            apiv3_key=self.rail.value("apiv3_key"),
            notify_url=self.rail.notify_url or None,
            timeout=PATIENCE,
            public_key=pem.as_spki(pem.public_key(self.rail.value("platform_key"))),
            public_key_id=self.platform_serial,
        )
        client._core._gate_way = self.rail.gateway
        return client

    def ask(self, verb: str, **words: Any) -> dict[str, Any]:
        """Call the SDK; the answer, proven to be WeChat Pay's. {} where it has no words."""
        answer = self.content(verb, **words)
        if not answer:
            return {}
        with self.rail.readable():
            found = json.loads(answer)
            if not isinstance(found, dict):
                raise TypeError("not an object")
            return found

    def content(self, verb: str, **words: Any) -> str | bytes:
        client = self.client
        try:
            status, answer = getattr(client, verb)(**words)
        except Exception as fault:
            # The SDK raises a bare `Exception` for a signature that is not WeChat Pay's, and whatever `requests` raises.
            raise self.rail.silent(type(fault).__name__) from None
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return answer
        code, message = self._refusal(answer)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or code in LATER or not code:
            raise self.rail.silent(f"{status} {code}".strip())
        if status == HTTPStatus.UNAUTHORIZED:
            message = _(
                "WeChat Pay does not know our signature: are the merchant number, the private key and the serial"
                " number of the certificate of one merchant?"
            )
        raise ProviderRefused(message or code, code=code)

    def _refusal(self, answer: str | bytes) -> tuple[str, str]:
        try:
            said = json.loads(answer)
            return self.rail.without_secrets(said["code"]), self.rail.without_secrets(
                said.get("message") or ""
            )
        except (ValueError, TypeError, KeyError, AttributeError):
            return "", ""

    def told(self, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        """What a notification says, opened. Raises anything where it is not WeChat Pay's."""
        signed = {f"wechatpay-{name}": headers[f"wechatpay-{name}"] for name in SIGNED}
        # For a serial number that it does not know the SDK would ask the gateway.
        if signed["wechatpay-serial"].upper().lstrip("0") != self.platform_serial.upper().lstrip("0"):
            raise ValueError("signed with another key")
        found = self.client.callback(
            signed | {"wechatpay-serial": self.platform_serial}, body.decode("utf-8")
        )
        if not isinstance(found, dict):
            raise ValueError("not signed by WeChat Pay")
        return found

    def bill(self, day: date) -> list[SettlementLine]:
        """What was paid and what refunds were begun on a day of China's."""
        try:
            told = self.ask("trade_bill", bill_date=day.isoformat())
        except ProviderRefused as no:
            if no.code == "NO_STATEMENT_EXIST":
                return []
            raise
        with self.rail.readable():
            if not told["download_url"].startswith(f"{self.rail.gateway}/"):
                raise ValueError("a file of another house")
        content = self.content("download_bill", url=told["download_url"])
        with self.rail.readable():
            file = content.encode() if isinstance(content, str) else content
            if file.startswith(b"\x1f\x8b"):
                file = _unpacked(file)
            # The file is not signed; the signed answer before it named its digest.
            if hashlib.sha1(file, usedforsecurity=False).hexdigest() != told["hash_value"].lower():
                raise ValueError("damaged")
            return [_line(row) for row in _rows(file.decode("utf-8-sig"))]


def money(amount: Mapping[str, Any], key: str) -> Money:
    """Raises `ValueError` for what is no amount in fen."""
    if type(amount[key]) is not int or amount.get("currency", CURRENCY) != CURRENCY:
        raise ValueError("not an amount in fen")
    return Money(amount[key], CURRENCY)


def text(answer: Mapping[str, Any], key: str) -> str:
    """Raises `ValueError` for what is no text, or an empty one."""
    value = answer[key]
    if not isinstance(value, str) or not value:
        raise ValueError("not a text")
    return value


def instant(written: str) -> datetime:
    """Raises `ValueError` for a time without its zone."""
    found = datetime.fromisoformat(written)
    if found.tzinfo is None:
        raise ValueError("a time without its zone")
    return found.astimezone(UTC)


def cut(words: str, octets: int) -> str:
    return " ".join(words.split()).encode()[:octets].decode(errors="ignore")


def _unpacked(packed: bytes) -> bytes:
    try:
        content = zlib.decompressobj(wbits=31).decompress(packed, LARGEST_BILL + 1)
    except zlib.error:
        raise ValueError("damaged") from None
    if len(content) > LARGEST_BILL:
        raise ValueError("larger than any bill")
    return content


def _rows(bill: str) -> list[dict[str, str]]:
    """The lines of the bill by the heading's words; each value of a line begins with a back-tick, the summary's heading
    does not."""
    heading, *lines = bill.splitlines()
    names, rows = heading.split(","), []
    for line in lines:
        if not line.startswith("`"):
            break
        rows.append(dict(zip(names, line[1:].split(",`"), strict=False)))
    return rows


def _line(row: Mapping[str, str]) -> SettlementLine:
    refund = row["交易状态"] == "REFUND"
    # Merchants of the first years have bills without the later columns.
    amount = row.get("申请退款金额") or row["退款金额"] if refund else row.get("订单金额") or row["总金额"]
    ours, theirs = ("商户退款单号", "微信退款单号") if refund else ("商户订单号", "微信订单号")
    return SettlementLine(
        line_id=row[theirs],
        kind=LineKind.REFUND if refund else LineKind.PAYMENT,
        amount=-_yuan(amount) if refund else _yuan(amount),
        # What it gives back of its fee with a refund is written as less than nothing.
        fee=_yuan(row["手续费"]),
        at=datetime.strptime(row["交易时间"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA).astimezone(UTC),
        reference=row[ours],
        provider_reference=row[theirs],
    )


def _yuan(written: str) -> Money:
    """Fees are written with five decimals, and charged by the fen."""
    return Money(rounded(Fraction(written) * 100), CURRENCY)
