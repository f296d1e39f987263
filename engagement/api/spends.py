"""What channels cost, over the API."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from engagement.models import Spend
from engagement.selectors import spends as seen
from engagement.services import spends
from engagement.services.spends import Cost
from kernel.api import etags, pages
from kernel.api.fields import Day, Moment, Text
from kernel.api.money import MoneyBody, MoneyShape, told_as
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.serializers import Body, Shape, page_of
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.keyset import Order
from kernel.locks import held
from members.actors import Actor

SPEND = {"spend_key": "The cost's id."}
EXAMPLE = {
    "channel": "wechat", "campaign": "spring", "first": "2026-03-01", "last": "2026-03-31",
    "amount": {"amount": "500.00", "currency": "CNY"}, "note": "Two articles",
}  # fmt: skip


class SpendShape(Shape):
    """What a channel cost, in equal shares on its days."""

    id = serializers.UUIDField(source="key")
    channel = serializers.CharField()
    campaign = serializers.CharField(help_text="Empty for what came by the channel without one.")
    first = serializers.DateField(help_text="The first day, in the community's time zone.")
    last = serializers.DateField(help_text="The last day, included.")
    amount = MoneyShape(source="money")
    note = serializers.CharField()
    entered_at = Moment()
    removed_at = Moment(allow_null=True, help_text="Since when it is in no figure.")


SpendPage = page_of(SpendShape, "SpendPage")


class SpendsQuery(PageQuery):
    removed = serializers.BooleanField(
        required=False, default=False, help_text="Those that were removed, instead of the others."
    )


class NewSpend(Body):
    channel = Text(max_length=40, help_text="As invitations and links name it.")
    campaign = Text(max_length=80, required=False, allow_blank=True, default="")
    first = Day()
    last = Day(help_text="At most a year after the first.")
    amount = MoneyBody()
    note = Text(max_length=200, required=False, allow_blank=True, default="")


class SpendChange(Body):
    channel = Text(max_length=40, required=False)
    campaign = Text(max_length=80, required=False, allow_blank=True)
    first = Day(required=False)
    last = Day(required=False)
    amount = MoneyBody(required=False)
    note = Text(max_length=200, required=False, allow_blank=True)


class Spends(ApiView):
    tag = "metrics"

    @operation(
        "list_spends",
        "List what channels cost",
        answers={200: SpendPage},
        needs=spends.MANAGE,
        query=SpendsQuery,
    )
    def get(self, request: Request) -> Response:
        """The latest entered first. What they come to for each who joined is in the figure `channels`."""
        page = pages.page(
            request,
            seen.rows(request.community, removed=self.query["removed"]),  # type: ignore[attr-defined]
            order=Order("id", tie="id", descending=True),
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        return Response(page.answer(SpendShape(page.rows, many=True).data))

    @operation(
        "create_spend",
        "Enter what a channel cost",
        answers={201: SpendShape},
        needs=spends.MANAGE,
        body=NewSpend,
        tagged=True,
        refuses=(422,),
        example=EXAMPLE,
    )
    def post(self, request: Request) -> Response:
        """Enter a cost. The figures are counted anew with it."""
        community = request.community  # type: ignore[attr-defined]
        with told_as(amount="amount/amount"):
            made = spends.add(
                community=community, cost=_cost(self.read_body()), at=now(), by=Actor.of_request(request)
            )
        place = reverse("api:spend", kwargs={"community_slug": community.slug, "spend_key": made.key})
        headers = {"Location": request.build_absolute_uri(place)}
        return self.one(SpendShape(made), status=201, headers=headers)


class OneSpend(ApiView):
    tag = "metrics"
    places = SPEND

    @operation(
        "read_spend", "Read what a channel cost", answers={200: SpendShape}, needs=spends.MANAGE, tagged=True
    )
    def get(self, request: Request, spend_key: UUID) -> Response:
        """One cost, also one that was removed."""
        return self.one(SpendShape(_find(request, spend_key)))

    @operation(
        "change_spend",
        "Change what a channel cost",
        answers={200: SpendShape},
        needs=spends.MANAGE,
        body=SpendChange,
        tagged=True,
        refuses=(422,),
        example={"amount": {"amount": "450.00", "currency": "CNY"}},
    )
    def patch(self, request: Request, spend_key: UUID) -> Response:
        """Change what is given. Refused as `removed` for one that was removed."""
        given = self.read_body()
        with transaction.atomic(), told_as(amount="amount/amount"):
            spend = held(Spend.objects.filter(pk=_find(request, spend_key).pk)).get()
            etags.require(request, etags.of(SpendShape(spend).data))
            names = ("channel", "campaign", "first", "last", "note")
            before: dict[str, Any] = {name: getattr(spend, name) for name in names} | {"amount": spend.money}
            spend = spends.change(
                spend=spend, cost=_cost(before | given), at=now(), by=Actor.of_request(request)
            )
        return self.one(SpendShape(spend))


class RemoveSpend(ApiView):
    tag = "metrics"
    places = SPEND

    @operation("remove_spend", "Remove what a channel cost", answers={200: SpendShape}, needs=spends.MANAGE)
    def post(self, request: Request, spend_key: UUID) -> Response:
        """Out of every figure, until it is taken back."""
        spend = spends.remove(spend=_find(request, spend_key), at=now(), by=Actor.of_request(request))
        return self.one(SpendShape(spend))


class TakeBackSpend(ApiView):
    tag = "metrics"
    places = SPEND

    @operation(
        "take_back_spend", "Take back what was removed", answers={200: SpendShape}, needs=spends.MANAGE
    )
    def post(self, request: Request, spend_key: UUID) -> Response:
        """In the figures again, as it was before it was removed."""
        spend = spends.take_back(spend=_find(request, spend_key), at=now(), by=Actor.of_request(request))
        return self.one(SpendShape(spend))


def _cost(given: dict[str, Any]) -> Cost:
    return Cost(
        given["channel"], given["campaign"], given["first"], given["last"], given["amount"], given["note"]
    )


def _find(request: Request, key: UUID) -> Spend:
    spend = seen.find(request.community, key)  # type: ignore[attr-defined]
    if spend is None:
        raise Http404
    return spend
