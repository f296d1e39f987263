"""WeChat Pay through `wechatpayv3`, against a gateway whose keys are handled by `wechatpay-axios-plugin`."""

import dataclasses
import json
import logging
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from commerce.providers.base import (
    Attempt,
    BadSignature,
    Event,
    Health,
    InApp,
    LineKind,
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
)
from commerce.providers.wechatpay import WeChatPay
from kernel.money import Money
from tests.commerce.providers import judges, papers
from tests.commerce.providers.listening import Answer, listening
from tests.commerce.providers.wechat_gateway import APPID, MERCHANT, Gateway, keys

NOW = datetime(2026, 5, 1, 3, tzinfo=UTC)
YUAN_128 = Money(12800, "CNY")
NOTHING = Money(0, "CNY")
ATTEMPT = Attempt("a_000001", YUAN_128, "会费 2026", "zh-hans", client_ip="203.0.113.9", expires_at=NOW)
BILL = (
    "\ufeff交易时间,公众账号ID,商户号,微信订单号,商户订单号,交易状态,货币种类,微信退款单号,商户退款单号,"
    "退款金额,商品名称,手续费,费率,订单金额,申请退款金额\r\n"
    "`2026-05-01 10:34:56,`wx8,`1900000109,`4200001,`a_000001,`SUCCESS,`CNY,`0,`0,"
    "`0.00,`会费, 一年,`0.77000,`0.60%,`128.00,`0.00\r\n"
    "`2026-05-01 23:59:59,`wx8,`1900000109,`4200001,`a_000001,`REFUND,`CNY,`50000,`r_000001,"
    "`28.00,`会费, 一年,`-0.17000,`0.60%,`0.00,`28.00\r\n"
    "总交易单数,应结订单总金额\r\n`2,`128.00\r\n"
)


@pytest.fixture(scope="module")
def judge():
    judge = judges.of_wechat_pay()
    yield judge
    judge.end()


@pytest.fixture
def gateway(judge, monkeypatch):
    gateway = Gateway(judge, bill=BILL)
    with listening(gateway.answers) as peer:
        gateway.url = peer.url
        gateway.peer = peer
        monkeypatch.setattr(WeChatPay, "gateway", peer.url)
        yield gateway


@pytest.fixture
def rail(gateway):
    return WeChatPay(keys(), notify_url="https://lantern.example/hooks/wechatpay")


def opened(rail, surface=Surface.DESK, **changes):
    attempt = dataclasses.replace(ATTEMPT, **changes)
    return rail.create_checkout(
        attempt, idem="pay-1", surface=surface, return_url="https://lantern.example/paid?x=1"
    )


def test_on_a_desk_it_is_a_code_to_scan(rail, gateway):
    assert opened(rail) == opened(rail) == QrCode("native-1")
    assert gateway.orders == {
        "a_000001": {
            "appid": APPID,
            "mchid": MERCHANT,
            "description": "会费 2026",
            "out_trade_no": "a_000001",
            "amount": {"total": 12800, "currency": "CNY"},
            "time_expire": "2026-05-01T11:00:00+08:00",
            "notify_url": "https://lantern.example/hooks/wechatpay",
            "trade_state": "NOTPAY",
        }
    }


def test_on_a_phone_it_leads_away_and_back(rail, gateway):
    page = opened(rail, Surface.PHONE)
    assert isinstance(page, Redirect)
    assert parse_qs(urlsplit(page.url).query) == {
        "prepay_id": ["wx1"],
        "redirect_url": ["https://lantern.example/paid?x=1"],
    }
    scene = gateway.orders["a_000001"]["scene_info"]
    assert scene == {"payer_client_ip": "203.0.113.9", "h5_info": {"type": "Wap"}}


def test_in_wechats_own_browser_its_application_is_handed_what_we_signed(rail, gateway):
    shown = opened(rail, Surface.WECHAT, payer="oUpF8uMuAJO")
    assert isinstance(shown, InApp)
    given = dict(shown.parameters)
    lines = [given[name] for name in ("appId", "timeStamp", "nonceStr", "package")]
    signature = given.pop("paySign")
    certificate = papers.certificate_pem("merchant")
    assert gateway.judge.ask("knowsLines", certificate=certificate, lines=lines, signature=signature)
    assert (given["appId"], given["package"], given["signType"]) == (APPID, "prepay_id=jsapi-1", "RSA")
    assert gateway.orders["a_000001"]["payer"] == {"openid": "oUpF8uMuAJO"}


