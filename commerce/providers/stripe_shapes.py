"""Stripe's objects, read into ours. Whoever calls these reads an answer: `ValueError` and its kin mean it cannot be read."""

import json
from collections.abc import Mapping
from typing import Any

from commerce.providers.base import (
    BadSignature,
    DisputeState,
    Event,
    LineKind,
    Mandate,
    ProviderDispute,
    ProviderPayment,
    ProviderRefund,
    SettlementLine,
    State,
    Subject,
)
from commerce.providers.stripe_wire import declined, instant, money, why
from kernel.money import Money

#: What is asked for with a page; of a payment the same without its first word.
EXPAND = [
    "payment_intent",
    "payment_intent.latest_charge.balance_transaction",
    "payment_intent.payment_method",
]
PAYMENT_STATES = {
    "succeeded": State.SUCCEEDED,
    "processing": State.PENDING,
    "requires_capture": State.PENDING,
    "requires_confirmation": State.PENDING,
    "requires_payment_method": State.PENDING,
    "requires_action": State.REQUIRES_ACTION,
    "canceled": State.CANCELLED,
}
REFUND_STATES = {
    "succeeded": State.SUCCEEDED,
    "pending": State.PENDING,
    "requires_action": State.REQUIRES_ACTION,
    "failed": State.HARD_DECLINE,
    "canceled": State.HARD_DECLINE,
}
LINE_KINDS = {
    "charge": LineKind.PAYMENT,
    "refund": LineKind.REFUND,
    "refund_failure": LineKind.REFUND,
    "partial_capture_reversal": LineKind.REFUND,
    "dispute": LineKind.DISPUTE,
    "dispute_reversal": LineKind.DISPUTE_REVERSED,
    "payout": LineKind.PAYOUT,
    "payout_reversal": LineKind.PAYOUT,
}
DISPUTES_DONE = {
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
    "warning_closed": DisputeState.WON,
    "prevented": DisputeState.WON,
}


def text(found: Mapping[str, Any], key: str) -> str:
    value = found[key]
    if not isinstance(value, str) or not value:
        raise ValueError("not a text")
    return value


def _named(found: Mapping[str, Any], key: str = "reference") -> str:
    return str((found.get("metadata") or {}).get(key) or "")


