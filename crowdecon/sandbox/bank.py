"""Payments, refunds, disputes, and the books of them. Every function runs inside one `Store.writing`.

A payment's state only moves on: what is paid or cancelled stays so; a decline leaves the page open for another try.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from crowdecon.sandbox import events, faults
from crowdecon.sandbox.store import Db, Row, insert, new_id, now_of, written
from kernel.money import exponent

#: As long as nothing is final, the payer may still pay.
OPEN = ("pending", "requires_action", "soft_decline", "hard_decline")
#: Why a payer's bank says no: now, for good, and to a confirmation that was not given.
NOT_NOW, NEVER, NOT_CONFIRMED = "insufficient_funds", "lost_card", "authentication_failed"
#: Kept of a payment, in thousandths; and of a dispute, in whole units of the currency.
FEE, DISPUTE_FEE = 29, 15
EVIDENCE_DAYS = 7


class No(Exception):
    """Understood and refused: nothing has happened."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def once(
    db: Db, account: Row, idem: str, asked: dict[str, Any], act: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """What `act` answers, done once for a key: the same question gets the same answer, another one a refusal."""
    if not idem:
        raise No(400, "idempotency_key", "An Idempotency-Key is needed.")
    question = json.dumps(asked, sort_keys=True)
    known = db.execute(
        "SELECT asked, answer FROM answers WHERE account = ? AND idem = ?", (account["id"], idem)
    ).fetchone()
    if known:
        if known["asked"] != question:
            raise No(409, "idempotency_conflict", "This Idempotency-Key was used for something else.")
        return dict(json.loads(known["answer"]))
    answer = act()
    insert(
        db,
        "answers",
        {"account": account["id"], "idem": idem, "asked": question, "answer": json.dumps(answer)},
    )
    return answer


def open_payment(db: Db, account: Row, asked: dict[str, Any], idem: str) -> Row:
    """A payment that waits for its payer, or for the charge that follows at once."""
    notify = asked.get("notify_url", "")
    if notify and not (account["notify_url"] and notify.startswith(account["notify_url"])):
        raise No(400, "notify_url", "This account is not set up to send word there.")
    row = {
        "id": new_id("pay"),
        "account": account["id"],
        "idem": idem,
        "page": new_id("page"),
        "state": "pending",
        "at": written(now_of(account)),
        "notify_url": notify,
        **{name: asked[name] for name in ("reference", "amount", "currency", "description", "language")},
        "payer": asked.get("payer") or asked.get("email") or "",
        "return_url": asked.get("return_url", ""),
        "save_mandate": int(bool(asked.get("save_mandate"))),
        "expires_at": asked.get("expires_at"),
        "mandate": asked.get("mandate"),
    }
    insert(db, "payments", row)
    return by_id(db, row["id"])


def by_id(db: Db, payment: str) -> Row:
    found = db.execute("SELECT * FROM payments WHERE id = ?", (payment,)).fetchone()
    assert isinstance(found, Row)
    return found


def found(db: Db, account: Row, name: str) -> Row:
    """The payment of this id or reference. Of several with one reference, the paid one or the last."""
    row = db.execute(
        "SELECT * FROM payments WHERE account = ? AND (id = ? OR reference = ?) "
        "ORDER BY captured > 0 DESC, rowid DESC",
        (account["id"], name, name),
    ).fetchone()
    if row is None:
        raise No(404, "absent", "There is no such payment.")
    return lapsed(db, account, row)


def lapsed(db: Db, account: Row, payment: Row) -> Row:
    """The payment as it is now: closed, if its time is over."""
    over = payment["expires_at"] and payment["expires_at"] <= written(now_of(account))
    if payment["state"] in OPEN and over:
        return _move(db, account, payment, "cancelled", kind="payment.expired", code="expired")
    return payment


def pay(db: Db, account: Row, payment: Row, *, ending: str = "pay", save: bool = False) -> Row:
    """Try to take the money. `ending` is what the payer's bank says: pay, soft_decline, hard_decline, requires_action."""
    payment = lapsed(db, account, payment)
    if payment["state"] not in OPEN:
        return payment
    if ending == "pay":
        switched = (name for name in faults.DECLINING if faults.take(db, account["id"], name))
        ending = next(switched, "pay")
    if save and payment["mandate"] is None:
        # Asked for before a confirmation, it is remembered beyond it.
        payment = _set(db, payment, save_mandate=1)
    if ending == "pay":
        return _capture(db, account, payment)
    kind = "payment.action_required" if ending == "requires_action" else "payment.failed"
    code = {"soft_decline": NOT_NOW, "hard_decline": NEVER}.get(ending, "")
    return _move(db, account, payment, ending, kind=kind, code=code)


