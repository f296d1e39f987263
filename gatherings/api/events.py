"""Gatherings: listed, planned, changed, announced, cancelled, decided on."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from gatherings.access import MANAGE
from gatherings.api import told
from gatherings.api.shapes import CancelBody, Decision, EventChange, EventPage, EventShape, NewEvent
from gatherings.models import Event
from gatherings.selectors import seen
from gatherings.services import events, planning
from kernel.api import etags, pages
from kernel.api.fields import Choice, Day, Text
from kernel.api.money import told_as
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.queries import SparseQuery
from kernel.api.views import ApiView
from kernel.clock import day_end, day_start, now
from kernel.locks import locked
from members.actors import Actor

#: What the form of the page calls its rooms, as the API does.
ROOMS = dict.fromkeys(("in_person", "online", "places_in_person", "places_online"), "rooms")


class EventsQuery(PageQuery, SparseQuery):
    since = Day(required=False, help_text="Those that begin on this day or later, by the community's clock.")
    until = Day(required=False, help_text="Those that begin on this day or earlier.")
    circle = Text(required=False, max_length=80, help_text="The address of the circle whose they are.")
    state = Choice(required=False, choices=Event.State.values, help_text="Where they stand.")
    audience = Choice(required=False, choices=Event.Audience.values, help_text="Whom they are for.")


class Events(ApiView):
    tag = "events"

    @operation("list_events", "List gatherings", answers={200: EventPage}, query=EventsQuery)
    def get(self, request: Request) -> Response:
        """The gatherings that the caller may see, the earliest first: those that are announced or cancelled, and drafts
        and proposals to their hosts and the staff."""
        community: Any = request.community  # type: ignore[attr-defined]
        asked: Any = request
        rows = seen.shown(asked)
        if "since" in self.query:
            rows = rows.filter(starts_at__gte=day_start(self.query["since"], community.zone))
        if "until" in self.query:
            rows = rows.filter(starts_at__lt=day_end(self.query["until"], community.zone))
        if "circle" in self.query:
            rows = rows.filter(circle__slug=self.query["circle"])
        same = {name: self.query[name] for name in ("state", "audience") if name in self.query}
        page = pages.page(
            request,
            rows.filter(**same),
            order=seen.NEXT,
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        told.fill(page.rows, request)
        return Response(page.answer(EventShape(page.rows, many=True, only=self.only).data))

    @operation(
        "plan_event",
        "Plan a gathering",
        answers={201: EventShape},
        body=NewEvent,
        query=SparseQuery,
        tagged=True,
        refuses=(422,),
        example={
            "title": "Supper",
            "starts_at": "2027-03-28T19:00:00+02:00",
            "timezone": "Europe/Berlin",
            "rooms": [{"way": "in_person", "places": 20}],
        },
    )
    def post(self, request: Request) -> Response:
        """Plan a gathering: by staff, by hosts of a circle in it, and by members where the community lets them. It is a
        draft until it is announced. Without `hosts` whoever plans it holds it."""
        community: Any = request.community  # type: ignore[attr-defined]
        given = {"held_by": [], **told.named(request, self.read_body())}
        announce = given.pop("publish", False)
        made = planning.plan(
            community=community, at=now(), by=Actor.of_request(request), announce=announce, **given
        )
        place = reverse("api:event", kwargs={"community_slug": community.slug, "event_key": made.key})
        headers = {"Location": request.build_absolute_uri(place)}
        return self.one(_shape(request, made.key, self), status=201, headers=headers)


class OneEvent(ApiView):
    tag = "events"
    places = told.EVENT

    @operation("read_event", "Read a gathering", answers={200: EventShape}, query=SparseQuery, tagged=True)
    def get(self, request: Request, event_key: UUID) -> Response:
        """One gathering; 404 for one that the caller may not see."""
        return self.one(_shape(request, event_key, self))

    @operation(
        "change_event",
        "Change a gathering",
        answers={200: EventShape},
        body=EventChange,
        query=SparseQuery,
        tagged=True,
        refuses=(422,),
        example={"starts_at": "2027-03-28T20:00:00+02:00"},
    )
    def patch(self, request: Request, event_key: UUID) -> Response:
        """Change what is given, as one of its hosts or of the staff: all of it or nothing. Who comes is told of a new time
        or place. There are never fewer places than are taken."""
        with transaction.atomic():
            event, fields = told.find(request, event_key), told.named(request, self.read_body())
            locked(Event.objects.filter(pk=event.pk)).get()
            etags.require(request, etags.of(_shape(request, event_key, self).data))
            with told_as(**ROOMS):
                planning.change(event=event, at=now(), by=Actor.of_request(request), **fields)
        return self.one(_shape(request, event_key, self))


class _Act(ApiView):
    tag = "events"
    places = told.EVENT

    def answered(self, request: Request, event_key: UUID) -> Response:
        return self.one(_shape(request, event_key, self))


class Publish(_Act):
    @operation(
        "publish_event",
        "Announce a gathering",
        answers={200: EventShape},
        query=SparseQuery,
        refuses=(422,),
    )
    def post(self, request: Request, event_key: UUID) -> Response:
        """Announce a draft; of a member who needs the staff's consent, propose it. Twice is once."""
        event = told.find(request, event_key)
        events.publish(event=event, at=now(), by=Actor.of_request(request))
        return self.answered(request, event_key)


class Cancel(_Act):
    @operation(
        "cancel_event",
        "Cancel a gathering",
        answers={200: EventShape},
        body=CancelBody,
        query=SparseQuery,
        refuses=(422,),
        example={"reason": "Snow."},
    )
    def post(self, request: Request, event_key: UUID) -> Response:
        """Call an announced gathering off: its tickets end, and all whom it concerns are told. Twice is once."""
        event = told.find(request, event_key)
        events.cancel(event=event, at=now(), by=Actor.of_request(request), **self.read_body())
        return self.answered(request, event_key)


class Decide(_Act):
    @operation(
        "decide_event",
        "Answer a proposal",
        answers={200: EventShape},
        needs=MANAGE,
        body=Decision,
        query=SparseQuery,
        refuses=(422,),
        example={"decision": "approve"},
    )
    def post(self, request: Request, event_key: UUID) -> Response:
        """Announce what a member proposes, or decline it with a reason. Refused with `not_proposed` when somebody else was
        faster."""
        event, given = told.find(request, event_key), self.read_body()
        agrees = given.pop("decision") == "approve"
        events.decide(event=event, agrees=agrees, at=now(), by=Actor.of_request(request), **given)
        return self.answered(request, event_key)


def _shape(request: Request, key: UUID, view: ApiView) -> EventShape:
    return EventShape(told.find(request, key), context=view.get_context())
