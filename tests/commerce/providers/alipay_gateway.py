"""Alipay's gateway as far as the tests need it: what is signed and verified is so by the official `alipay-sdk-python`."""

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from cryptography.hazmat.primitives.serialization import PrivateFormat

from tests.commerce.providers import papers
from tests.commerce.providers.judges import Judge
from tests.commerce.providers.listening import Answer, Asked

APP, SELLER = "2021000000000001", "2088000000000001"
FILE = "/downloadBillFile.resource"


def keys() -> dict[str, str]:
    """As Alipay's key tool gives them: on one line, without PEM's own."""
    return {
        "app_id": APP,
        "seller_id": SELLER,
        "private_key": papers.bare(papers.private("application", PrivateFormat.TraditionalOpenSSL)),
        "alipay_public_key": papers.bare(papers.public("alipay")),
    }


@dataclass
class Gateway:
    judge: Judge
    signer: str = "alipay"
    trades: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: What was asked, by method and words.
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    #: Its daily bills, and where they are.
    bills: dict[str, Answer] = field(default_factory=dict)
    url: str = "http://dwbillcenter.alipay.com"
    #: An answer to give instead, once.
    next: Answer | None = None

    def answers(self, asked: Asked) -> Answer:
        if asked.path.startswith(FILE):
            return self.bills[parse_qs(urlsplit(asked.path).query)["bizDates"][0]]
        values = dict(parse_qsl(urlsplit(asked.path).query))
        method, words = values["method"], json.loads(values["biz_content"])
        if not self.knows(asked.path):
            # As Alipay does: who is not known gets words without a signature.
            return self.says(method, "40002", "isv.invalid-signature", "验签出错", unsigned=True)
        self.asked.append((method, words))
        if self.next:
            given, self.next = self.next, None
            return given
        return getattr(self, method.replace(".", "_"))(method, words)

    def knows(self, address: str) -> bool:
        """Whether the application signed this request."""
        values = {name: value for name, [value] in parse_qs(urlsplit(address).query).items()}
        sign = values.pop("sign")
        fixed = (values["app_id"], values["charset"], values["sign_type"], values["version"])
        known = self.judge.ask("knows", public_key=papers.public("application"), values=values, sign=sign)
        return bool(known) and fixed == (APP, "utf-8", "RSA2", "1.0")

    def alipay_trade_query(self, method: str, words: dict[str, Any]) -> Answer:
        trade = self.trades.get(words["out_trade_no"])
        return self.says(method, **trade) if trade else self.unknown(method)

    def alipay_trade_close(self, method: str, words: dict[str, Any]) -> Answer:
        trade = self.trades.get(words["out_trade_no"])
        if not trade:
            return self.unknown(method)
        if trade["trade_status"] != "WAIT_BUYER_PAY":
            return self.says(method, "40004", "ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
        trade["trade_status"] = "TRADE_CLOSED"
        return self.says(method, out_trade_no=words["out_trade_no"])

    def alipay_trade_precreate(self, method: str, words: dict[str, Any]) -> Answer:
        self.opens(words["out_trade_no"], words["total_amount"])
        return self.says(method, out_trade_no=words["out_trade_no"], qr_code="https://qr.alipay.com/bax1")

    def alipay_trade_refund(self, method: str, words: dict[str, Any]) -> Answer:
        name = words["out_request_no"]
        change = "N" if name in self.refunds else "Y"
        done = {"refund_status": "REFUND_SUCCESS", "gmt_refund_pay": "2026-05-01 11:00:00"}
        self.refunds.setdefault(name, words | done)
        fee = sum(Decimal(refund["refund_amount"]) for refund in self.refunds.values())
        return self.says(
            method, out_trade_no=words["out_trade_no"], fund_change=change, refund_fee=f"{fee:.2f}"
        )

    def alipay_trade_fastpay_refund_query(self, method: str, words: dict[str, Any]) -> Answer:
        return self.says(method, **self.refunds.get(words["out_request_no"], {}))

    def alipay_data_dataservice_bill_downloadurl_query(self, method: str, words: dict[str, Any]) -> Answer:
        day = words["bill_date"].replace("-", "")
        if words["bill_type"] != "trade" or day not in self.bills:
            return self.says(method, "40004", "isp.bill_not_exist", "账单不存在")
        return self.says(method, bill_download_url=f"{self.url}{FILE}?bizType=trade&bizDates={day}&token=t")

    def opens(self, reference: str, amount: str) -> None:
        """The payer opened the page."""
        self.trades[reference] = {
            "out_trade_no": reference,
            "trade_no": "2026050122001",
            "trade_status": "WAIT_BUYER_PAY",
            "total_amount": amount,
        }

    def pays(self, reference: str) -> None:
        self.trades[reference] |= {"trade_status": "TRADE_SUCCESS", "send_pay_date": "2026-05-01 10:34:56"}

    def unknown(self, method: str) -> Answer:
        return self.says(method, "40004", "ACQ.TRADE_NOT_EXIST", "交易不存在")

    def says(
        self,
        method: str,
        code: str = "10000",
        sub_code: str = "",
        sub_msg: str = "",
        *,
        unsigned: bool = False,
        **words: Any,
    ) -> Answer:
        """An answer in Alipay's name."""
        said = {"code": code, "msg": "Success" if code == "10000" else "Business Failed"} | words
        if sub_code:
            said |= {"sub_code": sub_code, "sub_msg": sub_msg}
        # As its gateway writes them.
        content = json.dumps(said, ensure_ascii=False).replace("/", "\\/")
        name = method.replace(".", "_") + "_response"
        if unsigned:
            return Answer(body=f'{{"{name}":{content}}}'.encode())
        sign = self.judge.ask("signs", private_key=self._key(), content=content)
        return Answer(body=f'{{"{name}":{content},"sign":"{sign}"}}'.encode())

    def notifies(self, **changes: str) -> bytes:
        """A notification as it would come, signed in Alipay's name; what is set to "" is left out."""
        values = {
            "notify_time": "2026-05-01 11:00:00",
            "notify_type": "trade_status_sync",
            "notify_id": "ac05099524730693a8b330c5ecf72da9786",
            "app_id": APP,
            "seller_id": SELLER,
            "charset": "utf-8",
            "version": "1.0",
            "out_trade_no": "a_000001",
            "trade_no": "2026050122001",
            "trade_status": "TRADE_SUCCESS",
            "subject": "会费 2026",
            "total_amount": "128.00",
            "body": "",
            "gmt_payment": "2026-05-01 10:59:58",
        } | changes
        sign = self.judge.ask("signs_values", private_key=self._key(), values=values)
        return urlencode(values | {"sign": sign, "sign_type": "RSA2"}).encode()

    def _key(self) -> str:
        return papers.private(self.signer, PrivateFormat.TraditionalOpenSSL)
