"""What the API says of members and tiers, and what it takes."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from kernel import columns
from kernel.api.fields import ANY_TEXT, Choice, Email, Flag, Moment, Number, Text, Whole, Words, plain
from kernel.api.serializers import Body, Shape, page_of
from kernel.columns import Column, ColumnType
from members import custom_values
from members.models import Tier
from members.roles import Role, Status

LARGEST_NUMBER = 2**31 - 1
#: Where the values of columns from apps above stand on a row.
PREFIX = "column_"
MOST_CUSTOM = 50


@extend_schema_field(
    {
        "type": "object",
        "maxProperties": MOST_CUSTOM,
        "propertyNames": {"maxLength": 80, "pattern": ANY_TEXT},
        "additionalProperties": {
            "type": ["string", "number", "boolean", "null", "array"],
            "items": {"type": "string", "maxLength": 80, "pattern": ANY_TEXT},
            "maxLength": custom_values.LONGEST,
            "pattern": ANY_TEXT,
        },
    }
)
class Custom(serializers.Field):
    """Fields of the community's own: a flat object of texts, numbers, booleans and nulls."""

    default_error_messages = {
        "invalid": _("A flat object of texts, numbers, booleans and nulls is expected."),
        "too_much": _("At most %(most)d fields, names of 80 and texts of %(longest)d characters.")
        % {"most": MOST_CUSTOM, "longest": custom_values.LONGEST},
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping) or not all(map(_flat, data.values())):
            self.fail("invalid")
        if not plain(dict(data)):
            self.fail("invalid")
        texts = [value for value in data.values() if isinstance(value, str)]
        if len(data) > MOST_CUSTOM or any(len(name) > 80 for name in data) or any(map(_too_long, texts)):
            self.fail("too_much")
        return dict(data)

    def to_representation(self, value: Any) -> Any:
        return value


def _flat(value: Any) -> bool:
    """Whether it is one value, or a list of short texts."""
    if isinstance(value, list):
        return len(value) <= MOST_CUSTOM and all(isinstance(one, str) and len(one) <= 80 for one in value)
    return not isinstance(value, dict)


def _too_long(text: str) -> bool:
    return len(text) > custom_values.LONGEST


class MemberShape(Shape):
    """A member of the community."""

    sparse = True

    number = serializers.IntegerField(help_text="Given on joining, dense from 1, never given twice.")
    member = serializers.CharField(
        source="external_id", allow_null=True, help_text="The id in the system the member was imported from."
    )
    name = serializers.CharField()
    email = serializers.CharField(help_text="Empty when not known.")
    status = serializers.ChoiceField(choices=Status.values)
    role = serializers.ChoiceField(choices=Role.values)
    tier = serializers.CharField(
        source="tier.key", allow_null=True, default=None, help_text="The tier's key."
    )
    joined_at = Moment(help_text="The first joining.")
    left_at = Moment(allow_null=True)
    invited_by = serializers.IntegerField(
        source="invited_by.number", allow_null=True, default=None, help_text="The number of who invited them."
    )
    city = serializers.CharField()
    country = serializers.CharField()
    latitude = serializers.FloatField(allow_null=True)
    longitude = serializers.FloatField(allow_null=True)
    interests = serializers.ListField(child=serializers.CharField())
    tags = serializers.ListField(child=serializers.CharField())
    custom = Custom(help_text="Fields of the community's own.")

    def get_fields(self) -> dict[str, Any]:
        """With what the apps above know of a member: null where it is not known yet."""
        return super().get_fields() | {column.key: _field(column) for column in columns.columns}

    def permissions(self) -> Mapping[str, str]:
        return {column.key: column.permission for column in columns.columns if column.permission}


MemberPage = page_of(MemberShape, "MemberPage")


class KnownChoice(serializers.ChoiceField):
    """A choice that the database may keep empty, which is null here."""

    def to_representation(self, value: Any) -> Any:
        return super().to_representation(value) or None


_FIELDS = {
    ColumnType.TEXT: serializers.CharField,
    ColumnType.NUMBER: serializers.FloatField,
    ColumnType.DAY: serializers.DateField,
}


def told(column: Column) -> str:
    """A column in the description: what it is, and for whom."""
    needs = f" Only for who has the permission `{column.permission}`." if column.permission else ""
    return f"{column.label}.{needs}"


def _field(column: Column) -> serializers.Field[Any, Any, Any, Any]:
    options: dict[str, Any] = {
        "source": f"{PREFIX}{column.key}",
        "allow_null": True,
        "help_text": told(column),
    }
    if column.type == ColumnType.CHOICE:
        return KnownChoice(choices=[value for value, _label in column.choices], **options)
    return _FIELDS[column.type](**options)


class Profile(Body):
    """What may be changed of a member as they are; what is left out stays."""

    name = Text(required=False, max_length=120, allow_blank=True)
    email = Email(required=False, max_length=254, allow_blank=True)
    city = Text(required=False, max_length=120, allow_blank=True)
    country = Text(required=False, max_length=120, allow_blank=True)
    latitude = Number(required=False, allow_null=True, min_value=-90, max_value=90)
    longitude = Number(required=False, allow_null=True, min_value=-180, max_value=180)
    interests = Words(required=False)
    tags = Words(required=False)
    custom = Custom(required=False)


class NewMember(Profile):
    """A member to enter; their person can claim the membership later."""

    member = Text(
        required=False,
        max_length=120,
        help_text="The id in your system: importing it again finds this member.",
    )
    joined_at = Moment(required=False, help_text="Now, when left out.")
    tier = Text(required=False, max_length=40, help_text="A tier's key; the default tier when left out.")
    invited_by = Whole(
        required=False, min_value=1, max_value=LARGEST_NUMBER, help_text="The number of who invited them."
    )


class TierShape(Shape):
    """A level of membership; a higher rank opens what the lower ones open, and more."""

    sparse = True

    key = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    rank = serializers.IntegerField()
    perks = serializers.ListField(child=serializers.CharField())
    colour = serializers.ChoiceField(choices=Tier.Colour.values)
    capacity = serializers.IntegerField(
        allow_null=True, help_text="How many members it holds at once; null for any number."
    )
    held = serializers.IntegerField(help_text="How many places are taken now.")
    visible = serializers.BooleanField(help_text="Whether it is shown to everyone.")
    is_default = serializers.BooleanField(help_text="Whether it is given on joining.")


TierPage = page_of(TierShape, "TierPage")


class TierChange(Body):
    """What may be changed of a tier; what is left out stays. Its key stays for good."""

    name = Text(required=False, max_length=80)
    description = Text(required=False, max_length=240, allow_blank=True)
    rank = Whole(required=False, min_value=0, max_value=32_767, help_text="A higher one opens more.")
    perks = Words(required=False, most=20, longest=120)
    colour = Choice(required=False, choices=Tier.Colour.values)
    capacity = Whole(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=LARGEST_NUMBER,
        help_text="Null for any number.",
    )
    visible = Flag(required=False)
    is_default = Flag(
        required=False, help_text="Given on joining: the one that was so before is not any more."
    )


class Key(Text):
    """A word for addresses and files: small letters, digits and hyphens."""

    pattern = r"^[a-z0-9][a-z0-9_-]{0,39}$"
    default_error_messages = {"key": _("Small letters, digits and hyphens are expected.")}

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if text != data or not re.fullmatch(self.pattern[1:-1], text):
            self.fail("key")
        return text


class NewTier(TierChange):
    """A tier to make. Without a rank it is the highest."""

    key = Key(required=False, max_length=40, help_text="Made of the name, when left out; it stays.")

    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | {"name": Text(max_length=80)}
