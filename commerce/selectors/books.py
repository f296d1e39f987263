"""The ledger as a treasurer reads it: sums of accounts over days, and the entries behind them. The database adds up.

Days are the community's, the first and the last included. Amounts are in the currency's smallest units, a debit positive.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet, Sum, Window

from commerce.models import Account, Entry, Transaction
from kernel.money import Money


@dataclass(frozen=True)
class Sums:
    """What an account (or all of them together) held before the days, what moved on them, and what it holds then.
    `debits` and `credits` are both above nothing."""

    currency: str
    opening: int
    debits: int
    credits: int

    @property
    def closing(self) -> int:
        return self.opening + self.debits - self.credits

    @property
    def money(self) -> dict[str, Money]:
        """The four figures as amounts."""
        names = ("opening", "debits", "credits", "closing")
        return {name: Money(getattr(self, name), self.currency) for name in names}


@dataclass(frozen=True)
class Balance(Sums):
    """The sums of one account."""

    account: Account


@dataclass(frozen=True)
class TrialBalance:
    """Every account of a currency that was ever used by the last day, in the order of `Account`, and their sums."""

    currency: str
    balances: list[Balance]

    @property
    def total(self) -> Sums:
        parts = self.balances
        return Sums(
            self.currency,
            opening=sum(one.opening for one in parts),
            debits=sum(one.debits for one in parts),
            credits=sum(one.credits for one in parts),
        )

    @property
    def is_even(self) -> bool:
        """Whether what must be equal is: debits and credits, and nothing is left over before and after."""
        total = self.total
        return (total.opening, total.debits - total.credits, total.closing) == (0, 0, 0)


def trial_balances(community_id: int, first: date, last: date) -> list[TrialBalance]:
    """A trial balance for each currency, by its code, in one query."""
    rows = Entry.objects.filter(community_id=community_id, day__lte=last).values("currency", "account")
    found: dict[str, dict[str, Balance]] = defaultdict(dict)
    for row in rows.annotate(**_sums(first)).order_by("currency"):
        account = Account(row["account"])
        found[row["currency"]][account] = _balance(row, row["currency"], account)
    return [
        TrialBalance(currency, [accounts[account] for account in Account if account in accounts])
        for currency, accounts in found.items()
    ]


def balance(
    community_id: int,
    account: Account,
    currency: str,
    first: date,
    last: date,
    records: Collection[int] | None = None,
) -> Balance:
    """The sums of one account; with `records` those of these members alone."""
    rows = _of(community_id, account, currency, last, records)
    return _balance(rows.aggregate(**_sums(first)), currency, account)


def statement(
    community_id: int,
    account: Account,
    currency: str,
    first: date,
    last: date,
    records: Collection[int] | None = None,
) -> QuerySet[Entry]:
    """The entries of an account on these days, the oldest first; `moved` is what they come to up to and with each."""
    rows = _of(community_id, account, currency, last, records).filter(day__gte=first)
    moved = Window(Sum("amount"), order_by=[F("day"), F("transaction_id"), F("pk")])
    return (
        rows.annotate(moved=moved)
        .select_related("transaction", "membership")
        .order_by("day", "transaction_id", "pk")
    )


def currencies_of(community_id: int, account: Account) -> list[str]:
    """The currencies that the account was ever used in."""
    rows = Entry.objects.filter(community_id=community_id, account=account).order_by("currency")
    return list(rows.values_list("currency", flat=True).distinct())


def entries(community_id: int, first: date, last: date) -> QuerySet[Entry]:
    """Every entry on these days, in the order of the days, those of a posting together."""
    rows = Entry.objects.filter(community_id=community_id, day__gte=first, day__lte=last)
    return rows.select_related("transaction", "membership").order_by("day", "transaction_id", "pk")


def posting(community_id: int, key: UUID) -> Transaction | None:
    rows = Transaction.objects.of(community_id).select_related("reverses", "reversed_by")
    return rows.filter(key=key).first()


def _of(
    community_id: int, account: Account, currency: str, last: date, records: Collection[int] | None
) -> QuerySet[Entry]:
    rows = Entry.objects.filter(community_id=community_id, account=account, currency=currency, day__lte=last)
    return rows if records is None else rows.filter(membership__in=records)


def _sums(first: date) -> dict[str, Sum]:
    now = Q(day__gte=first)
    return {
        "opening": Sum("amount", filter=Q(day__lt=first), default=0),
        "debits": Sum("amount", filter=now & Q(amount__gt=0), default=0),
        "credits": Sum("amount", filter=now & Q(amount__lt=0), default=0),
    }


def _balance(row: Mapping[str, Any], currency: str, account: Account) -> Balance:
    return Balance(
        currency=currency,
        account=account,
        opening=int(row["opening"]),
        debits=int(row["debits"]),
        credits=-int(row["credits"]),
    )
