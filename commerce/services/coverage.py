"""What of an invoice is for which days, and how much of it is left."""

from commerce.models import Deferral, Invoice, InvoiceLine, Subscription


def covers(invoice: Invoice, subscription: Subscription) -> bool:
    """Whether days that the subscription is covered for now are on this invoice."""
    since = subscription.covered_from
    return since is not None and Deferral.objects.filter(line__invoice=invoice, ends_on__gt=since).exists()


def charged_on(invoice: Invoice) -> int:
    """What an invoice pays for the days it is for: of a change without what is given back for the days before."""
    lines = invoice.lines.exclude(kind=InvoiceLine.Kind.UNUSED).values_list("gross", flat=True)
    return sum(lines) if invoice.reason == Invoice.Reason.CHANGE else invoice.gross


def left_of(invoice: Invoice) -> int:
    """What was not taken back of it."""
    return invoice.gross - sum(invoice.credit_notes.values_list("gross", flat=True))
