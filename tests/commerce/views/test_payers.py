"""Paying inside WeChat: named by it, back at our one address, handed to its bridge; judged by `wechatpay-axios-plugin`."""

import html
import json
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from commerce.models import PaymentAttempt
from commerce.person_data import payments as held_on
from commerce.providers.wechatpay import WeChatPay
from commerce.services import accounts
from commerce.views import payers
from kernel.clock import now
from kernel.person_data import Person, Place
from tests import make
from tests.commerce.dues import SITE, guard, invoice
from tests.commerce.providers import judges, papers
from tests.commerce.providers.listening import Answer
from tests.commerce.providers.wechat_gateway import APPID, SECRET, keys, served

pytestmark = pytest.mark.django_db
WECHAT = {"user-agent": "Mozilla/5.0 (Linux; Android 15) Mobile MicroMessenger/8.0.61.2880(0x28003D50)"}
OPENID, ANOTHER = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "oUpF8uAnotherOne"
BACK = "/pay/back/"


@pytest.fixture(scope="module")
def judge():
    judge = judges.of_wechat_pay()
    yield judge
    judge.end()


@pytest.fixture
def gateway(judge, monkeypatch):
    with served(
        judge, monkeypatch, codes={"code-1": OPENID, "code-2": OPENID, "other": ANOTHER, "other-2": ANOTHER}
    ) as gateway:
        yield gateway


@pytest.fixture
def community():
    return make.community("lantern", name="Lantern", currency="CNY", at=now())


@pytest.fixture
def account(community, gateway):
    return connected(community)


def connected(community, **changes):
    account = accounts.connect(
        community=community,
        provider="wechatpay",
        keys=keys() | {"app_secret": SECRET} | changes,
        at=now(),
        by=SITE,
    )
    accounts.test(account, at=now(), by=SITE)
    return accounts.enable(account, at=now(), by=SITE)


@pytest.fixture
def owed(community):
    return invoice(make.member(community, name="Mei"))


@pytest.fixture
def phone():
    return Client(headers=WECHAT)


def chosen(phone, owed, account):
    """The state with which the browser is sent away."""
    answer = phone.post(
        f"/pay/{owed.pay_token}/", {"account": account.key.hex}, headers={"hx-request": "true"}
    )
    assert answer.status_code == 204
    address = urlsplit(answer["HX-Redirect"])
    asked = {name: value for name, [value] in parse_qs(address.query).items()}
    assert (f"{address.scheme}://{address.netloc}{address.path}", address.fragment) == (
        "https://open.weixin.qq.com/connect/oauth2/authorize",
        "wechat_redirect",
    )
    assert asked["redirect_uri"] == f"{settings.SITE_ADDRESS}{BACK}"
    return asked["state"]


def back(phone, state, code="code-1"):
    return phone.get(BACK, {"code": code, "state": state} if code else {"state": state})


def bridged(page):
    """What WeChat's bridge is handed by a page; None where nothing is."""
    found = re.search(r'data-in-app="([^"]*)" data-paid="([^"]*)"', page)
    return (json.loads(html.unescape(found[1])), found[2]) if found else None


@pytest.mark.parametrize("signed_in", [False, True])
def test_from_choosing_to_paid(phone, owed, account, gateway, signed_in):
    if signed_in:
        phone.force_login(owed.membership.user, backend="django.contrib.auth.backends.ModelBackend")
    state = chosen(phone, owed, account)
    assert not PaymentAttempt.objects.exists()
    answer = back(phone, state)
    assert (answer.status_code, answer["Location"]) == (302, f"/pay/{owed.pay_token}/")
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "strict-origin")
    attempt = PaymentAttempt.objects.get()
    assert gateway.orders[attempt.reference]["payer"] == {"openid": OPENID}
    page = phone.get(answer["Location"]).content.decode()
    handed, paid = bridged(page)
    assert "js/in-app.js" in page and OPENID not in page

    signature = handed.pop("paySign")
    lines = [handed[name] for name in ("appId", "timeStamp", "nonceStr", "package")]
    certificate = papers.certificate_pem("merchant")
    assert gateway.judge.ask("knowsLines", certificate=certificate, lines=lines, signature=signature)
    assert (handed["appId"], handed["package"], handed["signType"]) == (APPID, "prepay_id=jsapi-1", "RSA")

    # What the bridge says is not believed: WeChat Pay is asked.
    assert "Pay by WeChat Pay" in phone.get(paid, follow=True).content.decode()
    gateway.pays(attempt.reference)
    assert "On to Lantern" in phone.get(paid, follow=True).content.decode()
    attempt.refresh_from_db()
    # Who paid is forgotten with that.
    assert (attempt.state, attempt.asked) == ("succeeded", {})
    guard(owed.community)


