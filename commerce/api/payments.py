"""Payments: listed, read; by hand recorded and taken back."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from commerce.api import asking, invoices
from commerce.api.invoices import MemberQuery
from commerce.api.payment_shapes import NewPayment, PaymentPage, PaymentShape, TakenBack
from commerce.models import Payment
from commerce.services import payments, transfers
from kernel.api import pages
from kernel.api.money import told_as
from kernel.api.operations import operation
from kernel.api.queries import SparseQuery
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.errors import Refused
from kernel.keyset import Order
from members.actors import Actor

PAYMENT = {"payment_key": "The payment's key."}


class PaymentsQuery(MemberQuery):
    method = serializers.ChoiceField(required=False, choices=Payment.Method.values, help_text="How it came.")
    invoice = serializers.UUIDField(required=False, help_text="For the invoice of this key.")


class Payments(ApiView):
    tag = "payments"

    @operation("list_payments", "List payments", answers={200: PaymentPage}, query=PaymentsQuery)
    def get(self, request: Request) -> Response:
        """What came, the latest first: from everybody for programs and staff who see the money, else one's own."""
        wanted = asking.wanted(
            self.query, method="method", member="membership__number", invoice="invoice__key"
        )
        page = pages.page(
            request,
            _rows(request).filter(**wanted),
            order=Order("paid_at", tie="id", descending=True),
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        shape = PaymentShape(page.rows, many=True, only=self.only, context=_context(self, request))
        return Response(page.answer(shape.data))

    @operation(
        "record_payment",
        "Record a payment by hand",
        answers={201: PaymentShape},
        needs=payments.MANAGE,
        body=NewPayment,
        query=SparseQuery,
        tagged=True,
        example={
            "invoice": "0b9c2f4e-5a1d-4f7e-9d11-3a4b5c6d7e8f",
            "amount": {"amount": "360.00", "currency": "CNY"},
            "method": "bank",
            "paid_at": "2026-03-02T09:00:00Z",
        },
    )
    def post(self, request: Request) -> Response:
        """A transfer or cash has come for an invoice. What covers it pays it; too little, and all that is over, is the
        member's credit, which pays what is due as soon as it is enough."""
        community, given = asking.here(request), self.read_body()
        invoice = invoices.of_request(request).filter(key=given["invoice"]).first()
        if invoice is None:
            raise Refused(_("There is no invoice of this key."), code="unknown", field="invoice")
        given |= {"invoice": invoice, "money": given.pop("amount"), "method": Payment.Method(given["method"])}
        with told_as(amount="amount/amount", currency="amount/currency"):
            made = transfers.came(at=now(), by=Actor.of_request(request), **given)
        place = reverse("api:payment", kwargs={"community_slug": community.slug, "payment_key": made.key})
        headers = {"Location": request.build_absolute_uri(place)}
        return _told(self, find(request, made.key), status=201, headers=headers)


class OnePayment(ApiView):
    tag = "payments"
    places = PAYMENT

    @operation("read_payment", "Read a payment", answers={200: PaymentShape}, query=SparseQuery, tagged=True)
    def get(self, request: Request, payment_key: UUID) -> Response:
        """One payment. A member reads their own."""
        return _told(self, find(request, payment_key))


class TakePaymentBack(ApiView):
    tag = "payments"
    places = PAYMENT

    @operation(
        "take_payment_back",
        "Take back that a payment came",
        answers={200: PaymentShape},
        needs=payments.MANAGE,
        body=TakenBack,
        query=SparseQuery,
        example={"reason": "It was somebody else's transfer."},
    )
    def post(self, request: Request, payment_key: UUID) -> Response:
        """A transfer or cash was recorded by mistake: what it paid is to be paid again. Refused with `not_by_hand` for
        what a provider took, with `reversed` the second time, and with `spent` where it became credit that is gone."""
        payment = find(request, payment_key)
        community, by = asking.here(request), Actor.of_request(request)
        payments.take_back(payment=payment, community=community, at=now(), by=by, **self.read_body())
        return _told(self, find(request, payment_key))


def find(request: Request, key: UUID) -> Payment:
    payment = _rows(request).filter(key=key).first()
    if payment is None:
        raise Http404
    return payment


def _rows(request: Request) -> QuerySet[Payment]:
    """The payments that whoever asks may see."""
    rows = Payment.objects.of(asking.here(request).id).select_related("membership", "invoice", "account")
    return asking.shown(rows, request)


def _context(view: ApiView, request: Request) -> dict[str, object]:
    return view.get_context() | {"whole": asking.sees_all(request)}


def _told(view: ApiView, payment: Payment, **options: object) -> Response:
    shape = PaymentShape(payment, context=_context(view, view.request))
    return view.one(shape, **options)  # type: ignore[arg-type]
