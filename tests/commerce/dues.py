"""Makers of what tests of money need, through the services that the product uses."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db.models import Sum
from django.utils.crypto import get_random_string

from commerce.models import (
    BankLine,
    Coupon,
    Difference,
    Dispute,
    Entry,
    Gift,
    Invoice,
    InvoiceLine,
    NumberSeries,
    Order,
    Payment,
    PaymentAttempt,
    Plan,
    ProviderAccount,
    Refund,
    Subscription,
    Transaction,
)
from commerce.periods import Period
from commerce.providers import creditor_reference
from commerce.services import invoices, payments, refunds, seats
from commerce.services.invoices import NewLine
from kernel.money import Money
from members.models import Membership
from tests import make

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
MONTH = Period(date(2026, 3, 1), date(2026, 4, 1))
SITE = make.SITE


def invoice(
    member: Membership, gross: int = 12_000, *, rate: int = 0, at: datetime = AT, **fields: Any
) -> Invoice:
    """An invoice of one line over March 2026."""
    line = NewLine(InvoiceLine.Kind.DUES, "Dues", gross, tax_rate=rate, days=MONTH)
    given: dict[str, Any] = {
        "community": member.community,
        "membership": member,
        "reason": Invoice.Reason.OTHER,
        "lines": [line],
        "currency": "CNY",
        "due_on": MONTH.start,
        "at": at,
        "by": SITE,
    }
    return invoices.issue(**(given | fields))


def plan(community: Any, amount: int = 12_000, **fields: Any) -> Plan:
    """A plan of the tier that newcomers are given."""
    given: dict[str, Any] = {
        "tier": community.tiers.get(is_default=True),
        "name": "Dues",
        "currency": "CNY",
        "interval": "month",
        "created_at": make.EARLY,
    }
    return Plan.objects.create(community=community, amount=amount, **(given | fields))


def furnished(
    member: Membership, name: str = "Dues", words: str = "For who stays a while."
) -> dict[str, Any]:
    """A plan, a coupon and an invoice, and what stands for them in addresses. The plan is one that staff give."""
    community = member.community
    coupon = Coupon.objects.create(
        community=community, code=f"SPRING-{community.pk}", percent=2000, periods=1, created_at=make.EARLY
    )
    given = plan(community, name=name, visible=False, tax_rate=600, interval="year", description=words)
    line = NewLine(InvoiceLine.Kind.DUES, name, 36_000, tax_rate=600, days=MONTH)
    asked = invoice(member, lines=[line])
    return {
        "dispute_key": disputed(received(invoice(member), note=words)).key,
        "transfer_key": awaited(invoice(member, 5_000)).key,
        "invoice_key": asked.key,
        "plan_key": given.key,
        "coupon_key": coupon.key,
        "rail": "offline",
        "pay_token": asked.pay_token,
        **paid(member, words),
        "subscription_key": (group := a_group(member, name)).key,
        "seat_key": group.seats.get().key,
        "difference_key": difference(community).key,
        "ledger_account": "receivable",
        "posting_key": Transaction.objects.get(source_type="invoice", source_id=asked.pk).key,
        "seat_code": group.seats.get().code,
        "gift_key": (gift := a_gift(member, name)).key,
        "gift_code": gift.code,
        "order_key": an_order(member, name).key,
        "mark": "0f" * 8,
    }


def a_group(member: Membership, name: str = "Group") -> Subscription:
    """A group that the member pays for, with a seat that nobody has taken."""
    shared = plan(member.community, 1_000, name=name, visible=False, group=True)
    group = Subscription.objects.create(
        community=member.community, membership=member, plan=shared, next_plan=shared, status="active",
        amount=1_000, currency="CNY", anchor=MONTH.start, period_start=MONTH.start, period_end=MONTH.end,
        started_at=make.EARLY,
    )  # fmt: skip
    seats.add(group, 1, at=make.EARLY)
    return group


def an_order(member: Membership, name: str = "Supper") -> Order:
    """Something of the member's that is paid for."""
    order = Order.objects.create(
        community=member.community, membership=member, payable="ticket", subject=uuid4(), title=name, state="paid",
        amount=5_000, currency="CNY", made_at=AT, held_until=AT, paid_at=AT,
    )  # fmt: skip
    line = NewLine(InvoiceLine.Kind.ITEM, name, 5_000)
    invoice(member, reason=Invoice.Reason.ORDER, lines=[line], order=order)
    return order


def a_gift(member: Membership, name: str = "Gift") -> Gift:
    """A gift of the member's that is paid for and that nobody has taken."""
    given = plan(member.community, 3_000, name=name, visible=False)
    code = get_random_string(20, seats.LETTERS)
    gift = Gift.objects.create(
        community=member.community, plan=given, giver=member, code=code, recipient_name=name,
        made_at=AT, paid_at=AT, expires_at=AT + timedelta(days=1_827),
    )  # fmt: skip
    line = NewLine(InvoiceLine.Kind.GIFT, name, 3_000)
    asked = invoice(member, gift=gift, reason=Invoice.Reason.GIFT, lines=[line])
    payments.receive(
        invoice=asked, community=member.community, money=asked.due, method=Payment.Method.BANK, paid_at=AT, at=AT,
        by=SITE,
    )  # fmt: skip
    return gift


