"""A member's credit as far as it can be spent, and what of a payment became credit."""

from django.db.models import Q, Sum

from commerce.models import Invoice, Payment
from commerce.services import ledger
from kernel.money import Money
from members.models import Membership


def spendable(membership: Membership, currency: str, *, hold: bool = True) -> Money:
    """What a member can spend of their credit: what is on its way back to them is theirs to spend no more. It is held until
    the transaction ends, unless it is only to be shown."""
    credit = ledger.credit_of(membership, currency, hold=hold)
    if not credit:
        return credit
    leaving = Payment.objects.filter(membership=membership, currency=currency, refunding__gt=0)
    return credit - Money(
        sum(over(payment, payment.refunding) for payment in leaving.select_related("invoice")), currency
    )


def over(payment: Payment, amount: int) -> int:
    """How much of what goes back of a payment is taken from the credit that it became."""
    return max(amount - creditable(payment), 0)


def creditable(payment: Payment) -> int:
    """How much of what is still here of a payment paid its invoice; the rest became credit."""
    if payment.surplus or payment.invoice is None:
        return 0
    return max(payment.invoice.due.amount - sent_back(payment.invoice), 0)


def sent_back(invoice: Invoice) -> int:
    """How much of an invoice was taken back for money that went; what was given back as credit is not of that."""
    went = invoice.credit_notes.filter(Q(refund__isnull=False) | Q(dispute__isnull=False))
    return int(went.aggregate(sum=Sum("gross"))["sum"] or 0)
