"""The kinds of ticket of a gathering: listed, added, changed, withdrawn."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from gatherings.api import told
from gatherings.api.kind_shapes import KindBody, KindChange, KindPage, TicketKindShape, Withdrawing
from gatherings.models import Event, TicketKind
from gatherings.selectors import seen
from gatherings.services import kinds
from kernel.api import etags, pages
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.queries import SparseQuery
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.errors import Refused
from kernel.keyset import Order
from kernel.locks import locked
from kernel.money import Money
from members.actors import Actor
from members.models import Tier

IN_TURN = Order("position", tie="id")
KIND = {**told.EVENT, "kind_key": "The id of the kind of ticket."}
PRICES = ("price", "guest_price")


class KindsQuery(PageQuery, SparseQuery):
    withdrawn = serializers.BooleanField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Those that are sold no more, or those that are.",
    )


class Kinds(ApiView):
    tag = "events"
    places = told.EVENT

    @operation("list_ticket_kinds", "List kinds of ticket", answers={200: KindPage}, query=KindsQuery)
    def get(self, request: Request, event_key: UUID) -> Response:
        """The kinds of ticket of a gathering that the caller may see, in their order, those that are withdrawn too."""
        rows = _rows(_event(request, event_key))
        if self.query["withdrawn"] is not None:
            rows = rows.filter(withdrawn_at__isnull=not self.query["withdrawn"])
        page = pages.page(
            request, rows, order=IN_TURN, limit=self.query["limit"], cursor=self.query.get("cursor", "")
        )
        return Response(page.answer(TicketKindShape(page.rows, many=True, only=self.only).data))

    @operation(
        "add_ticket_kind",
        "Add a kind of ticket",
        answers={201: TicketKindShape},
        body=KindBody,
        query=SparseQuery,
        refuses=(422,),
        example={"way": "in_person", "name": "Early", "price": "12.50", "guest_price": "20.00"},
    )
    def post(self, request: Request, event_key: UUID) -> Response:
        """Add a kind, as one of the hosts or of the staff. Prices are in the gathering's currency, tax included. Refused
        with `no_rail` for a price where nobody can be paid, and with `for_nobody` for one that has none."""
        event, given = _event(request, event_key), self.read_body()
        room = event.rooms.filter(way=given.pop("way")).first()
        if room is None:
            raise Refused(_("Nobody comes that way."), code="unknown", field="way")
        fields = _fields(request, event, given)
        made = kinds.add(event=event, room=room, at=now(), by=Actor.of_request(request), **fields)
        return self.one(_shape(event, made.key), status=201)


class OneKind(ApiView):
    tag = "events"
    places = KIND

    @operation(
        "read_ticket_kind",
        "Read a kind of ticket",
        answers={200: TicketKindShape},
        query=SparseQuery,
        tagged=True,
    )
    def get(self, request: Request, event_key: UUID, kind_key: UUID) -> Response:
        """One kind of ticket."""
        return self.one(_shape(_event(request, event_key), kind_key))

    @operation(
        "change_ticket_kind",
        "Change a kind of ticket",
        answers={200: TicketKindShape},
        body=KindChange,
        query=SparseQuery,
        tagged=True,
        refuses=(422,),
        example={"quantity": 40},
    )
    def patch(self, request: Request, event_key: UUID, kind_key: UUID) -> Response:
        """Change what is given; tickets that are somebody's keep their price. Refused with `taken` for fewer than are taken."""
        with transaction.atomic():
            event = _event(request, event_key)
            locked(Event.objects.filter(pk=event.pk)).get()
            kind, fields = _kind(event, kind_key), _fields(request, event, self.read_body())
            etags.require(request, etags.of(_shape(event, kind_key).data))
            kinds.change(kind=kind, at=now(), by=Actor.of_request(request), **fields)
        return self.one(_shape(event, kind_key))


class WithdrawKind(ApiView):
    tag = "events"
    places = KIND

    @operation(
        "withdraw_ticket_kind",
        "Withdraw a kind of ticket",
        answers={200: TicketKindShape},
        body=Withdrawing,
        query=SparseQuery,
        refuses=(422,),
        example={"withdrawn": True},
    )
    def post(self, request: Request, event_key: UUID, kind_key: UUID) -> Response:
        """Sell no more of it, or, with `withdrawn` false, sell it again. What is somebody's stays. Twice is once."""
        event = _event(request, event_key)
        kinds.withdraw(
            kind=_kind(event, kind_key), at=now(), by=Actor.of_request(request), **self.read_body()
        )
        return self.one(_shape(event, kind_key))


def _event(request: Any, key: UUID) -> Event:
    event = seen.shown(request).filter(key=key).first()
    if event is None:
        raise Http404
    return event


def _rows(event: Event) -> Any:
    return event.kinds.select_related("room", "minimum_tier", "event")


def _kind(event: Event, key: UUID) -> TicketKind:
    kind = _rows(event).filter(key=key).first()
    if kind is None:
        raise Http404
    return kind


def _shape(event: Event, key: UUID) -> TicketKindShape:
    return TicketKindShape(_kind(event, key))


def _fields(request: Any, event: Event, given: dict[str, Any]) -> dict[str, Any]:
    """What a body says, as the service takes it."""
    fields = dict(given)
    for name in PRICES:
        if fields.get(name) is not None:
            try:
                fields[name] = Money.parse(fields[name], event.currency).amount
            except Refused as refusal:
                raise Refused(refusal.message, code=refusal.code, field=name) from None
    if fields.get("minimum_tier") is not None:
        tier = Tier.objects.of(request.community.id).filter(key=fields["minimum_tier"]).first()
        if tier is None:
            raise Refused(_("There is no tier of this key."), code="unknown", field="minimum_tier")
        fields["minimum_tier"] = tier
    return fields
