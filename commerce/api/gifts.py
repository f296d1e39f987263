"""Gifts: listed, read, given, taken back; and rewards for who brought whom. Taking a gift is not served."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from commerce.api import asking
from commerce.api.gift_shapes import GiftPage, GiftShape, Giving, RewardPage, RewardShape
from commerce.api.invoice_shapes import Because
from commerce.api.invoices import NEWEST, MemberQuery
from commerce.api.plans import named
from commerce.models import Gift, ReferralReward
from commerce.selectors import gifts as found
from commerce.selectors import own
from commerce.services import gift_orders
from kernel.api import pages
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.queries import SparseQuery
from kernel.api.views import ApiView
from kernel.clock import now

GIFT = {"gift_key": "The gift's key."}


class GiftsQuery(PageQuery, SparseQuery):
    state = serializers.ChoiceField(required=False, choices=found.State.values, help_text="How it stands.")
    giver = serializers.IntegerField(
        required=False, min_value=1, max_value=2**31 - 1, help_text="Given by the member of this number."
    )
    taker = serializers.IntegerField(
        required=False, min_value=1, max_value=2**31 - 1, help_text="Taken by the member of this number."
    )


class Gifts(ApiView):
    tag = "gifts"

    @operation("list_gifts", "List gifts", answers={200: GiftPage}, query=GiftsQuery)
    def get(self, request: Request) -> Response:
        """Gifts, the newest first: all for programs and staff who see the money, else what one has given and was given."""
        mine = _mine(request)
        wanted = asking.wanted(self.query, giver="giver__number", taker="redeemed_by__number")
        page = pages.page(
            request,
            _rows(request, mine, self.query.get("state", "")).filter(**wanted),
            order=NEWEST,
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        context = _context(self, request, mine)
        return Response(page.answer(GiftShape(page.rows, many=True, only=self.only, context=context).data))

    @operation(
        "give_gift",
        "Give a membership",
        answers={201: GiftShape},
        body=Giving,
        query=SparseQuery,
        example={
            "plan": "0b9c2f4e-5a1d-4f7e-9d11-3a4b5c6d7e8f",
            "periods": 1,
            "recipient_name": "Jan",
            "recipient_email": "jan@example.org",
            "message": "See you on Thursday!",
        },
    )
    def post(self, request: Request) -> Response:
        """The signed-in member orders a gift, and pays its invoice at `pay_url`; it can be taken as soon as that is paid. A key
        gives nothing (`no_member`). It is taken on the community's pages alone: no operation takes a code, so that none can
        be used to guess one.

        Refused with `not_offered`, `not_now`, and `periods` for more than one of what does not renew."""
        giver, given = asking.oneself(request), self.read_body()
        given["plan"] = named(request, given["plan"])
        made = gift_orders.buy(giver=giver, at=now(), by=asking.about(giver, request), **given)
        place = {"community_slug": asking.here(request).slug, "gift_key": made.key}
        headers = {"Location": request.build_absolute_uri(reverse("api:gift", kwargs=place))}
        return _told(self, request, made.key, status=201, headers=headers)


class OneGift(ApiView):
    tag = "gifts"
    places = GIFT

    @operation("read_gift", "Read a gift", answers={200: GiftShape}, query=SparseQuery, tagged=True)
    def get(self, request: Request, gift_key: UUID) -> Response:
        """One gift. A member reads those that they have given or taken."""
        return _told(self, request, gift_key)


class RevokeGift(ApiView):
    tag = "gifts"
    places = GIFT

    @operation(
        "revoke_gift",
        "Take a gift back",
        answers={200: GiftShape},
        body=Because,
        query=SparseQuery,
        example={"reason": "Bought twice by mistake."},
    )
    def post(self, request: Request, gift_key: UUID) -> Response:
        """Nobody can take it then, and what was paid goes back the way it came. Its giver takes back what is not paid; staff who
        manage money and programs, what nobody has taken. Where money goes back, one confirms first in the browser that it is
        oneself (`proof_needed`).

        Refused with `redeemed`, `revoked`, `being_paid`, and `no_longer_allowed` for the giver of what is paid."""
        gift = _find(request, gift_key, _mine(request))
        by = asking.about(gift.giver, request)
        if gift.paid_at is not None:
            asking.proven(request)
        gift_orders.revoke(gift=gift, at=now(), by=by, **self.read_body())
        return _told(self, request, gift_key)


class RewardsQuery(MemberQuery):
    state = serializers.ChoiceField(
        required=False, choices=ReferralReward.State.values, help_text="How it stands."
    )


class Rewards(ApiView):
    tag = "gifts"

    @operation("list_rewards", "List rewards", answers={200: RewardPage}, query=RewardsQuery)
    def get(self, request: Request) -> Response:
        """What members get for whom they brought, the newest first: everybody for programs and staff who see the money, else
        oneself."""
        rows = ReferralReward.objects.filter(community_id=asking.here(request).id)
        rows = asking.shown(rows.select_related("inviter", "invitee", "payment"), request, "inviter")
        page = pages.page(
            request,
            rows.filter(**asking.wanted(self.query, state="state", member="inviter__number")),
            order=NEWEST,
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        context = self.get_context() | {"whole": asking.sees_all(request)}
        return Response(page.answer(RewardShape(page.rows, many=True, only=self.only, context=context).data))


def _mine(request: Request) -> list[int]:
    """The records of the member who asks; none of a program's."""
    member = asking.person(request)
    return [] if member is None else own.records_of(member)


def _rows(request: Request, mine: list[int], state: str = "") -> QuerySet[Gift]:
    """The gifts that whoever asks may see."""
    rows = found.at_the_desk(asking.here(request).id, state, now())
    return rows if asking.sees_all(request) else rows.filter(Q(giver__in=mine) | Q(redeemed_by__in=mine))


def _find(request: Request, key: UUID, mine: list[int]) -> Gift:
    gift = _rows(request, mine).filter(key=key).first()
    if gift is None:
        raise Http404
    return gift


def _context(view: ApiView, request: Request, mine: list[int]) -> dict[str, Any]:
    return view.get_context() | {"whole": asking.sees_all(request), "mine": mine}


def _told(view: ApiView, request: Request, key: UUID, **options: Any) -> Response:
    mine = _mine(request)
    shape = GiftShape(_find(request, key, mine), context=_context(view, request, mine))
    return view.one(shape, **options)
