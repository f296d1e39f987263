"""Alipay through `python-alipay-sdk`, against a gateway whose keys are handled by the official `alipay-sdk-python`."""

import dataclasses
import json
import logging
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from commerce.providers.alipay import Alipay
from commerce.providers.base import (
    Attempt,
    BadSignature,
    Event,
    Health,
    ProviderDown,
    ProviderPayment,
    ProviderRefund,
    ProviderRefused,
    QrCode,
    State,
    Subject,
    Surface,
)
from kernel.money import Money
from tests.commerce.providers import judges, papers
from tests.commerce.providers.alipay_gateway import APP, Gateway, keys
from tests.commerce.providers.listening import Answer, listening

NOW = datetime(2026, 5, 1, 3, tzinfo=UTC)
YUAN_128 = Money(12800, "CNY")
NOTHING = Money(0, "CNY")
PAID_AT = datetime(2026, 5, 1, 2, 34, 56, tzinfo=UTC)
ATTEMPT = Attempt("a_000001", YUAN_128, "会费 {2026} = a/b & <c>", "zh-hans", expires_at=NOW)


@pytest.fixture(scope="module")
def judge():
    judge = judges.of_alipay()
    yield judge
    judge.end()


@pytest.fixture
def gateway(judge, monkeypatch):
    gateway = Gateway(judge)
    with listening(gateway.answers) as peer:
        monkeypatch.setattr(Alipay, "gateway", f"{peer.url}/gateway.do")
        yield gateway


@pytest.fixture
def rail(gateway):
    return Alipay(keys(), notify_url="https://lantern.example/hooks/alipay")


def opened(rail, surface=Surface.DESK, **changes):
    attempt = dataclasses.replace(ATTEMPT, **changes)
    back = "https://lantern.example/paid?x=1"
    return rail.create_checkout(attempt, idem="pay-1", surface=surface, return_url=back)


@pytest.mark.parametrize(
    ("surface", "method", "more"),
    [
        (Surface.DESK, "alipay.trade.page.pay", {"product_code": "FAST_INSTANT_TRADE_PAY"}),
        (
            Surface.PHONE,
            "alipay.trade.wap.pay",
            {"product_code": "QUICK_WAP_WAY", "quit_url": "https://lantern.example/paid?x=1"},
        ),
    ],
)
def test_a_page_that_alipay_knows_as_ours(rail, gateway, surface, method, more):
    page = opened(rail, surface)
    assert gateway.knows(page.url) and not gateway.knows(page.url.replace("128.00", "1.00"))
    values = dict(parse_qsl(urlsplit(page.url).query))
    assert (values["method"], values["return_url"], values["notify_url"]) == (
        method,
        "https://lantern.example/paid?x=1",
        "https://lantern.example/hooks/alipay",
    )
    assert (
        json.loads(values["biz_content"])
        == {
            "out_trade_no": "a_000001",
            "total_amount": "128.00",
            "subject": "会费 2026 a b c",
            "time_expire": "2026-05-01 11:00:00",
        }
        | more
    )
    # Alipay's clock is China's, wherever this machine stands.
    sent = datetime.strptime(values["timestamp"], "%Y-%m-%d %H:%M:%S") - timedelta(hours=8)
    assert abs(datetime.now(UTC).replace(tzinfo=None) - sent) < timedelta(minutes=1)
    assert gateway.asked == []


def test_a_code_on_the_desk_for_who_signed_for_payment_face_to_face(gateway):
    rail = Alipay(keys() | {"desk": "code"}, notify_url="https://lantern.example/hooks/alipay")
    assert opened(rail) == QrCode("https://qr.alipay.com/bax1")
    assert rail.fetch_payment("a_000001").state is State.PENDING


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": Money(100, "USD")}, "currency"),
        ({"amount": NOTHING}, "currency"),
        ({"reference": "pay-1"}, "reference"),
    ],
)
def test_what_alipay_would_not_take_is_not_asked(rail, gateway, changes, code):
    with pytest.raises(ProviderRefused) as refusal:
        opened(rail, **changes)
    assert (refusal.value.code, gateway.asked) == (code, [])


def test_a_payment_from_nothing_to_paid_to_all_gone_back(rail, gateway):
    assert rail.fetch_payment("a_000001") == ProviderPayment.absent("a_000001")
    gateway.opens("a_000001", "128.00")
    waiting = ProviderPayment("a_000001", State.PENDING, YUAN_128, NOTHING, NOTHING, "2026050122001")
    assert rail.fetch_payment("a_000001") == waiting
    gateway.pays("a_000001")
    paid = dataclasses.replace(
        waiting, state=State.SUCCEEDED, captured=YUAN_128, refunded=None, paid_at=PAID_AT
    )
    assert rail.fetch_payment("a_000001") == paid
    assert rail.cancel("a_000001") == paid
    gateway.trades["a_000001"]["trade_status"] = "TRADE_CLOSED"
    assert rail.fetch_payment("a_000001") == dataclasses.replace(paid, refunded=YUAN_128)