@pytest.mark.parametrize(
    ("surface", "changes", "code"),
    [
        (Surface.WECHAT, {}, "payer"),
        (Surface.PHONE, {"client_ip": ""}, "client_ip"),
        (Surface.DESK, {"amount": Money(100, "USD")}, "currency"),
        (Surface.DESK, {"amount": Money(0, "CNY")}, "currency"),
        (Surface.DESK, {"reference": "a-1/close"}, "reference"),
        (Surface.DESK, {"reference": "a" * 33}, "reference"),
    ],
)
def test_what_wechat_pay_would_not_take_is_not_asked(rail, gateway, surface, changes, code):
    with pytest.raises(ProviderRefused) as refusal:
        opened(rail, surface, **changes)
    assert (refusal.value.code, gateway.peer.asked) == (code, [])


def test_a_payment_from_nothing_to_paid(rail, gateway):
    assert rail.fetch_payment("a_000001") == ProviderPayment.absent("a_000001")
    opened(rail)
    assert rail.fetch_payment("a_000001") == ProviderPayment(
        "a_000001", State.PENDING, YUAN_128, NOTHING, NOTHING
    )
    gateway.pays("a_000001")
    paid_at = datetime(2026, 5, 1, 2, 34, 56, tzinfo=UTC)
    paid = ProviderPayment("a_000001", State.SUCCEEDED, YUAN_128, YUAN_128, NOTHING, "4200001", paid_at)
    assert rail.fetch_payment("a_000001") == paid
    assert rail.cancel("a_000001") == paid


def test_cancelling_closes_the_order(rail):
    assert rail.cancel("a_000001").state is State.ABSENT
    opened(rail)
    assert rail.cancel("a_000001").state is State.CANCELLED
    assert rail.cancel("a_000001").state is State.CANCELLED


def test_a_refund_has_its_own_name_and_is_done_once(rail, gateway):
    opened(rail)
    gateway.pays("a_000001")
    begun = ProviderRefund("r_000001", State.PENDING, Money(2800, "CNY"), "50000")
    for _again in range(2):
        words = {"idem": "r_000001", "total": YUAN_128, "reason": "换了方案"}
        assert rail.refund("a_000001", Money(2800, "CNY"), **words) == begun
    assert list(gateway.refunds) == ["r_000001"]
    assert gateway.refunds["r_000001"]["amount"] == {"refund": 2800, "total": 12800, "currency": "CNY"}
    gateway.refunds["r_000001"] |= {"status": "SUCCESS", "success_time": "2026-05-01T11:00:00+08:00"}
    done = dataclasses.replace(begun, state=State.SUCCEEDED, at=NOW)
    assert rail.fetch_refund("r_000001", payment_reference="a_000001") == done
    absent = rail.fetch_refund("r_000002", payment_reference="a_000001")
    assert absent == ProviderRefund.absent("r_000002")


@pytest.mark.parametrize("status", ["SUCCESS", "PROCESSING", "ABNORMAL", "CLOSED", "SOMETHING"])
def test_what_becomes_of_a_refund(rail, gateway, status):
    gateway.refunds["r_000001"] = {
        "out_refund_no": "r_000001",
        "status": status,
        "amount": {"refund": 1, "currency": "CNY"},
    }
    states = {
        "SUCCESS": "succeeded",
        "PROCESSING": "pending",
        "ABNORMAL": "requires_action",
        "CLOSED": "hard_decline",
    }
    found = rail.fetch_refund("r_000001", payment_reference="a_000001")
    assert found.state == states.get(status, "unknown")


def test_the_days_bill_is_its_book(rail):
    book = list(rail.settlement_lines(NOW, NOW + timedelta(days=1)))
    assert book == [
        SettlementLine(
            "50000",
            LineKind.REFUND,
            Money(-2800, "CNY"),
            Money(-17, "CNY"),
            datetime(2026, 5, 1, 15, 59, 59, tzinfo=UTC),
            "r_000001",
            "50000",
        )
    ]
    book = list(rail.settlement_lines(NOW - timedelta(days=1), NOW))
    assert [(line.reference, line.amount.amount, line.fee.amount) for line in book] == [
        ("a_000001", 12800, 77)
    ]


