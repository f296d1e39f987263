"""Rules as the description of the API tells them, held against the language itself: what one admits the other takes."""

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from kernel.errors import Refused
from members import rules
from members.api.rule_shapes import components
from members.selectors import rules as conditions
from tests.members.test_rules import one

EVERYWHERE = conditions.everywhere()


def whole(name: str) -> dict[str, Any]:
    """The component with those it points at in it."""
    known = components()

    def inner(part: Any) -> Any:
        if isinstance(part, dict) and "$ref" in part:
            return inner(known[part["$ref"].rsplit("/", 1)[1]])
        if isinstance(part, dict):
            return {key: inner(value) for key, value in part.items()}
        return [inner(each) for each in part] if isinstance(part, list) else part

    found: dict[str, Any] = inner(known[name])
    return found


CONDITION = whole("RuleCondition")
#: Its last form is that of the community's own fields, which only a community knows.
KNOWN_CONDITION = CONDITION | {"anyOf": CONDITION["anyOf"][:-1]}
VALIDATOR = Draft202012Validator(whole("Rules"), format_checker=Draft202012Validator.FORMAT_CHECKER)


def values(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Whatever the schema admits, in the words of JSON Schema that rules are described with."""
    if "anyOf" in schema:
        return st.one_of([values(one) for one in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema.get("format") == "date":
        days = st.dates().map(date.isoformat)
        return days.filter(lambda day: re.search(schema["pattern"], day))
    least, most = schema.get("minimum"), schema.get("maximum")
    return {
        "object": lambda: st.fixed_dictionaries(
            {name: values(schema["properties"][name]) for name in schema["required"]},
            optional={
                name: values(found)
                for name, found in schema["properties"].items()
                if name not in schema["required"]
            },
        ),
        "array": lambda: st.lists(values(schema["items"]), min_size=schema["minItems"], max_size=5),
        "integer": lambda: st.integers(least, most) | st.integers(least, most).map(float),
        "number": lambda: st.floats(least, most) | st.integers(int(least), int(most)),
        "null": st.none,
        "string": lambda: st.text(
            st.characters(exclude_categories=["Cs"]), max_size=schema["maxLength"]
        ).filter(lambda text: re.search(schema["pattern"], text)),
    }[schema["type"]]()


@given(values(KNOWN_CONDITION))
@settings(max_examples=200)
def test_every_condition_that_it_admits_is_taken(condition):
    catalogue = EVERYWHERE
    if condition["field"] == "tier":  # whose choices are the community's
        value = condition.get("value")
        keys = [value] if isinstance(value, str) else value or []
        tier = EVERYWHERE["tier"]
        choices = [(key, key) for key in keys]
        catalogue = {
            **EVERYWHERE,
            "tier": rules.Field("tier", tier.kind, tier.label, tier.lookup, choices=choices),
        }
    assert rules.condition(condition, catalogue)["field"] == condition["field"]


NESTED = {"all": [{"any": [{"all": [{"any": [one("listed", "yes")]}]}]}]}


@pytest.mark.parametrize(
    "found",
    [
        {"all": [one("city", "has", "Ulm")]},
        {"any": [one("joined", "last_days", 30.0), one("joined", "until", "9998-12-31")]},
        {"all": [one("status", "is", "current"), one("status", "is_not", ["left", "banned"])]},
        {
            "all": [
                one("score", "at_least", -1.5),
                one("stage", "known"),
                one("city", "empty") | {"value": None},
            ]
        },
        {"all": [one("listed", "yes")] * 40},
        NESTED,
    ],
)
def test_what_is_taken_is_admitted(found):
    rules.checked(found, EVERYWHERE)
    assert not list(VALIDATOR.iter_errors(found))


@pytest.mark.parametrize(
    "found",
    [
        [],
        {},
        {"all": []},
        {"all": [one("listed", "yes")], "any": [one("listed", "yes")]},
        {"all": [{"any": []}]},
        {"all": [one("password", "is", "x")]},
        {"all": [one("city", "icontains", "x")]},
        {"all": [one("city", "is")]},
        {"all": [one("city", "is", " ")]},
        {"all": [one("city", "is", "a\x00")]},
        {"all": [one("city", "is", "a" * 201)]},
        {"all": [one("city", "empty", "x")]},
        {"all": [one("city", "is", "x") | {"or": 1}]},
        {"all": [one("score", "at_least", "5")]},
        {"all": [one("score", "at_least", True)]},
        {"all": [one("score", "at_least", 1e300)]},
        {"all": [one("joined", "since", "2026-02-30")]},
        {"all": [one("joined", "since", "2026-W01-1")]},
        {"all": [one("joined", "since", "0001-01-01")]},
        {"all": [one("joined", "last_days", 0)]},
        {"all": [one("joined", "last_days", 1.5)]},
        {"all": [one("status", "is", ["active", "asleep"])]},
        {"all": [one("status", "is", [])]},
        {"all": [one("invited_by", "is", 2**31)]},
        {"all": [one("listed", "yes")] * 41},
        {"any": [NESTED]},
    ],
)
def test_what_is_refused_is_not_admitted(found):
    assert list(VALIDATOR.iter_errors(found))
    if found != {"all": []}:  # everybody: fine for what is asked, and no segment
        with pytest.raises(Refused):
            rules.checked(found, EVERYWHERE)
