"""Members' plans: listed, read, taken, and what is decided about them afterwards."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from commerce.api import asking
from commerce.api.invoices import NEWEST, MemberQuery
from commerce.api.plans import named
from commerce.api.subscription_shapes import (
    Cancelling,
    GivenFree,
    OtherPlan,
    QuoteShape,
    Resting,
    SeatsShape,
    SubscriptionPage,
    SubscriptionShape,
    Taking,
    WholeSubscriptionShape,
)
from commerce.models import Subscription, SubscriptionChange
from commerce.services import complimentary, groups, subscriptions
from kernel.api import pages
from kernel.api.operations import operation
from kernel.api.queries import SparseQuery
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.errors import Refused
from members.actors import Actor
from members.models import Membership

SUBSCRIPTION = {"subscription_key": "The subscription's key."}
Status = Subscription.Status
LATE = (Status.PAST_DUE, Status.SUSPENDED)


class SubscriptionsQuery(MemberQuery):
    status = serializers.ChoiceField(required=False, choices=Status.values, help_text="How it stands.")
    plan = serializers.UUIDField(required=False, help_text="Of the plan of this key.")
    late = serializers.BooleanField(
        required=False, default=None, allow_null=True, help_text="Those in grace or suspended, or all others."
    )


class Subscriptions(ApiView):
    tag = "dues"

    @operation(
        "list_subscriptions", "List subscriptions", answers={200: SubscriptionPage}, query=SubscriptionsQuery
    )
    def get(self, request: Request) -> Response:
        """Who has which plan, the newest first: everybody for programs and staff who see the money, else oneself."""
        query, rows = self.query, _rows(request)
        if query["late"] is not None:
            rows = rows.filter(status__in=LATE) if query["late"] else rows.exclude(status__in=LATE)
        page = pages.page(
            request,
            rows.filter(
                **asking.wanted(query, status="status", plan="plan__key", member="membership__number")
            ),
            order=NEWEST,
            limit=query["limit"],
            cursor=query.get("cursor", ""),
        )
        return Response(page.answer(SubscriptionShape(page.rows, many=True, only=self.only).data))

    @operation(
        "subscribe",
        "Take a plan",
        answers={201: WholeSubscriptionShape},
        body=Taking,
        query=SparseQuery,
        example={"member": 12, "plan": "0b9c2f4e-5a1d-4f7e-9d11-3a4b5c6d7e8f", "coupon": "SPRING-26"},
    )
    def post(self, request: Request) -> Response:
        """Take a plan for oneself; staff who manage money and programs take it for any member. It is `pending` with its first
        invoice, on trial, or active where there is nothing to pay. Asked again for the same, it is the one that waits.

        Refused with `not_offered`, `full`, `seats`, `subscribed`, `not_now`, `being_paid`, and for a coupon at its field."""
        membership, given = _taking(self, request)
        by = asking.about(membership, request)
        made = subscriptions.subscribe(membership=membership, at=now(), by=by, **given)
        return _begun(self, request, made.key)


class QuoteSubscription(ApiView):
    tag = "dues"

    @operation(
        "quote_subscription",
        "Reckon what a plan would cost",
        answers={200: QuoteShape},
        body=Taking,
        example={"member": 12, "plan": "0b9c2f4e-5a1d-4f7e-9d11-3a4b5c6d7e8f"},
    )
    def post(self, request: Request) -> Response:
        """What taking a plan would cost, or changing to it where the member has one: its lines, with what is unused of the
        present one taken off, and what is to be paid now. Nothing is changed. Refused as `subscribe` and
        `change_subscription` are."""
        membership, given = _taking(self, request)
        asking.about(membership, request)
        return Response(QuoteShape(subscriptions.quote(membership=membership, at=now(), **given)).data)


class GiveFree(ApiView):
    tag = "dues"

    @operation(
        "give_plan",
        "Give a plan free of charge",
        answers={201: WholeSubscriptionShape},
        needs=asking.MANAGE,
        body=GivenFree,
        query=SparseQuery,
        example={
            "member": 12,
            "plan": "0b9c2f4e-5a1d-4f7e-9d11-3a4b5c6d7e8f",
            "until": "2027-03-01",
            "reason": "She has kept our books for ten years.",
        },
    )
    def post(self, request: Request) -> Response:
        """Give a member a plan, until a day or for life. What is asked of them now is taken back, and what they have paid for
        goes into it.

        Refused with `day`, `both`, `group`, `not_offered`, `full`, `not_now`, `paused`, `for_life`, `seats`, `being_paid`."""
        given = self.read_body()
        given |= {"membership": _member(request, given.pop("member")), "plan": named(request, given["plan"])}
        made = complimentary.give(**({"until": None} | given), at=now(), by=Actor.of_request(request))
        return _begun(self, request, made.key)


class OneSubscription(ApiView):
    tag = "dues"
    places = SUBSCRIPTION

    @operation(
        "read_subscription",
        "Read a subscription",
        answers={200: WholeSubscriptionShape},
        query=SparseQuery,
        tagged=True,
    )
    def get(self, request: Request, subscription_key: UUID) -> Response:
        """One subscription, with all that it ever was. A member reads their own."""
        return self.one(WholeSubscriptionShape(_whole(request, subscription_key)))


class ActOnSubscription(ApiView):
    """What a member decides about their own, or staff who manage money and programs about anybody's."""

    tag = "dues"
    places = SUBSCRIPTION

    def act(self, request: Request, key: UUID, service: Any) -> Response:
        subscription = _find(request, key)
        by = asking.about(subscription.membership, request)
        service(subscription=subscription, at=now(), by=by, **self.given(request))
        return self.one(WholeSubscriptionShape(_whole(request, key)))

    def given(self, request: Request) -> dict[str, Any]:
        return self.read_body()


