"""Money that came: recorded once, put where it belongs, and told to whoever waits for it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from commerce.models import Account, BankLine, Invoice, Payment, PaymentAttempt, ProviderAccount, Subscription
from commerce.services import credits, invoices, ledger, standings
from commerce.services.ledger import Side
from kernel import activity
from kernel.activity import Activity
from kernel.errors import Refused
from kernel.locks import held, locked
from kernel.money import Money
from kernel.tenancy import Community
from members.actors import Actor
from members.models import Membership
from members.services import audit, powers

Method = Payment.Method
MANAGE = "money.manage"


@transaction.atomic
def receive(
    *,
    invoice: Invoice,
    community: Community,
    money: Money,
    method: Payment.Method,
    paid_at: datetime,
    at: datetime,
    by: Actor,
    account: ProviderAccount | None = None,
    attempt: PaymentAttempt | None = None,
    fee: Money | None = None,
    note: str = "",
) -> Payment:
    """Record that money came for an invoice. What covers it pays it; what is over is the member's credit, and so is all
    of it where it is too little, or the invoice was paid or taken back meanwhile: no money is lost, nothing is paid twice.

    Of one `attempt` it is recorded once: asked again, the same payment. Raises `ValueError` for another currency and for
    nothing.
    """
    if money.amount <= 0 or money.currency != invoice.currency:
        raise ValueError(f"{money} {money.currency} is nothing that pays an invoice in {invoice.currency}.")
    membership = _held(invoice)
    invoice = locked(Invoice.objects.filter(pk=invoice.pk)).get()
    if attempt is not None:
        known = Payment.objects.filter(attempt=attempt).first()
        if known is not None:
            return known
    covers = invoice.status == Invoice.Status.OPEN and money >= invoice.due
    payment = Payment.objects.create(
        community_id=community.id,
        membership=membership,
        invoice=invoice,
        attempt=attempt,
        account=account,
        method=method,
        surplus=not covers,
        amount=money.amount,
        currency=money.currency,
        fee=fee.amount if fee else None,
        paid_at=paid_at,
        recorded_at=at,
        note=note[:240],
    )
    owed = invoice.due.amount if covers else 0
    ledger.post(
        community=community,
        kind="payment",
        source_type="payment",
        source_id=payment.pk,
        currency=money.currency,
        at=at,
        sides=[
            where_it_lies(payment, money.amount),
            Side(Account.RECEIVABLE, -owed, membership=membership),
            Side(Account.CREDIT, owed - money.amount, membership=membership),
        ],
    )
    post_fee(payment, community=community, at=at)
    _tell(payment, membership, at=at)
    if covers:
        invoices.settle(invoice, community=community, at=at, by=by)
    elif (
        invoice.status == Invoice.Status.OPEN and credits.spendable(membership, money.currency) >= invoice.due
    ):
        with_credit(invoice=invoice, community=community, at=at, by=by)
    activity.announce("payment.received", payment=payment, community=community, at=at, by=by)
    return payment


@transaction.atomic
def with_credit(*, invoice: Invoice, community: Community, at: datetime, by: Actor) -> Payment:
    """Pay all that is due on an invoice from the member's credit. Raises `Refused` where it is not enough (`too_little`) and
    for an invoice that is not to be paid (`not_open`)."""
    membership = _held(invoice)
    invoice = locked(Invoice.objects.filter(pk=invoice.pk)).get()
    if invoice.status != Invoice.Status.OPEN:
        raise Refused(_("This invoice is not to be paid any more."), code="not_open")
    due = invoice.due
    if credits.spendable(membership, invoice.currency) < due:
        raise Refused(_("The credit is not enough for it."), code="too_little")
    payment = Payment.objects.create(
        community_id=community.id,
        membership=membership,
        invoice=invoice,
        method=Method.CREDIT,
        amount=due.amount,
        currency=due.currency,
        paid_at=at,
        recorded_at=at,
    )
    ledger.post(
        community=community,
        kind="payment",
        source_type="payment",
        source_id=payment.pk,
        currency=due.currency,
        at=at,
        sides=[
            Side(Account.CREDIT, due.amount, membership=membership),
            Side(Account.RECEIVABLE, -due.amount, membership=membership),
        ],
    )
    invoices.settle(invoice, community=community, at=at, by=by)
    return payment


@transaction.atomic
def take_back(*, payment: Payment, community: Community, reason: str, at: datetime, by: Actor) -> Payment:
    """Staff confirmed by mistake that a transfer or cash had come: what was posted is posted back, and the invoice that it
    paid is to be paid again.

    Raises `Refused` for money that did come by a provider or was sent back (`not_by_hand`), that was taken back before
    (`reversed`), for credit that was spent since (`spent`), and without a reason (`required`).
    """
    powers.require(by, MANAGE)
    membership = held(Membership.objects.filter(pk=payment.membership_id)).get()
    invoice = locked(Invoice.objects.filter(payments=payment)).first()
    payment = locked(Payment.objects.filter(pk=payment.pk)).get()
    if payment.reversed_at is not None:
        raise Refused(_("This payment was taken back."), code="reversed")
    if payment.method not in (Method.BANK, Method.CASH) or payment.refunded or payment.refunding:
        raise Refused(_("Only what staff confirmed by hand can be taken back."), code="not_by_hand")
    if not reason.strip():
        raise Refused(_("Say why."), code="required", field="reason")
    posting = ledger.posted("payment", "payment", payment.pk)
    if posting is None or invoice is None:
        raise Refused(_("Only what staff confirmed by hand can be taken back."), code="not_by_hand")
    became = -sum(posting.entries.filter(account=Account.CREDIT).values_list("amount", flat=True))
    if became > 0 and credits.spendable(membership, payment.currency).amount < became:
        raise Refused(_("It became credit, and the credit was spent."), code="spent")
    ledger.reverse(posting, community=community, kind="payment_back", at=at)
    payment.reversed_at = at
    payment.save(update_fields=["reversed_at"])
    # What the bank's statement says came all the same: it is to be booked for whom it is.
    lines = BankLine.objects.filter(payment=payment)
    lines.update(payment=None, state=BankLine.State.OPEN, settled_at=None)
    if not payment.surplus:
        invoices.reopen(invoice, community=community, at=at, by=by)
    audit.record(
        action="payment.taken_back",
        object_kind="payment",
        object_id=payment.key,
        by=by,
        at=at,
        community_id=community.id,
        after={
            "member": membership.number,
            "amount": str(payment.money),
            "currency": payment.currency,
            "reason": reason.strip()[:240],
        },
    )
    tell_back(payment, membership, payment.money, name=payment.key.hex, at=at)
    return payment


def can_be_taken_back(payment: Payment) -> bool:
    """Whether it is one that staff noted, and of which nothing went back."""
    by_hand = payment.method in (Method.BANK, Method.CASH) and payment.invoice_id is not None
    return by_hand and payment.reversed_at is None and not (payment.refunded or payment.refunding)


def hold(payment: Payment) -> Payment:
    """The payment as it is now, locked after its member, subscription and invoice."""
    standings.hold(payment.membership)
    if payment.invoice is not None:
        if payment.invoice.subscription_id:
            locked(Subscription.objects.filter(pk=payment.invoice.subscription_id)).get()
        locked(Invoice.objects.filter(pk=payment.invoice.pk)).get()
    locked(Payment.objects.filter(pk=payment.pk)).get()
    rows = Payment.objects.select_related(
        "membership", "community", "invoice", "account__community", "attempt"
    )
    return rows.get(pk=payment.pk)


def tell_back(payment: Payment, membership: Membership, money: Money, *, name: str, at: datetime) -> None:
    """The fact that money went back."""
    activity.publish(
        Activity(
            community_id=payment.community_id,
            member=membership.number,
            verb="refunded",
            at=at,
            object_kind="payment",
            object_id=payment.key.hex,
            value=money.decimal,
            staff=membership.is_staff,
            dedupe=f"refunded:{name}",
        )
    )


def _held(invoice: Invoice) -> Membership:
    """Whose invoice it is, held with those whom a change of status holds: who is let in by paying is among them, and rows
    are held in one order everywhere."""
    standings.hold(invoice.membership)
    return Membership.objects.get(pk=invoice.membership_id)


def post_fee(payment: Payment, *, community: Community, at: datetime) -> None:
    """What the provider kept of a payment, once it is known; a second time nothing."""
    if not payment.fee or ledger.posted("fee", "payment", payment.pk):
        return
    ledger.post(
        community=community,
        kind="fee",
        source_type="payment",
        source_id=payment.pk,
        currency=payment.currency,
        at=at,
        sides=[Side(Account.FEES, payment.fee), where_it_lies(payment, -payment.fee)],
    )


@transaction.atomic
def note_fee(payment: Payment, fee: Money | None, *, community: Community, at: datetime) -> None:
    """What the provider kept may be known later than that it was paid; once known it stays."""
    payment = locked(Payment.objects.filter(pk=payment.pk)).get()
    if payment.fee is not None or fee is None or fee.currency != payment.currency:
        return
    payment.fee = fee.amount
    payment.save(update_fields=["fee"])
    post_fee(payment, community=community, at=at)


def where_it_lies(payment: Payment, amount: int) -> Side:
    """The side of the account that a payment's money lies in, or leaves: with the provider, in the bank, or in credit."""
    if payment.method == Method.CREDIT:
        return Side(Account.CREDIT, amount, membership=payment.membership)
    if payment.account is not None and payment.method == Method.PROVIDER:
        return Side(Account.CLEARING, amount, provider_account=payment.account)
    return Side(Account.BANK, amount)


def _tell(payment: Payment, membership: Membership, *, at: datetime) -> None:
    activity.publish(
        Activity(
            community_id=payment.community_id,
            member=membership.number,
            verb="paid",
            at=payment.paid_at,
            object_kind="payment",
            object_id=payment.key.hex,
            value=payment.money.decimal,
            staff=membership.is_staff,
            dedupe=f"paid:{payment.key.hex}",
        )
    )
