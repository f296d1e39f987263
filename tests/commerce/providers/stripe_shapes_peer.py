"""A peer of our own that answers in the shapes that Stripe's reference shows, and keeps what the SDK sent.

It shows what we ask and how we read an answer. It proves nothing of how Stripe behaves: `localstripe` judges what it can.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.commerce.providers.listening import Answer, Asked

CREATED = 1777604096  # 2026-05-01 02:54:56 UTC


@dataclass
class Shapes:
    """`found` are objects by path; what a POST makes is made by `made`. An `Answer` is given as it is."""

    found: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str], dict[str, str]]] = field(default_factory=list)
    always: Answer | None = None

    def answers(self, asked: Asked) -> Answer:
        address = urlsplit(asked.path)
        words = dict(parse_qsl(asked.body or address.query, keep_blank_values=True))
        heads = {
            name: asked.headers.get(name, "")
            for name in ("authorization", "stripe-version", "idempotency-key")
        }
        self.asked.append((asked.method, address.path, words, heads))
        if self.always:
            return self.always
        found = self.found.get(f"{asked.method} {address.path}", self.found.get(address.path))
        if isinstance(found, Callable):
            found = found(words)
        if isinstance(found, Answer):
            return found
        return answer(found) if found is not None else no(404, "resource_missing", "No such thing")


def answer(words: Any, status: int = 200) -> Answer:
    return Answer(
        status, json.dumps(words).encode(), {"Content-Type": "application/json", "Request-Id": "req_1"}
    )


def no(status: int, code: str, message: str, *, kind: str = "", **more: Any) -> Answer:
    kind = kind or ("card_error" if status == 402 else "invalid_request_error")
    return answer({"error": {"type": kind, "code": code, "message": message} | more}, status)


def listed(*found: Any, path: str = "/v1/x") -> dict[str, Any]:
    return {"object": "list", "url": path, "has_more": False, "data": list(found)}


def searched(*found: Any) -> dict[str, Any]:
    return listed(*found) | {"object": "search_result", "next_page": None}


def intent(status: str = "succeeded", **more: Any) -> dict[str, Any]:
    return {
        "id": "pi_1",
        "object": "payment_intent",
        "amount": 12800,
        "amount_received": 12800 if status == "succeeded" else 0,
        "currency": "usd",
        "status": status,
        "created": CREATED,
        "customer": "cus_1",
        "metadata": {"reference": "a_000001"},
        "setup_future_usage": None,
        "next_action": None,
        "last_payment_error": None,
        "payment_method": {
            "id": "pm_1",
            "object": "payment_method",
            "type": "card",
            "card": {"brand": "visa", "last4": "4242"},
        },
        "latest_charge": {
            "id": "ch_1",
            "object": "charge",
            "created": CREATED,
            "amount_refunded": 0,
            "balance_transaction": {
                "id": "txn_1",
                "object": "balance_transaction",
                "currency": "usd",
                "fee": 401,
            },
        },
    } | more


def page(status: str = "open", payment_intent: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "id": "cs_1",
        "object": "checkout.session",
        "status": status,
        "payment_status": "paid" if status == "complete" else "unpaid",
        "client_reference_id": "a_000001",
        "amount_total": 12800,
        "currency": "usd",
        "url": "https://checkout.stripe.com/c/pay/cs_1",
        "payment_intent": payment_intent,
    } | more
