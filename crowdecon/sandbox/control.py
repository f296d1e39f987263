"""What a tester may do with an account: everything that a payer, a payer's bank or bad luck would."""

import secrets
import time
from base64 import b64encode
from typing import Any
from urllib.parse import urlsplit

from crowdecon.sandbox import bank, events, faults, shapes
from crowdecon.sandbox.bank import No
from crowdecon.sandbox.store import Db, Row, insert, new_id, now_of, written

ENDINGS = ("pay", *faults.DECLINING)


def open_account(db: Db, asked: dict[str, Any], allowed: tuple[str, ...]) -> dict[str, str]:
    """A new account with its keys. It may have word sent to what lies under `notify_url`, on one of the allowed hosts."""
    row = {
        "id": new_id("acct"),
        "name": shapes.text(asked, "name", longest=100) or "Sandbox",
        "api_key": f"sk_{secrets.token_urlsafe(24)}",
        "webhook_secret": f"whsec_{b64encode(secrets.token_bytes(24)).decode()}",
        "control": secrets.token_urlsafe(24),
        "notify_url": _notify_url(asked, allowed),
    }
    insert(db, "accounts", row)
    return row


def _notify_url(asked: dict[str, Any], allowed: tuple[str, ...]) -> str:
    url = shapes.address(asked, "notify_url")
    if url and urlsplit(url).hostname not in allowed:
        raise No(400, "notify_url", f"Word is only sent to {', '.join(allowed)}.")
    # A folder, so that no other host or port begins with the same letters.
    return url if not url or url.endswith("/") else f"{url}/"


def change_account(db: Db, account: Row, asked: dict[str, Any], allowed: tuple[str, ...]) -> None:
    if "notify_url" in asked:
        url = _notify_url(asked, allowed)
        db.execute("UPDATE accounts SET notify_url = ? WHERE id = ?", (url, account["id"]))
    if "clock" in asked:
        clock = written(shapes.instant(asked["clock"], "clock")) if asked["clock"] else None
        db.execute("UPDATE accounts SET clock = ? WHERE id = ?", (clock, account["id"]))


def switch(db: Db, account: Row, asked: dict[str, Any]) -> None:
    name, times = asked.get("name"), asked.get("times")
    value, operation = asked.get("value", 1), asked.get("operation") or ""
    if name not in faults.ALL:
        raise No(400, "name", f"The faults are {', '.join(faults.ALL)}.")
    if type(value) not in (int, float) or not 0 <= value <= 600:
        raise No(400, "value", "value is a number from 0 to 600.")
    if times is not None and (type(times) is not int or times < 1):
        raise No(400, "times", "times is a whole number from 1, or nothing.")
    if operation not in ("", *faults.OPERATIONS):
        raise No(400, "operation", f"The operations are {', '.join(faults.OPERATIONS)}.")
    faults.switch(db, account["id"], name, value=value, times=times, operation=operation)


def pay(db: Db, account: Row, asked: dict[str, Any]) -> Row:
    """What the payer does on the pay page: pay or be declined, confirm or not."""
    payment = bank.found(db, account, shapes.text(asked, "reference", needed=True))
    ending = asked.get("ending", "pay")
    if ending in ("confirm", "refuse"):
        return bank.confirm(db, account, payment, given=ending == "confirm")
    if ending not in ENDINGS:
        raise No(400, "ending", f"The endings are {', '.join(ENDINGS)}, confirm, refuse.")
    return bank.pay(db, account, payment, ending=ending, save=bool(asked.get("save")))


def send_again(db: Db, account: Row, asked: dict[str, Any]) -> int:
    """Send events again, each so many times: the one that is named, else all."""
    times = asked.get("times", 1)
    if type(times) is not int or not 1 <= times <= 100:
        raise No(400, "times", "times is a whole number from 1 to 100.")
    named = shapes.text(asked, "event")
    found = db.execute(
        "SELECT number FROM events WHERE account = ? AND url != '' AND (? IN ('', id)) ORDER BY number",
        (account["id"], named),
    ).fetchall()
    for _ in range(times):
        for row in found:
            events.deliver(db, account["id"], row["number"], time.time())
    return len(found) * times


def messages(db: Db, account: Row) -> list[dict[str, Any]]:
    """Every event as it would be sent now, for a tester who delivers by their own hand."""
    found = db.execute("SELECT * FROM events WHERE account = ? ORDER BY number", (account["id"],))
    return [
        {
            "headers": events.signed(
                account["webhook_secret"], row["id"], now_of(account), row["body"].encode()
            ),
            "body": row["body"],
        }
        for row in found
    ]


def judgement(db: Db, account: Row, base: str) -> dict[str, Any]:
    """All there is to know of an account, its count of charges first."""

    def rows(table: str, order: str = "rowid") -> list[Row]:
        query = f"SELECT * FROM {table} WHERE account = ? ORDER BY {order}"
        return db.execute(query, (account["id"],)).fetchall()

    charges = [
        {name: row[name] for name in ("reference", "idem", "amount", "currency", "at")}
        for row in rows("charges")
    ]
    return {
        "account": account["id"],
        "name": account["name"],
        "notify_url": account["notify_url"],
        "clock": account["clock"],
        "charges": charges,
        "payments": [shapes.payment(db, row, base) for row in rows("payments")],
        "refunds": [shapes.refund(row) for row in rows("refunds")],
        "disputes": [shapes.dispute(row) for row in rows("disputes")],
        "faults": [
            {name: row[name] for name in ("name", "operation", "value", "times")} for row in rows("faults")
        ],
        "events": [shapes.event(row) for row in rows("events", "number")],
        "deliveries": [
            {"event": row["event"], "tries": row["tries"], "status": row["status"], "due": row["due"]}
            for row in rows("deliveries", "number")
        ],
    }
