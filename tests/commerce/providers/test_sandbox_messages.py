"""The word that the sandbox sends: signed, repeated until it is taken, and what the faults of sending do to it."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.providers.base import LARGEST_MESSAGE, BadSignature, Subject, Surface
from commerce.providers.sandbox import Sandbox
from crowdecon.embedded.process import wait_until
from crowdecon.sandbox.events import signed
from kernel.money import Money
from tests.commerce.providers.test_sandbox import ATTEMPT
from tests.contracts.test_providers import NOW, SANDBOX, of_sandbox


class Ear(ThreadingHTTPServer):
    """Hears what is sent, and answers with the next of `answers`, 200 when there is none."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Hearing)
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hooks/"

    def kinds(self) -> list[str]:
        return [json.loads(body)["type"] for _, body in self.heard]


class Hearing(BaseHTTPRequestHandler):
    server: Ear

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def ear() -> Iterator[Ear]:
    with Ear() as ear:
        threading.Thread(target=ear.serve_forever, args=(0.05,), daemon=True).start()
        yield ear
        ear.shutdown()


@pytest.fixture
def account(sandbox_peer, ear):
    account = sandbox_peer.open_account(notify_url=ear.url)
    account.rail(ear.url + "lantern/").create_checkout(
        ATTEMPT, idem="pay-1", surface=Surface.PHONE, return_url=""
    )
    return account


def heard(ear, number, *, seconds=10):
    assert wait_until(lambda: len(ear.heard) >= number, seconds=seconds), ear.kinds()
    return ear.kinds()


def test_a_message_is_taken_for_what_it_is(account, ear):
    account.pay("inv-1")
    assert heard(ear, 1) == ["payment.succeeded"]
    headers, body = ear.heard[0]
    [event] = account.rail().parse_webhook(headers, body, datetime.now(UTC))
    assert (event.subject, event.reference, event.amount) == (Subject.PAYMENT, "inv-1", Money(12800, "CNY"))
    assert event.event_id == account.state()["events"][0]["id"]


def test_what_was_not_taken_is_sent_again(account, ear):
    ear.answers = [500]
    account.pay("inv-1")
    assert heard(ear, 2) == ["payment.succeeded"] * 2
    assert wait_until(lambda: account.state()["deliveries"][0]["due"] is None, seconds=5)
    assert account.state()["deliveries"][0] == {"event": 1, "tries": 2, "status": 200, "due": None} | {
        "event": account.state()["deliveries"][0]["event"]
    }


def test_twice_late_or_never(account, ear):
    account.fault("duplicate_webhook")
    account.pay("inv-1", "soft_decline")
    assert heard(ear, 2) == ["payment.failed"] * 2
    account.fault("reorder_webhooks", times=2)
    account.pay("inv-1", "hard_decline")
    account.pay("inv-1")
    assert heard(ear, 4)[2:] == ["payment.succeeded", "payment.failed"]
    account.fault("lost_webhook")
    account.do("disputes", reference="inv-1")
    assert len(account.state()["deliveries"]) == 4
    last = account.state()["events"][-1]
    account.do("send", event=last["id"])
    assert heard(ear, 5)[4] == "dispute.opened"


def test_word_goes_nowhere_but_where_the_account_hears(account, ear, sandbox_peer):
    elsewhere = f"http://127.0.0.1:{ear.server_port}/other/"
    account.do("account", notify_url=elsewhere)
    account.pay("inv-1")
    assert wait_until(lambda: account.state()["deliveries"][0]["tries"] == 1, seconds=5)
    assert account.state()["deliveries"][0]["due"] is None
    assert ear.heard == []
    with pytest.raises(AssertionError, match="Word is only sent to"):
        account.do("account", notify_url="http://169.254.169.254/")


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
BODIES = st.recursive(
    VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner)
)
FIELDS = {
    "id": st.just("evt_1"),
    "account": st.just("acct_1"),
    "type": VALUES,
    "at": VALUES | st.just(NOW.isoformat()),
}
ABOUT = {"subject": VALUES | st.just("payment"), "amount": VALUES, "currency": VALUES | st.just("CNY"),
         "reference": VALUES, "provider_reference": VALUES}  # fmt: skip


@given(
    body=BODIES
    | st.fixed_dictionaries({}, optional=FIELDS | {"data": st.fixed_dictionaries({}, optional=ABOUT)})
)
def test_even_a_signed_message_is_read_with_care(body):
    raw = json.dumps(body).encode()
    headers = signed(SANDBOX["webhook_secret"], "evt_1", NOW, raw)
    try:
        [event] = Sandbox(SANDBOX).parse_webhook(headers, raw, NOW)
    except BadSignature:
        return
    assert event.amount is not None and event.at == NOW and body["account"] == "acct_1"


def test_what_is_too_long_is_not_even_looked_at():
    headers, body = of_sandbox(filling="x" * LARGEST_MESSAGE)
    with pytest.raises(BadSignature):
        Sandbox(SANDBOX).parse_webhook(headers, body, NOW)
