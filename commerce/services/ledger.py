"""The one door into the ledger. A posting's sides sum to zero; the database holds them to it, and to staying as they are.

A debit is positive, a credit negative, in the smallest units of the currency.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from commerce.models import Account, Entry, ProviderAccount, Transaction
from kernel.clock import local_day
from kernel.locks import held
from kernel.money import Money
from kernel.tenancy import Community
from members.models import Membership

#: What each kind of posting is called, for who reads the ledger.
KINDS = {
    "invoice": _("Invoice"),
    "void": _("Invoice voided"),
    "credit_used": _("Credit used"),
    "credit_back": _("Credit given back"),
    "payment": _("Payment"),
    "payment_back": _("Payment taken back"),
    "fee": _("Fee of the provider"),
    "recognition": _("Revenue earned"),
    "credit_note": _("Credit note"),
    "refund": _("Refund"),
    "reward": _("Referral reward"),
    "dispute": _("Dispute"),
    "dispute_won": _("Dispute won"),
    "dispute_lost": _("Dispute lost"),
    "payout": _("Paid out by the provider"),
    "correction": _("Correction"),
}


@dataclass(frozen=True)
class Side:
    """One side of a posting. `membership` is whose credit or debt it is, `provider_account` where money lies."""

    account: Account
    amount: int
    membership: Membership | None = None
    provider_account: ProviderAccount | None = None


@dataclass(frozen=True)
class Posting:
    """A posting to be written: sides of nothing are left out, and one where no side is left is none."""

    kind: str
    source_type: str
    source_id: int
    currency: str
    sides: Iterable[Side]
    at: datetime
    reverses: Transaction | None = None


def post(
    *,
    community: Community,
    kind: str,
    source_type: str,
    source_id: int,
    currency: str,
    sides: Iterable[Side],
    at: datetime,
    reverses: Transaction | None = None,
) -> Transaction | None:
    """Write one posting, on the community's day of `at`. Sides of nothing are left out; where none is left, None.

    Raises `ValueError` for sides that do not sum to zero, and `IntegrityError` where the source was posted as this kind
    before.
    """
    posting = Posting(kind, source_type, source_id, currency, sides, at, reverses)
    written = post_all(community=community, postings=[posting])
    return written[0] if written else None


@transaction.atomic
def post_all(*, community: Community, postings: Iterable[Posting]) -> list[Transaction]:
    """Write many postings at once, those of nothing left out. Raises as `post`; nothing is written then."""
    sides = []
    transactions = []
    for one in postings:
        of_something = [side for side in one.sides if side.amount]
        if one.kind not in KINDS:
            raise ValueError(f"{one.kind!r} is no kind of posting.")
        if sum(side.amount for side in of_something):
            raise ValueError(f"A posting sums to zero, not to {sum(side.amount for side in of_something)}.")
        if not of_something:
            continue
        sides.append((one.currency, of_something))
        transactions.append(
            Transaction(
                community_id=community.id,
                kind=one.kind,
                source_type=one.source_type,
                source_id=one.source_id,
                day=local_day(one.at, community.zone),
                at=one.at,
                reverses=one.reverses,
            )
        )
    written = Transaction.objects.bulk_create(transactions)
    Entry.objects.bulk_create(
        Entry(
            transaction=posting,
            community_id=community.id,
            account=side.account,
            currency=currency,
            amount=side.amount,
            day=posting.day,
            membership=side.membership,
            provider_account=side.provider_account,
        )
        for posting, (currency, those) in zip(written, sides, strict=True)
        for side in those
    )
    return written


@transaction.atomic
def reverse(posting: Transaction, *, community: Community, kind: str, at: datetime) -> Transaction | None:
    """Take a posting back by its contrary. Raises `IntegrityError` where that was done before."""
    entries = list(posting.entries.select_related("membership", "provider_account").order_by("id"))
    return post(
        community=community,
        kind=kind,
        source_type=posting.source_type,
        source_id=posting.source_id,
        currency=entries[0].currency,
        sides=[
            Side(Account(entry.account), -entry.amount, entry.membership, entry.provider_account)
            for entry in entries
        ],
        at=at,
        reverses=posting,
    )


def posted(kind: str, source_type: str, source_id: int) -> Transaction | None:
    return Transaction.objects.filter(kind=kind, source_type=source_type, source_id=source_id).first()


def credit_of(membership: Membership, currency: str, *, hold: bool = False) -> Money:
    """What the community owes a member in this currency. `hold` keeps it from being spent by others until the transaction
    ends: two who spend at once would spend it twice."""
    if hold:
        held(Membership.objects.filter(pk=membership.pk)).get()
    owed = Entry.objects.filter(membership=membership, account=Account.CREDIT, currency=currency).aggregate(
        owed=Sum("amount")
    )["owed"]
    return Money(-int(owed or 0), currency)
