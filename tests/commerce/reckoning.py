"""Books of two sides for tests of reconciling: payments and refunds of ours by the hundred, through the ledger, and the lines of
the sandbox's own books beside them, written where the sandbox keeps them."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commerce.models import Account, Payment, PaymentAttempt, ProviderAccount, Refund
from commerce.services import ledger
from commerce.services.ledger import Posting, Side
from crowdecon.sandbox.store import written
from tests.commerce.dues import invoice
from tests.peers import Account as Peer


@dataclass
class Line:
    """A line of the sandbox's books; what differs is written over before it is `booked`."""

    kind: str
    reference: str
    provider_reference: str
    amount: int
    fee: int
    currency: str
    at: datetime


class Books:
    """An account with payments that came and refunds that went, all known to both sides."""

    def __init__(self, account: ProviderAccount, member: Any, peer: Peer) -> None:
        self.account, self.member, self.peer = account, member, peer
        # What comes for an invoice that is paid is the member's credit: so one invoice stands for any number.
        self.invoice = invoice(member)

    def attempts(self, times: Iterable[datetime], **fields: Any) -> list[PaymentAttempt]:
        """Paid ones, of amounts that tell them apart."""
        given: dict[str, Any] = {
            "state": PaymentAttempt.State.SUCCEEDED,
            "kind": "checkout",
            "currency": "CNY",
        }
        rows = [
            PaymentAttempt(
                invoice=self.invoice, account=self.account, amount=10_000 + n, made_at=at, **(given | fields)
            )
            for n, at in enumerate(times)
        ]
        for row in rows:
            row.provider_reference = f"pay_{row.key.hex[:24]}"
        return PaymentAttempt.objects.bulk_create(rows)

    def payments(self, times: Iterable[datetime], *, fee: int | None = 290) -> list[Payment]:
        """Payments that came at these times, in the ledger with their fees."""
        paid = Payment.objects.bulk_create(
            Payment(
                community=self.account.community,
                membership=self.member,
                invoice=self.invoice,
                attempt=attempt,
                account=self.account,
                method=Payment.Method.PROVIDER,
                surplus=True,
                amount=attempt.amount,
                currency=attempt.currency,
                fee=fee,
                paid_at=attempt.made_at,
                recorded_at=attempt.made_at,
            )
            for attempt in self.attempts(times)
        )
        self.post("payment", paid, lambda one: one.amount, Account.CREDIT)
        if fee:
            self.post("fee", paid, lambda one: -one.fee, Account.FEES, source="payment")
        return paid

    def refunds(
        self, payments: list[Payment], at: datetime, amount: int = 1_000, **fields: Any
    ) -> list[Refund]:
        """Refunds of a part of each, that went at this time."""
        given: dict[str, Any] = {"state": Refund.State.SUCCEEDED, "settled_at": at}
        back = Refund.objects.bulk_create(
            Refund(
                community=self.account.community,
                payment=payment,
                amount=amount,
                currency=payment.currency,
                then=Refund.Then.KEEP,
                reason="Asked for it",
                made_at=at,
                **(given | fields),
            )
            for payment in payments
        )
        for refund in back:
            refund.provider_reference = f"ref_{refund.key.hex[:24]}"
        Refund.objects.bulk_update(back, ["provider_reference"])
        if not fields:
            Payment.objects.filter(pk__in=[one.pk for one in payments]).update(refunded=amount)
            self.post("refund", back, lambda one: -one.amount, Account.CREDIT)
        return back

    def post(self, kind: str, rows: list[Any], amount: Any, other: Account, source: str = "") -> None:
        ledger.post_all(
            community=self.account.community,
            postings=[
                Posting(
                    kind,
                    source or kind,
                    one.pk,
                    one.currency,
                    [
                        Side(Account.CLEARING, amount(one), provider_account=self.account),
                        Side(
                            other, -amount(one), membership=self.member if other == Account.CREDIT else None
                        ),
                    ],
                    getattr(one, "paid_at", None) or one.made_at,
                )
                for one in rows
            ],
        )

    def lines(self, rows: Iterable[Payment | Refund | PaymentAttempt]) -> list[Line]:
        """What the provider writes of them."""
        return [self.line(one) for one in rows]

    def line(self, one: Any) -> Line:
        if isinstance(one, Refund):
            return Line("refund", one.idem, one.provider_reference, -one.amount, 0, one.currency, one.made_at)
        attempt = one.attempt if isinstance(one, Payment) else one
        names = (attempt.reference, attempt.provider_reference)
        return Line(
            "payment", *names, one.amount, getattr(one, "fee", 290) or 0, one.currency, attempt.made_at
        )

    def book(self, lines: Iterable[Line]) -> None:
        """Have the provider write these into its books."""
        rows = [
            (self.peer.keys["account"], one.kind, one.amount, one.fee, one.currency, one.reference,
             one.provider_reference, written(one.at))
            for one in lines
        ]  # fmt: skip
        with self.db() as db:
            db.executemany(
                "INSERT INTO lines (account, kind, amount, fee, currency, reference, provider_reference, at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )

    def took(self, attempts: Iterable[PaymentAttempt]) -> None:
        """Have the provider know these payments as paid, whatever we know."""
        rows = [
            (one.provider_reference, self.peer.keys["account"], one.reference, one.idem, f"page_{one.key.hex}",
             one.amount, one.currency, one.amount, written(one.made_at), written(one.made_at))
            for one in attempts
        ]  # fmt: skip
        with self.db() as db:
            db.executemany(
                "INSERT INTO payments (id, account, reference, idem, page, amount, currency, description, language,"
                " payer, return_url, notify_url, save_mandate, state, captured, fee, at, paid_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, '', 'en', '', '', '', 0, 'succeeded', ?, 290, ?, ?)",
                rows,
            )

    def db(self) -> sqlite3.Connection:
        return sqlite3.connect(self.peer.peer.folder / "sandbox.sqlite3", timeout=30)
