"""Refunds: listed, read, asked for."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from commerce.api import asking
from commerce.api.invoices import NEWEST, MemberQuery
from commerce.api.payment_shapes import NewRefund, RefundPage, RefundShape
from commerce.models import Payment, Refund
from commerce.services import payments, refunds
from kernel.api import pages
from kernel.api.money import told_as
from kernel.api.operations import operation
from kernel.api.queries import SparseQuery
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.errors import Refused
from members.actors import Actor

REFUND = {"refund_key": "The refund's key."}


class RefundsQuery(MemberQuery):
    state = serializers.ChoiceField(required=False, choices=Refund.State.values, help_text="How it stands.")
    payment = serializers.UUIDField(required=False, help_text="Of the payment of this key.")


class Refunds(ApiView):
    tag = "payments"

    @operation("list_refunds", "List refunds", answers={200: RefundPage}, query=RefundsQuery)
    def get(self, request: Request) -> Response:
        """What went back or is on its way, the newest first: to everybody for programs and staff who see the money, else
        to oneself."""
        wanted = asking.wanted(
            self.query, state="state", member="payment__membership__number", payment="payment__key"
        )
        page = pages.page(
            request,
            _rows(request).filter(**wanted),
            order=NEWEST,
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        return Response(page.answer(RefundShape(page.rows, many=True, only=self.only).data))

    @operation(
        "refund_payment",
        "Send a payment back",
        answers={201: RefundShape},
        needs=payments.MANAGE,
        body=NewRefund,
        query=SparseQuery,
        tagged=True,
        example={
            "payment": "6f1d0c1e-2f0b-4f4f-9a51-0d8f1b8f5a77",
            "amount": {"amount": "120.00", "currency": "CNY"},
            "reason": "You moved away in the middle of the year.",
            "then": "at_end",
        },
    )
    def post(self, request: Request) -> Response:
        """Have so much of a payment go back. By a provider it is asked for here and sent by a worker in a moment: read the
        refund until it is `succeeded` or `failed`. Of a transfer or cash you say by it that you have sent it.

        In the browser one confirms first that it is oneself (`proof_needed`). Refused with `too_much`, `disputed`,
        `reversed`, `spent`, or `not_by_rail` where the provider cannot."""
        asking.proven(request)
        given = self.read_body()
        payment = Payment.objects.of(asking.here(request).id).filter(key=given["payment"]).first()
        if payment is None:
            raise Refused(_("There is no payment of this key."), code="unknown", field="payment")
        given |= {"payment": payment, "money": given.pop("amount"), "then": Refund.Then(given["then"])}
        with told_as(amount="amount/amount"):
            made = refunds.ask(at=now(), by=Actor.of_request(request), **given)
        slug = asking.here(request).slug
        place = reverse("api:refund", kwargs={"community_slug": slug, "refund_key": made.key})
        headers = {"Location": request.build_absolute_uri(place)}
        return self.one(RefundShape(_find(request, made.key)), status=201, headers=headers)


class OneRefund(ApiView):
    tag = "payments"
    places = REFUND

    @operation("read_refund", "Read a refund", answers={200: RefundShape}, query=SparseQuery, tagged=True)
    def get(self, request: Request, refund_key: UUID) -> Response:
        """One refund, and what has become of it. A member reads their own."""
        return self.one(RefundShape(_find(request, refund_key)))


def _rows(request: Request) -> QuerySet[Refund]:
    """The refunds that whoever asks may see."""
    rows = Refund.objects.filter(community_id=asking.here(request).id)
    return asking.shown(
        rows.select_related("payment__membership", "credit_note"), request, "payment__membership"
    )


def _find(request: Request, key: UUID) -> Refund:
    refund = _rows(request).filter(key=key).first()
    if refund is None:
        raise Http404
    return refund
