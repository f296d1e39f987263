"""The peer over HTTP: its interface for merchants, its pay pages, and its controls for testers."""

import base64
import hmac
import json
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from crowdecon.sandbox import bank, control, desk, events, faults, pages, shapes
from crowdecon.sandbox.bank import No
from crowdecon.sandbox.store import Db, Row, Store
from crowdecon.sandbox.words import Words

LARGEST_BODY = 64 * 1024
LOOPBACK = ("127.0.0.1", "localhost")
STYLE = Path(__file__).with_name("style.css")
CSP = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(self.body.decode(errors="replace")).items()}

    @property
    def words(self) -> Words:
        """The language that the reader's browser asks for first."""
        return Words(self.headers.get("accept-language", ""))

    @property
    def by_person(self) -> bool:
        return "text/html" in self.headers.get("accept", "")

    @property
    def idem(self) -> str:
        return self.headers.get("idempotency-key", "")[:200]


@dataclass
class Answer:
    status: int = 200
    body: bytes = b""
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    #: The connection is closed instead of answering.
    swallowed: bool = False


def of_json(body: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(body).encode())


def of_page(html: str, status: int = 200) -> Answer:
    return Answer(status, html.encode(), "text/html; charset=utf-8")


def goto(address: str) -> Answer:
    return Answer(303, headers={"Location": address})


