"""The ledger as tables for accountants: names of columns and accounts as programs know them, amounts as decimals with exactly
the places that their currency has."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from commerce import books
from commerce.models import Entry
from commerce.selectors.books import TrialBalance

ENTRIES = (
    "transaction", "day", "at", "kind", "account", "member", "invoice", "debit", "credit", "currency", "reverses", "note",
)  # fmt: skip
TRIAL_BALANCE = ("currency", "account", "opening", "debit", "credit", "closing")
#: Entries whose causes are looked up together.
PORTION = 1_000


def entries(rows: Any) -> Iterator[tuple[Any, ...]]:
    """The entries, read from the database and told while the file is sent: however many, a portion is held at a time."""
    told: Iterator[Entry] = rows.select_related("transaction__reverses", "membership").iterator(
        chunk_size=PORTION
    )
    while portion := list(islice(told, PORTION)):
        for line in books.lines(portion):
            posting, member = line.entry.transaction, line.member
            yield (
                posting.key.hex,
                posting.day,
                posting.at,
                posting.kind,
                line.entry.account,
                member.number if member else None,
                line.cause.invoice,
                line.debit.decimal if line.debit else None,
                line.credit.decimal if line.credit else None,
                line.entry.currency,
                posting.reverses.key.hex if posting.reverses else None,
                "" if line.cause.name == line.cause.invoice else line.cause.name,
            )


def trial_balance(trials: Iterable[TrialBalance]) -> Iterator[tuple[Any, ...]]:
    for trial in trials:
        for one in trial.balances:
            money = one.money
            figures = (money[name].decimal for name in ("opening", "debits", "credits", "closing"))
            yield (trial.currency, one.account.value, *figures)
