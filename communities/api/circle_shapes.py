"""What the API says of circles, and what it takes."""

from rest_framework import serializers

from communities.models import Circle, CircleRequest
from communities.services.circle_requests import LONGEST
from kernel.api.fields import Choice, Flag, Moment, Text, Whole
from kernel.api.serializers import Body, Shape, page_of


class CircleShape(Shape):
    """A circle: a smaller round inside the community."""

    sparse = True

    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    kind = serializers.ChoiceField(choices=Circle.Kind.values)
    minimum_tier = serializers.CharField(
        source="minimum_tier.key",
        allow_null=True,
        default=None,
        help_text="The key of the lowest tier that sees it; null where every one does.",
    )
    position = serializers.IntegerField(help_text="Circles stand in this order.")
    members = serializers.IntegerField(source="member_count", help_text="How many members it has.")
    hosts = serializers.ListField(
        child=serializers.IntegerField(),
        source="host_numbers",
        help_text="Numbers of the members who look after it.",
    )
    archived_at = Moment(allow_null=True)


CirclePage = page_of(CircleShape, "CirclePage")


class CircleFields(Body):
    """What a circle is."""

    description = Text(required=False, max_length=240, allow_blank=True)
    kind = Choice(required=False, choices=Circle.Kind.values)
    minimum_tier = Text(required=False, allow_null=True, max_length=40, help_text="A tier's key, or null.")


class NewCircle(CircleFields):
    """A circle to open."""

    name = Text(max_length=80)


class CircleChange(CircleFields):
    """What is to be changed; what is left out stays."""

    name = Text(required=False, max_length=80)
    archived = Flag(required=False)


class WhoComes(Body):
    """Which member it is about."""

    number = Whole(min_value=1, max_value=2**31 - 1, help_text="The member's number.")


class CircleRequestShape(Shape):
    """A member who asks to be let into a closed circle, and what became of it."""

    sparse = True

    id = serializers.UUIDField(source="key")
    circle = serializers.CharField(source="circle.slug", help_text="The circle's address.")
    member = serializers.IntegerField(source="membership.number", help_text="The member's number.")
    state = serializers.ChoiceField(choices=CircleRequest.State.values)
    note = serializers.CharField(source="words", help_text="What the member wrote to it.")
    asked_at = Moment()
    decided_at = Moment(allow_null=True)
    reason = serializers.CharField(help_text="What the member was told of the decision.")


CircleRequestPage = page_of(CircleRequestShape, "CircleRequestPage")


class AskBody(Body):
    """What the member says to it."""

    note = Text(required=False, max_length=LONGEST, allow_blank=True)


class AnswerBody(Body):
    """What is decided."""

    decision = Choice(choices=["approve", "decline"])
    reason = Text(
        required=False, max_length=240, allow_blank=True, help_text="Needed to decline; the member reads it."
    )
