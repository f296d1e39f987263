"""Waiting lists: read, joined, left."""

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.circles import person
from gatherings.access import ADMIT
from gatherings.api import told
from gatherings.api.kind_shapes import WaitingPage, WaitingShape, Waits
from gatherings.models import Event, EventHost, Waiting
from gatherings.selectors import seen
from gatherings.selectors import tickets as found
from gatherings.services import waitlist
from kernel import access
from kernel.api import pages
from kernel.api.fields import Choice
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.queries import SparseQuery
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.errors import Refused
from kernel.keyset import Order
from members.models import Membership

IN_TURN = Order("since", tie="id")


class WaitingQuery(PageQuery, SparseQuery):
    event = serializers.UUIDField(required=False, help_text="The id of a gathering.")
    state = Choice(required=False, choices=Waiting.State.values, help_text="Where the turn stands.")


class WaitingList(ApiView):
    tag = "events"

    @operation("list_waiting", "List who waits", answers={200: WaitingPage}, query=WaitingQuery)
    def get(self, request: Request) -> Response:
        """Turns in the waiting lists of the gatherings at whose door the caller stands, and one's own, in their order."""
        rows = _shown(request).select_related("event", "kind", "membership")
        if "event" in self.query:
            rows = rows.filter(event__key=self.query["event"])
        if "state" in self.query:
            rows = rows.filter(state=self.query["state"])
        page = pages.page(
            request, rows, order=IN_TURN, limit=self.query["limit"], cursor=self.query.get("cursor", "")
        )
        return Response(page.answer(WaitingShape(page.rows, many=True, only=self.only).data))


class Wait(ApiView):
    tag = "events"
    places = told.EVENT

    @operation(
        "wait_for_place",
        "Wait for a place",
        answers={200: WaitingShape},
        body=Waits,
        query=SparseQuery,
        refuses=(422,),
        example={"kind": "0b9c2f4e-5a1d-4f7e-9d11-3a4b5c6d7e8f"},
    )
    def post(self, request: Request, event_key: UUID) -> Response:
        """The person who asks in the browser waits for a place of this kind; who waits already keeps their turn. Refused with
        `not_full` where there is a place, with `no_waitlist`, `twice` for who has one, and `not_for_you`."""
        event, member = _event(request, event_key), person(request)
        kind = event.kinds.filter(key=self.read_body()["kind"]).first()
        if kind is None:
            raise Refused(_("There is no such ticket."), code="unknown", field="kind")
        turn = waitlist.join(kind=kind, member=member, at=now())
        return self.one(WaitingShape(turn))


class StopWaiting(ApiView):
    tag = "events"
    places = told.EVENT

    @operation(
        "stop_waiting",
        "Wait no more",
        answers={200: WaitingShape},
        query=SparseQuery,
        refuses=(422,),
    )
    def post(self, request: Request, event_key: UUID) -> Response:
        """The person who asks in the browser leaves the waiting list; a place that was offered goes to the next. Refused with
        `not_waiting`."""
        event, member = _event(request, event_key), person(request)
        turn = found.turn_of(event, member)
        if turn is None:
            raise Refused(_("You do not wait for a place there."), code="not_waiting")
        return self.one(WaitingShape(waitlist.leave(turn=turn, at=now())))


def _event(request: Any, key: UUID) -> Event:
    event = seen.shown(request).filter(key=key).first()
    if event is None:
        raise Http404
    return event


def _shown(request: Any) -> Any:
    """Those of the gatherings at whose door the caller stands, and their own."""
    events = access.shown(Event.objects.of(request.community.id), request)
    rows = Waiting.objects.filter(event__in=events.values("pk"))
    viewer: Membership | None = request.membership
    if viewer is None or viewer.may(ADMIT):
        return rows
    held = EventHost.objects.filter(membership=viewer) if viewer.is_counted else EventHost.objects.none()
    return rows.filter(Q(membership=viewer) | Q(event__in=held.values("event")))