def test_cancelling_closes_what_was_opened(rail, gateway):
    assert rail.cancel("a_000001").state is State.ABSENT
    gateway.opens("a_000001", "128.00")
    assert rail.cancel("a_000001").state is State.CANCELLED
    assert rail.cancel("a_000001").state is State.CANCELLED


def test_a_refund_has_its_own_name_and_is_done_once(rail, gateway):
    rail.refund("a_000001", Money(100, "CNY"), idem="r_000000", total=YUAN_128)
    first = rail.refund("a_000001", Money(2800, "CNY"), idem="r-1", total=YUAN_128, reason="换了方案")
    assert first == ProviderRefund("r-1", State.SUCCEEDED, Money(2800, "CNY"))
    done = dataclasses.replace(first, at=NOW)
    assert rail.refund("a_000001", Money(2800, "CNY"), idem="r-1", total=YUAN_128) == done
    assert rail.fetch_refund("r-1", payment_reference="a_000001") == done
    assert rail.fetch_refund("r-2", payment_reference="a_000001") == ProviderRefund.absent("r-2")
    assert [(name, refund["refund_amount"]) for name, refund in gateway.refunds.items()] == [
        ("r_000000", "1.00"),
        ("r-1", "28.00"),
    ]


def test_a_refund_that_moved_nothing_and_is_not_found_is_not_known(rail, gateway):
    gateway.next = gateway.says("alipay.trade.refund", out_trade_no="a_000001", fund_change="N")
    found = rail.refund("a_000001", YUAN_128, idem="r-1", total=YUAN_128)
    assert found == ProviderRefund("r-1", State.UNKNOWN, YUAN_128)


# What it says to us.


PAID = Event(
    "ac05099524730693a8b330c5ecf72da9786",
    "TRADE_SUCCESS",
    Subject.PAYMENT,
    NOW,
    "a_000001",
    "2026050122001",
    YUAN_128,
)


def test_a_notification_is_believed_from_alipay(rail, gateway):
    assert rail.parse_webhook({}, gateway.notifies(), NOW) == [PAID]
    # Sent again: the same number, another time.
    again = gateway.notifies(notify_time="2026-05-02 12:00:00")
    [event] = rail.parse_webhook({}, again, NOW + timedelta(hours=25))
    assert event.event_id == PAID.event_id
    assert rail.acknowledge(True) == (200, "text/plain", b"success")


def test_a_refund_is_told_by_its_own_name(rail, gateway):
    refunded = {"gmt_refund": "2026-05-01 10:59:59.123", "refund_fee": "28.00", "out_biz_no": "r-1"}
    [event] = rail.parse_webhook({}, gateway.notifies(**refunded), NOW)
    assert (event.subject, event.reference, event.amount) == (Subject.REFUND, "r-1", None)


@pytest.mark.parametrize(
    "changes",
    [
        {"app_id": "2021000000000002"},
        {"seller_id": "2088000000000002"},
        {"notify_time": "2026-05-01 10:54:59"},
        {"notify_time": "2026-05-01 11:05:01"},
        {"notify_time": "2026-05-01 03:00:00"},
        {"notify_id": ""},
        {"charset": "gbk"},
        {"total_amount": "1e3"},
        {"total_amount": "-1.00"},
        {"total_amount": "128.005"},
    ],
)
def test_a_notification_for_somebody_else_or_of_another_time_proves_nothing(rail, gateway, changes):
    with pytest.raises(BadSignature):
        rail.parse_webhook({}, gateway.notifies(**changes), NOW)


def test_a_notification_must_be_signed_as_agreed(rail, gateway):
    body = gateway.notifies()
    for changed in (b"sign_type=RSA", b"sign_type=MD5", b"sign_type=", b"sign_type=RSA2&sign_type=RSA2"):
        with pytest.raises(BadSignature):
            rail.parse_webhook({}, body.replace(b"sign_type=RSA2", changed), NOW)
    gateway.signer = "somebody"
    with pytest.raises(BadSignature):
        rail.parse_webhook({}, gateway.notifies(), NOW)
    gateway.signer = "application"
    with pytest.raises(BadSignature):
        rail.parse_webhook({}, gateway.notifies(), NOW)


def test_amounts_of_another_order_are_not_put_under_a_signature(rail, gateway):
    values = dict(parse_qsl(gateway.notifies().decode(), keep_blank_values=True))
    for name, value in (("total_amount", "1280.00"), ("out_trade_no", "a_000002"), ("trade_status", "X")):
        with pytest.raises(BadSignature):
            rail.parse_webhook({}, urlencode(values | {name: value}).encode(), NOW)


