"""Paying inside WeChat: its bridge, which the test puts there, is handed what was signed, once and then by a tap."""

import pytest
from playwright.sync_api import expect

from commerce.models import PaymentAttempt, ProviderAccount
from kernel.clock import now
from tests import make
from tests.browser.test_joining import at_rest, zh
from tests.browser.visitor import PHONE
from tests.commerce.dues import invoice

pytestmark = pytest.mark.browser
WECHAT = "Mozilla/5.0 (Linux; Android 15) Mobile MicroMessenger/8.0.61.2880(0x28003D50)"
#: It tells what it was handed, and answers what the test says.
BRIDGE = """window.handed = []; window.ends = ["cancel", "ok"];
document.addEventListener("DOMContentLoaded", () => setTimeout(() => {
  window.WeixinJSBridge = {invoke: (act, words, answer) => {
    window.handed.push([act, words]);
    setTimeout(() => answer({err_msg: `get_brand_wcpay_request:${window.ends.shift()}`}), 50);
  }};
  document.dispatchEvent(new Event("WeixinJSBridgeReady"));
}, 300));"""
SIGNED = {
    "appId": "wx8", "timeStamp": "1", "nonceStr": "n&<>\"'", "package": "prepay_id=wx1", "signType": "RSA", "paySign": "s/+=",
}  # fmt: skip


def test_the_bridge_is_handed_what_was_signed(visit):
    community = make.community(name="Lake Swimmers", currency="CNY", at=now())
    bill = invoice(make.member(community, name="Noor"), at=now())
    account = ProviderAccount.objects.create(community=community, provider="wechatpay", made_at=now())
    PaymentAttempt.objects.create(
        invoice=bill, account=account, kind="checkout", state="pending", amount=12_000, currency="CNY",
        surface="wechat", made_at=now(), called_at=now(), presentation={"kind": "in_app", "parameters": SIGNED},
    )  # fmt: skip
    phone = visit(width=PHONE, language="zh-hans")
    phone.page.set_extra_http_headers({"User-Agent": WECHAT})
    phone.page.add_init_script(BRIDGE)
    phone.page.route("**/paid/", lambda route: route.fulfill(body="asked", content_type="text/plain"))

    phone.open(f"/pay/{bill.pay_token}/")
    # Who has just chosen it need not tap.
    expect(phone.page.get_by_role("status")).to_have_text(
        zh("You closed it: nothing was paid. Tap once more to pay.")
    )
    assert phone.page.evaluate("window.handed") == [["getBrandWCPayRequest", SIGNED]]
    # The page is fetched again meanwhile, and keeps what was said.
    with phone.page.expect_response(lambda answer: answer.request.headers.get("hx-request") == "true"):
        pass
    expect(phone.page.get_by_role("status")).to_be_visible()
    at_rest(phone)
    with phone.page.expect_navigation(url="**/paid/"):
        phone.page.get_by_role("button", name=zh("Pay by %(way)s", way=zh("WeChat Pay"))).click()
    assert phone.page.inner_text("body") == "asked"
    assert phone.wrong == []
