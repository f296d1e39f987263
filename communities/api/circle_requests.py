"""Closed circles: asked for by members in the browser, answered by those who look after circles."""

from uuid import UUID

from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api import circles
from communities.api.circle_shapes import AnswerBody, AskBody, CircleRequestPage, CircleRequestShape
from communities.models import CircleRequest
from communities.selectors import circle_requests as found
from communities.services import circle_requests
from kernel.api import pages
from kernel.api.fields import Text
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.queries import SparseQuery
from kernel.api.views import ApiView
from kernel.clock import now
from members.actors import Actor

KEY = {"request_key": "The request's id."}


class RequestsQuery(PageQuery, SparseQuery):
    state = serializers.ChoiceField(
        required=False, choices=CircleRequest.State.values, help_text="Where the request stands."
    )
    circle = Text(required=False, max_length=80, help_text="The address of a circle.")


class Ask(ApiView):
    tag = "circles"
    places = circles.SLUG

    @operation(
        "ask_to_join_circle",
        "Ask to join a circle",
        answers={201: CircleRequestShape},
        body=AskBody,
        query=SparseQuery,
        refuses=(422,),
        example={"note": "I bind books as well."},
    )
    def post(self, request: Request, circle_slug: str) -> Response:
        """Ask to be let into a closed circle, as the person who asks in the browser. Asking twice is one request;
        leaving the circle takes it back."""
        circle, member = circles.find(request, circle_slug), circles.person(request)
        asked = circle_requests.ask(circle=circle, membership=member, at=now(), **self.read_body())
        return self.one(CircleRequestShape(asked), status=201)


class Requests(ApiView):
    tag = "circles"

    @operation(
        "list_circle_requests",
        "List requests for circles",
        answers={200: CircleRequestPage},
        needs=circle_requests.ADMIT,
        query=RequestsQuery,
    )
    def get(self, request: Request) -> Response:
        """Who asks, or asked, to be let into circles that the caller may see, the oldest first."""
        rows = found.shown(request)  # type: ignore[arg-type]
        if "state" in self.query:
            rows = rows.filter(state=self.query["state"])
        if "circle" in self.query:
            rows = rows.filter(circle__slug=self.query["circle"])
        page = pages.page(
            request, rows, order=found.OLDEST, limit=self.query["limit"], cursor=self.query.get("cursor", "")
        )
        return Response(page.answer(CircleRequestShape(page.rows, many=True, only=self.only).data))


class OneRequest(ApiView):
    tag = "circles"
    places = KEY

    @operation(
        "read_circle_request",
        "Read a request for a circle",
        answers={200: CircleRequestShape},
        needs=circle_requests.ADMIT,
        query=SparseQuery,
        tagged=True,
    )
    def get(self, request: Request, request_key: UUID) -> Response:
        """One request; 404 for one that is for a circle which the caller may not see."""
        return self.one(CircleRequestShape(_find(request, request_key)))


class Decide(ApiView):
    tag = "circles"
    places = KEY

    @operation(
        "decide_circle_request",
        "Answer a request for a circle",
        answers={200: CircleRequestShape},
        needs=circle_requests.ADMIT,
        body=AnswerBody,
        query=SparseQuery,
        example={"decision": "approve"},
    )
    def post(self, request: Request, request_key: UUID) -> Response:
        """Let the member in, or decline with a reason. Refused with `decided` when somebody else was faster."""
        asked, given = _find(request, request_key), self.read_body()
        circle_requests.decide(
            request=asked,
            approve=given.pop("decision") == "approve",
            at=now(),
            by=Actor.of_request(request),
            **given,
        )
        return self.one(CircleRequestShape(_find(request, request_key)))


def _find(request: Request, key: UUID) -> CircleRequest:
    asked = found.one(request, key)  # type: ignore[arg-type]
    if asked is None:
        raise Http404
    return asked
