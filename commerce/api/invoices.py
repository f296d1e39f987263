"""Invoices: listed, read, let wait, forgiven, taken back; and the credit notes beside them."""

import re
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from commerce.api import asking
from commerce.api.invoice_shapes import (
    Because,
    CreditNotePage,
    CreditNoteShape,
    InvoicePage,
    InvoiceShape,
    Wait,
    WholeInvoiceShape,
)
from commerce.models import CreditNote, Invoice
from commerce.services import invoices, lateness
from kernel.api import pages
from kernel.api.fields import Day, Text
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.queries import SparseQuery
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.keyset import Order
from members.actors import Actor

INVOICE = {"invoice_key": "The invoice's key."}
NEWEST = Order("id", tie="id", descending=True)
#: INV-2026-000123: its series, year and place.
_NUMBER = re.compile(r"([0-9A-Za-z]{1,10})-([0-9]{4})-([0-9]{1,9})", re.ASCII)


class MemberQuery(PageQuery, SparseQuery):
    member = serializers.IntegerField(
        required=False, min_value=1, max_value=2**31 - 1, help_text="Of the member of this number."
    )


class InvoicesQuery(MemberQuery):
    status = serializers.ChoiceField(
        required=False, choices=Invoice.Status.values, help_text="How it stands."
    )
    reason = serializers.ChoiceField(
        required=False, choices=Invoice.Reason.values, help_text="What it is for."
    )
    number = Text(required=False, max_length=40, help_text="The one of this number, such as INV-2026-000123.")
    due_before = Day(required=False, help_text="Due before this day of the community.")


class Invoices(ApiView):
    tag = "invoices"

    @operation("list_invoices", "List invoices", answers={200: InvoicePage}, query=InvoicesQuery)
    def get(self, request: Request) -> Response:
        """Invoices, the newest first: everybody's for programs and staff who see the money, else one's own."""
        query, rows = self.query, of_request(request)
        if "number" in query:
            rows = _numbered(rows, query["number"])
        if "due_before" in query:
            rows = rows.filter(due_on__lt=query["due_before"])
        page = pages.page(
            request,
            rows.filter(
                **asking.wanted(query, status="status", reason="reason", member="membership__number")
            ),
            order=NEWEST,
            limit=query["limit"],
            cursor=query.get("cursor", ""),
        )
        shape = InvoiceShape(page.rows, many=True, only=self.only, context=self.get_context())
        return Response(page.answer(shape.data))


class OneInvoice(ApiView):
    tag = "invoices"
    places = INVOICE

    @operation(
        "read_invoice",
        "Read an invoice",
        answers={200: WholeInvoiceShape},
        query=SparseQuery,
        tagged=True,
    )
    def get(self, request: Request, invoice_key: UUID) -> Response:
        """One invoice with its lines, taxes and credit notes. A member reads their own."""
        return told(self, find(request, invoice_key))


class ActOnInvoice(ApiView):
    """The acts of those who manage the money of the community."""

    tag = "invoices"
    places = INVOICE

    def act(self, request: Request, invoice_key: UUID, service: Any, **options: Any) -> Response:
        invoice = find(request, invoice_key)
        by = Actor.of_request(request)
        service(invoice=invoice, at=now(), by=by, **self.read_body(), **options)
        return told(self, find(request, invoice_key))


class ExtendInvoice(ActOnInvoice):
    @operation(
        "extend_invoice",
        "Let an invoice wait",
        answers={200: WholeInvoiceShape},
        needs=asking.MANAGE,
        body=Wait,
        query=SparseQuery,
        example={"until": "2026-04-01"},
    )
    def post(self, request: Request, invoice_key: UUID) -> Response:
        """Access ends so much later, and who was suspended for it is let in again where that day has not come. Refused with
        `not_open` for what is no dues to be paid, and with `day` for a day that does not fit."""
        return self.act(request, invoice_key, lateness.extend)


class ForgiveInvoice(ActOnInvoice):
    @operation(
        "forgive_invoice",
        "Forgive dues",
        answers={200: WholeInvoiceShape},
        needs=asking.MANAGE,
        body=Because,
        query=SparseQuery,
        example={"reason": "You have lost your work: stay with us."},
    )
    def post(self, request: Request, invoice_key: UUID) -> Response:
        """Nothing more is asked for it, and the period is given all the same. Refused as `void_invoice` is, and with
        `not_dues` for what is not dues."""
        return self.act(request, invoice_key, lateness.forgive)


class VoidInvoice(ActOnInvoice):
    @operation(
        "void_invoice",
        "Take an invoice back",
        answers={200: WholeInvoiceShape},
        needs=asking.MANAGE,
        body=Because,
        query=SparseQuery,
        example={"reason": "Asked twice by mistake."},
    )
    def post(self, request: Request, invoice_key: UUID) -> Response:
        """What nobody has paid is not asked for any more. Refused with `not_open` for what is paid or void, and with
        `being_paid` while a payment is on its way."""
        return self.act(request, invoice_key, invoices.void, community=asking.here(request))


class NotesQuery(MemberQuery):
    invoice = serializers.UUIDField(required=False, help_text="Of the invoice of this key.")


class CreditNotes(ApiView):
    tag = "invoices"

    @operation("list_credit_notes", "List credit notes", answers={200: CreditNotePage}, query=NotesQuery)
    def get(self, request: Request) -> Response:
        """Credit notes, the newest first: everybody's for programs and staff who see the money, else one's own."""
        rows = CreditNote.objects.filter(community_id=asking.here(request).id)
        rows = asking.shown(rows, request, "invoice__membership").select_related("invoice__membership")
        wanted = asking.wanted(self.query, member="invoice__membership__number", invoice="invoice__key")
        page = pages.page(
            request,
            rows.filter(**wanted),
            order=NEWEST,
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        shape = CreditNoteShape(page.rows, many=True, only=self.only, context=self.get_context())
        return Response(page.answer(shape.data))


def of_request(request: Request) -> QuerySet[Invoice]:
    """The invoices that whoever asks may see."""
    rows = Invoice.objects.of(asking.here(request).id).select_related(
        "membership", "subscription", "community"
    )
    return asking.shown(rows, request)


def find(request: Request, key: UUID) -> Invoice:
    """With all that stands on it. Raises `Http404` for one that whoever asks may not see."""
    invoice = of_request(request).prefetch_related("lines", "credit_notes").filter(key=key).first()
    if invoice is None:
        raise Http404
    return invoice


def told(view: ApiView, invoice: Invoice) -> Response:
    return view.one(WholeInvoiceShape(invoice, context=view.get_context()))


def _numbered(rows: QuerySet[Invoice], number: str) -> QuerySet[Invoice]:
    found = _NUMBER.fullmatch(number.strip())
    if found is None:
        return rows.none()
    series, year, sequence = found.groups()
    return rows.filter(series=series.upper(), year=int(year), sequence=int(sequence))
