"""Orders: listed, read, placed."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from commerce.api import asking
from commerce.api.invoices import NEWEST, MemberQuery
from commerce.api.order_shapes import Ordering, OrderPage, TicketOrderShape
from commerce.models import Order
from commerce.selectors import own
from commerce.services import orders
from gatherings.api import told
from kernel.api import pages
from kernel.api.operations import operation
from kernel.api.queries import SparseQuery
from kernel.api.views import ApiView
from kernel.clock import now

ORDER = {"order_key": "The order's key."}
#: What is ordered here: tickets are what there is.
TICKET = "ticket"


class OrdersQuery(MemberQuery):
    state = serializers.ChoiceField(required=False, choices=Order.State.values, help_text="How it stands.")


class Orders(ApiView):
    tag = "orders"

    @operation("list_orders", "List orders", answers={200: OrderPage}, query=OrdersQuery)
    def get(self, request: Request) -> Response:
        """Orders, the newest first: everybody's for programs and staff who see the money, else one's own."""
        wanted = asking.wanted(self.query, state="state", member="membership__number")
        page = pages.page(
            request,
            _rows(request).filter(**wanted),
            order=NEWEST,
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        shapes = TicketOrderShape(page.rows, many=True, only=self.only, context=_context(self, request))
        return Response(page.answer(shapes.data))

    @operation(
        "place_order",
        "Order a ticket",
        answers={201: TicketOrderShape},
        body=Ordering,
        query=SparseQuery,
        example={"ticket": "0b9c2f4e-5a1d-4f7e-9d11-3a4b5c6d7e8f", "coupon": "SPRING-26"},
    )
    def post(self, request: Request) -> Response:
        """The signed-in member orders a ticket that costs something: the place is kept until `held_until`, and is theirs once
        its invoice is paid at `pay_url`. A key orders nothing (`no_member`). With `others` they bring guests along, each for
        the guests' price: all places are kept, or none, and each ticket is given back by itself.

        Refused with `full`, `waitlist`, `twice`, `too_many`, `not_for_you`, `not_on_sale`, `over`, `free` for what costs
        nothing, `unanswered` where something must be answered, and for a coupon that is not good for it."""
        payer, given = asking.oneself(request), self.read_body()
        choices = {
            "answers": told.answers(given.get("answers", ())),
            "others": told.others(given.get("others", ()), given["ticket"]),
        }
        with told.as_body():
            made = orders.place(
                payable=TICKET,
                subject=given["ticket"],
                payer=payer,
                coupon=given.get("coupon", ""),
                choices=choices,
                at=now(),
                by=asking.about(payer, request),
            )
        place = {"community_slug": asking.here(request).slug, "order_key": made.key}
        headers = {"Location": request.build_absolute_uri(reverse("api:order", kwargs=place))}
        return _told(self, request, made.key, status=201, headers=headers)


class OneOrder(ApiView):
    tag = "orders"
    places = ORDER

    @operation("read_order", "Read an order", answers={200: TicketOrderShape}, query=SparseQuery, tagged=True)
    def get(self, request: Request, order_key: UUID) -> Response:
        """One order. A member reads their own."""
        return _told(self, request, order_key)


def _rows(request: Request) -> QuerySet[Order]:
    rows = Order.objects.of(asking.here(request).id).select_related("membership").prefetch_related("invoices")
    return asking.shown(rows, request)


def _context(view: ApiView, request: Request) -> dict[str, object]:
    member = asking.person(request)
    return view.get_context() | {"mine": [] if member is None else own.records_of(member)}


def _told(view: ApiView, request: Request, key: UUID, **options: object) -> Response:
    order = _rows(request).filter(key=key).first()
    if order is None:
        raise Http404
    return view.one(TicketOrderShape(order, context=_context(view, request)), **options)  # type: ignore[arg-type]