def confirm(db: Db, account: Row, payment: Row, *, given: bool) -> Row:
    """The payer's answer to their bank's question."""
    payment = lapsed(db, account, payment)
    if payment["state"] != "requires_action":
        return payment
    if given:
        return _capture(db, account, payment)
    return _move(db, account, payment, "soft_decline", kind="payment.failed", code=NOT_CONFIRMED)


def _capture(db: Db, account: Row, payment: Row) -> Row:
    at, fee = written(now_of(account)), (payment["amount"] * FEE + 500) // 1000
    mandate = payment["mandate"]
    if mandate is None and payment["save_mandate"]:
        mandate = new_id("mdt")
        payer = payment["payer"] or new_id("cus")
        insert(
            db,
            "mandates",
            {"id": mandate, "account": account["id"], "payer": payer, "label": "Visa •••• 4242"},
        )
    charge = {name: payment[name] for name in ("account", "reference", "idem", "amount", "currency")}
    insert(db, "charges", {"id": new_id("chg"), "payment": payment["id"], "at": at, **charge})
    book(db, account, "payment", payment["amount"], payment, fee=fee)
    payment = _set(
        db, payment, captured=payment["amount"], fee=fee, paid_at=at, mandate=mandate, decline_code=""
    )
    return _move(db, account, payment, "succeeded", kind="payment.succeeded")


def charge(db: Db, account: Row, asked: dict[str, Any], idem: str) -> Row:
    """Charge a saved means while its owner is away."""
    mandate = db.execute(
        "SELECT * FROM mandates WHERE account = ? AND id = ?", (account["id"], asked["mandate"])
    ).fetchone()
    if mandate is None or mandate["forgotten"]:
        raise No(402, "mandate_gone", "There is no leave to charge this.")
    return pay(db, account, open_payment(db, account, asked, idem))


def forget(db: Db, account: Row, mandate: str) -> None:
    db.execute("UPDATE mandates SET forgotten = 1 WHERE account = ? AND id = ?", (account["id"], mandate))


def cancel(db: Db, account: Row, payment: Row) -> Row:
    if payment["state"] not in OPEN:
        return payment
    return _move(db, account, payment, "cancelled", kind="payment.cancelled")


def refund(db: Db, account: Row, payment: Row, *, amount: int, currency: str, reason: str, idem: str) -> Row:
    """Send back what was captured and is neither back nor on its way nor disputed."""
    if currency != payment["currency"] or amount <= 0:
        raise No(400, "amount", "This cannot be sent back of that payment.")
    if db.execute("SELECT 1 FROM disputes WHERE payment = ? AND state != 'won'", (payment["id"],)).fetchone():
        raise No(400, "disputed", "The payer's bank has this money.")
    going = db.execute(
        "SELECT coalesce(sum(amount), 0) FROM refunds WHERE payment = ? AND state IN ('pending', 'succeeded')",
        (payment["id"],),
    ).fetchone()[0]
    if going + amount > payment["captured"]:
        raise No(400, "more_than_captured", "This is more than is left of the payment.")
    slow = faults.take(db, account["id"], "refund_pending")
    row = {
        "id": new_id("ref"),
        "account": account["id"],
        "payment": payment["id"],
        "idem": idem,
        "amount": amount,
        "currency": currency,
        "reason": reason,
        "state": "pending",
        "at": written(now_of(account)),
    }
    insert(db, "refunds", row)
    return refund_by_idem(db, account, idem) if slow else settle_refund(db, account, idem, succeeded=True)


def refund_by_idem(db: Db, account: Row, idem: str) -> Row:
    found = db.execute(
        "SELECT * FROM refunds WHERE account = ? AND idem = ?", (account["id"], idem)
    ).fetchone()
    if found is None:
        raise No(404, "absent", "There is no such refund.")
    assert isinstance(found, Row)
    return found


def settle_refund(db: Db, account: Row, idem: str, *, succeeded: bool) -> Row:
    """What a refund that was on its way comes to."""
    row = refund_by_idem(db, account, idem)
    if row["state"] != "pending":
        return row
    db.execute(
        "UPDATE refunds SET state = ? WHERE id = ?", ("succeeded" if succeeded else "hard_decline", row["id"])
    )
    payment = by_id(db, row["payment"])
    if succeeded:
        payment = _set(db, payment, refunded=payment["refunded"] + row["amount"])
        book(db, account, "refund", -row["amount"], payment, about=row["id"], name=idem)
    kind = "refund.succeeded" if succeeded else "refund.failed"
    # The event names the refund by the key it was asked for with: that is what it is fetched by.
    events.record(db, account, kind, subject="refund", about=idem, payment=payment, amount=row["amount"])
    return refund_by_idem(db, account, idem)


