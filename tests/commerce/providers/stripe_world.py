"""Stripe as `seahaven-stripe-world` has it from recordings of the real one: a process that keeps its state, its idempotency
keys and its books, and counts by itself who was charged. Each test has an account of its own.

It has no Checkout. `Door`, through which our rail reaches it, puts Checkout's pages in front: they are ours, and what is paid on
them is an ordinary payment there. Everything that goes through the door is judged by Stripe's own description of its API.
"""

import json
import secrets
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import stripe

from commerce.providers.base import Mandate
from crowdecon.embedded import ports, process
from tests.commerce.providers import judges
from tests.commerce.providers.listening import Answer, Asked, listening
from tests.commerce.providers.stripe_specification import Specification, nested

SEARCH, PAGES = "/v1/payment_intents/search", "/v1/checkout/sessions"
SECRET = "whsec_of_the_world"


@contextmanager
def running(folder: Path) -> Iterator["World"]:
    command, packages = judges.of_stripe()
    port, log = ports.free(), folder / "world.log"
    child = process.start([*command, str(port)], log=log, cwd=folder)
    world = World(f"http://127.0.0.1:{port}", Specification(packages))
    try:
        assert process.wait_until(lambda: world.answers(child), seconds=60), process.last_words(log)
        yield world
    finally:
        process.stop(child, grace=5)


@dataclass
class World:
    url: str
    specification: Specification

    def answers(self, child: subprocess.Popen[bytes]) -> bool:
        assert child.poll() is None, "The world ended by itself."
        try:
            return requests.get(self.url, timeout=5).status_code == 404
        except requests.ConnectionError:
            return False

    def open_account(self, *, now: datetime | None = None) -> "Account":
        """A new account, in which it is that time, and goes on."""
        one = Account(f"{self.url}/worlds/{secrets.token_hex(8)}")
        clock = {"now": f"{now:%Y-%m-%dT%H:%M:%S}.000Z", "clock_mode": "running"} if now else {}
        assert requests.put(one.url, json=clock, timeout=30).status_code == 201
        return one

    @contextmanager
    def door(self, *, now: datetime | None = None) -> Iterator["Door"]:
        """A door to a new account."""
        one = Door(self.open_account(now=now), self.specification)
        with listening(one.answers) as peer:
            one.url = peer.url
            yield one


@dataclass(frozen=True)
class Account:
    """What a tester may do there, past our rail."""

    url: str

    @property
    def v1(self) -> Any:
        return stripe.StripeClient("sk_test_tester", base_addresses={"api": self.url}).v1

    def keys(self) -> dict[str, str]:
        name = self.v1.accounts.retrieve_current().id
        return {"account": name, "secret_key": "sk_test_ofthisrail", "webhook_secret": SECRET}

    def all(self, of: str, **asked: Any) -> list[dict[str, Any]]:
        """Everything of a kind, the oldest first."""
        found = getattr(self.v1, of).list({"limit": 100} | asked).auto_paging_iter()
        return [one.to_dict(for_json=True) for one in found][::-1]

    def charges(self) -> list[tuple[str, int]]:
        """The judge's count: (our name, amount) of every charge that took money."""
        return [
            (one["metadata"].get("reference", ""), one["amount_captured"])
            for one in self.all("charges")
            if one["paid"]
        ]

    def left(self, card: str = "tok_visa", **more: str) -> Mandate:
        """A card that a member left."""
        v1 = self.v1
        given = (
            {"token": card}
            if card.startswith("tok_")
            else {"number": card, "exp_month": 12, "exp_year": 2030}
        )
        means = v1.payment_methods.create({"type": "card", "card": given})
        customer = v1.customers.create({"email": "ada@example.org"} | more)
        v1.payment_methods.attach(means.id, {"customer": customer.id})
        return Mandate(means.id, customer.id)

    def messages(self, after: int = 0) -> list[tuple[dict[str, str], bytes]]:
        """Its events in their order, as its webhook would send them: signed now."""
        found = []
        for event in self.all("events")[after:]:
            body = json.dumps(event)
            signature = stripe.WebhookSignature.generate_signature_header(body, SECRET)
            found.append(({"stripe-signature": signature}, body.encode()))
        return found