def test_a_bill_that_is_not_what_was_announced_is_none(rail, gateway):
    gateway.bill = BILL.replace("128.00", "129.00")
    told = gateway._answer
    gateway._answer = lambda asked, path: (
        told(asked, path) if "tradebill" in path else Answer(body=BILL.encode())
    )
    with pytest.raises(ProviderDown, match="cannot be read"):
        list(rail.settlement_lines(NOW - timedelta(hours=5), NOW))


# What it says to us.


def about(**changes):
    return {
        "mchid": MERCHANT,
        "appid": APPID,
        "out_trade_no": "a_000001",
        "transaction_id": "4200001",
        "trade_state": "SUCCESS",
        "success_time": "2026-05-01T10:34:56+08:00",
        "amount": {"total": 12800, "payer_total": 12800, "currency": "CNY"},
    } | changes


PAID = Event(
    "EV-2018022511223320873",
    "TRANSACTION.SUCCESS",
    Subject.PAYMENT,
    datetime(2026, 5, 1, 2, 34, 57, tzinfo=UTC),
    "a_000001",
    "4200001",
    YUAN_128,
)


def test_a_notification_is_opened(rail, gateway):
    assert rail.parse_webhook(*gateway.notifies(about(), at=int(NOW.timestamp())), NOW) == [PAID]
    refunded = {
        "mchid": MERCHANT,
        "out_trade_no": "a_000001",
        "out_refund_no": "r_000001",
        "refund_id": "50000",
    }
    refunded["amount"] = {"total": 12800, "refund": 2800, "payer_refund": 2800}
    message = gateway.notifies(refunded, at=int(NOW.timestamp()), kind="REFUND.SUCCESS")
    [event] = rail.parse_webhook(*message, NOW)
    assert (event.subject, event.reference, event.amount) == (Subject.REFUND, "r_000001", Money(2800, "CNY"))
    assert gateway.peer.asked == []


def test_a_merchant_with_a_certificate_of_the_platform_is_served_as_well(gateway):
    gateway.serial = papers.serial("wechat")
    with_certificate = keys() | {"platform_key": papers.certificate_pem("wechat"), "platform_key_id": ""}
    rail = WeChatPay(with_certificate, notify_url="https://lantern.example/hooks/wechatpay")
    assert opened(rail) == QrCode("native-1")
    assert rail.parse_webhook(*gateway.notifies(about(), at=int(NOW.timestamp())), NOW) == [PAID]


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_a_stale_notification_proves_nothing(rail, gateway, seconds):
    message = gateway.notifies(about(), at=int(NOW.timestamp()) - seconds)
    with pytest.raises(BadSignature):
        rail.parse_webhook(*message, NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"mchid": "1900000110"},
        {"appid": "wx9"},
        {"amount": {"total": 1.5}},
        {"amount": {"total": 1, "currency": "USD"}},
    ],
)
def test_a_notification_for_somebody_else_proves_nothing(rail, gateway, changes):
    message = gateway.notifies(about(**changes), at=int(NOW.timestamp()))
    with pytest.raises(BadSignature):
        rail.parse_webhook(*message, NOW)


def test_a_notification_of_another_key_proves_nothing_and_asks_nobody(rail, gateway):
    gateway.signer = "somebody"
    headers, body = gateway.notifies(about(), at=int(NOW.timestamp()))
    for serial in (headers["wechatpay-serial"], "0FF", "", "no number"):
        with pytest.raises(BadSignature):
            rail.parse_webhook(headers | {"wechatpay-serial": serial}, body, NOW)
    assert gateway.peer.asked == []


# What may go wrong.


GARBAGE = [
    Answer(500, b"oops"),
    Answer(502, json.dumps({"code": "SYSTEM_ERROR", "message": "系统错误"}).encode()),
    Answer(429, json.dumps({"code": "FREQUENCY_LIMITED", "message": "x"}).encode()),
    Answer(200, b'{"code_url": "forged", "trade_state": "SUCCESS"}', {"Content-Type": "application/json"}),
    Answer(200, b"<html>", {"Content-Type": "text/html"}),
    Answer(400, b"\xff\xfe"),
    Answer(silent=True),
]