def test_without_scripts_a_link_leads_on(phone, owed, account):
    page = phone.post(f"/pay/{owed.pay_token}/", {"account": account.key.hex}).content.decode()
    assert 'href="https://open.weixin.qq.com/connect/oauth2/authorize?appid=' in page
    assert "On to WeChat Pay" in page


def test_a_state_is_good_once(phone, owed, account, gateway):
    state = chosen(phone, owed, account)
    back(phone, state)
    again = back(phone, state, "code-2")
    assert (again.status_code, "This link is used up" in again.content.decode()) == (404, True)
    assert gateway.used == {"code-1"} and PaymentAttempt.objects.count() == 1


def test_two_at_the_same_moment_are_one(phone, owed, account, gateway):
    state = chosen(phone, owed, account)
    # The other has read the session too, and was first with its mark.
    cache.add(f"who-pays:{state}", 1, timeout=60)
    assert back(phone, state).status_code == 404
    assert (gateway.used, PaymentAttempt.objects.count()) == (set(), 0)


@pytest.mark.parametrize("given", [None, "", "0" * 48, "x" * 5_000, "\x00"])
def test_a_forged_state_begins_nothing(phone, owed, account, gateway, given):
    chosen(phone, owed, account)
    answer = phone.get(BACK, {"code": "code-1"} if given is None else {"code": "code-1", "state": given})
    assert answer.status_code == 404
    assert (gateway.used, PaymentAttempt.objects.count()) == (set(), 0)


def test_a_state_of_another_browser_begins_nothing(phone, owed, account, gateway):
    """Whoever began to pay cannot have somebody else's name put under it by a link."""
    state = chosen(phone, owed, account)
    other = Client(headers=WECHAT)
    assert back(other, state).status_code == 404
    chosen(other, owed, account)
    assert back(other, state).status_code == 404
    assert (gateway.used, PaymentAttempt.objects.count()) == (set(), 0)


def test_a_state_is_good_for_minutes_only(phone, owed, account, gateway, monkeypatch):
    state = chosen(phone, owed, account)
    later = now() + payers.GOOD_FOR
    monkeypatch.setattr(payers, "now", lambda: later)
    assert back(phone, state).status_code == 404
    assert (gateway.used, PaymentAttempt.objects.count()) == (set(), 0)


@pytest.mark.parametrize(
    ("code", "answer", "words"),
    [
        ("", None, "WeChat Pay did not say who is paying. Nothing was paid"),
        ("unknown", None, "WeChat Pay did not say who is paying. Nothing was paid"),
        ("code-1", {"errcode": 40163, "errmsg": "code been used"}, "did not say who is paying"),
        # A code of another AppID.
        ("code-1", {"errcode": 40029, "errmsg": "invalid code"}, "did not say who is paying"),
        ("code-1", {"errcode": 40125, "errmsg": "invalid appsecret"}, "did not say who is paying"),
        ("code-1", {"errcode": -1, "errmsg": "system error"}, "does not answer just now"),
        ("code-1", "silent", "does not answer just now"),
        ("code-1", {"openid": OPENID, "is_snapshotuser": 1}, "Open the whole page first"),
    ],
)
def test_who_is_not_named_pays_nothing_and_can_try_again(phone, owed, account, gateway, code, answer, words):
    state = chosen(phone, owed, account)
    gateway.next = (
        Answer(silent=True) if answer == "silent" else answer and Answer(body=json.dumps(answer).encode())
    )
    page = phone.get(back(phone, state, code)["Location"]).content.decode()
    assert words in page and "Pay by WeChat Pay" in page and bridged(page) is None
    assert not PaymentAttempt.objects.exists()
    gateway.next = None
    back(phone, chosen(phone, owed, account), "code-2")
    assert PaymentAttempt.objects.get().state == "pending"


