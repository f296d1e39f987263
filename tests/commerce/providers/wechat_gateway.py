"""WeChat Pay's gateway as far as the tests need it: what is signed, opened and sealed is so by `wechatpay-axios-plugin`."""

import gzip
import hashlib
import json
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from commerce.providers.wechatpay import WeChatPay
from tests.commerce.providers import papers
from tests.commerce.providers.judges import Judge
from tests.commerce.providers.listening import Answer, Asked, listening

MERCHANT, APPID, APIV3 = "1900000109", "wx8888888888888888", "k" * 31 + "3"
SECRET = "0f" * 16
PLATFORM = "PUB_KEY_ID_0119000001092026010100000000000001"
KEYS = {
    "mchid": MERCHANT,
    "appid": APPID,
    "apiv3_key": APIV3,
    "platform_key_id": PLATFORM,
}


def keys() -> dict[str, str]:
    return KEYS | {
        "private_key": papers.private("merchant"),
        "cert_serial_no": papers.serial("merchant"),
        "platform_key": papers.public("wechat"),
    }


AUTHORIZATION = re.compile(
    r'WECHATPAY2-SHA256-RSA2048 mchid="(?P<mchid>\w+)",nonce_str="(?P<nonce>\w+)",signature="(?P<signature>[^"]+)",'
    r'timestamp="(?P<timestamp>\d+)",serial_no="(?P<serial>\w+)"'
)


