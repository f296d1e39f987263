"""What is asked, read and checked; and what is answered."""

import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from crowdecon.sandbox.bank import No, dispute_fee
from crowdecon.sandbox.store import Db, Row, written

LARGEST = 10**15
CURRENCY = re.compile(r"[A-Z]{3}")


def read(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw or b"{}")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise No(400, "body", "The body is not an object of JSON.")
    return found


def text(asked: dict[str, Any], name: str, *, longest: int = 500, needed: bool = False) -> str:
    value = asked.get(name) or ""
    if not isinstance(value, str) or len(value) > longest or (needed and not value):
        raise No(400, name, f"{name} is a text of at most {longest} characters.")
    return value


def amount(asked: dict[str, Any]) -> int:
    value = asked.get("amount")
    if type(value) is not int or not 0 < value <= LARGEST:
        raise No(400, "amount", "amount is a whole number of smallest units above nothing.")
    return value


def currency(asked: dict[str, Any]) -> str:
    value = text(asked, "currency", longest=3)
    if not CURRENCY.fullmatch(value):
        raise No(400, "currency", "currency is a code of ISO 4217.")
    return value


def address(asked: dict[str, Any], name: str) -> str:
    value = text(asked, name, longest=2000)
    try:
        parts = urlsplit(value)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        sound = False
    if value and not sound:
        raise No(400, name, f"{name} is an address of http or https.")
    return value


def instant(value: Any, name: str) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        at = None
    if at is None or at.tzinfo is None:
        raise No(400, name, f"{name} is an instant of ISO 8601 with its offset.")
    return at


def payment_asked(asked: dict[str, Any]) -> dict[str, Any]:
    """What is asked for with a payment or a charge: known names only, each of its kind."""
    expires = asked.get("expires_at")
    return {
        "reference": text(asked, "reference", longest=200, needed=True),
        "amount": amount(asked),
        "currency": currency(asked),
        "description": text(asked, "description"),
        "language": text(asked, "language", longest=20),
        "email": text(asked, "email"),
        "payer": text(asked, "payer"),
        "save_mandate": bool(asked.get("save_mandate")),
        "notify_url": address(asked, "notify_url"),
        "return_url": address(asked, "return_url"),
        "expires_at": written(instant(expires, "expires_at")) if expires else None,
        "mandate": text(asked, "mandate") or None,
    }


def payment(db: Db, row: Row, base: str) -> dict[str, Any]:
    names = "id reference state amount currency captured refunded fee paid_at decline_code".split()
    mandate = db.execute("SELECT * FROM mandates WHERE id = ?", (row["mandate"],)).fetchone()
    shown = {name: mandate[name] for name in ("id", "payer", "label")} if mandate else None
    page = f"{base}/pay/{row['page']}"
    action = f"{page}/confirm" if row["state"] == "requires_action" else ""
    return {name: row[name] for name in names} | {"mandate": shown, "url": page, "action_url": action}


def refund(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in ("id", "idem", "payment", "state", "amount", "currency", "at")}


def dispute(row: Row) -> dict[str, Any]:
    names = "id reference payment state amount currency reason at due_at".split()
    return {name: row[name] for name in names} | {"fee": dispute_fee(row["currency"])}


def line(row: Row) -> dict[str, Any]:
    names = "kind amount fee currency reference provider_reference at".split()
    return {"id": f"line_{row['number']}"} | {name: row[name] for name in names}


def event(row: Row) -> dict[str, Any]:
    return dict(json.loads(row["body"]))
