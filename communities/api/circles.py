"""Circles, to read."""

from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.shapes import CirclePage, CircleShape
from communities.selectors import face
from kernel.api import pages
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.queries import SparseQuery
from kernel.api.views import ApiView
from kernel.keyset import Order


class CirclesQuery(PageQuery, SparseQuery):
    pass


class Circles(ApiView):
    tag = "circles"

    @operation("list_circles", "List circles", answers={200: CirclePage}, query=CirclesQuery)
    def get(self, request: Request) -> Response:
        """The circles of the community in their order; archived ones and secret ones are left out."""
        page = pages.page(
            request,
            face.circles(request.community, request.membership),  # type: ignore[attr-defined]
            order=Order("position", tie="id"),
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        return Response(page.answer(CircleShape(page.rows, many=True, only=self.only).data))
