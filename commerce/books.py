"""The ledger in words: what its accounts hold, and what each posting came of, with the page where that is seen."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commerce import providers
from commerce.models import (
    Account,
    CreditNote,
    Dispute,
    Entry,
    Invoice,
    Payment,
    ProviderMovement,
    RecognitionDay,
    ReferralReward,
    Refund,
    Transaction,
)
from commerce.services import ledger
from kernel import words
from kernel.money import Money
from members.models import Membership

#: What stands on each account, for who has never kept books.
MEANS = {
    Account.RECEIVABLE: gettext_lazy("What members have been asked for and have not paid yet."),
    Account.CLEARING: gettext_lazy("What payment providers hold for you."),
    Account.BANK: gettext_lazy("What came to your bank, or in cash."),
    Account.DEFERRED: gettext_lazy("What was asked for days that are still to come."),
    Account.REVENUE: gettext_lazy("What you have earned."),
    Account.TAX: gettext_lazy("The tax within what was asked, owed to the tax office."),
    Account.FEES: gettext_lazy("What payment providers kept."),
    Account.REFUNDS: gettext_lazy("What is owed back to members."),
    Account.DISPUTES: gettext_lazy("What payers' banks hold until a dispute is decided."),
    Account.CREDIT: gettext_lazy("What members can spend with you."),
    Account.DISCOUNT: gettext_lazy("What coupons took off what you earned."),
    Account.REWARD: gettext_lazy("What was given for bringing members."),
}
#: Accounts on which each entry is some member's.
OF_MEMBERS = frozenset({Account.RECEIVABLE, Account.CREDIT})


@dataclass(frozen=True)
class Cause:
    """What a posting came of: how it is called, where it is seen, whose it is, and the invoice that it is about."""

    name: str = ""
    url: str = ""
    invoice: str = ""
    member: Membership | None = None


@dataclass(frozen=True)
class Line:
    """One side of a posting as pages and files show it."""

    entry: Entry
    kind: str
    cause: Cause
    #: What the account holds then, in a statement.
    balance: Money | None = None

    @property
    def account(self) -> Account:
        return Account(self.entry.account)

    @property
    def member(self) -> Membership | None:
        return self.entry.membership or self.cause.member

    @property
    def debit(self) -> Money | None:
        return Money(self.entry.amount, self.entry.currency) if self.entry.amount > 0 else None

    @property
    def credit(self) -> Money | None:
        return Money(-self.entry.amount, self.entry.currency) if self.entry.amount < 0 else None


def lines(entries: Iterable[Entry], *, opening: int | None = None) -> list[Line]:
    """The entries with what they came of, in one query for each kind of source, however many they are. Those of a
    statement with what the account holds then, which held `opening` before the first of them."""
    those = list(entries)
    told = causes({entry.transaction_id: entry.transaction for entry in those}.values())
    return [
        Line(
            one,
            kind_of(one.transaction),
            told[one.transaction_id],
            None if opening is None else Money(opening + int(one.moved), one.currency),  # type: ignore[attr-defined]
        )
        for one in those
    ]


def kind_of(posting: Transaction) -> str:
    return str(ledger.KINDS.get(posting.kind, posting.kind))


def causes(postings: Collection[Transaction]) -> dict[int, Cause]:
    """What each posting came of, by its id; one whose source nobody here knows has a cause without words."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for posting in postings:
        wanted[posting.source_type].add(posting.source_id)
    found = {kind: SOURCES[kind](ids) for kind, ids in wanted.items() if kind in SOURCES}
    nothing: dict[int, Cause] = {}
    return {one.pk: found.get(one.source_type, nothing).get(one.source_id, Cause()) for one in postings}


def _of_invoice(invoice: Invoice | None, member: Membership, name: str = "") -> Cause:
    if invoice is None:
        return Cause(name, member=member)
    url = reverse("commerce:invoice", args=[invoice.pay_token])
    return Cause(name or invoice.number, url, invoice.number, member)


def _invoices(ids: set[int]) -> dict[int, Cause]:
    rows = Invoice.objects.filter(pk__in=ids).select_related("membership")
    return {one.pk: _of_invoice(one, one.membership) for one in rows}


def _payments(ids: set[int]) -> dict[int, Cause]:
    rows = Payment.objects.filter(pk__in=ids).select_related("invoice", "membership")
    return {one.pk: _of_invoice(one.invoice, one.membership, one.external_id or "") for one in rows}


def _refunds(ids: set[int]) -> dict[int, Cause]:
    rows = Refund.objects.filter(pk__in=ids).select_related("payment__invoice", "payment__membership")
    return {one.pk: _of_payment(one.payment) for one in rows}


def _disputes(ids: set[int]) -> dict[int, Cause]:
    rows = Dispute.objects.filter(pk__in=ids).select_related("payment__invoice", "payment__membership")
    return {one.pk: _of_payment(one.payment) for one in rows}


def _of_payment(payment: Payment) -> Cause:
    return _of_invoice(payment.invoice, payment.membership, payment.external_id or "")


def _credit_notes(ids: set[int]) -> dict[int, Cause]:
    rows = CreditNote.objects.filter(pk__in=ids).select_related("invoice__membership")
    return {one.pk: _of_invoice(one.invoice, one.invoice.membership, one.number) for one in rows}


def _rewards(ids: set[int]) -> dict[int, Cause]:
    rows = ReferralReward.objects.filter(pk__in=ids).select_related("inviter", "invitee")
    said = _("for bringing %(member)s")
    return {one.pk: Cause(said % {"member": one.invitee.display_name}, member=one.inviter) for one in rows}


def _recognition_days(ids: set[int]) -> dict[int, Cause]:
    rows = RecognitionDay.objects.filter(pk__in=ids)
    return {one.pk: Cause(_("earned on %(day)s") % {"day": words.day(one.day)}) for one in rows}


def _movements(ids: set[int]) -> dict[int, Cause]:
    rows = ProviderMovement.objects.filter(pk__in=ids).select_related("account")
    return {one.pk: Cause(str(providers.providers.get(one.account.provider).label)) for one in rows}


#: How the rows that postings come of are found, by the name that `ledger.post` is given for them.
SOURCES: dict[str, Callable[[set[int]], dict[int, Any]]] = {
    "invoice": _invoices,
    "payment": _payments,
    "refund": _refunds,
    "credit_note": _credit_notes,
    "dispute": _disputes,
    "reward": _rewards,
    "recognition_day": _recognition_days,
    "movement": _movements,
}