def test_what_was_opened_in_ones_name_is_not_handed_to_another(phone, owed, account, gateway):
    back(phone, chosen(phone, owed, account))
    first = PaymentAttempt.objects.get()
    other = Client(headers=WECHAT)
    back(other, chosen(other, owed, account), "other")
    first.refresh_from_db()
    second = PaymentAttempt.objects.exclude(pk=first.pk).get()
    assert (first.state, first.asked, gateway.orders[first.reference]["trade_state"]) == (
        "cancelled",
        {},
        "CLOSED",
    )
    assert gateway.orders[second.reference]["payer"] == {"openid": ANOTHER}
    # The same one gets the same.
    back(other, chosen(other, owed, account), "other-2")
    assert PaymentAttempt.objects.get(state="pending") == second


def test_outside_wechat_and_too_late_nothing_is_handed_over(phone, owed, account, client):
    back(phone, chosen(phone, owed, account))
    page = client.get(f"/pay/{owed.pay_token}/").content.decode()
    assert bridged(page) is None and "It was begun inside WeChat" in page
    PaymentAttempt.objects.update(called_at=now() - timedelta(hours=2))
    page = phone.get(f"/pay/{owed.pay_token}/").content.decode()
    assert bridged(page) is None and "choose once more" in page
    back(phone, chosen(phone, owed, account), "code-2")
    assert bridged(phone.get(f"/pay/{owed.pay_token}/").content.decode()) is not None


def test_without_the_secret_it_is_not_offered_inside_wechat(phone, owed, community, gateway, client):
    account = connected(community, app_secret="")
    address = f"/pay/{owed.pay_token}/"
    page = phone.get(address).content.decode()
    assert "Pay by" not in page and "This browser opens none of the ways to pay." in page
    answer = phone.post(address, {"account": account.key.hex}, follow=True)
    assert "not offered any more" in answer.content.decode()
    assert not PaymentAttempt.objects.exists()
    # Nor is another currency elsewhere.
    other = invoice(owed.membership, currency="EUR")
    assert "There is no way to pay here yet" in phone.get(f"/pay/{other.pay_token}/").content.decode()
    # On a desk it is.
    assert "Pay by WeChat Pay" in client.get(address).content.decode()


def test_a_way_that_is_offered_no_more_names_nobody(phone, owed, account, gateway):
    state = chosen(phone, owed, account)
    accounts.disable(account, at=now(), by=SITE)
    page = phone.get(back(phone, state)["Location"]).content.decode()
    assert "not offered any more" in page
    assert (gateway.used, PaymentAttempt.objects.count()) == (set(), 0)


def test_who_pays_is_in_what_we_hold_on_them_until_it_is_settled(phone, owed, account):
    def told():
        person = Person(
            owed.membership.user_id, (Place(owed.community_id, owed.membership_id, owed.membership.number),)
        )
        [found] = [one for one in held_on(person) if one.name == "payments_on_their_way"]
        return [row["asked"]["payer"] for row in found.rows()]

    # Somebody who pays for them by the link is not theirs to read of.
    back(phone, chosen(phone, owed, account))
    assert told() == []
    phone.post(f"/pay/{owed.pay_token}/again/")
    phone.force_login(owed.membership.user, backend="django.contrib.auth.backends.ModelBackend")
    back(phone, chosen(phone, owed, account), "code-2")
    assert told() == [OPENID]
    phone.post(f"/pay/{owed.pay_token}/again/")
    assert told() == []


def test_the_secret_is_kept_and_never_shown(community, account, client):
    client.force_login(community.founded_by, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/c/lantern/desk/settings/ways-to-pay/wechatpay/").content.decode()
    assert SECRET not in page and SECRET not in account.sealed
    assert "AppSecret" in page and f"{settings.SITE_ADDRESS}/" in page


def test_the_file_that_proves_the_domain_is_shown_by_its_name(community, gateway, client):
    cache.clear()
    name = "MP_verify_aB3dE6gH9jK2mN5p.txt"
    assert client.get(f"/{name}").status_code == 404
    connected(community, domain_file=name)
    cache.clear()
    answer = client.get(f"/{name}")
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (
        200,
        b"aB3dE6gH9jK2mN5p",
        "text/plain",
    )
    assert client.get("/MP_verify_aB3dE6gH9jK2mN5q.txt").status_code == 404
    broken = WeChatPay(keys() | {"domain_file": "../MP_verify_aB3dE6gH9jK2mN5p.txt"})
    assert [str(fault) for fault in broken.faults()] == [
        "File for the domain: The name is as MP_verify_, 16 letters and digits, and .txt."
    ]
