"""The peer by itself: its pages, its controls, and what it keeps through a death of its process."""

import inspect
import re
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import requests

from commerce.providers.base import Attempt, Surface
from crowdecon.embedded import ports
from crowdecon.sandbox import desk, faults, pages
from crowdecon.sandbox.words import CHINESE
from kernel.money import Money
from tests.peers import Peer

ATTEMPT = Attempt("inv-1", Money(128000, "JPY"), "<b>A year</b>", "en")
AS_PERSON = {"Accept": "text/html"}


def opened(sandbox, attempt=ATTEMPT, back=""):
    shown = sandbox.rail().create_checkout(
        attempt, idem=f"pay-{attempt.reference}", surface=Surface.PHONE, return_url=back
    )
    return shown.url


def press(url, **fields):
    return requests.post(url, data=fields, headers=AS_PERSON, timeout=10)


def test_the_pay_page_tells_what_is_paid_in_the_payers_language(sandbox):
    english = requests.get(opened(sandbox), timeout=10)
    assert "<b>128,000</b> <span>JPY</span>" in english.text and "Lantern" in english.text
    assert "&lt;b&gt;A year&lt;/b&gt;" in english.text
    assert "script" not in english.text and "script-src" not in english.headers["Content-Security-Policy"]
    chinese = requests.get(
        opened(sandbox, replace(ATTEMPT, reference="inv-2", language="zh-hans")), timeout=10
    )
    assert '<html lang="zh-Hans">' in chinese.text and ">支付</button>" in chinese.text


def test_a_payer_is_declined_confirms_and_comes_back(sandbox, sandbox_peer):
    back = f"{sandbox_peer.url}/"
    url = opened(sandbox, back=back)
    assert "not enough money" in press(url, ending="soft_decline").text
    assert "refuses this card" in press(url, ending="hard_decline").text
    asked = press(url, ending="requires_action", save="on")
    assert asked.url == f"{url}/confirm"
    assert requests.get(url, timeout=10).url == f"{url}/confirm"
    assert press(asked.url, ending="confirm").url == back
    assert press(url, ending="pay").url == back
    assert len(sandbox.charges()) == 1
    assert sandbox.rail().fetch_payment("inv-1").mandate is not None
    assert "✓ Paid" in requests.get(url, timeout=10).text


def test_a_payer_cancels(sandbox):
    url = opened(sandbox)
    assert "× Cancelled" in press(url, ending="cancel").text
    assert sandbox.charges() == []


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [("/pay/none", None, 404), ("/nowhere", None, 404), ("/control/none", None, 404), ("/pay/none", {"ending": "pay"}, 404),
     ("/v1/account", None, 401), ("/accounts", {"notify_url": "http://example.org/"}, 400)],
)  # fmt: skip
def test_what_is_not_understood_has_a_page_that_says_so(sandbox_peer, path, fields, status):
    method = "POST" if fields else "GET"
    answer = requests.request(method, sandbox_peer.url + path, data=fields, headers=AS_PERSON, timeout=10)
    assert answer.status_code == status
    assert "<h1>There is nothing here.</h1>" in answer.text


def test_who_asks_for_another_name_is_not_meant(sandbox_peer):
    answer = requests.get(sandbox_peer.url, headers={"Host": f"evil.example:{sandbox_peer.port}"}, timeout=10)
    assert answer.status_code == 421


def test_the_control_page_does_what_its_buttons_say(sandbox, sandbox_peer):
    opened(sandbox)
    sandbox.pay("inv-1")
    page = f"{sandbox_peer.url}/control/{sandbox.token}"
    for name, value, _words in desk.FAULTS:
        press(f"{page}/faults", name=name, value=value, times="once")
    assert [fault["times"] for fault in sandbox.state()["faults"]] == [1] * len(faults.ALL)
    shown = requests.get(page, headers={"Accept-Language": "zh-CN"}, timeout=10).text
    assert shown.count("已开: 1×") == len(faults.ALL)
    for name in faults.ALL:
        press(f"{page}/faults", name=name, value=0)
    assert sandbox.state()["faults"] == []
    assert press(f"{page}/faults", name="delay", value="x").status_code == 400
    [payment] = sandbox.state()["payments"]
    press(f"{page}/disputes", reference=payment["id"])
    [dispute] = sandbox.state()["disputes"]
    press(f"{page}/decide", dispute=dispute["id"], won="yes")
    assert sandbox.state()["disputes"][0]["state"] == "won"


@pytest.mark.parametrize(
    ("act", "asked"),
    [("faults", {"name": "earthquake"}), ("faults", {"name": "drop", "times": 0}), ("faults", {"name": "drop", "value": "1"}),
     ("faults", {"name": "drop", "operation": "sleep"}), ("pay", {"reference": "inv-1", "ending": "later"}),
     ("pay", {"reference": 1}), ("account", {"clock": "noon"}), ("account", {"notify_url": "file:///etc/passwd"}),
     ("send", {"times": 10**6}), ("unknown", {})],
)  # fmt: skip
def test_a_control_that_is_not_understood_is_refused(sandbox, act, asked):
    before = sandbox.state()
    opened(sandbox)
    answer = requests.post(f"{sandbox.peer.url}/control/{sandbox.token}/{act}", json=asked, timeout=10)
    assert 400 <= answer.status_code < 500
    assert sandbox.state()["faults"] == before["faults"] == []


def test_every_word_of_the_pages_is_in_chinese():
    source = "".join(inspect.getsource(module) for module in (desk, pages))
    said = set(re.findall(r'say\("([^"]+)"\)|say\(\'([^\']+)\'\)', source))
    words = {one or other for one, other in said} | set(pages.DECLINED.values())
    words |= {words for _name, _value, words in desk.FAULTS}
    assert words <= set(CHINESE)


def test_two_processes_agree_and_a_killed_one_finds_its_memory(sandbox_peer, settings, tmp_path):
    first = Peer(tmp_path / "data", ports.free()).start()
    second = Peer(tmp_path / "data", ports.free()).start()
    try:
        settings.SANDBOX_URL = first.url
        account = first.open_account()
        opened(account)
        account.pay("inv-1", save=True)
        mandate = account.rail().fetch_payment("inv-1").mandate

        def charge(number: int) -> str:
            settings.SANDBOX_URL = (first, second)[number % 2].url
            attempt = replace(ATTEMPT, reference="inv-2")
            return account.rail().charge_off_session(mandate, attempt, idem="pay-2").provider_reference

        with ThreadPoolExecutor(10) as pool:
            assert len(set(pool.map(charge, range(20)))) == 1
        first.end(signal.SIGKILL)
        first.start()
        assert account.charges() == [("inv-1", "pay-inv-1", 128000), ("inv-2", "pay-2", 128000)]
    finally:
        first.end(signal.SIGKILL)
        second.end(signal.SIGKILL)
