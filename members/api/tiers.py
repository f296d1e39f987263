"""Tiers: listed, made, changed, taken away."""

from django.db import transaction
from django.http import Http404
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.api import etags, pages
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.queries import SparseQuery
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.keyset import Order
from kernel.locks import locked
from kernel.tenancy import Community
from members.actors import Actor
from members.api.shapes import NewTier, TierChange, TierPage, TierShape
from members.models import Tier
from members.selectors import tiers as found
from members.services import tiers


class TiersQuery(PageQuery, SparseQuery):
    pass


class Tiers(ApiView):
    tag = "tiers"

    @operation("list_tiers", "List tiers", answers={200: TierPage}, query=TiersQuery)
    def get(self, request: Request) -> Response:
        """The tiers of the community, the lowest rank first; staff and keys also see those not shown to everyone."""
        rows = found.of(request.community.id)  # type: ignore[attr-defined]
        membership = request.membership  # type: ignore[attr-defined]
        if membership is not None and not membership.is_staff:
            rows = rows.filter(visible=True)
        page = pages.page(
            request,
            rows,
            order=Order("rank", tie="id"),
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        return Response(page.answer(TierShape(page.rows, many=True, only=self.only).data))

    @operation(
        "create_tier",
        "Make a tier",
        answers={201: TierShape},
        needs="tiers.manage",
        body=NewTier,
        query=SparseQuery,
        tagged=True,
        example={"name": "Patron", "rank": 40, "perks": ["A seat at the yearly dinner"], "capacity": 50},
    )
    def post(self, request: Request) -> Response:
        """Make a tier. The first one of a community is given on joining."""
        community = request.community  # type: ignore[attr-defined]
        made = tiers.create(community=community, at=now(), by=Actor.of_request(request), **self.read_body())
        place = reverse("api:tier", kwargs={"community_slug": community.slug, "tier_key": made.key})
        return self.one(
            TierShape(_find(community, made.key)),
            status=201,
            headers={"Location": request.build_absolute_uri(place)},
        )


class OneTier(ApiView):
    tag = "tiers"
    places = {"tier_key": "The tier's key."}

    @operation(
        "read_tier",
        "Read a tier",
        answers={200: TierShape},
        needs="members.view",
        query=SparseQuery,
        tagged=True,
    )
    def get(self, request: Request, tier_key: str) -> Response:
        """One tier, with how many places of it are taken."""
        return self.one(TierShape(_find(request.community, tier_key)))  # type: ignore[attr-defined]

    @operation(
        "change_tier",
        "Change a tier",
        answers={200: TierShape},
        needs="tiers.manage",
        body=TierChange,
        query=SparseQuery,
        tagged=True,
        example={"capacity": 60},
    )
    def patch(self, request: Request, tier_key: str) -> Response:
        """Change what is given of the tier. Places that come free are offered to those who wait for them."""
        community = request.community  # type: ignore[attr-defined]
        fields = self.read_body()
        with transaction.atomic():
            tier = _find(community, tier_key)
            locked(Tier.objects.filter(pk=tier.pk)).get()
            tier = _find(community, tier_key)
            etags.require(request, etags.of(TierShape(tier).data))
            tiers.update(tier=tier, at=now(), by=Actor.of_request(request), **fields)
        return self.one(TierShape(_find(community, tier_key)))

    @operation("delete_tier", "Take a tier away", answers={204: None}, needs="tiers.manage", refuses=(422,))
    def delete(self, request: Request, tier_key: str) -> Response:
        """Take the tier away. Refused for the one given on joining, and for one that members are in."""
        tier = _find(request.community, tier_key)  # type: ignore[attr-defined]
        tiers.delete(tier=tier, at=now(), by=Actor.of_request(request))
        return Response(status=204)


def _find(community: Community, key: str) -> Tier:
    tier = found.of(community.id).filter(key=key).first()
    if tier is None:
        raise Http404
    return tier
