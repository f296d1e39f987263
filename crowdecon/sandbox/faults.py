"""What can be made to go wrong, for one account, so many times or until it is switched off. All is off by default."""

from crowdecon.sandbox.store import Db

#: Faults of answering: they hold for calls that do something, or for the one operation that is named with them.
ANSWERING = ("delay", "error_before", "error_after", "drop")
#: What a payer's bank says to whoever would have paid.
DECLINING = ("soft_decline", "hard_decline", "requires_action")
#: What becomes of the word that is sent of it.
SENDING = ("duplicate_webhook", "reorder_webhooks", "lost_webhook")
#: Ways of the house rather than faults.
WAYS = ("refund_pending", "qr_code")
ALL = (*ANSWERING, *DECLINING, *SENDING, *WAYS)

ACTING = ("checkout", "charge", "cancel", "refund", "forget")
OPERATIONS = (*ACTING, "fetch", "any")


def switch(
    db: Db, account: str, name: str, *, value: float = 1, times: int | None = None, operation: str = ""
) -> None:
    """`times` None: until it is switched off (`value` 0)."""
    db.execute("DELETE FROM faults WHERE account = ? AND name = ?", (account, name))
    if value:
        db.execute(
            "INSERT INTO faults (account, name, operation, value, times) VALUES (?, ?, ?, ?, ?)",
            (account, name, operation, value, times),
        )


def take(db: Db, account: str, name: str, operation: str = "") -> float:
    """How strongly the fault holds for this one time, 0 where it is off; one of its times is used up.

    Between two that take the last time of a fault, the writer's lock of `Store.writing` decides.
    """
    found = db.execute("SELECT * FROM faults WHERE account = ? AND name = ?", (account, name)).fetchone()
    if found is None or not _meant(found["operation"], operation):
        return 0
    if found["times"] is not None:
        if found["times"] > 1:
            db.execute("UPDATE faults SET times = times - 1 WHERE account = ? AND name = ?", (account, name))
        else:
            db.execute("DELETE FROM faults WHERE account = ? AND name = ?", (account, name))
    return float(found["value"])


def _meant(wanted: str, operation: str) -> bool:
    if not operation or wanted in ("any", operation):
        return True
    return wanted == "" and operation in ACTING