def paid(member: Membership, why: str = "Too much") -> dict[str, Any]:
    """A payment by hand of which a part went back, and a try to pay that came to nothing on a rail that is gone."""
    community = member.community
    asked = invoice(member, 4_000)
    account = ProviderAccount.objects.create(
        community=community, provider="offline", made_at=AT, ended_at=AT, enabled=False
    )
    tried = PaymentAttempt.objects.create(
        invoice=asked, account=account, kind="checkout", state="cancelled", amount=4_000, currency="CNY",
        made_at=AT, settled_at=AT,
    )  # fmt: skip
    payment = payments.receive(
        invoice=asked, community=community, money=asked.due, method=Payment.Method.BANK, paid_at=AT, at=AT,
        by=SITE,
    )  # fmt: skip
    refund = refunds.ask(
        payment=payment, money=Money(1_000, "CNY"), reason=why, then=Refund.Then.KEEP, at=AT, by=SITE
    )
    return {"payment_key": payment.key, "refund_key": refund.key, "attempt_key": tried.key}


def difference(community: Any) -> Difference:
    """A payment that only the provider of an account, which is connected no more, knows of."""
    account = ProviderAccount.objects.create(
        community=community, provider="sandbox", ended_at=make.EARLY, made_at=make.EARLY
    )
    return Difference.objects.create(
        account=account, kind="missing_here", subject="payment", mark="furnished", there=12_000,
        there_currency="CNY", at=make.EARLY, found_at=make.EARLY,
    )  # fmt: skip


def received(asked: Invoice, *, at: datetime = AT, **fields: Any) -> Payment:
    """That all of an invoice came by transfer."""
    given: dict[str, Any] = {"money": asked.due, "method": Payment.Method.BANK, "paid_at": at}
    return payments.receive(invoice=asked, community=asked.community, at=at, by=SITE, **(given | fields))


def awaited(asked: Invoice) -> PaymentAttempt:
    """A transfer that a member was told to send; and what came to the bank from somebody else."""
    rail, _new = ProviderAccount.objects.get_or_create(
        community=asked.community, provider="offline", ended_at=None, defaults={"made_at": make.EARLY}
    )
    BankLine.objects.get_or_create(
        community=asked.community,
        line_id="0" * 32,
        defaults={"booked_on": AT.date(), "amount": 700, "currency": "CNY", "text": "INV", "read_at": AT},
    )
    return PaymentAttempt.objects.create(
        invoice=asked,
        account=rail,
        kind="checkout",
        state="pending",
        amount=asked.due.amount,
        currency=asked.currency,
        provider_reference=creditor_reference.of(asked.key.hex),
        made_at=AT,
    )


def disputed(payment: Payment, **fields: Any) -> Dispute:
    """A payment that its payer's bank asks about: as it stands before a provider is asked."""
    rail, _new = ProviderAccount.objects.get_or_create(
        community=payment.community, provider="sandbox", ended_at=None, defaults={"made_at": make.EARLY}
    )
    given: dict[str, Any] = {"amount": 0, "currency": payment.currency, "reason": "fraudulent"}
    return Dispute.objects.create(
        community=payment.community,
        payment=payment,
        account=rail,
        provider_reference=f"dsp_{payment.pk}",
        opened_at=AT,
        evidence_due_at=AT + timedelta(days=7),
        **(given | fields),
    )


def balances(community: Any, currency: str = "CNY") -> dict[str, int]:
    """What stands on each account that is not at zero."""
    rows = Entry.objects.filter(community=community, currency=currency).values("account")
    return {
        row["account"]: row["sum"]
        for row in rows.annotate(sum=Sum("amount")).order_by("account")
        if row["sum"]
    }


def guard(community: Any) -> None:
    """What holds after everything: postings sum to zero, numbers have no gap, an invoice is paid once at most."""
    unequal = (
        Entry.objects.filter(community=community)
        .values("transaction", "currency")
        .annotate(sum=Sum("amount"))
        .exclude(sum=0)
    )
    assert list(unequal) == []
    assert not Transaction.objects.filter(community=community, entries=None).exists()
    for series in NumberSeries.objects.filter(community=community):
        for numbered in (community.invoices, community.credit_notes):
            found = numbered.filter(series=series.series, year=series.year).order_by("sequence")
            numbers = list(found.values_list("sequence", flat=True))
            assert numbers in ([], list(range(1, series.last + 1)))
    for one in community.invoices.filter(status="paid"):
        assert one.payments.filter(surplus=False, reversed_at=None).count() == (1 if one.due else 0)
