"""Applications: listed, read, decided."""

from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from communities.models import Application, Decision
from communities.selectors import applications as found
from communities.services import applications
from kernel.api import pages
from kernel.api.fields import Choice, Moment, Text
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.queries import SparseQuery
from kernel.api.serializers import Body, Shape, page_of
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.keyset import Order
from kernel.tenancy import Community
from members.actors import Actor
from members.roles import Status

DECISIONS = [Decision.APPROVE.value, Decision.WAIT.value, Decision.REJECT.value]


class AnswerShape(Shape):
    """A question as it was asked, with its answer."""

    question = serializers.CharField()
    kind = serializers.CharField(
        default="",
        help_text="`text`, `choice`, `several`, `date`, `file` or `agreement`; of a member field its own kind.",
    )
    answer = serializers.SerializerMethodField(
        help_text="A text, a list of texts, yes or no; of a member field also a number; a file by its name."
    )

    @extend_schema_field({"type": ["string", "array", "boolean", "number"], "items": {"type": "string"}})
    def get_answer(self, given: dict[str, Any]) -> Any:
        return given["answer"]


class ReferenceShape(Shape):
    """The word of a member whom the applicant named."""

    member = serializers.IntegerField(source="member.number", help_text="The member's number.")
    vouches = serializers.BooleanField(allow_null=True, help_text="Null until they have said their word.")
    words = serializers.CharField()
    answered_at = Moment(allow_null=True)


class ApplicationShape(Shape):
    """What somebody wrote when they asked to join, and what became of it."""

    sparse = True

    id = serializers.UUIDField(source="key")
    member = serializers.IntegerField(source="membership.number", help_text="The applicant's number.")
    name = serializers.CharField(source="membership.display_name")
    status = serializers.ChoiceField(source="membership.status", choices=Status.values)
    tier = serializers.CharField(source="membership.tier.key", allow_null=True, default=None)
    state = serializers.ChoiceField(choices=Application.State.values)
    answers = AnswerShape(many=True)
    made_at = Moment()
    paid_at = Moment(allow_null=True, help_text="When dues that come first were paid.")
    waiting_since = Moment(allow_null=True, help_text="Its place in the line for a full tier.")
    offered_at = Moment(allow_null=True, help_text="When a place was offered from the waiting list.")
    decision = serializers.CharField(help_text="`approve`, `wait`, `reject`, `offer`, or empty.")
    decided_at = Moment(allow_null=True)
    decided_by = serializers.CharField(source="decided_words", help_text="Who decided, in words.")
    reason = serializers.CharField()
    message = serializers.CharField(help_text="What the applicant was told.")
    references = serializers.SerializerMethodField(help_text="Asked of members; only on one application.")

    def get_references(self, application: Application) -> ReferenceShape(many=True):  # type: ignore[valid-type]
        if not self.context.get("whole"):
            return []
        return ReferenceShape(found.references(application), many=True).data


ApplicationPage = page_of(ApplicationShape, "ApplicationPage")


class ApplicationsQuery(PageQuery, SparseQuery):
    state = serializers.ChoiceField(
        required=False, choices=Application.State.values, help_text="Where the application stands."
    )


class DecisionBody(Body):
    """What is decided, and what the applicant is told."""

    decision = Choice(choices=DECISIONS)
    reason = Text(
        required=False,
        max_length=240,
        allow_blank=True,
        help_text="Kept; needed to reject, and read by the applicant.",
    )
    message = Text(
        required=False,
        max_length=4000,
        allow_blank=True,
        trim_whitespace=False,
        help_text="In place of the community's words for it; {name}, {community} and {reason} are filled in.",
    )


class Applications(ApiView):
    tag = "applications"

    @operation(
        "list_applications",
        "List applications",
        answers={200: ApplicationPage},
        needs="members.change",
        query=ApplicationsQuery,
    )
    def get(self, request: Request) -> Response:
        """The community's applications, the oldest first."""
        rows = found.of(request.community.id)  # type: ignore[attr-defined]
        if "state" in self.query:
            rows = rows.filter(state=self.query["state"])
        page = pages.page(
            request,
            rows,
            order=Order("made_at", tie="id"),
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        return Response(page.answer(ApplicationShape(page.rows, many=True, only=self.only).data))


class OneApplication(ApiView):
    tag = "applications"
    places = {"application_id": "The application's id."}

    @operation(
        "read_application",
        "Read an application",
        answers={200: ApplicationShape},
        needs="members.change",
        query=SparseQuery,
        tagged=True,
    )
    def get(self, request: Request, application_id: UUID) -> Response:
        """One application with the references that were asked. Files are fetched at the desk."""
        return self.one(_shape(request.community, application_id))  # type: ignore[attr-defined]


class Decide(ApiView):
    tag = "applications"
    places = {"application_id": "The application's id."}

    @operation(
        "decide_application",
        "Decide on an application",
        answers={200: ApplicationShape},
        needs="members.change",
        body=DecisionBody,
        query=SparseQuery,
        example={"decision": "approve"},
    )
    def post(self, request: Request, application_id: UUID) -> Response:
        """Approve, put on the waiting list or reject. Where the tier is full, an approval puts on its waiting list: see
        `decision` of the answer. Refused with `decided` when somebody else has decided already."""
        community = request.community  # type: ignore[attr-defined]
        application = found.one(community, application_id)
        if application is None:
            raise Http404
        given = self.read_body()
        applications.decide(application=application, at=now(), by=Actor.of_request(request), **given)
        return self.one(_shape(community, application_id))


def _shape(community: Community, key: UUID) -> ApplicationShape:
    application = found.one(community, key)  # type: ignore[arg-type]
    if application is None:
        raise Http404
    return ApplicationShape(application, context={"whole": True})
