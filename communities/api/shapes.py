"""What the API says of communities, circles and tiers, and what it takes."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from communities import emoji
from communities.api.reaction_shapes import NewReactionKind, ReactionKindShape
from communities.blueprints import blueprints
from communities.models import Community
from communities.services.settings import MOST_REFERENCES
from kernel.activity import ACTS
from kernel.api.fields import Choice, Flag, Moment, Number, Text, Whole
from kernel.api.queries import SparseQuery
from kernel.api.serializers import Body, Shape, page_of
from kernel.clock import zone_names

CURRENCY = r"^[A-Z]{3}$"
COLOUR = r"^(#[0-9a-fA-F]{6})?$"


class CommunityShape(Shape):
    """A community and its settings."""

    sparse = True

    slug = serializers.CharField(help_text="Its address: `/c/<slug>/`.")
    name = serializers.CharField()
    tagline = serializers.CharField(help_text="What it is, in one sentence.")
    description = serializers.CharField(help_text="Markdown.")
    type = serializers.ChoiceField(choices=blueprints.keys(), help_text="What people gather around.")
    language = serializers.ChoiceField(choices=[code for code, _name in settings.LANGUAGES])
    timezone = serializers.CharField(help_text="IANA name; its days and weeks begin by this clock.")
    currency = serializers.CharField(help_text="ISO 4217.")
    colour = serializers.CharField(help_text="Its own colour as `#rrggbb`; empty where it wears its type's.")
    visibility = serializers.ChoiceField(choices=Community.Visibility.values)
    join_policy = serializers.ChoiceField(choices=Community.JoinPolicy.values)
    references_asked = serializers.IntegerField(
        help_text="How many members an applicant may name for a word."
    )
    dues_first = serializers.BooleanField(
        help_text="Where a tier has dues: whether they are paid before an application is read, else once it is approved."
    )
    members_invite = serializers.BooleanField(help_text="Whether all members may invite, or staff alone.")
    members_open_circles = serializers.BooleanField(
        help_text="Whether all members may open circles, or staff alone."
    )
    reactions = serializers.SerializerMethodField(
        help_text="What members react with: its own, or the usual ones."
    )
    score_weights = serializers.DictField(
        child=serializers.FloatField(), help_text="What an act of each verb adds to a member's score."
    )
    founded_at = Moment()

    @extend_schema_field(ReactionKindShape(many=True))
    def get_reactions(self, community: Community) -> list[dict[str, str]]:
        return [kind.plain for kind in emoji.of(community)]


class CommunityQuery(SparseQuery):
    pass


CommunityPage = page_of(CommunityShape, "CommunityPage")


class CommunityChange(Body):
    """Settings to change; what is left out stays as it is."""

    name = Text(required=False, max_length=80)
    tagline = Text(required=False, max_length=160, allow_blank=True)
    description = Text(required=False, max_length=20_000, allow_blank=True, trim_whitespace=False)
    language = Choice(required=False, choices=[code for code, _name in settings.LANGUAGES])
    timezone = Choice(required=False, choices=sorted(zone_names()), help_text="IANA name.")
    currency = serializers.RegexField(CURRENCY, required=False, help_text="ISO 4217.")
    colour = serializers.RegexField(
        COLOUR,
        required=False,
        allow_blank=True,
        max_length=7,
        trim_whitespace=False,
        help_text="A colour of its own as `#rrggbb`; empty for its type's.",
    )
    visibility = Choice(required=False, choices=Community.Visibility.values)
    join_policy = Choice(required=False, choices=Community.JoinPolicy.values)
    references_asked = Whole(required=False, min_value=0, max_value=MOST_REFERENCES)
    dues_first = Flag(required=False)
    members_invite = Flag(required=False)
    members_open_circles = Flag(required=False)
    reactions = serializers.ListField(
        child=NewReactionKind(),
        required=False,
        max_length=emoji.MOST,
        help_text="All that members react with; empty for the usual ones.",
    )

    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | {"score_weights": Weights(required=False)}


class Weights(Body):
    """What an act of each verb adds to a member's score; verbs left out keep their default."""

    def get_fields(self) -> dict[str, Any]:
        return {verb: Number(required=False, min_value=0, max_value=1000) for verb in sorted(ACTS)}
