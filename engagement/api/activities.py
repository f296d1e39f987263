"""Facts in: one activity or thousands in one request."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from engagement.api import rows
from engagement.services import activities
from kernel.activity import ACTS
from kernel.api.operations import operation
from kernel.api.parsers import StrictJSONParser
from kernel.api.serializers import Shape
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.imports import Outcome
from members.actors import Actor

EXAMPLE = {
    "member": "u-1207",
    "verb": "commented",
    "occurred_at": "2026-03-02T19:30:00+08:00",
    "target": "u-33",
    "object": "post:881",
    "circle": "General",
    "id": "c-52017",
}
_TEXTS = {
    "member": "The id of the member who acted, in your system.",
    "verb": f"What they did: one of {', '.join(sorted(ACTS))}; or paid, refunded, subscribed, cancelled, invited.",
    "occurred_at": "When, in ISO 8601; without an offset it is the community's local time.",
    "target": "The id of the member it was aimed at.",
    "object": "What it was about, as `kind:id`.",
    "circle": "Name or address of a circle; one that is not there yet is opened.",
    "value": "A number that belongs to it.",
    "id": "The activity's own id; without it the whole row is its identity.",
}
#: Nothing is demanded here of a single activity: one that does not fit is counted as rejected, with the reason.
ACTIVITY = {
    "type": "object",
    "title": "Activity",
    "description": "member, verb and occurred_at are needed. One that does not fit is rejected, and stops no other.",
    "properties": {name: {"description": words} for name, words in _TEXTS.items()},
    "example": EXAMPLE,
}
BODY = {
    "anyOf": [
        ACTIVITY,
        {
            "type": "array",
            "maxItems": rows.MOST,
            "description": "Activities; an item that is no object is rejected as any other that does not fit.",
            "items": {},
        },
    ]
}
LINES = {"type": "string", "description": f"One activity a line, at most {rows.MOST} lines."}


class Rejection(Shape):
    """One activity that was not taken."""

    index = serializers.IntegerField(help_text="Its place in the request, from 0.")
    column = serializers.CharField(help_text="The field at fault; empty when it is the activity as a whole.")
    code = serializers.CharField(help_text="A stable word for programs.")
    reason = serializers.CharField(help_text="For people, in the language asked for.")


class Taken(Shape):
    """What became of the activities; the counts add up to how many were sent."""

    accepted = serializers.IntegerField(help_text="New, and now facts.")
    duplicate = serializers.IntegerField(help_text="Known already, and left as they are.")
    rejected = Rejection(many=True)


class Activities(ApiView):
    tag = "activities"
    quota = "bulk"
    max_body = 16 * 1024 * 1024
    parser_classes = (StrictJSONParser, rows.NDJSONParser)

    @operation(
        "send_activities",
        "Send activities",
        answers={200: Taken},
        needs="imports.run",
        media={"application/json": BODY, rows.NDJSON: LINES},
        example=[EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """One activity, an array, or one a line (NDJSON): at most 10,000.

        Each is accepted, known already, or rejected with its reason; one that is wrong stops no other. All
        that are accepted appear together. Figures follow within a minute.
        """
        sent = rows.of(request.data)
        verdicts = activities.take(
            community=request.community,  # type: ignore[attr-defined]
            rows=sent,
            at=now(),
            by=Actor.of_request(request),
        )
        outcomes = [verdict.outcome for verdict in verdicts]
        found = {
            "accepted": outcomes.count(Outcome.CREATED),
            "duplicate": outcomes.count(Outcome.UNCHANGED),
            "rejected": [
                {"index": index, "column": verdict.column, "code": verdict.code, "reason": verdict.words}
                for index, verdict in enumerate(verdicts)
                if verdict.outcome is Outcome.REJECTED
            ],
        }
        return Response(Taken(found).data)
