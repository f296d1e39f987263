"""The communities a caller sees, and one of them with its settings."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.shapes import CommunityChange, CommunityPage, CommunityQuery, CommunityShape
from communities.models import Community
from communities.services import settings as community_settings
from kernel.api import etags, pages
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.keyset import Order
from kernel.locks import locked
from members.actors import Actor


class CommunitiesQuery(PageQuery, CommunityQuery):
    pass


class Communities(ApiView):
    tag = "communities"
    in_community = False

    @operation(
        "list_communities",
        "List communities",
        answers={200: CommunityPage},
        query=CommunitiesQuery,
    )
    def get(self, request: Request) -> Response:
        """The communities that the caller is of: a key has one, a signed-in person all that let them in."""
        page = pages.page(
            request,
            self._mine(request),
            order=Order("slug", tie="id"),
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        return Response(page.answer(CommunityShape(page.rows, many=True, only=self.only).data))

    @staticmethod
    def _mine(request: Request) -> QuerySet[Community]:
        key: Any = request.auth
        if key is not None:
            return Community.objects.filter(pk=key.community_id)
        return Community.objects.of_person(request.user.pk)  # type: ignore[arg-type]


class OneCommunity(ApiView):
    tag = "communities"

    @operation(
        "read_community",
        "Read a community",
        answers={200: CommunityShape},
        query=CommunityQuery,
        tagged=True,
    )
    def get(self, request: Request) -> Response:
        """What the community is, and its settings."""
        return self.one(CommunityShape(request.community))  # type: ignore[attr-defined]

    @operation(
        "change_community",
        "Change settings",
        answers={200: CommunityShape},
        needs="settings.change",
        body=CommunityChange,
        tagged=True,
        example={"tagline": "People who build with their hands."},
    )
    def patch(self, request: Request) -> Response:
        """Change some settings. A new time zone moves every day: all figures are counted anew."""
        fields = self.read_body()
        with transaction.atomic():
            community = locked(Community.objects.filter(pk=request.community.pk)).get()  # type: ignore[attr-defined]
            etags.require(request, etags.of(CommunityShape(community).data))
            if "score_weights" in fields:
                fields["score_weights"] = {**community.score_weights, **fields["score_weights"]}
            community = community_settings.update(
                community=community, at=now(), by=Actor.of_request(request), **fields
            )
        return self.one(CommunityShape(community))
