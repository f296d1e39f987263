"""Tickets: read, given back by who has them, taken back by who looks after the gathering."""

from typing import Any
from uuid import UUID

from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.circles import person
from gatherings.api.shapes import TicketPage, TicketShape
from gatherings.models import Ticket
from gatherings.services import returns, seats
from kernel import access
from kernel.api import pages
from kernel.api.fields import Choice
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.queries import SparseQuery
from kernel.api.serializers import Body
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.keyset import Order
from members.actors import Actor

OLDEST = Order("id", tie="id")
TICKET = {"ticket_key": "The ticket's id."}


class TicketsQuery(PageQuery, SparseQuery):
    event = serializers.UUIDField(required=False, help_text="The id of a gathering.")
    member = serializers.IntegerField(
        required=False, help_text="The number of who comes with it.", min_value=1, max_value=2**31 - 1
    )
    state = Choice(required=False, choices=Ticket.State.values, help_text="Where it stands.")


class Tickets(ApiView):
    tag = "events"

    @operation("list_tickets", "List tickets", answers={200: TicketPage}, query=TicketsQuery)
    def get(self, request: Request) -> Response:
        """Tickets of the gatherings at whose door the caller stands, and those that one has or got for others, the oldest
        first. What the door reads stands on the ticket alone, not here."""
        rows = _tickets(request)
        if "event" in self.query:
            rows = rows.filter(event__key=self.query["event"])
        if "member" in self.query:
            rows = rows.filter(membership__number=self.query["member"])
        if "state" in self.query:
            rows = rows.filter(state=self.query["state"])
        page = pages.page(
            request, rows, order=OLDEST, limit=self.query["limit"], cursor=self.query.get("cursor", "")
        )
        return Response(page.answer(TicketShape(page.rows, many=True, only=self.only).data))


class OneTicket(ApiView):
    tag = "events"
    places = TICKET

    @operation("read_ticket", "Read a ticket", answers={200: TicketShape}, query=SparseQuery)
    def get(self, request: Request, ticket_key: UUID) -> Response:
        """A ticket that one has or got for somebody, or of a gathering at whose door the caller stands."""
        return self.one(TicketShape(_ticket(request, ticket_key)))


class GivesBack(Body):
    along = serializers.BooleanField(
        default=False, help_text="With the tickets of those whom its holder brings along."
    )


class GiveBack(ApiView):
    tag = "events"
    places = TICKET

    @operation(
        "give_ticket_back",
        "Give a ticket back",
        answers={200: TicketShape},
        body=GivesBack,
        query=SparseQuery,
        refuses=(422,),
        example={"along": False},
    )
    def post(self, request: Request, ticket_key: UUID) -> Response:
        """The person who asks in the browser gives back a ticket that they have, or got for somebody; what was paid for it goes
        back by the rule of the gathering. One that is over stays as it is. Refused with `over` once the gathering has
        begun."""
        ticket, viewer = _ticket(request, ticket_key), person(request)
        if viewer.pk not in (ticket.membership_id, ticket.taken_by_id):
            raise Http404
        seats.give_back(ticket=ticket, along=self.read_body()["along"], at=now())
        return self.one(TicketShape(_ticket(request, ticket_key)))


class TakesBack(GivesBack):
    reason = serializers.CharField(max_length=240, help_text="Why: they read it.")
    refund = serializers.BooleanField(default=True, help_text="Whether what was paid for it goes back.")


class TakeBack(ApiView):
    tag = "events"
    places = TICKET

    @operation(
        "take_ticket_back",
        "Take a ticket back",
        answers={200: TicketShape},
        body=TakesBack,
        query=SparseQuery,
        refuses=(422,),
        example={"reason": "You asked for it on the phone.", "refund": True},
    )
    def post(self, request: Request, ticket_key: UUID) -> Response:
        """Whoever looks after the gathering takes a ticket back, at any time, and says whether what was paid goes back; its
        holder is told. Refused with `not_allowed` for everybody else, and with `over` for one that is none any more."""
        ticket = _ticket(request, ticket_key)
        returns.take_back(ticket=ticket, at=now(), by=Actor.of_request(request), **self.read_body())
        return self.one(TicketShape(_ticket(request, ticket_key)))


def _tickets(request: Any) -> Any:
    rows = access.shown(Ticket.objects.of(request.community.id), request)
    return rows.select_related("event", "kind", "room", "membership", "taken_by")


def _ticket(request: Any, key: UUID) -> Ticket:
    """The ticket as far as the caller may see it. Raises `Http404`."""
    ticket: Ticket | None = _tickets(request).filter(key=key).first()
    if ticket is None:
        raise Http404
    return ticket
