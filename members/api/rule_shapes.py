"""Rules in the API, described to the last word: what the description admits is understood.

What it cannot say is refused as a whole (422): that there are at most 40 conditions in all groups together, and what
only the community knows, its tiers and its own fields.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.plumbing import ResolvedComponent
from rest_framework import serializers

from kernel.api.fields import ANY_TEXT, NOT_BLANK, plain
from members.rules import (
    ALL,
    ANY,
    COMPARISONS,
    DEEPEST,
    FIRST_YEAR,
    IN_DAYS,
    LARGEST,
    LAST_YEAR,
    LONGEST,
    MOST_CONDITIONS,
    MOST_DAYS,
    VALUELESS,
    Field,
    Kind,
)
from members.selectors import rules as conditions

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": NOT_BLANK}
_ANY: Schema = {"type": "string", "maxLength": LONGEST, "pattern": ANY_TEXT}
_DAYS: Schema = {"type": "integer", "minimum": 1, "maximum": MOST_DAYS}
_DAY: Schema = {
    "type": "string",
    "format": "date",
    "description": f"A day of the community, of the years {FIRST_YEAR} to {LAST_YEAR}.",
    "pattern": "^(19[0-9]{2}|[2-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])-[0-9]{2}-[0-9]{2}$",
}
#: What a comparison asks for, by the kind of the field; of choices each field has its own.
VALUES: Mapping[Kind, Schema] = {
    Kind.TEXT: _TEXT,
    Kind.SEARCH: _TEXT,
    Kind.WORDS: _TEXT,
    Kind.NUMBER: {"type": "number", "minimum": -LARGEST, "maximum": LARGEST},
    Kind.DAY: _DAY,
    Kind.MEMBER: {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
}


class Rules(serializers.Field):
    """Conditions as JSON; the service reads them word by word. `asks` where there has to be at least one."""

    def __init__(self, *, asks: bool = False, **options: Any) -> None:
        self.asks = asks
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict) or not plain(data):
            raise serializers.ValidationError("An object with “all” or “any” is expected.", code="invalid")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class RulesExtension(OpenApiSerializerFieldExtension):
    """Puts the groups and the conditions among the components and points at the outermost group."""

    target_class = "members.api.rule_shapes.Rules"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Schema:
        known = components()
        for name, schema in known.items():
            component = ResolvedComponent(name, ResolvedComponent.SCHEMA, schema=schema, object=name)
            auto_schema.registry.register_on_missing(component)
        return _at("Rules" if self.target.asks else "RulesOrEverybody")


def components() -> dict[str, Schema]:
    """Every part of the description, by name."""
    inner = {f"RuleGroup{depth}": _group(depth, least=1) for depth in range(2, DEEPEST + 1)}
    return {
        "RuleCondition": {
            "description": "One condition: a field, a comparison that fits it, and what it asks for.",
            "anyOf": list(_conditions(conditions.everywhere())),
        },
        **inner,
        "Rules": _group(1, least=1),
        "RulesOrEverybody": _group(1, least=0),
    }


def _at(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _group(depth: int, *, least: int) -> Schema:
    """Parts of which all or any must hold; groups stand in one another `DEEPEST` deep."""
    parts = [_at("RuleCondition"), *([_at(f"RuleGroup{depth + 1}")] if depth < DEEPEST else [])]
    listed = {
        "type": "array",
        "minItems": least,
        "maxItems": MOST_CONDITIONS,
        "items": {"anyOf": parts} if len(parts) > 1 else parts[0],
    }
    return {
        "type": "object",
        "description": f"Whether `{ALL}` or `{ANY}` of the parts must hold. At most {MOST_CONDITIONS} conditions in all"
        " groups together.",
        "properties": {ALL: listed, ANY: listed},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }


def _conditions(catalogue: conditions.Catalogue) -> Iterable[Schema]:
    for kind, comparisons in COMPARISONS.items():
        fields = [field for field in catalogue.values() if field.kind is kind]
        if not fields:
            continue
        keys: Schema = {"type": "string", "enum": [field.key for field in fields]}
        asking = [how for how in comparisons if how not in VALUELESS]
        yield from _silent(keys, [how for how in comparisons if how in VALUELESS])
        yield from _asking(keys, [how for how in asking if how in IN_DAYS], _DAYS)
        asking = [how for how in asking if how not in IN_DAYS]
        if kind in VALUES:
            yield from _asking(keys, asking, VALUES[kind])
            continue
        for field in fields:
            yield from _asking({"type": "string", "enum": [field.key]}, asking, _choices(field))
    every = sorted({how for comparisons in COMPARISONS.values() for how in comparisons})
    own: Schema = {
        "type": "string",
        "pattern": r"^custom\.[^\u0000]+$",
        "maxLength": 120,
        "description": "A field of the community's own, by its key.",
    }
    anything: Schema = {
        "anyOf": [_ANY, {"type": "number"}, {"type": "array", "items": _ANY}, {"type": "null"}],
    }
    yield _condition(own, every, anything, needed=False)


def _silent(keys: Schema, comparisons: list[str]) -> Iterable[Schema]:
    if comparisons:
        yield _condition(keys, comparisons, {"type": "null"}, needed=False)


def _asking(keys: Schema, comparisons: list[str], value: Schema) -> Iterable[Schema]:
    if comparisons:
        yield _condition(keys, comparisons, value, needed=True)


def _condition(keys: Schema, comparisons: list[str], value: Schema, *, needed: bool) -> Schema:
    return {
        "type": "object",
        "properties": {"field": keys, "is": {"type": "string", "enum": comparisons}, "value": value},
        "required": ["field", "is", *(["value"] if needed else [])],
        "additionalProperties": False,
    }


def _choices(field: Field) -> Schema:
    """One of the field's choices or several; of a field whose choices are the community's, any text."""
    known = [*field.groups, *(key for key, _label in field.choices if key not in field.groups)]
    one: Schema = {"type": "string", "enum": known} if known else _ANY
    return {"anyOf": [one, {"type": "array", "minItems": 1, "maxItems": LONGEST, "items": one}]}