# What may go wrong.


SIGNED_BY_NOBODY = b'{"alipay_trade_query_response":{"code":"10000","trade_status":"TRADE_SUCCESS"}}'
GARBAGE = [
    Answer(500, b"oops"),
    Answer(200, b"<html>"),
    Answer(200, b"[]"),
    Answer(200, b"null"),
    Answer(200, b"\xff\xfe"),
    Answer(200, SIGNED_BY_NOBODY),
    Answer(200, SIGNED_BY_NOBODY.replace(b"10000", b"40004")),
    Answer(200, SIGNED_BY_NOBODY[:-1] + b',"sign":"Zm9yZ2Vk"}'),
    Answer(200, SIGNED_BY_NOBODY[:-1] + b',"sign":5}'),
    Answer(200, b'{"error_response":{"code":"20000","sub_code":"isp.unknow-error"}}'),
    Answer(silent=True),
]


@pytest.mark.parametrize("answer", GARBAGE, ids=range(len(GARBAGE)))
def test_no_answer_is_no_answer(rail, gateway, answer):
    for act in (
        lambda: rail.fetch_payment("a_000001"),
        lambda: rail.cancel("a_000001"),
        lambda: rail.refund("a_000001", YUAN_128, idem="r_000001", total=YUAN_128),
        lambda: rail.fetch_refund("r_000001", payment_reference="a_000001"),
    ):
        gateway.next = answer
        with pytest.raises(ProviderDown):
            act()
    gateway.next = answer
    assert rail.test_connection().works is False


@pytest.mark.parametrize(
    "words", [{}, {"out_trade_no": "a_000002"}, {"out_trade_no": "a_000001", "trade_status": []}]
)
def test_a_signed_answer_that_makes_no_sense_is_none(rail, gateway, words):
    gateway.next = gateway.says("alipay.trade.query", **words)
    with pytest.raises(ProviderDown):
        rail.fetch_payment("a_000001")


def test_its_no_is_a_no_and_its_not_now_is_none(rail, gateway):
    refund = {"idem": "r_000001", "total": YUAN_128}
    gateway.next = gateway.says(
        "alipay.trade.refund", "40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足"
    )
    with pytest.raises(ProviderRefused) as refusal:
        rail.refund("a_000001", YUAN_128, **refund)
    assert (refusal.value.code, refusal.value.message) == ("ACQ.SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足")
    gateway.next = gateway.says("alipay.trade.refund", "40004", "ACQ.SYSTEM_ERROR", "系统错误")
    with pytest.raises(ProviderDown):
        rail.refund("a_000001", YUAN_128, **refund)


def test_nobody_listens(monkeypatch):
    monkeypatch.setattr(Alipay, "gateway", "http://127.0.0.1:9/gateway.do")
    with pytest.raises(ProviderDown, match=r"Alipay did not answer \(URLError\)\."):
        Alipay(keys()).fetch_payment("a_000001")


def test_the_connection_is_tested_and_what_is_missing_is_named(rail, gateway):
    assert rail.test_connection() == Health(works=True, account=APP)
    broken = {"app_id": APP, "seller_id": "1", "private_key": "no key", "desk": "phone"}
    assert [str(words) for words in Alipay(broken).test_connection().missing] == [
        "Merchant's number (PID): The merchant's number begins with 2088 and has 16 digits.",
        "The application's private key: This is not an RSA private key of at least 2048 bits, in PEM and without a password.",
        "Alipay's public key is missing.",
        "On a desk: Write page or code.",
    ]
    other = Alipay(keys() | {"private_key": papers.private("somebody")}).test_connection()
    assert other.works is False and "does not know our signature" in str(other.missing[0])
    # The commonest mistake: the application's own public key in the place of Alipay's.
    own = Alipay(keys() | {"alipay_public_key": papers.public("application")}).test_connection()
    assert (own.works, str(own.missing[0])) == (
        False,
        "What came in Alipay's name was not signed with the public key that was entered.",
    )


def test_keys_are_in_no_words_of_ours(rail, gateway, caplog):
    caplog.set_level(logging.DEBUG)
    secret = keys()["private_key"]
    words = [repr(rail), repr(rail._wire)]
    for code in ("40004", "40002", "20000"):
        for act in (rail.test_connection, lambda: rail.fetch_payment("a_000001")):
            for unsigned in (True, False):
                gateway.next = gateway.says("alipay.trade.query", code, "x", secret, unsigned=unsigned)
                try:
                    words.append(repr(act()))
                except (ProviderDown, ProviderRefused) as no:
                    words += [str(no), repr(no), repr(no.__cause__)]
    said = "\n".join([*words, caplog.text])
    assert secret[:64] not in said