@pytest.mark.parametrize("answer", GARBAGE, ids=range(len(GARBAGE)))
def test_no_answer_is_no_answer(rail, gateway, answer):
    for act in (
        lambda: opened(rail),
        lambda: rail.fetch_payment("a_000001"),
        lambda: rail.cancel("a_000001"),
        lambda: rail.refund("a_000001", YUAN_128, idem="r_000001", total=YUAN_128),
        lambda: list(rail.settlement_lines(NOW - timedelta(hours=1), NOW)),
    ):
        gateway.next = answer
        with pytest.raises(ProviderDown):
            act()
    gateway.next = answer
    assert rail.test_connection().works is False


@pytest.mark.parametrize(
    "words", [[], "x", None, {}, {"code_url": 5}, {"out_trade_no": "a_000002", "mchid": MERCHANT}]
)
def test_a_signed_answer_that_makes_no_sense_is_none(rail, gateway, words):
    gateway.next = gateway.says(words)
    with pytest.raises(ProviderDown):
        opened(rail)
    gateway.next = gateway.says(words)
    with pytest.raises(ProviderDown):
        rail.fetch_payment("a_000001")


def test_its_no_is_a_no(rail, gateway):
    gateway.next = gateway.refuses(403, "NOT_ENOUGH", "基本账户余额不足，请充值后重新发起")
    with pytest.raises(ProviderRefused) as refusal:
        rail.refund("a_000001", YUAN_128, idem="r_000001", total=YUAN_128)
    assert (refusal.value.code, refusal.value.message) == ("NOT_ENOUGH", "基本账户余额不足，请充值后重新发起")


def test_nobody_listens(monkeypatch):
    monkeypatch.setattr(WeChatPay, "gateway", "http://127.0.0.1:9")
    with pytest.raises(ProviderDown, match=r"WeChat Pay did not answer \(ConnectionError\)\."):
        WeChatPay(keys()).fetch_payment("a_000001")


def test_the_connection_is_tested_and_what_is_missing_is_named(rail, gateway):
    outside = (
        "Without the AppSecret nobody can pay inside WeChat: who opens the page there is not offered it."
    )
    assert rail.test_connection() == Health(works=True, account=MERCHANT, missing=(outside,))
    broken = {
        "mchid": MERCHANT,
        "appid": "",
        "apiv3_key": "short",
        "private_key": "-----BEGIN PRIVATE KEY-----\nno",
    }
    health = WeChatPay(broken).test_connection()
    assert (health.works, health.account, [str(words) for words in health.missing]) == (
        False,
        MERCHANT,
        [
            "AppID is missing.",
            "APIv3 key: The APIv3 key has exactly 32 characters.",
            "Serial number of the merchant's certificate is missing.",
            "The merchant's private key: This is not an RSA private key of at least 2048 bits, in PEM and without a password.",
            "WeChat Pay's public key is missing.",
        ],
    )
    with pytest.raises(ProviderRefused, match="AppID is missing"):
        WeChatPay(broken).fetch_payment("a_000001")
    other = WeChatPay(keys() | {"private_key": papers.private("somebody")}).test_connection()
    assert other.works is False and "does not know our signature" in str(other.missing[0])


def test_keys_are_in_no_words_of_ours(rail, gateway, caplog):
    caplog.set_level(logging.DEBUG)
    secrets = [keys()["apiv3_key"], papers.bare(keys()["private_key"])[:64]]
    echo = "; ".join([secrets[0], keys()["private_key"]])
    words = [repr(rail), repr(rail._wire)]
    for status in (400, 401, 500):
        for act in (rail.test_connection, lambda: rail.fetch_payment("a_000001"), lambda: opened(rail)):
            gateway.next = gateway.refuses(status, "PARAM_ERROR", echo)
            try:
                words.append(repr(act()))
            except (ProviderDown, ProviderRefused) as no:
                words += [str(no), repr(no), repr(no.__cause__)]
    said = "\n".join([*words, caplog.text])
    assert [secret for secret in secrets if secret in said] == []