@dataclass
class Gateway:
    """`signer` and `serial` are whose key it signs with, and how it calls that key."""

    judge: Judge
    signer: str = "wechat"
    serial: str = PLATFORM
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: dict[str, dict[str, Any]] = field(default_factory=dict)
    bill: str = ""
    url: str = ""
    #: Whom its application names, by the codes with which they come back; each is good once.
    codes: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    #: An answer to give instead, once.
    next: Answer | None = None

    def answers(self, asked: Asked) -> Answer:
        if asked.path.startswith("/sns/oauth2/access_token?"):
            return self._names(dict(parse_qsl(asked.path.partition("?")[2])))
        if not self.knows(asked):
            return self.refuses(401, "SIGN_ERROR", "签名错误")
        if self.next:
            given, self.next = self.next, None
            return given
        return self._answer(asked, asked.path.split("?")[0])

    def knows(self, asked: Asked) -> bool:
        found = AUTHORIZATION.fullmatch(asked.headers["authorization"])
        return bool(
            found
            and (found["mchid"], found["serial"]) == (MERCHANT, papers.serial("merchant"))
            and self.judge.ask(
                "knows",
                certificate=papers.certificate_pem("merchant"),
                method=asked.method,
                uri=asked.path,
                timestamp=found["timestamp"],
                nonce=found["nonce"],
                body=asked.body,
                signature=found["signature"],
            )
        )

    def _answer(self, asked: Asked, path: str) -> Answer:
        told = json.loads(asked.body) if asked.body else {}
        if found := re.fullmatch(r"/v3/pay/transactions/(native|h5|jsapi)", path):
            self.orders.setdefault(told["out_trade_no"], told | {"trade_state": "NOTPAY"})
            name = {"native": "code_url", "h5": "h5_url", "jsapi": "prepay_id"}[found[1]]
            return self.says(
                {name: {"h5": "https://wx.example/h5?prepay_id=wx1"}.get(found[1], f"{found[1]}-1")}
            )
        if found := re.fullmatch(r"/v3/pay/transactions/out-trade-no/(\w+)(/close)?", path):
            order = self.orders.get(found[1])
            if not order:
                return self.refuses(404, "ORDER_NOT_EXIST", "订单不存在")
            if found[2] and order["trade_state"] == "SUCCESS":
                return self.refuses(400, "ORDER_PAID", "订单已支付")
            if found[2]:
                order["trade_state"] = "CLOSED"
                return self.says(None)
            return self.says(order | {"mchid": MERCHANT, "appid": APPID})
        if path == "/v3/refund/domestic/refunds":
            number = told["out_refund_no"]
            done = {"refund_id": "50000", "status": "PROCESSING", "create_time": "2026-05-01T10:00:00+08:00"}
            return self.says(self.refunds.setdefault(number, told | done))
        if path.startswith("/v3/refund/domestic/refunds/"):
            refund = self.refunds.get(path.rsplit("/", 1)[1])
            return self.says(refund) if refund else self.refuses(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
        if path == "/v3/bill/tradebill" and "bill_date=2026-05-01" in asked.path:
            digest = hashlib.sha1(self.bill.encode(), usedforsecurity=False).hexdigest()
            address = f"{self.url}/v3/billdownload/file?token=t"
            return self.says({"hash_type": "SHA1", "hash_value": digest, "download_url": address})
        if path == "/v3/billdownload/file":
            return Answer(
                body=gzip.compress(self.bill.encode()), headers={"Content-Type": "application/x-gzip"}
            )
        return self.refuses(400, "NO_STATEMENT_EXIST", "账单文件不存在")

    def _names(self, asked: dict[str, str]) -> Answer:
        """As WeChat's own address does: always 200, and a number where there is a fault."""
        if self.next:
            given, self.next = self.next, None
            return given
        code = asked["code"]
        if asked["appid"] != APPID:
            said: dict[str, Any] = {"errcode": 40013, "errmsg": "invalid appid, rid: 6380622c"}
        elif asked["secret"] != SECRET:
            said = {"errcode": 40125, "errmsg": f"invalid appsecret {asked['secret']}, rid: 6380622c"}
        elif code in self.used:
            said = {"errcode": 40163, "errmsg": "code been used, rid: 6380622c"}
        elif code not in self.codes or asked["grant_type"] != "authorization_code":
            said = {"errcode": 40029, "errmsg": "invalid code, rid: 6380622c"}
        else:
            self.used.add(code)
            said = {"access_token": "t", "expires_in": 7200, "refresh_token": "r", "scope": "snsapi_base"}
            said["openid"] = self.codes[code]
        return Answer(body=json.dumps(said).encode(), headers={"Content-Type": "text/plain"})

    def pays(self, reference: str) -> None:
        self.orders[reference] |= {
            "trade_state": "SUCCESS",
            "transaction_id": "4200001",
            "success_time": "2026-05-01T10:34:56+08:00",
        }

    def says(self, words: dict[str, Any] | None) -> Answer:
        """An answer in the platform's name."""
        body = json.dumps(words, ensure_ascii=False) if words is not None else ""
        return Answer(
            200 if body else 204, body.encode(), self.signed(body) | {"Content-Type": "application/json"}
        )

    def refuses(self, status: int, code: str, message: str) -> Answer:
        body = json.dumps({"code": code, "message": message}, ensure_ascii=False)
        return Answer(status, body.encode(), self.signed(body) | {"Content-Type": "application/json"})

    def signed(self, body: str, *, at: int | None = None) -> dict[str, str]:
        stamp, nonce = str(at or int(time.time())), uuid.uuid4().hex
        key = papers.private(self.signer)
        return {
            "Wechatpay-Signature": self.judge.ask("signs", key=key, timestamp=stamp, nonce=nonce, body=body),
            "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
            "Wechatpay-Timestamp": stamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Serial": self.serial,
        }

    def notifies(
        self, about: dict[str, Any], *, at: int, kind: str = "TRANSACTION.SUCCESS"
    ) -> tuple[dict[str, str], bytes]:
        """A notification as it would come: headers by lower-case name, and the body."""
        aad, nonce = kind.split(".")[0].lower(), uuid.uuid4().hex[:12]
        sealed = self.judge.ask("seals", plaintext=json.dumps(about), key=APIV3, nonce=nonce, aad=aad)
        body = json.dumps(
            {
                "id": "EV-2018022511223320873",
                "create_time": "2026-05-01T10:34:57+08:00",
                "resource_type": "encrypt-resource",
                "event_type": kind,
                "summary": "支付成功",
                "resource": {
                    "original_type": aad,
                    "algorithm": "AEAD_AES_256_GCM",
                    "ciphertext": sealed,
                    "associated_data": aad,
                    "nonce": nonce,
                },
            },
            ensure_ascii=False,
        )
        return {name.lower(): value for name, value in self.signed(body, at=at).items()}, body.encode()


@contextmanager
def served(judge: Judge, patch: Any, **how: Any) -> Iterator[Gateway]:
    """The gateway as a peer that the rail finds, also where it asks who pays."""
    gateway = Gateway(judge, **how)
    with listening(gateway.answers) as peer:
        gateway.peer = peer
        patch.setattr(WeChatPay, "gateway", peer.url)
        patch.setattr(WeChatPay, "identity", peer.url)
        yield gateway
