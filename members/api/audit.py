"""The audit log, to read."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.api import pages
from kernel.api.fields import Day, Moment, Text
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.serializers import Shape, page_of
from kernel.api.views import ApiView
from members import audit_words
from members.models import Membership
from members.selectors import audit as log
from members.selectors.audit import Wanted


@extend_schema_field({"type": "object", "additionalProperties": True})
class Values(serializers.Field):
    """Values by field, as they were written down."""

    def to_representation(self, value: Any) -> Any:
        return value


class AuditShape(Shape):
    """An entry: who did what to what, when, and the values before and after."""

    at = Moment()
    act = serializers.CharField(source="action", help_text="A stable word such as `member.changed`.")
    words = serializers.SerializerMethodField(help_text="The act in the language asked for.")
    actor = serializers.SerializerMethodField(
        help_text="The number of the member who did it; null for programs and the site."
    )
    actor_words = serializers.CharField(help_text="What the actor was called then; empty once erased.")
    address = serializers.CharField(allow_null=True, help_text="The network address it was done from.")
    kind = serializers.CharField(source="object_kind", help_text="The kind of thing it was done to.")
    id = serializers.CharField(source="object_id", help_text="Which one: of a member, the number.")
    before = Values()
    after = Values()
    emptied = serializers.SerializerMethodField(help_text="Whether what was personal has been taken out.")

    def get_words(self, entry: Any) -> str:
        return audit_words.label_of(entry.action)

    @extend_schema_field({"type": ["integer", "null"]})
    def get_actor(self, entry: Any) -> int | None:
        return self.context["numbers"].get(entry.actor_id)

    def get_emptied(self, entry: Any) -> bool:
        return entry.values.emptied_at is not None


AuditPage = page_of(AuditShape, "AuditPage")


class AuditQuery(PageQuery):
    actor = Text(
        required=False,
        max_length=20,
        help_text="A member's number, or `programs` for those that are nobody's.",
    )
    member = Text(required=False, max_length=120, help_text="About whom: a number, or part of a name.")
    act = Text(
        required=False, max_length=60, help_text="An act, or with a dot at its end a kind of acts: `member.`."
    )
    since = Day(required=False, help_text="From this local day on.")
    until = Day(required=False, help_text="Until this local day, which is included.")
    text = Text(required=False, max_length=120, help_text="What names, reasons, values or acts hold.")


class AuditLog(ApiView):
    tag = "audit"

    @operation(
        "list_audit_log",
        "Read the audit log",
        answers={200: AuditPage},
        needs="audit.view",
        query=AuditQuery,
    )
    def get(self, request: Request) -> Response:
        """The entries of the community, newest first. Keys are made by owners, so every key that reads may."""
        community = request.community  # type: ignore[attr-defined]
        asked = {name: value for name, value in self.query.items() if name not in ("limit", "cursor")}
        page = pages.page(
            request,
            log.matching(community=community, wanted=Wanted(**asked)),
            order=log.ORDER,
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        users = {entry.actor_id for entry in page.rows if entry.actor_id}
        known = Membership.objects.of(community.id).filter(user_id__in=users)
        context = {"numbers": dict(known.values_list("user_id", "number"))}
        return Response(page.answer(AuditShape(page.rows, many=True, context=context).data))