class ChangeSubscription(ActOnSubscription):
    @operation(
        "change_subscription",
        "Change to another plan",
        answers={200: WholeSubscriptionShape},
        body=OtherPlan,
        query=SparseQuery,
        example={"plan": "0b9c2f4e-5a1d-4f7e-9d11-3a4b5c6d7e8f", "quantity": 5},
    )
    def post(self, request: Request, subscription_key: UUID) -> Response:
        """What is worth more holds as soon as the difference is paid: an invoice of the change, due today. What is worth
        less holds from the period's end.

        Refused with `not_offered`, `full`, `seats`, `same`, `currency`, `late`, `not_now`, `being_paid`."""
        return self.act(request, subscription_key, subscriptions.change_plan)

    def given(self, request: Request) -> dict[str, Any]:
        found = self.read_body()
        return found | {"plan": named(request, found["plan"])}


class CancelSubscription(ActOnSubscription):
    @operation(
        "cancel_subscription",
        "Cancel a subscription",
        answers={200: WholeSubscriptionShape},
        body=Cancelling,
        query=SparseQuery,
        example={"reason": "I am moving away."},
    )
    def post(self, request: Request, subscription_key: UUID) -> Response:
        """It goes on to the end of what is paid, and no further; where nothing was paid it ends at once. Refused with `ended`,
        and with `being_paid` while a payment is on its way."""
        return self.act(request, subscription_key, subscriptions.cancel)


class ResumeSubscription(ActOnSubscription):
    @operation(
        "resume_subscription",
        "Go on with a subscription",
        answers={200: WholeSubscriptionShape},
        query=SparseQuery,
    )
    def post(self, request: Request, subscription_key: UUID) -> Response:
        """Keep what was cancelled and still runs, or come back from a pause. Refused with `not_now` for any other."""
        return self.act(request, subscription_key, subscriptions.resume)

    def given(self, request: Request) -> dict[str, Any]:
        return {}


class PauseSubscription(ActOnSubscription):
    @operation(
        "pause_subscription",
        "Pause a subscription",
        answers={200: WholeSubscriptionShape},
        body=Resting,
        query=SparseQuery,
        example={"until": "2026-09-01T00:00:00Z"},
    )
    def post(self, request: Request, subscription_key: UUID) -> Response:
        """The paid days that are left wait for the member. Refused with `not_now` for what does not run, is not paid for today,
        or has an invoice to be paid."""
        return self.act(request, subscription_key, subscriptions.pause)


class Seats(ApiView):
    tag = "dues"
    places = SUBSCRIPTION

    @operation("list_seats", "List the seats of a group", answers={200: SeatsShape})
    def get(self, request: Request, subscription_key: UUID) -> Response:
        """The seats of a group with their codes, for who pays for it, staff who see the money, and programs. Whoever has the
        code of a free one sits down with it."""
        subscription = _find(request, subscription_key)
        seats = subscription.seats.filter(ended_at=None).select_related("membership").order_by("id")
        return Response(SeatsShape({"results": seats}).data)


class FreeSeat(ApiView):
    tag = "dues"
    places = SUBSCRIPTION | {"seat_key": "The seat's key."}

    @operation("free_seat", "Free a seat of a group", answers={200: SeatsShape})
    def post(self, request: Request, subscription_key: UUID, seat_key: UUID) -> Response:
        """Who sits there goes, and the seat has another code, for somebody else. Refused with `free` where nobody sits, and with
        `own` for the seat of who pays."""
        subscription = _find(request, subscription_key)
        by = asking.about(subscription.membership, request)
        seat = subscription.seats.filter(key=seat_key).first()
        if seat is None:
            raise Http404
        groups.leave(seat=seat, at=now(), by=by)
        seats = subscription.seats.filter(ended_at=None).select_related("membership").order_by("id")
        return Response(SeatsShape({"results": seats}).data)


def _rows(request: Request) -> QuerySet[Subscription]:
    """The subscriptions that whoever asks may see."""
    rows = Subscription.objects.of(asking.here(request).id)
    return asking.shown(rows.select_related("membership", "plan", "next_plan"), request)


def _find(request: Request, key: UUID, rows: QuerySet[Subscription] | None = None) -> Subscription:
    subscription = (_rows(request) if rows is None else rows).filter(key=key).first()
    if subscription is None:
        raise Http404
    return subscription


def _whole(request: Request, key: UUID) -> Subscription:
    changes = Prefetch("changes", SubscriptionChange.objects.select_related("plan").order_by("id"))
    return _find(request, key, _rows(request).prefetch_related(changes))


def _begun(view: ApiView, request: Request, key: UUID) -> Response:
    slug = asking.here(request).slug
    place = reverse("api:subscription", kwargs={"community_slug": slug, "subscription_key": key})
    headers = {"Location": request.build_absolute_uri(place)}
    return view.one(WholeSubscriptionShape(_whole(request, key)), status=201, headers=headers)


def _taking(view: ApiView, request: Request) -> tuple[Membership, dict[str, Any]]:
    """Whose plan it is about, and what is asked for them."""
    given = view.read_body()
    membership = _member(request, given.pop("member", None))
    return membership, given | {"plan": named(request, given["plan"])}


def _member(request: Request, number: int | None) -> Membership:
    own = asking.person(request)
    if own is not None and number in (None, own.number):
        return own
    if own is not None and not own.may(asking.MANAGE):
        words = _("Your role in this community does not allow this.")
        raise exceptions.PermissionDenied(words, "missing_permission")
    if number is None:
        raise Refused(_("Say which member it is for."), code="required", field="member")
    found = Membership.objects.of(asking.here(request).id).filter(number=number).first()
    if found is None:
        raise Refused(_("There is no member of this number."), code="unknown", field="member")
    return found