@dataclass
class Door:
    """Where our rail asks. A test may have answers lost on the way back, and the search know nothing yet."""

    account: Account
    specification: Specification
    #: What was asked and how the world answered, as far as it is not as Stripe describes it.
    wrong: list[str] = field(default_factory=list)
    #: Asked of each POST that was answered: what is to come in the place of the answer, None for the answer itself.
    loses: Callable[[Asked], Answer | None] = lambda asked: None
    #: Stripe's search learns of a payment some time after it began.
    search_is_late: bool = False
    #: How often it was asked with a key that was in use.
    in_use: int = 0
    url: str = ""
    pages: dict[str, dict[str, Any]] = field(default_factory=dict)
    _keys: dict[str, str] = field(default_factory=dict)
    _in_use: set[str] = field(default_factory=set)
    _lock: Any = field(default_factory=threading.RLock)

    def answers(self, asked: Asked) -> Answer:
        to = urlsplit(asked.path)
        self.wrong += self.specification.asked_wrongly(asked.method, to.path, to.query, asked.body)
        key = asked.headers.get("idempotency-key", "")
        with self._lock:
            # Stripe does not wait for what is asked with the same key; the world, one thing after another, would.
            if key in self._in_use:
                self.in_use += 1
                return _no(
                    409, "idempotency_key_in_use", "There is another in-progress request using this key."
                )
            self._in_use |= {key} - {""}
        try:
            answer = self._answer(asked, to.path, to.query)
        finally:
            self._in_use.discard(key)
        return (self.loses(asked) if asked.method == "POST" else None) or answer

    def _answer(self, asked: Asked, path: str, query: str) -> Answer:
        if path.startswith(PAGES):
            return self._of_pages(asked, path, nested(asked.body or query))
        answer = self._beyond(asked)
        if path == SEARCH and self.search_is_late:
            empty = json.loads(answer.body) | {"data": [], "has_more": False, "next_page": None}
            return Answer(answer.status, json.dumps(empty).encode(), answer.headers)
        return answer

    def _beyond(self, asked: Asked) -> Answer:
        world = urlsplit(self.account.url)
        line = HTTPConnection(world.hostname or "", world.port, timeout=60)
        try:
            heads = {
                name: value for name, value in asked.headers.items() if name not in ("host", "content-length")
            }
            line.request(asked.method, world.path + asked.path, asked.body.encode() or None, heads)
            answer = line.getresponse()
            body = answer.read()
        finally:
            line.close()
        return Answer(answer.status, body, {"Content-Type": answer.headers["Content-Type"]})

    # Checkout

    def _of_pages(self, asked: Asked, path: str, words: dict[str, Any]) -> Answer:
        name, _slash, act = path.removeprefix(PAGES).strip("/").partition("/")
        with self._lock:
            if asked.method == "POST" and not name:
                key = asked.headers.get("idempotency-key") or secrets.token_hex(8)
                name = self._keys.setdefault(key, "") or self._opened(key, words)
            elif not name:
                since = int(words.get("created", {}).get("gte", 0))
                found = [self._seen(one, {}) for one in self.pages.values() if one["created"] >= since][::-1]
                return _said({"object": "list", "url": PAGES, "has_more": False, "data": found})
            page = self.pages.get(name)
            if page is None:
                return _no(404, "resource_missing", f"No such checkout.session: '{name}'")
            if act == "expire":
                if page["status"] != "open":
                    return _no(400, "", "Only Checkout Sessions with a status in ['open'] can be expired.")
                page["status"] = "expired"
            self.wrong += self.specification.answered_wrongly(
                "checkout.session", self._seen(page, {}), whole=False
            )
            return _said(self._seen(page, words))

    def _opened(self, key: str, words: dict[str, Any]) -> str:
        lines = [line["price_data"] | line for line in words["line_items"].values()]
        name = self._keys[key] = f"cs_test_{secrets.token_hex(12)}"
        self.pages[name] = {
            "id": name,
            "object": "checkout.session",
            "mode": words["mode"],
            "status": "open",
            "payment_status": "unpaid",
            "created": int(time.time()),
            "livemode": False,
            "url": f"https://checkout.stripe.com/c/pay/{name}",
            "client_reference_id": words["client_reference_id"],
            "customer": words.get("customer"),
            "amount_total": sum(int(line["unit_amount"]) * int(line["quantity"]) for line in lines),
            "currency": lines[0]["currency"],
            "metadata": words.get("metadata", {}),
            "payment_intent": None,
            "asked": words,
        }
        return name

    def _seen(self, page: dict[str, Any], words: dict[str, Any]) -> dict[str, Any]:
        expand = [path.partition(".")[2] for path in words.get("expand", {}).values()]
        seen = {name: value for name, value in page.items() if name != "asked"}
        if page["payment_intent"] and expand:
            asked = {"expand": [path for path in expand if path]}
            found = self.account.v1.payment_intents.retrieve(page["payment_intent"], asked)
            seen["payment_intent"] = found.to_dict(for_json=True)
        return seen

    def pay(self, reference: str, card: str = "tok_visa") -> str:
        """What the payer does on their page: the payment there. Raises `AssertionError` where it is open no more, and what
        Stripe's SDK raises for a bank's no."""
        with self._lock:
            [page] = [one for one in self.pages.values() if one["client_reference_id"] == reference]
            assert page["status"] == "open", f"This page is {page['status']}."
            asked, v1 = page["asked"], self.account.v1
            means = v1.payment_methods.create({"type": "card", "card": {"token": card}})
            who = page["customer"]
            if who is None and asked.get("customer_creation") == "always":
                who = v1.customers.create({"email": asked.get("customer_email", "ada@example.org")}).id
            if who:
                v1.payment_methods.attach(means.id, {"customer": who})
            paid = v1.payment_intents.create(
                {"amount": page["amount_total"], "currency": page["currency"], "confirm": True}
                | {"payment_method": means.id, **asked.get("payment_intent_data", {})}
                | ({"customer": who} if who else {})
            )
            page |= {
                "payment_intent": paid.id,
                "customer": who,
                "status": "complete",
                "payment_status": "paid",
            }
            return str(paid.id)


def _said(words: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(words).encode(), {"Content-Type": "application/json"})


def _no(status: int, code: str, message: str) -> Answer:
    error = {"type": "invalid_request_error", "message": message} | ({"code": code} if code else {})
    return _said({"error": error}, status)
