"""The log of what happened, and its delivery: signed after the Standard Webhooks scheme, at least once, with patience."""

import base64
import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Event as Bell
from threading import Thread
from typing import Any

from crowdecon.sandbox import faults
from crowdecon.sandbox.store import Db, Row, Store, insert, new_id, now_of, written

#: Seconds before each further try; after the last one the word counts as lost, and can be sent again by hand.
PATIENCE = (1, 2, 4, 8, 30, 120, 600, 3600, 6 * 3600, 24 * 3600)
WAIT = 10
SENDERS = 8
#: How long a word is held back so that a later one overtakes it.
HELD = 1.0


def record(
    db: Db, account: Row, kind: str, *, subject: str, about: str, payment: Row, amount: int | None = None
) -> None:
    """Write down that something happened to a payment, and have it sent to where that payment wants to hear it."""
    event = new_id("evt")
    at = now_of(account)
    body = {
        "id": event,
        "type": kind,
        "account": account["id"],
        "at": written(at),
        "data": {
            "subject": subject,
            "reference": payment["reference"],
            "provider_reference": about,
            "amount": payment["amount"] if amount is None else amount,
            "currency": payment["currency"],
        },
    }
    row = {
        "id": event,
        "account": account["id"],
        "kind": kind,
        "body": json.dumps(body),
        "url": payment["notify_url"],
        "at": written(at),
    }
    insert(db, "events", row)
    number = db.execute("SELECT number FROM events WHERE id = ?", (event,)).fetchone()["number"]
    if not payment["notify_url"] or faults.take(db, account["id"], "lost_webhook"):
        return
    due = time.time()
    if faults.take(db, account["id"], "reorder_webhooks"):
        held = db.execute(
            "SELECT 1 FROM deliveries WHERE account = ? AND due > ? AND tries = 0", (account["id"], due)
        ).fetchone()
        # The first waits, and the next one goes past it.
        due += 0 if held else HELD
    for _ in range(2 if faults.take(db, account["id"], "duplicate_webhook") else 1):
        deliver(db, account["id"], number, due)


def deliver(db: Db, account: str, event: int, due: float) -> None:
    insert(db, "deliveries", {"account": account, "event": event, "due": due})


def signed(secret: str, event: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers by which the word is known to be ours."""
    stamp = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{event}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": event,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)


def send(url: str, headers: dict[str, str], body: bytes) -> int:
    """The status of the answer; 0 where none came."""
    request = urllib.request.Request(  # noqa: S310 - the account's own address, of http or https
        url, data=body, headers={"content-type": "application/json", **headers}, method="POST"
    )
    try:
        with _opener.open(request, timeout=WAIT) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except (OSError, ValueError):
        return 0


class Postman(Thread):
    """Sends what is due. Several may work on one store: what one has taken is not due for the others meanwhile."""

    def __init__(self, store: Store) -> None:
        super().__init__(name="postman", daemon=True)
        self.store, self.bell = store, Bell()
        self.hands = ThreadPoolExecutor(SENDERS, thread_name_prefix="sender")

    def run(self) -> None:
        while True:
            taken = self.take()
            for number in taken:
                self.hands.submit(self.carry, number)
            if not taken:
                self.bell.wait(self.idle())
                self.bell.clear()

    def idle(self) -> float:
        """Seconds until there may be something to do, unless the bell rings; other processes ring none here."""
        with self.store.reading() as db:
            due = db.execute("SELECT min(due) FROM deliveries WHERE due IS NOT NULL").fetchone()[0]
        return 1 if due is None else min(1, max(0.02, due - time.time()))

    def take(self) -> list[int]:
        due = time.time()
        query = "SELECT number FROM deliveries WHERE due <= ? ORDER BY due, number LIMIT 50"
        with self.store.reading() as db:
            if not db.execute(query, (due,)).fetchone():
                return []
        with self.store.writing() as db:
            numbers = [row["number"] for row in db.execute(query, (due,))]
            # Should this process die now, they are due again.
            again = due + WAIT + 5
            db.executemany(
                "UPDATE deliveries SET due = ? WHERE number = ?", [(again, number) for number in numbers]
            )
        return numbers

    def carry(self, number: int) -> None:
        with self.store.reading() as db:
            event = db.execute(
                "SELECT events.*, tries FROM events JOIN deliveries ON event = events.number "
                "WHERE deliveries.number = ?",
                (number,),
            ).fetchone()
            account = db.execute("SELECT * FROM accounts WHERE id = ?", (event["account"],)).fetchone()
        body = event["body"].encode()
        # Nowhere but where the account was set up to hear, even if a payment once named another place.
        allowed = event["url"].startswith(account["notify_url"]) and account["notify_url"]
        headers = signed(account["webhook_secret"], event["id"], now_of(account), body)
        status = send(event["url"], headers, body) if allowed else 0
        arrived, tries = 200 <= status < 300, event["tries"]
        later = None if arrived or not allowed or tries >= len(PATIENCE) else time.time() + PATIENCE[tries]
        with self.store.writing() as db:
            db.execute(
                "UPDATE deliveries SET due = ?, tries = tries + 1, status = ? WHERE number = ?",
                (later, status, number),
            )
