"""Conditions on fields of a community's own, which lie with the others in one JSON object."""

import json
from datetime import date, timedelta
from typing import Any

from django.db.models import BooleanField, F, FloatField, Q, Value
from django.db.models.expressions import Func
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Lower

from members.rules import Field, Kind


def condition(field: Field, how: str, value: Any, today: date) -> Q:
    """Custom fields lie in one JSON object; its index answers what is exactly so. Values that came before the field
    had a kind may be of any, and count as what they can be read as."""
    key = field.custom
    empty = ~Q(custom__has_key=key) | Q(custom__contains={key: None}) | Q(custom__contains={key: ""})
    if field.kind is Kind.WORDS:
        empty |= Q(_Same(KeyTextTransform(key, "custom"), Value("[]")))
    if how in ("known", "empty"):
        return empty if how == "empty" else ~empty
    if field.kind is Kind.FLAG:
        return Q(custom__contains={key: how == "yes"})
    if field.kind is Kind.CHOICE:
        fits = Q()
        for one in value:
            fits |= Q(custom__contains={key: one})
        return ~fits if how == "is_not" else fits
    if field.kind is Kind.WORDS:
        holds = Q(custom__contains={key: [value]})
        return ~holds if how == "has_not" else holds
    text = KeyTextTransform(key, "custom")
    if field.kind is Kind.NUMBER:
        return _custom_number(key, text, how, value)
    if field.kind is Kind.DAY:
        return _custom_day(text, how, value, today)
    return _custom_text(text, how, value)


class Compared(Func):
    """`a <arg_joiner> b` as a condition, where no lookup can be named by a key that people chose."""

    template = "(%(expressions)s)"
    output_field = BooleanField()
    conditional = True


class _Same(Compared):
    arg_joiner = " = "


class _AtLeast(Compared):
    arg_joiner = " >= "


class _Below(Compared):
    arg_joiner = " < "


class _AtMost(Compared):
    arg_joiner = " <= "


class _Holds(Compared):
    template = "(position(%(expressions)s) > 0)"
    arg_joiner = " in "


class _Matched(Compared):
    """Whether the value fits a condition in JSON path; null where nothing stands under the path."""

    template = "(%(expressions)s::jsonpath)"
    arg_joiner = " @@ "


class _NumberOf(Func):
    """The number that stands under a key, null where none does; its two arguments are the same."""

    template = "(CASE WHEN jsonb_typeof(%(expressions)s)::float8 END)"
    arg_joiner = ") = 'number' THEN ("
    output_field = FloatField()


def _custom_number(key: str, text: Any, how: str, value: Any) -> Q:
    if how == "is":
        return Q(custom__contains={key: value})
    if how == "is_not":
        return ~Q(custom__contains={key: value})
    # A path reads the value once, where comparing `custom_float` reads it twice for each member.
    path = f"$.{json.dumps(key)} {'>=' if how == 'at_least' else '<='} {float(value)!r}"
    return Q(_Matched(F("custom"), Value(path)))


def custom_float(key: str) -> Any:
    """The number that a member has under the key, null for who has none."""
    return _NumberOf(KeyTransform(key, "custom"), KeyTransform(key, "custom"))


def _custom_day(text: Any, how: str, value: Any, today: date) -> Q:
    """Days are kept as ISO texts, which stand in the order of their days."""
    first, after = days(how, value, today)
    within = Q(_AtLeast(text, Value("1000")))
    if first:
        within &= Q(_AtLeast(text, Value(first.isoformat())))
    if after:
        within &= Q(_Below(text, Value(after.isoformat())))
    return within


def _custom_text(text: Any, how: str, value: str) -> Q:
    wanted = Value(value.lower())
    holds = Q(_Same(Lower(text), wanted)) if how in ("is", "is_not") else Q(_Holds(wanted, Lower(text)))
    # Who has no such value has not got this one either.
    return holds if how in ("is", "has") else ~(holds & Q(custom__has_key=text.key_name))


def days(how: str, value: Any, today: date) -> tuple[date | None, date | None]:
    """[first day, day after the last): None where it is open."""
    if how == "last_days":
        return today - timedelta(days=value - 1), None
    if how == "not_last_days":
        return None, today - timedelta(days=value - 1)
    day = date.fromisoformat(value)
    return (None if how == "until" else day), (None if how == "since" else day + timedelta(days=1))