class Peer:
    """Everything but the sockets. `address` is where browsers reach it; word is only sent to hosts of `allowed`."""

    def __init__(self, store: Store, *, address: str, allowed: tuple[str, ...]) -> None:
        self.store, self.address, self.allowed = store, address.rstrip("/"), allowed
        self.postman = events.Postman(store)

    def is_meant(self, host: str) -> bool:
        """Whether a browser asks for us by a name of ours: another's name that leads here is a trick."""
        return host.rpartition(":")[0] in LOOPBACK or host == urlsplit(self.address).netloc

    def answer(self, request: Request) -> Answer:
        try:
            for area, act in AREAS:
                if request.path.startswith(area):
                    return act(self, request)
            return self.front(request)
        except No as no:
            if request.by_person:
                return of_page(pages.sorry("" if no.status == 404 else no.message, request.words), no.status)
            return of_json({"error": no.code, "message": no.message}, no.status)
        finally:
            self.postman.bell.set()

    # For merchants

    def merchant(self, request: Request) -> Answer:
        account = self.known(request)
        for method, pattern, operation, act in ROUTES:
            match = re.fullmatch(pattern, request.path)
            if match and method == request.method:
                names = [unquote(name) for name in match.groups()]
                return self.with_faults(account, operation, partial(act, self, account, request, *names))
        raise No(404, "nowhere", "There is nothing at this address.")

    def known(self, request: Request) -> Row:
        """The account whose name and key are given."""
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        try:
            name, _, key = base64.b64decode(given, validate=True).decode().partition(":")
        except ValueError:
            name = key = ""
        with self.store.reading() as db:
            account = db.execute("SELECT * FROM accounts WHERE id = ?", (name,)).fetchone()
        right = account and hmac.compare_digest(account["api_key"].encode(), key.encode())
        if not right or scheme.lower() != "basic":
            raise No(401, "key", "No account has this key.")
        assert isinstance(account, Row)
        return account

    def with_faults(self, account: Row, operation: str, act: Callable[[], Answer]) -> Answer:
        found = self.faults_of(account, operation)
        time.sleep(found.get("delay", 0))
        if found.get("error_before"):
            return of_json({"error": "internal"}, 500)
        answer = act()
        if found.get("error_after"):
            return of_json({"error": "internal"}, 500)
        answer.swallowed = bool(found.get("drop"))
        return answer

    def faults_of(self, account: Row, operation: str) -> dict[str, float]:
        with self.store.reading() as db:
            if not db.execute("SELECT 1 FROM faults WHERE account = ?", (account["id"],)).fetchone():
                return {}
        with self.store.writing() as db:
            return {name: faults.take(db, account["id"], name, operation) for name in faults.ANSWERING}

    def me(self, account: Row, request: Request) -> Answer:
        return of_json({"id": account["id"], "name": account["name"], "notify_url": account["notify_url"]})

    def checkout(self, account: Row, request: Request) -> Answer:
        asked = shapes.payment_asked(shapes.read(request.body)) | {"mandate": None}
        surface = shapes.text(shapes.read(request.body), "surface", longest=20)

        def act() -> dict[str, Any]:
            payment = bank.open_payment(db, account, asked, request.idem)
            code = surface == "desk" and faults.take(db, account["id"], "qr_code")
            return shapes.payment(db, payment, self.address) | {"shown_as": "qr" if code else "page"}

        with self.store.writing() as db:
            return of_json(bank.once(db, account, request.idem, {"checkout": asked}, act), 201)

    def charge(self, account: Row, request: Request) -> Answer:
        asked = shapes.payment_asked(shapes.read(request.body))

        def act() -> dict[str, Any]:
            return shapes.payment(db, bank.charge(db, account, asked, request.idem), self.address)

        with self.store.writing() as db:
            return of_json(bank.once(db, account, request.idem, {"charge": asked}, act), 201)

    def payment(self, account: Row, request: Request, name: str) -> Answer:
        with self.store.writing() as db:
            return of_json(shapes.payment(db, bank.found(db, account, name), self.address))

    def cancel(self, account: Row, request: Request, name: str) -> Answer:
        with self.store.writing() as db:
            payment = bank.cancel(db, account, bank.found(db, account, name))
            return of_json(shapes.payment(db, payment, self.address))

    def forget(self, account: Row, request: Request, mandate: str) -> Answer:
        with self.store.writing() as db:
            bank.forget(db, account, mandate)
        return of_json({})

    def refund(self, account: Row, request: Request, name: str) -> Answer:
        asked = shapes.read(request.body)
        what: dict[str, Any] = {
            "amount": shapes.amount(asked),
            "currency": shapes.currency(asked),
            "reason": shapes.text(asked, "reason"),
        }

        def act() -> dict[str, Any]:
            payment = bank.found(db, account, name)
            return shapes.refund(bank.refund(db, account, payment, idem=request.idem, **what))

        with self.store.writing() as db:
            return of_json(bank.once(db, account, request.idem, {"refund": name} | what, act), 201)

    def refunded(self, account: Row, request: Request, idem: str) -> Answer:
        with self.store.reading() as db:
            return of_json(shapes.refund(bank.refund_by_idem(db, account, idem)))

    def dispute(self, account: Row, request: Request, name: str) -> Answer:
        with self.store.reading() as db:
            return of_json(shapes.dispute(bank.dispute_by_id(db, account, name)))

    def lines(self, account: Row, request: Request) -> Answer:
        since, until = (shapes.instant(request.query.get(name), name) for name in ("since", "until"))
        with self.store.reading() as db:
            return of_json({"lines": [shapes.line(row) for row in bank.lines(db, account, since, until)]})

    # For payers

    def page(self, request: Request) -> Answer:
        match = re.fullmatch(r"/pay/([\w-]+)(/confirm)?", request.path)
        with self.store.writing() as db:
            account, payment = self._paid_at(db, match.group(1) if match else "")
            payment = bank.lapsed(db, account, payment)
            if request.method == "POST":
                payment = self._pressed(db, account, payment, request)
        words = Words(payment["language"])
        if (
            request.method == "POST"
            and payment["state"] in ("succeeded", "cancelled")
            and payment["return_url"]
        ):
            return goto(payment["return_url"])
        confirming = payment["state"] == "requires_action"
        if request.method == "POST" or confirming != bool(match and match.group(2)):
            # A page that is loaded again asks nothing twice.
            if request.method == "POST" or confirming:
                return goto(f"/pay/{payment['page']}{'/confirm' if confirming else ''}")
            return goto(f"/pay/{payment['page']}")
        return of_page(
            pages.confirm(account, payment, words) if confirming else pages.pay(account, payment, words)
        )

    def _paid_at(self, db: Db, page: str) -> tuple[Row, Row]:
        payment = db.execute("SELECT * FROM payments WHERE page = ?", (page,)).fetchone()
        if payment is None:
            raise No(404, "absent", "There is nothing to pay here.")
        account = db.execute("SELECT * FROM accounts WHERE id = ?", (payment["account"],)).fetchone()
        return account, payment

    def _pressed(self, db: Db, account: Row, payment: Row, request: Request) -> Row:
        ending = request.form.get("ending", "")
        if ending == "cancel":
            return bank.cancel(db, account, payment)
        if ending in ("confirm", "refuse"):
            return bank.confirm(db, account, payment, given=ending == "confirm")
        if ending not in control.ENDINGS:
            raise No(400, "ending", "Press one of the buttons.")
        return bank.pay(db, account, payment, ending=ending, save="save" in request.form)

    # For testers

    def front(self, request: Request) -> Answer:
        if request.path == "/style.css":
            return Answer(200, STYLE.read_bytes(), "text/css; charset=utf-8")
        if request.path == "/" and request.method == "GET":
            return of_page(desk.front(request.words))
        if request.path == "/accounts" and request.method == "POST":
            typed = request.headers.get("content-type", "").startswith("application/json")
            asked = shapes.read(request.body) if typed else dict(request.form)
            with self.store.writing() as db:
                account = control.open_account(db, asked, self.allowed)
            return of_json(account, 201) if typed else goto(f"/control/{account['control']}")
        raise No(404, "nowhere", "There is nothing at this address.")

    def control(self, request: Request) -> Answer:
        token, _, act = request.path.removeprefix("/control/").partition("/")
        with self.store.writing() as db:
            account = db.execute("SELECT * FROM accounts WHERE control = ?", (token,)).fetchone()
            if account is None:
                raise No(404, "absent", "There is no such account.")
            if request.method == "POST":
                typed = request.headers.get("content-type", "").startswith("application/json")
                asked = shapes.read(request.body) if typed else desk.typed(request.form)
                done = self.controlled(db, account, act, asked)
                return of_json(done) if typed else goto(f"/control/{quote(token)}")
            if act == "messages":
                return of_json({"messages": control.messages(db, account)})
            judged = control.judgement(db, account, self.address)
        return of_json(judged) if act == "state" else of_page(desk.page(account, judged, request.words))

    def controlled(self, db: Db, account: Row, act: str, asked: dict[str, Any]) -> dict[str, Any]:
        if act == "account":
            control.change_account(db, account, asked, self.allowed)
        elif act == "faults":
            control.switch(db, account, asked)
        elif act == "pay":
            return shapes.payment(db, control.pay(db, account, asked), self.address)
        elif act == "disputes":
            payment = bank.found(db, account, shapes.text(asked, "reference", needed=True))
            return shapes.dispute(bank.dispute(db, account, payment, reason="fraudulent"))
        elif act == "decide":
            won = bool(asked.get("won"))
            return shapes.dispute(bank.decide(db, account, shapes.text(asked, "dispute"), won=won))
        elif act == "refunds":
            good = bool(asked.get("succeeded", True))
            return shapes.refund(bank.settle_refund(db, account, shapes.text(asked, "idem"), succeeded=good))
        elif act == "payouts":
            return {"payouts": bank.pay_out(db, account)}
        elif act == "send":
            return {"sent": control.send_again(db, account, asked)}
        else:
            raise No(404, "nowhere", "There is nothing at this address.")
        return {}


