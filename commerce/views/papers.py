"""Invoices, receipts and credit notes to be kept, as PDF: by the same link as their page."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header

from commerce import documents
from commerce.views.pay import OfInvoice
from kernel.letters import NoLetters


class OfPaper(OfInvoice):
    http_method_names = ["get"]

    def sent(self, request: HttpRequest, number: str, made: Callable[[], bytes]) -> HttpResponse:
        """The document as a file; where no letters are installed, the page that can be printed instead."""
        bill = self.bill
        try:
            content = made()
        except NoLetters:
            context: dict[str, Any] = {"bill": bill, "invoice": bill.invoice, "no_letters": True}
            context["community"] = bill.invoice.community
            return render(request, "commerce/pay/invoice.html", context, status=503)
        answer = HttpResponse(content, content_type="application/pdf")
        name = documents.file_name(bill.invoice, number)
        answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
        return answer


class InvoicePaper(OfPaper):
    def get(self, request: HttpRequest, pay_token: str) -> HttpResponse:
        bill = self.bill
        link = request.build_absolute_uri(reverse("commerce:pay", args=[pay_token]))
        return self.sent(
            request,
            bill.invoice.number,
            lambda: documents.of_invoice(bill.invoice, bill.lines, credit_notes=bill.credit_notes, link=link),
        )


class CreditNotePaper(OfPaper):
    def get(self, request: HttpRequest, pay_token: str, number: str) -> HttpResponse:
        bill = self.bill
        note = next((note for note in bill.credit_notes if note.number == number), None)
        if note is None:
            raise Http404
        note.invoice, note.community = bill.invoice, bill.invoice.community
        return self.sent(request, note.number, lambda: documents.of_credit_note(note, bill.lines))
