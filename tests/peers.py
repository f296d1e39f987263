"""Providers to talk to: the sandbox as a process of its own, one for the whole run; each test has its own account.

def test_paying(sandbox):
    rail = sandbox.rail()
    rail.create_checkout(attempt, idem="pay-1", surface=Surface.PHONE, return_url="https://...")
    sandbox.pay("reference")
    assert sandbox.charges() == [("reference", "pay-1", 12800)]
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings

from commerce.providers.sandbox import Sandbox
from crowdecon.embedded import ports, process

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Peer:
    """The running process. It can be killed and started again: it finds its memory."""

    folder: Path
    port: int
    child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "Peer":
        command = [sys.executable, "-m", "crowdecon.sandbox", f"--data={self.folder}", f"--port={self.port}"]
        self.child = process.start(command, log=self.folder.parent / "sandbox.log", cwd=ROOT)
        assert process.wait_until(self.answers, seconds=60), process.last_words(
            self.folder.parent / "sandbox.log"
        )
        return self

    def answers(self) -> bool:
        assert self.child and self.child.poll() is None, "The sandbox ended by itself."
        try:
            return requests.get(self.url, timeout=5).ok
        except requests.ConnectionError:
            return False

    def end(self, how: int = signal.SIGTERM) -> None:
        if self.child:
            process.stop(self.child, how=how, grace=5)

    @contextmanager
    def away(self) -> Iterator[None]:
        """It answers nobody; afterwards it is there again."""
        self.end()
        try:
            yield
        finally:
            self.start()

    def open_account(self, *, name: str = "Lantern", notify_url: str = "http://127.0.0.1/") -> "Account":
        keys = Sandbox.open_account(name=name, notify_url=notify_url)
        return Account(self, keys, keys["control"].rpartition("/")[2])


@dataclass(frozen=True)
class Account:
    """An account at the sandbox, and what a tester may do with it. The names are those of `crowdecon/sandbox/control.py`."""

    peer: Peer
    keys: dict[str, str]
    token: str

    def rail(self, notify_url: str = "") -> Sandbox:
        return Sandbox(self.keys, notify_url=notify_url)

    def do(self, act: str, **asked: Any) -> dict[str, Any]:
        answer = requests.post(f"{self.peer.url}/control/{self.token}/{act}", json=asked, timeout=30)
        assert answer.ok, answer.text
        return dict(answer.json())

    def state(self) -> dict[str, Any]:
        """Everything it knows: charges, payments, refunds, disputes, faults, events, deliveries."""
        return dict(requests.get(f"{self.peer.url}/control/{self.token}/state", timeout=30).json())

    def charges(self) -> list[tuple[str, str, int]]:
        """The judge's count: (reference, idem, amount) of every charge that was made, in its order."""
        return [(charge["reference"], charge["idem"], charge["amount"]) for charge in self.state()["charges"]]

    def fault(self, name: str, value: float = 1, *, times: int | None = 1, operation: str = "") -> None:
        """Switch a fault on (`times` None: until `value` 0 switches it off). See `crowdecon/sandbox/faults.py`."""
        self.do("faults", name=name, value=value, times=times, operation=operation)

    def pay(self, reference: str, ending: str = "pay", *, save: bool = False) -> dict[str, Any]:
        """What the payer does: pay, soft_decline, hard_decline, requires_action; then confirm or refuse."""
        return self.do("pay", reference=reference, ending=ending, save=save)

    def dispute(self, reference: str) -> str:
        return str(self.do("disputes", reference=reference)["id"])

    def set_clock(self, now: datetime | None) -> None:
        """The time at the sandbox, for this account: its lines, payments and signatures."""
        self.do("account", clock=now.isoformat() if now else None)

    def messages(self) -> list[tuple[dict[str, str], bytes]]:
        """Headers and body of every message so far, signed now, in their order, for tests that deliver by themselves."""
        answer = requests.get(f"{self.peer.url}/control/{self.token}/messages", timeout=30)
        return [(message["headers"], message["body"].encode()) for message in answer.json()["messages"]]


@pytest.fixture(scope="session")
def sandbox_peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """The process, its address in the settings and in the environment of what is started later."""
    peer = Peer(tmp_path_factory.mktemp("sandbox") / "data", ports.free()).start()
    settings.SANDBOX_URL = os.environ["SANDBOX_URL"] = peer.url
    yield peer
    peer.end()


@pytest.fixture
def sandbox(sandbox_peer: Peer) -> Account:
    """An account of this test's own."""
    return sandbox_peer.open_account()
