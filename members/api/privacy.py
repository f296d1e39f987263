"""What a community keeps and for how long; erasing a record at the wish of whom it is about."""

from django.db import transaction
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel import locks
from kernel.api import etags
from kernel.api.fields import Moment, Text, Whole
from kernel.api.operations import operation
from kernel.api.serializers import Body, Shape
from kernel.api.views import ApiView
from kernel.clock import now
from members.actors import Actor
from members.api.members import NUMBER, find
from members.api.shapes import MemberShape
from members.models import Purpose
from members.roles import Status
from members.selectors import retention as kept
from members.services import erasure, retention


def months(words: str, *, body: bool) -> serializers.Field:
    if body:
        return Whole(required=False, allow_null=True, min_value=1, max_value=240, help_text=words)
    return serializers.IntegerField(allow_null=True, help_text=words)


LEFT = "Months after the end of a membership until it is erased; null for without end."
REJECTED = "Months after an application came to nothing until it is erased; null for without end."
LETTERS = "Days until letters go from the log; null for as long as the site keeps them."
AUDIT = "Months until names and values in the audit log are emptied; null for without end."


class PrivacyShape(Shape):
    """What a community keeps of people, why, and for how long."""

    purposes = serializers.SerializerMethodField(help_text="What members' data are used for.")
    after_leaving = months(LEFT, body=False)
    after_rejection = months(REJECTED, body=False)
    audit_values = months(AUDIT, body=False)
    letters = serializers.IntegerField(allow_null=True, help_text=LETTERS)
    contact = serializers.CharField(help_text="Whom to ask; empty where the owners are meant.")
    words = serializers.CharField(help_text="The community's own words, Markdown.")
    changed_at = Moment(allow_null=True, help_text="When it was last decided.")

    def get_purposes(self, policy: object) -> list[str]:
        return list(Purpose.values)


class PrivacyChange(Body):
    """What is decided anew; what is left out stays."""

    after_leaving = months(LEFT, body=True)
    after_rejection = months(REJECTED, body=True)
    audit_values = months(AUDIT, body=True)
    letters = Whole(required=False, allow_null=True, min_value=1, max_value=3650, help_text=LETTERS)
    contact = Text(required=False, allow_blank=True, max_length=200)
    words = Text(required=False, allow_blank=True, max_length=20_000, trim_whitespace=False)


class Reason(Body):
    """Why, for the audit log."""

    reason = Text(max_length=240, help_text="Who asked for it, and how; name nobody.")


class Privacy(ApiView):
    tag = "privacy"

    @operation("read_privacy", "Read what is kept", answers={200: PrivacyShape}, tagged=True)
    def get(self, request: Request) -> Response:
        """What the community keeps, why, and for how long."""
        return self.one(PrivacyShape(kept.policy(request.community.id)))  # type: ignore[attr-defined]

    @operation(
        "change_privacy",
        "Decide how long is kept",
        answers={200: PrivacyShape},
        needs="settings.change",
        body=PrivacyChange,
        tagged=True,
        example={"after_leaving": 24},
    )
    def patch(self, request: Request) -> Response:
        """Change how long what is kept. It is carried out within the hour, and cannot be undone."""
        community = request.community  # type: ignore[attr-defined]
        with transaction.atomic():
            locks.advisory(name="members.privacy", key=community.id)
            etags.require(request, etags.of(PrivacyShape(kept.policy(community.id)).data))
            policy = retention.decide(
                community=community, at=now(), by=Actor.of_request(request), **self.read_body()
            )
        return self.one(PrivacyShape(policy))


class DuePersonShape(Shape):
    """Somebody who would be erased."""

    number = serializers.IntegerField(help_text="The member's number.")
    name = serializers.CharField(source="display_name")
    status = serializers.ChoiceField(choices=Status.values)
    since = Moment(help_text="Since when the membership is over, or the application came to nothing.")


class DueCountsShape(Shape):
    """How many of each would go."""

    members = serializers.IntegerField(help_text="Members who left, to be erased.")
    applicants = serializers.IntegerField(help_text="Applicants, to be erased.")
    entries = serializers.IntegerField(help_text="Entries of the audit log, to be emptied.")
    letters = serializers.IntegerField(help_text="Letters in the log, to be removed.")


class DueShape(Shape):
    """What a clean-up would remove now."""

    counts = DueCountsShape()
    members = DuePersonShape(many=True, help_text=f"The first {kept.SHOWN}, those longest gone first.")
    applicants = DuePersonShape(many=True, help_text=f"The first {kept.SHOWN}, the oldest first.")


class DueNow(ApiView):
    tag = "privacy"

    @operation("try_privacy", "Try what would be removed", answers={200: DueShape}, needs="settings.change")
    def get(self, request: Request) -> Response:
        """A dry run of what was decided: exactly what a clean-up would remove if it were now. It removes nothing."""
        due = kept.due(kept.policy(request.community.id), at=now())  # type: ignore[attr-defined]
        answer = {
            "counts": due.counts,
            "members": due.members[: kept.SHOWN],
            "applicants": due.applicants[: kept.SHOWN],
        }
        return Response(DueShape(answer).data)


class EraseMember(ApiView):
    tag = "members"
    places = NUMBER

    @operation(
        "erase_member",
        "Erase a record nobody signs in to",
        answers={200: MemberShape},
        needs="members.change",
        body=Reason,
    )
    def post(self, request: Request, number: int) -> Response:
        """At the wish of whom it is about. Refused with `claimed` for who signs in: they ask for it themselves."""
        community = request.community  # type: ignore[attr-defined]
        member = find(community, number)
        erasure.erase_unclaimed(membership=member, at=now(), by=Actor.of_request(request), **self.read_body())
        return self.one(MemberShape(find(community, number), context=self.get_context()))
