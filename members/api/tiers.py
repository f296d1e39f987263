"""Tiers, to read."""

from rest_framework.request import Request
from rest_framework.response import Response

from kernel.api import pages
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.queries import SparseQuery
from kernel.api.views import ApiView
from kernel.keyset import Order
from members.api.shapes import TierPage, TierShape
from members.models import Tier


class TiersQuery(PageQuery, SparseQuery):
    pass


class Tiers(ApiView):
    tag = "tiers"

    @operation("list_tiers", "List tiers", answers={200: TierPage}, query=TiersQuery)
    def get(self, request: Request) -> Response:
        """The tiers of the community, the lowest rank first; staff and keys also see those not shown to everyone."""
        tiers = Tier.objects.of(request.community.id)  # type: ignore[attr-defined]
        membership = request.membership  # type: ignore[attr-defined]
        if membership is not None and not membership.is_staff:
            tiers = tiers.filter(visible=True)
        page = pages.page(
            request,
            tiers,
            order=Order("rank", tie="id"),
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        return Response(page.answer(TierShape(page.rows, many=True, only=self.only).data))