Act = Callable[..., Answer]
NAME = r"([^/]{1,200})"
ROUTES: tuple[tuple[str, str, str, Act], ...] = (
    ("GET", "/v1/account", "fetch", Peer.me),
    ("POST", "/v1/payments", "checkout", Peer.checkout),
    ("GET", f"/v1/payments/{NAME}", "fetch", Peer.payment),
    ("POST", f"/v1/payments/{NAME}/cancel", "cancel", Peer.cancel),
    ("POST", f"/v1/payments/{NAME}/refunds", "refund", Peer.refund),
    ("POST", "/v1/charges", "charge", Peer.charge),
    ("DELETE", f"/v1/mandates/{NAME}", "forget", Peer.forget),
    ("GET", f"/v1/refunds/{NAME}", "fetch", Peer.refunded),
    ("GET", f"/v1/disputes/{NAME}", "fetch", Peer.dispute),
    ("GET", "/v1/lines", "fetch", Peer.lines),
)
AREAS: tuple[tuple[str, Callable[[Peer, Request], Answer]], ...] = (
    ("/v1/", Peer.merchant),
    ("/pay/", Peer.page),
    ("/control/", Peer.control),
)


class Handler(BaseHTTPRequestHandler):
    """One request at a time and then closed: who asks is on the same machine."""

    server: "Server"
    server_version, sys_version = "Sandbox", ""
    timeout = 30

    def serve(self) -> None:
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            length = -1
        if not 0 <= length <= LARGEST_BODY:
            self.say(of_json({"error": "too_large"}, 413))
            return
        if not self.server.peer.is_meant(self.headers.get("Host", "")):
            self.say(of_json({"error": "host"}, 421))
            return
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, parts.path, query, headers, self.rfile.read(length))
        try:
            answer = self.server.peer.answer(request)
        except Exception as trouble:
            sys.stderr.write(f"{self.command} {parts.path.split('/')[1]}: {trouble!r}\n")
            answer = of_json({"error": "internal"}, 500)
        if not answer.swallowed:
            self.say(answer)

    do_GET = do_POST = do_DELETE = serve

    def say(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Content-Security-Policy", CSP)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Addresses of pay pages are keys: nothing of them is written down."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, peer: Peer) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.peer = peer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who asked has gone away meanwhile: nobody is left to be told."""
