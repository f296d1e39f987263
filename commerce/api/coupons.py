"""Coupons: listed, made, ended."""

from uuid import UUID

from django.db.models import Count, QuerySet
from django.http import Http404
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from commerce.api import asking
from commerce.api.plan_shapes import CouponPage, CouponShape, NewCoupon
from commerce.api.plans import named
from commerce.models import Coupon
from commerce.services import coupons
from kernel.api import pages
from kernel.api.fields import Text
from kernel.api.money import told_as
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.queries import SparseQuery
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.keyset import Order
from members.actors import Actor

COUPON = {"coupon_key": "The coupon's key."}


class CouponsQuery(PageQuery, SparseQuery):
    code = Text(required=False, max_length=40, help_text="The one of this code, in any case of letters.")
    ended = serializers.BooleanField(
        required=False, default=False, help_text="Those that were ended by hand, instead of the others."
    )


class Coupons(ApiView):
    tag = "plans"

    @operation(
        "list_coupons",
        "List coupons",
        answers={200: CouponPage},
        needs=coupons.MANAGE,
        query=CouponsQuery,
    )
    def get(self, request: Request) -> Response:
        """The coupons, newest first, each with how many have used it."""
        found = _rows(request).filter(ended_at__isnull=not self.query["ended"])
        if "code" in self.query:
            found = found.filter(code=self.query["code"].strip().upper())
        page = pages.page(
            request,
            found,
            order=Order("id", tie="id", descending=True),
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        return Response(page.answer(CouponShape(page.rows, many=True, only=self.only).data))

    @operation(
        "create_coupon",
        "Make a coupon",
        answers={201: CouponShape},
        needs=coupons.MANAGE,
        body=NewCoupon,
        query=SparseQuery,
        tagged=True,
        example={"code": "SPRING-26", "percent_off": "20", "periods": 1, "limit": 100},
    )
    def post(self, request: Request) -> Response:
        """Make a coupon. A code is used once in a community, for ever."""
        community, given = asking.here(request), self.read_body()
        off = given.pop("amount_off", None)
        if off is not None:
            given |= {"amount": off.amount, "currency": off.currency}
        given["plans"] = [named(request, key, field="plans") for key in given.get("plans", ())]
        with told_as(percent="percent_off", amount="amount_off", currency="amount_off/currency"):
            made = coupons.create(community=community, at=now(), by=Actor.of_request(request), **given)
        place = reverse("api:coupon", kwargs={"community_slug": community.slug, "coupon_key": made.key})
        headers = {"Location": request.build_absolute_uri(place)}
        return self.one(CouponShape(_find(request, made.key)), status=201, headers=headers)


class OneCoupon(ApiView):
    tag = "plans"
    places = COUPON

    @operation(
        "read_coupon",
        "Read a coupon",
        answers={200: CouponShape},
        needs=coupons.MANAGE,
        query=SparseQuery,
        tagged=True,
    )
    def get(self, request: Request, coupon_key: UUID) -> Response:
        """One coupon, with how many have used it."""
        return self.one(CouponShape(_find(request, coupon_key)))


class EndCoupon(ApiView):
    tag = "plans"
    places = COUPON

    @operation(
        "end_coupon", "End a coupon", answers={200: CouponShape}, needs=coupons.MANAGE, query=SparseQuery
    )
    def post(self, request: Request, coupon_key: UUID) -> Response:
        """Nobody new can use it; who uses it keeps what was promised."""
        coupons.end(coupon=_find(request, coupon_key), at=now(), by=Actor.of_request(request))
        return self.one(CouponShape(_find(request, coupon_key)))


def _rows(request: Request) -> QuerySet[Coupon]:
    here = Coupon.objects.of(asking.here(request).id)
    return here.annotate(used=Count("uses", distinct=True)).prefetch_related("plans")


def _find(request: Request, key: UUID) -> Coupon:
    coupon = _rows(request).filter(key=key).first()
    if coupon is None:
        raise Http404
    return coupon
