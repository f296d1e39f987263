"""Who pays inside WeChat, against a peer that answers as WeChat's own address does."""

import json
import logging
from urllib.parse import parse_qsl

import pytest

from commerce.providers.base import NO_CODE, STRANGER, Health, ProviderDown, ProviderRefused, Surface
from commerce.providers.wechatpay import WeChatPay
from tests.commerce.providers import judges
from tests.commerce.providers.listening import Answer
from tests.commerce.providers.wechat_gateway import APPID, MERCHANT, SECRET, keys, served

OPENID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"


@pytest.fixture(scope="module")
def judge():
    judge = judges.of_wechat_pay()
    yield judge
    judge.end()


@pytest.fixture
def gateway(judge, monkeypatch):
    with served(judge, monkeypatch, codes={"code-1": OPENID}) as gateway:
        yield gateway


@pytest.fixture
def rail(gateway):
    return WeChatPay(keys() | {"app_secret": SECRET}, notify_url="https://lantern.example/hooks/wechatpay")


def test_the_payer_is_sent_to_wechat_and_back_to_one_address():
    rail = WeChatPay(keys() | {"app_secret": SECRET})
    assert rail.ask_payer(state="ab12", back="https://lantern.example/pay/back/") == (
        f"https://open.weixin.qq.com/connect/oauth2/authorize?appid={APPID}"
        "&redirect_uri=https%3A%2F%2Flantern.example%2Fpay%2Fback%2F"
        "&response_type=code&scope=snsapi_base&state=ab12#wechat_redirect"
    )


def test_a_code_names_the_payer_once(rail, gateway):
    assert rail.payer("code-1") == OPENID
    [asked] = gateway.peer.asked
    assert (asked.method, asked.body, parse_qsl(asked.path)) == (
        "GET",
        "",
        [
            ("/sns/oauth2/access_token?appid", APPID),
            ("secret", SECRET),
            ("code", "code-1"),
            ("grant_type", "authorization_code"),
        ],
    )
    with pytest.raises(ProviderRefused) as no:
        rail.payer("code-1")
    assert no.value.code == NO_CODE


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"errcode": 40029, "errmsg": "invalid code"}, NO_CODE),
        ({"errcode": 40163, "errmsg": "code been used"}, NO_CODE),
        ({"errcode": 42003, "errmsg": "code expired"}, NO_CODE),
        ({"errcode": 41008, "errmsg": "missing code"}, NO_CODE),
        ({"errcode": 40125, "errmsg": "invalid appsecret"}, "keys"),
        ({"errcode": 40013, "errmsg": "invalid appid"}, "keys"),
        ({"errcode": 48001, "errmsg": "api unauthorized"}, "48001"),
        ({"openid": OPENID, "is_snapshotuser": 1}, STRANGER),
    ],
)
def test_its_no_is_a_no(rail, gateway, said, code):
    gateway.next = Answer(body=json.dumps(said).encode())
    with pytest.raises(ProviderRefused) as no:
        rail.payer("code-1")
    assert no.value.code == code


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, b"oops"),
        Answer(302, headers={"Location": "http://127.0.0.1:9/"}),
        Answer(200, b"<html>"),
        Answer(200, b"[]"),
        Answer(200, b"{}"),
        Answer(200, b"\xff"),
        Answer(200, b'{"openid": 5}'),
        Answer(200, b'{"openid": "a b"}'),
        Answer(200, b'{"openid": "o/../x"}'),
        Answer(200, b'{"errcode": "0"}'),
        Answer(200, b'{"errcode": -1, "errmsg": "system error"}'),
        Answer(200, b'{"errcode": 45011, "errmsg": "api minute-quota reach limit"}'),
        Answer(200, b'{"openid": "oUpF8uMuAJO", "x": "' + b"x" * 70_000 + b'"}'),
        Answer(silent=True),
    ],
)
def test_no_answer_is_no_answer(rail, gateway, answer):
    gateway.next = answer
    with pytest.raises(ProviderDown):
        rail.payer("code-1")


def test_nobody_listens(rail, monkeypatch):
    monkeypatch.setattr(WeChatPay, "identity", "http://127.0.0.1:9")
    with pytest.raises(ProviderDown, match=r"WeChat Pay did not answer \(URLError\)\."):
        rail.payer("code-1")


def test_who_opens_the_page_inside_wechat_is_offered_it_with_the_secret_alone(rail):
    without = WeChatPay(keys())
    assert [one for one in Surface if without.payable_on(one)] == [Surface.DESK, Surface.PHONE]
    assert [one for one in Surface if rail.payable_on(one)] == list(Surface)


def test_the_secret_is_tested_and_what_is_wrong_is_said(rail, gateway, monkeypatch):
    assert rail.test_connection() == Health(works=True, account=MERCHANT)
    wrong = WeChatPay(keys() | {"app_secret": "00" * 16}).test_connection()
    assert (wrong.works, [str(words) for words in wrong.missing]) == (
        True,
        ["WeChat does not know the AppSecret: is it the one of this AppID, and was it not reset since?"],
    )
    short = WeChatPay(keys() | {"app_secret": "short"}).test_connection()
    assert (short.works, str(short.missing[0])) == (
        False,
        "AppSecret: The AppSecret has exactly 32 letters and digits.",
    )
    monkeypatch.setattr(WeChatPay, "identity", "http://127.0.0.1:9")
    assert rail.test_connection().missing == ("WeChat Pay did not answer (URLError).",)


def test_the_secret_is_in_no_words_of_ours(rail, gateway, caplog):
    caplog.set_level(logging.DEBUG)
    words = [repr(rail), repr(rail.test_connection())]
    for answer in (
        Answer(body=json.dumps({"errcode": 1, "errmsg": SECRET}).encode()),
        Answer(302, headers={"Location": f"/{SECRET}"}),
        Answer(404),
        Answer(200, SECRET.encode()),
        Answer(silent=True),
    ):
        gateway.next = answer
        try:
            words.append(rail.payer("code-1"))
        except (ProviderDown, ProviderRefused) as no:
            words += [str(no), repr(no), repr(no.__cause__)]
    assert SECRET not in "\n".join([*words, caplog.text])
