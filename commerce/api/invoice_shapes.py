"""What the API says of invoices and credit notes, and what it takes."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from commerce.models import CreditNote, Invoice, InvoiceLine
from kernel.api.fields import Day, Moment, Text
from kernel.api.money import MoneyOf, MoneyShape, Percent
from kernel.api.serializers import Body, Shape, page_of
from kernel.clock import local_day, now
from kernel.money import Money

REASON = {"help_text": "The member will read it.", "max_length": 240}


class InvoiceShape(Shape):
    """What a member owes, or owed. It never changes once it has its number: what is taken back stands in credit notes."""

    sparse = True

    key = serializers.UUIDField()
    number = serializers.CharField()
    member = serializers.IntegerField(source="membership.number", help_text="The member's number.")
    subscription = serializers.UUIDField(
        source="subscription.key", allow_null=True, default=None, help_text="Of whose period or change it is."
    )
    reason = serializers.ChoiceField(choices=Invoice.Reason.values)
    status = serializers.ChoiceField(choices=Invoice.Status.values)
    net = MoneyOf("net", help_text="Before tax.")
    tax = MoneyOf("tax")
    total = MoneyShape(help_text="Tax included.")
    credit_used = MoneyOf("credit_used", help_text="What the member's credit paid of it at once.")
    due = MoneyShape(help_text="What is to be paid, or was: `total` without `credit_used`.")
    period_start = serializers.DateField(allow_null=True)
    period_end = serializers.DateField(allow_null=True, help_text="The first day after the period.")
    due_on = serializers.DateField()
    extended_to = serializers.DateField(allow_null=True, help_text="So long it may wait.")
    is_late = serializers.SerializerMethodField(help_text="To be paid, and its day has passed.")
    issued_at = Moment()
    paid_at = Moment(allow_null=True)
    voided_at = Moment(allow_null=True)
    void_reason = serializers.CharField()
    pay_url = serializers.SerializerMethodField(
        help_text="Who holds this link may pay it, signed in or not; null once nothing is to be paid."
    )
    pdf_url = serializers.SerializerMethodField(help_text="The document, for who holds the link.")

    def get_is_late(self, invoice: Invoice) -> bool:
        today = local_day(now(), self.context["request"].community.zone)
        return invoice.status == Invoice.Status.OPEN and invoice.due_on < today

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_pay_url(self, invoice: Invoice) -> str | None:
        return self._link("commerce:pay", invoice) if invoice.status == Invoice.Status.OPEN else None

    @extend_schema_field(serializers.URLField())
    def get_pdf_url(self, invoice: Invoice) -> str:
        return self._link("commerce:invoice_pdf", invoice)

    def _link(self, name: str, invoice: Invoice) -> str:
        return str(self.context["request"].build_absolute_uri(reverse(name, args=[invoice.pay_token])))


InvoicePage = page_of(InvoiceShape, "InvoicePage")


class LineShape(Shape):
    """One thing on an invoice, in words as they were written then; negative for what is taken off."""

    kind = serializers.ChoiceField(choices=InvoiceLine.Kind.values)
    words = serializers.CharField()
    quantity = serializers.IntegerField()
    tax_percent = Percent(source="tax_rate", read_only=True)
    net = MoneyShape(source="before_tax")
    tax = MoneyShape(source="taxes")
    total = MoneyShape()
    starts_on = serializers.DateField(allow_null=True, help_text="The days over which it is earned.")
    ends_on = serializers.DateField(allow_null=True, help_text="The first day after them.")


class TaxShape(Shape):
    """What a rate of tax comes to on an invoice."""

    percent = serializers.CharField()
    net = MoneyShape()
    tax = MoneyShape()


class NoteBriefly(Shape):
    """A credit note of the invoice."""

    key = serializers.UUIDField()
    number = serializers.CharField()
    total = MoneyOf("gross")
    issued_at = Moment()


class WholeInvoiceShape(InvoiceShape):
    """An invoice with all that stands on it."""

    lines = LineShape(many=True, source="lines.all")
    taxes = serializers.SerializerMethodField(help_text="By rate, the lowest first.")
    seller = serializers.DictField(child=serializers.CharField(), help_text="As it was then.")
    billed_to = serializers.DictField(
        child=serializers.CharField(allow_null=True), help_text="As it was then; empty once they are erased."
    )
    credit_notes = NoteBriefly(many=True, source="credit_notes.all")

    @extend_schema_field(TaxShape(many=True))
    def get_taxes(self, invoice: Invoice) -> Any:
        sums: dict[int, tuple[int, int]] = {}
        for line in invoice.lines.all():
            net, tax = sums.get(line.tax_rate, (0, 0))
            sums[line.tax_rate] = net + line.net, tax + line.tax
        rows = [
            {
                "percent": Percent().to_representation(rate),
                "net": Money(net, invoice.currency),
                "tax": Money(tax, invoice.currency),
            }
            for rate, (net, tax) in sorted(sums.items())
        ]
        return TaxShape(rows, many=True).data


class Wait(Body):
    """Until when it may wait."""

    until = Day(help_text="Later than the day it was due, and than it may wait already; within a year.")


class Because(Body):
    """Why it is done."""

    reason = Text(**REASON)  # type: ignore[arg-type]


class CreditNoteShape(Shape):
    """What was taken back of a final invoice."""

    sparse = True

    key = serializers.UUIDField()
    number = serializers.CharField()
    invoice = serializers.UUIDField(source="invoice.key", help_text="The key of the invoice.")
    invoice_number = serializers.CharField(source="invoice.number")
    member = serializers.IntegerField(source="invoice.membership.number", help_text="The member's number.")
    net = MoneyOf("net", help_text="Before tax.")
    tax = MoneyOf("tax")
    total = MoneyOf("gross", help_text="Tax included.")
    reason = serializers.CharField()
    issued_at = Moment()
    pdf_url = serializers.SerializerMethodField(help_text="The document, for who holds the link.")

    @extend_schema_field(serializers.URLField())
    def get_pdf_url(self, note: CreditNote) -> str:
        path = reverse("commerce:credit_note_pdf", args=[note.invoice.pay_token, note.number])
        return str(self.context["request"].build_absolute_uri(path))


CreditNotePage = page_of(CreditNoteShape, "CreditNotePage")
