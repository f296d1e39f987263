"""Fields that take what the description says and nothing like it: 5 is no text and "5" is no number."""

import re
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from kernel import clock

#: What a text may be, in the words of JSON Schema: no NUL, which no database keeps; and not only blanks.
ANY_TEXT = r"^[^\u0000]*$"
NOT_BLANK = r"^[^\u0000]*[^\s\u0000-\u001f\u0085][^\u0000]*$"
EMAIL = (
    r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}$"
)


class Text(serializers.CharField):
    """A JSON string. `pattern` is what the description says of it beside its length."""

    pattern = ""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        if "\x00" not in data and not self.allow_blank and not re.search(NOT_BLANK, data):
            self.fail("blank")
        return str(super().to_internal_value(data))

    @property
    def described(self) -> str:
        return self.pattern or (ANY_TEXT if self.allow_blank else NOT_BLANK)


class Email(Text):
    """An e-mail address, or an empty text where that is allowed."""

    default_error_messages = {"email": _("This is no e-mail address.")}

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if text and not re.fullmatch(EMAIL, text):
            self.fail("email")
        return text

    @property
    def described(self) -> str:
        return f"{EMAIL}|^$" if self.allow_blank else EMAIL


@extend_schema_field(OpenApiTypes.BINARY)
class BinaryFile(serializers.FileField):
    """A file part of a form."""


class Number(serializers.FloatField):
    """A JSON number."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        try:
            return float(data)
        except OverflowError:
            self.fail("invalid")


class Whole(serializers.IntegerField):
    """A JSON number without a fraction."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int | float) or data != data // 1:
            self.fail("invalid")
        return int(data)


class Flag(serializers.BooleanField):
    """true or false, and nothing that only looks like it."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Choice(serializers.ChoiceField):
    """One of the words."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


class Day(serializers.DateField):
    """A day as 2026-03-02, and in no other form."""

    def to_internal_value(self, value: Any) -> date:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            self.fail("invalid", format="YYYY-MM-DD")
        found: date = super().to_internal_value(value)
        return found


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


@extend_schema_field({"type": "string", "pattern": _TIME})
class TimeOfDay(serializers.TimeField):
    """A time of day as 22:30, and in no other form."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%H:%M", input_formats=["%H:%M"], **options)

    def to_internal_value(self, value: Any) -> time:
        if not isinstance(value, str) or not re.fullmatch(_TIME, value):
            self.fail("invalid", format="HH:MM")
        found: time = super().to_internal_value(value)
        return found


#: As written, the years 1900 to 9899: beyond them an instant has no day in every time zone.
_YEARS = r"^(19|[2-8][0-9]|9[0-8])[0-9]{2}-"


@extend_schema_field({"type": "string", "format": "date-time", "pattern": _YEARS})
class Moment(serializers.Field):
    """An instant in ISO 8601; without an offset it is local time in the community of the request."""

    default_error_messages = {
        "invalid": _("A time such as 2026-03-02T19:30:00Z is expected."),
        "range": _("The time lies outside the years 1900 to 9899."),
    }

    def to_internal_value(self, data: Any) -> datetime:
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            found = parse_datetime(data)
        except ValueError:
            found = None
        if found is None:
            self.fail("invalid")
        if not re.match(_YEARS, data):
            self.fail("range")
        try:
            return found.astimezone(UTC) if found.tzinfo else clock.resolve_local(found, self._zone())
        except (ValueError, OverflowError):
            self.fail("range")

    def to_representation(self, value: datetime) -> str:
        return instant(value)

    def _zone(self) -> ZoneInfo:
        zone: ZoneInfo = self.context["request"].community.zone
        return zone


class Words(serializers.ListField):
    """A list of short texts, without blanks and repetitions."""

    def __init__(self, *, most: int = 50, longest: int = 80, **options: Any) -> None:
        self.most, self.longest = most, longest
        super().__init__(child=Text(max_length=longest), max_length=most, **options)

    def __deepcopy__(self, memo: dict[int, Any]) -> "Words":
        return type(self)(**self._kwargs)  # type: ignore[attr-defined]

    def to_internal_value(self, data: Any) -> list[str]:
        return list(dict.fromkeys(super().to_internal_value(data)))


def instant(value: datetime) -> str:
    """The instant as every answer writes it: UTC with `Z`, microseconds only where there are any."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def plain(value: Any) -> bool:
    """Whether every text in the JSON value can be kept: no NUL and no half of a surrogate pair."""
    if isinstance(value, str):
        return "\x00" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)
    if isinstance(value, dict):
        return all(plain(name) and plain(inner) for name, inner in value.items())
    if isinstance(value, list):
        return all(plain(inner) for inner in value)
    return True
