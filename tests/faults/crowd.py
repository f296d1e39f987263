"""A crowd of buyers over HTTP: each with a session of their own, all let go at once against two web servers."""

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import requests
from django.conf import settings
from django.test import Client

from crowdecon.embedded import ports, process
from gatherings.models import Ticket
from members.models import Membership
from tests import make
from tests.services import ROOT

#: So many of them ask at the same moment.
AT_ONCE = 24
SECRET = "a" * 32


@contextmanager
def servers(folder: Path, many: int = 2, **env: str) -> Iterator[list[str]]:
    """Web servers of one process each, as the product starts them; their addresses."""
    started, addresses = [], []
    try:
        for number in range(many):
            port = ports.free()
            log = folder / f"web-{number}.log"
            child = process.start(
                [sys.executable, "-m", "gunicorn", "-c", "python:crowdecon.serving", "tests.faults.web:application"],
                log=log, cwd=ROOT,
                env=os.environ | {
                    "DJANGO_SETTINGS_MODULE": "tests.faults.web_settings", "PORT": str(port), "WEB_CONCURRENCY": "1",
                    "WEB_THREADS": "6", "LOG_LEVEL": "WARNING", "FAULTS_SITE": settings.SITE_ADDRESS,
                } | env,
            )  # fmt: skip
            started.append((child, log))
            addresses.append(f"http://127.0.0.1:{port}")
        for (child, log), address in zip(started, addresses, strict=True):
            assert process.wait_until(lambda at=address: _answers(at), seconds=60), process.last_words(
                log, 40
            )
            assert child.poll() is None
        yield addresses
        for _child, log in started:
            said = log.read_text(errors="replace")
            assert "Internal Server Error" not in said and "Traceback" not in said, said[-4000:]
    finally:
        for child, _log in started:
            process.stop(child, grace=10)


def _answers(address: str) -> bool:
    try:
        return requests.get(f"{address}/readyz", timeout=20).ok
    except requests.RequestException:
        return False


class Buyer:
    """A member with a browser at one of the servers."""

    def __init__(self, member: Membership, address: str) -> None:
        self.member, self.address = member, address
        client = Client()
        client.force_login(member.user)
        self.browser = requests.Session()
        self.browser.trust_env = False
        # A server may end a connection that idles just as it is used again: browsers ask anew then, this one does not.
        self.browser.headers["Connection"] = "close"
        self.browser.cookies.set(
            settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value
        )
        self.browser.cookies.set(settings.CSRF_COOKIE_NAME, SECRET)
        self.token = ""

    def take(self, kind: Any) -> str:
        """Ask for a place; where it is paid, "" where they get none."""
        event = kind.event
        self.token = ""
        answer = self._post(f"/c/{event.community.slug}/events/{event.key}/buy/", kind=str(kind.key))
        if answer.status_code == 302 and "/pay/" in answer.headers["Location"]:
            self.token = answer.headers["Location"].rstrip("/").rpartition("/")[2]
        else:
            assert answer.status_code == 200, (
                answer.status_code,
                answer.headers.get("Location"),
                answer.text[:300],
            )
        return self.token

    def wait(self, kind: Any) -> None:
        event = kind.event
        answer = self._post(f"/c/{event.community.slug}/events/{event.key}/wait/", kind=str(kind.key))
        assert answer.status_code == 302, answer.status_code

    def choose(self, account: Any) -> str:
        """Choose the way to pay; how the provider knows it."""
        answer = self._post(f"/pay/{self.token}/", account=account.key.hex)
        assert answer.status_code == 302, answer.status_code
        ticket = Ticket.objects.filter(membership=self.member, order__isnull=False).latest("pk")
        attempt = _attempt(ticket)
        assert attempt.presentation, (attempt.state, attempt.decline_code)
        return str(attempt.reference)

    def back(self) -> None:
        """Come back from the provider."""
        answer = self.browser.get(f"{self.address}/pay/{self.token}/paid/", allow_redirects=False, timeout=60)
        assert answer.status_code == 302, answer.status_code

    def _post(self, path: str, **data: str) -> requests.Response:
        return self.browser.post(
            f"{self.address}{path}",
            data=data | {"csrfmiddlewaretoken": SECRET},
            allow_redirects=False,
            timeout=60,
        )


def _attempt(ticket: Ticket) -> Any:
    from commerce.models import PaymentAttempt

    return PaymentAttempt.objects.filter(invoice__order__key=ticket.order).latest("pk")


def buyers(community: Any, many: int, addresses: Sequence[str]) -> list[Buyer]:
    return [Buyer(make.member(community), at) for at, _n in zip(cycle(addresses), range(many), strict=False)]


def all_at_once(people: Sequence[Buyer], act: Callable[[Buyer], Any]) -> list[Any]:
    """What came of each, in their order."""
    from django.db import connection

    gate = threading.Barrier(min(AT_ONCE, len(people)), timeout=60)
    first = threading.local()

    def go(one: Buyer) -> Any:
        if not getattr(first, "passed", False):
            first.passed = True
            gate.wait()
        try:
            return act(one)
        finally:
            connection.close()

    with ThreadPoolExecutor(gate.parties) as pool:
        return list(pool.map(go, people))