def dispute(db: Db, account: Row, payment: Row, *, reason: str) -> Row:
    """The payer's bank takes the whole of what is left back, until it is decided."""
    amount = payment["captured"] - payment["refunded"]
    if amount <= 0 or db.execute("SELECT 1 FROM disputes WHERE payment = ?", (payment["id"],)).fetchone():
        raise No(400, "not_disputable", "There is nothing left to dispute.")
    at = now_of(account)
    row = {
        "id": new_id("dsp"),
        "account": account["id"],
        "payment": payment["id"],
        "reference": payment["reference"],
        "amount": amount,
        "currency": payment["currency"],
        "reason": reason,
        "state": "open",
        "at": written(at),
        "due_at": written(at + timedelta(days=EVIDENCE_DAYS)),
    }
    insert(db, "disputes", row)
    book(db, account, "dispute", -amount, payment, about=row["id"])
    book(db, account, "fee", -dispute_fee(payment["currency"]), payment, about=row["id"])
    events.record(
        db, account, "dispute.opened", subject="dispute", about=row["id"], payment=payment, amount=amount
    )
    return dispute_by_id(db, account, row["id"])


def dispute_fee(currency: str) -> int:
    """What is kept for a dispute, in smallest units, whatever becomes of it."""
    return DISPUTE_FEE * int(10 ** exponent(currency))


def dispute_by_id(db: Db, account: Row, name: str) -> Row:
    found = db.execute(
        "SELECT * FROM disputes WHERE account = ? AND id = ?", (account["id"], name)
    ).fetchone()
    if found is None:
        raise No(404, "absent", "There is no such dispute.")
    assert isinstance(found, Row)
    return found


def decide(db: Db, account: Row, name: str, *, won: bool) -> Row:
    row = dispute_by_id(db, account, name)
    if row["state"] != "open":
        return row
    db.execute("UPDATE disputes SET state = ? WHERE id = ?", ("won" if won else "lost", name))
    payment = by_id(db, row["payment"])
    if won:
        book(db, account, "dispute_reversed", row["amount"], payment, about=name)
    kind = "dispute.won" if won else "dispute.lost"
    events.record(db, account, kind, subject="dispute", about=name, payment=payment, amount=row["amount"])
    return dispute_by_id(db, account, name)


def book(
    db: Db,
    account: Row,
    kind: str,
    amount: int,
    payment: Row,
    *,
    about: str = "",
    name: str = "",
    fee: int = 0,
) -> None:
    """A line of the account's books. `name` is the merchant's own of what is not the payment itself."""
    row = {
        "account": account["id"],
        "kind": kind,
        "amount": amount,
        "fee": fee,
        "currency": payment["currency"],
        "reference": name or payment["reference"],
        "provider_reference": about or payment["id"],
        "at": written(now_of(account)),
    }
    insert(db, "lines", row)


def pay_out(db: Db, account: Row) -> int:
    """Send the balance of each currency to the community's bank; how many payouts that made."""
    balances = db.execute(
        "SELECT currency, sum(amount - fee) AS balance FROM lines WHERE account = ? GROUP BY currency "
        "HAVING balance > 0 ORDER BY currency",
        (account["id"],),
    ).fetchall()
    for row in balances:
        line = {"account": account["id"], "kind": "payout", "amount": -row["balance"], "fee": 0}
        about = {"currency": row["currency"], "reference": "", "provider_reference": new_id("out")}
        insert(db, "lines", line | about | {"at": written(now_of(account))})
    return len(balances)


def lines(db: Db, account: Row, since: datetime, until: datetime) -> list[Row]:
    return db.execute(
        "SELECT * FROM lines WHERE account = ? AND at >= ? AND at < ? ORDER BY number",
        (account["id"], written(since), written(until)),
    ).fetchall()


def _move(db: Db, account: Row, payment: Row, state: str, *, kind: str, code: str = "") -> Row:
    payment = _set(db, payment, state=state, decline_code=code)
    events.record(db, account, kind, subject="payment", about=payment["id"], payment=payment)
    return payment


def _set(db: Db, payment: Row, **values: Any) -> Row:
    names = ", ".join(f"{name} = :{name}" for name in values)
    db.execute(f"UPDATE payments SET {names} WHERE id = :id", values | {"id": payment["id"]})
    return by_id(db, payment["id"])
