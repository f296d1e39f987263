"""One condition, as a form reads it: its field first, then how it is compared and with what."""

from typing import Any

from django.http import QueryDict

from members import rules
from members.rules import Catalogue, Kind

#: The parameters that belong to the form; all others are the question it adds to.
FIELD, HOW, VALUE, DAYS, BESIDE = "c_field", "c_is", "c_value", "c_days", "c_beside"
OWN = (FIELD, HOW, VALUE, DAYS, BESIDE)


def given(asked: QueryDict, catalogue: Catalogue) -> dict[str, Any]:
    """The condition of the form, checked. Raises `Refused`."""
    key, how = asked.get(FIELD, ""), asked.get(HOW, "")
    part: dict[str, Any] = {"field": key, "is": how}
    if how not in rules.VALUELESS and key in catalogue:
        part["value"] = _value(asked, catalogue[key].kind, how)
    return rules.condition(part, catalogue)


def _value(asked: QueryDict, kind: Kind, how: str) -> Any:
    if how in ("last_days", "not_last_days"):
        return _number(asked.get(DAYS, ""))
    if kind is Kind.CHOICE:
        return asked.getlist(VALUE)
    if kind in (Kind.NUMBER, Kind.MEMBER):
        return _number(asked.get(VALUE, ""))
    return asked.get(VALUE, "")


def _number(text: str) -> int | float | None:
    text = text.strip().lstrip("#")
    try:
        return int(text) if text.lstrip("+-").isdecimal() else float(text)
    except ValueError:
        return None
