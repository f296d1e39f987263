"""What the API says of reactions, and what it takes."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from communities import emoji
from kernel.api.fields import Choice, Moment, Text
from kernel.api.serializers import Body, Shape, page_of


class TallyShape(Shape):
    """How many gave one kind of reaction."""

    emoji = serializers.CharField()
    count = serializers.IntegerField()


class ReactionShape(Shape):
    """One reaction of one member."""

    emoji = serializers.CharField()
    member = serializers.IntegerField(source="member.number", help_text="The number of who gave it.")
    at = Moment()


ReactionPage = page_of(ReactionShape, "ReactionPage")


class ReactionsShape(Shape):
    """The reactions there are to it now."""

    reactions = TallyShape(many=True, source="tallies")


class React(Body):
    """A reaction to give or to take back. Doing so twice is doing so once."""

    emoji = Text(max_length=16, help_text="One of the community's `reactions`.")
    act = Choice(choices=["give", "take"], required=False, default="give")


class ReactionKindShape(Shape):
    """One of a community's reactions: an emoji, and its word in each language."""

    def get_fields(self) -> dict[str, Any]:
        words = {
            code: serializers.CharField(required=False, help_text=f"Its word in {name}.")
            for code, name in settings.LANGUAGES
        }
        return {"emoji": serializers.CharField(), **words}


class NewReactionKind(Body):
    """One of a community's reactions: an emoji, and its word in each language."""

    def get_fields(self) -> dict[str, Any]:
        words = {
            code: Text(max_length=emoji.LONGEST_WORD, help_text=f"Its word in {name}.")
            for code, name in settings.LANGUAGES
        }
        return {"emoji": Text(max_length=16, help_text="One emoji."), **words}
