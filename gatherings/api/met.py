"""Whom a person has met at small gatherings."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.circles import person
from gatherings.selectors import met
from kernel import access
from kernel.api.fields import Moment
from kernel.api.operations import operation
from kernel.api.serializers import Shape
from kernel.api.views import ApiView
from members.api.members import NUMBER
from members.models import Membership


class MetPersonShape(Shape):
    """Somebody who came to the same gatherings."""

    number = serializers.IntegerField(source="member.number", help_text="The member's number.")
    name = serializers.CharField(source="member.display_name")
    gatherings = serializers.IntegerField(source="times", help_text="At how many they met.")
    last_event = serializers.UUIDField(source="last.key", help_text="The last of these gatherings.")
    last_title = serializers.CharField(source="last.title")
    last_at = Moment(source="last.starts_at", help_text="When that began.")


class MetPeopleShape(Shape):
    """Whom a person has met."""

    people = MetPersonShape(many=True, help_text="Most often first, a dozen at the most.")
    more = serializers.BooleanField(help_text="Whether there are others.")


class WhomTheyMet(ApiView):
    tag = "events"
    places = NUMBER

    @operation("list_met", "Whom a person has met", answers={200: MetPeopleShape})
    def get(self, request: Request, number: int) -> Response:
        """Members who came to the same gatherings, of those to which at most 30 people came; only gatherings and people that
        the one who asks in the browser may see. 404 for who is not in the directory."""
        here = Membership.objects.of(request.community.id)  # type: ignore[attr-defined]
        member = access.find(here, request, number=min(number, 2**31 - 1))
        people, more = met.by(member, person(request))
        found: Any = {"people": people, "more": more}
        return Response(MetPeopleShape(found).data)