def intent_of(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """The payment of a page (an empty one until it is tried), or itself."""
    if found["object"] == "payment_intent":
        return found
    return found.get("payment_intent") or {}


def payment(found: Mapping[str, Any], reference: str) -> ProviderPayment:
    page = found if found["object"] == "checkout.session" else None
    intent = intent_of(found)
    named = page.get("client_reference_id") if page else _named(intent)
    if named != reference:
        raise ValueError("about another payment")
    state, error = _state(page, intent), intent.get("last_payment_error") or {}
    total = page["amount_total"] if page else intent["amount"]
    amount = money(total, found["currency"])
    charge = intent.get("latest_charge") or {}
    paid = state is State.SUCCEEDED
    return ProviderPayment(
        reference,
        state,
        amount,
        captured=money(intent.get("amount_received", intent["amount"]), intent["currency"])
        if paid
        else Money.zero(amount.currency),
        refunded=money(charge["amount_refunded"], intent["currency"])
        if paid
        else Money.zero(amount.currency),
        provider_reference=text(found, "id"),
        paid_at=instant(charge["created"]) if paid else None,
        fee=_fee(charge, amount) if paid else None,
        mandate=_mandate(intent) if paid else None,
        decline_code=why(error) if state in (State.SOFT_DECLINE, State.HARD_DECLINE) else "",
        action_url=_action(intent) if state is State.REQUIRES_ACTION else "",
    )


def _state(page: Mapping[str, Any] | None, intent: Mapping[str, Any]) -> State:
    if intent.get("status") == "succeeded":
        return State.SUCCEEDED
    if page and page["status"] != "complete":
        # While the page is open, a bank's no is between it and the payer.
        return {"open": State.PENDING, "expired": State.CANCELLED}.get(page["status"], State.UNKNOWN)
    if intent.get("status") == "requires_payment_method" and intent.get("last_payment_error"):
        return declined(intent["last_payment_error"])
    return PAYMENT_STATES.get(intent.get("status", ""), State.UNKNOWN)


def _fee(charge: Mapping[str, Any], amount: Money) -> Money | None:
    """What Stripe kept, where it settles in the currency of the payment."""
    moved = charge.get("balance_transaction")
    if not isinstance(moved, Mapping) or moved["currency"].upper() != amount.currency:
        return None
    return money(moved["fee"], moved["currency"])


def _mandate(intent: Mapping[str, Any]) -> Mandate | None:
    means = intent.get("payment_method")
    if intent.get("setup_future_usage") != "off_session" or not isinstance(means, Mapping):
        return None
    card = means.get("card") or {}
    label = f"{str(card['brand']).title()} •••• {card['last4']}" if card else str(means["type"])
    return Mandate(text(means, "id"), text(intent, "customer"), label)


def _action(intent: Mapping[str, Any]) -> str:
    return str(((intent.get("next_action") or {}).get("redirect_to_url") or {}).get("url") or "")


def refund(found: Mapping[str, Any], idem: str) -> ProviderRefund:
    if _named(found, "refund") != idem:
        raise ValueError("about another refund")
    return ProviderRefund(
        idem,
        REFUND_STATES.get(found["status"], State.UNKNOWN),
        money(found["amount"], found["currency"]),
        provider_reference=text(found, "id"),
        at=instant(found["created"]),
    )


def dispute(found: Mapping[str, Any]) -> ProviderDispute:
    intent, status = found.get("payment_intent") or {}, found["status"]
    amount = money(found["amount"], found["currency"])
    due = (found.get("evidence_details") or {}).get("due_by")
    return ProviderDispute(
        text(found, "id"),
        _named(intent),
        DISPUTES_DONE.get(status, DisputeState.OPEN),
        # A warning, or what was prevented, has taken no money.
        Money.zero(amount.currency) if status.startswith(("warning_", "prevented")) else amount,
        reason=str(found.get("reason") or ""),
        opened_at=instant(found["created"]),
        evidence_due_at=instant(due) if due else None,
        fee=_dispute_fee(found, amount.currency),
    )


def _dispute_fee(found: Mapping[str, Any], currency: str) -> Money | None:
    """What Stripe keeps for it, less what it gave back since; None where it settles in another currency."""
    moved = [one for one in found.get("balance_transactions") or () if one["currency"].upper() == currency]
    return money(sum(one["fee"] for one in moved), currency) if moved else None


def line(found: Mapping[str, Any]) -> SettlementLine:
    """A movement of the balance; what has no kind of its own is Stripe's charge for something."""
    source = found.get("source")
    source = source if isinstance(source, Mapping) else {"id": source or ""}
    kind = LINE_KINDS.get(found["reporting_category"], LineKind.FEE)
    named = _named(source, "refund" if kind is LineKind.REFUND else "reference")
    return SettlementLine(
        text(found, "id"),
        kind,
        money(found["amount"], found["currency"]),
        money(found["fee"], found["currency"]),
        instant(found["created"]),
        reference=named,
        provider_reference=str(source.get("payment_intent") or source["id"])
        if kind is LineKind.PAYMENT
        else str(source["id"]),
        asked=_asked(found, source, kind),
    )


def _asked(found: Mapping[str, Any], source: Mapping[str, Any], kind: LineKind) -> Money | None:
    """What the payer was charged or got back, where Stripe changes it into the currency of the balance."""
    compared = kind in (LineKind.PAYMENT, LineKind.REFUND, LineKind.DISPUTE, LineKind.DISPUTE_REVERSED)
    if not compared or source.get("currency", found["currency"]) == found["currency"]:
        return None
    size = money(source["amount"], source["currency"])
    return size if found["amount"] > 0 else -size


def event(body: bytes, *, account: str, live: bool) -> Event:
    """Raises `BadSignature` for what is of another account, or of the other of its two modes."""
    told = json.loads(body)
    if told["object"] != "event" or told.get("account", account) != account or told["livemode"] is not live:
        raise BadSignature("for another account")
    about = told["data"]["object"]
    subject, named, name, amount = _subject(about)
    return Event(
        text(told, "id"),
        text(told, "type"),
        subject,
        instant(told["created"]),
        reference=named,
        provider_reference=name,
        amount=money(*amount) if amount else None,
    )


def _subject(about: Mapping[str, Any]) -> tuple[Subject, str, str, tuple[Any, Any] | None]:
    """Subject, our name, Stripe's name, and what is claimed."""
    kind = about.get("object")
    if kind == "refund":
        named = _named(about, "refund")
        return Subject.REFUND, named, text(about, "id"), (about["amount"], about["currency"])
    if kind == "dispute":
        return Subject.DISPUTE, "", text(about, "id"), (about["amount"], about["currency"])
    if kind == "checkout.session" and (named := str(about.get("client_reference_id") or "")):
        return Subject.PAYMENT, named, text(about, "id"), (about["amount_total"], about["currency"])
    if kind in ("payment_intent", "charge") and (named := _named(about)):
        name = text(about, "id" if kind == "payment_intent" else "payment_intent")
        return Subject.PAYMENT, named, name, (about["amount"], about["currency"])
    # Of the account's other business.
    return Subject.OTHER, "", str(about.get("id") or ""), None
