"""Who fits: a small language of conditions, as JSON that is checked word by word and never reaches the database as it is.

    {"all": [{"field": "tags", "is": "has", "value": "vip"}, {"any": [...]}]}

A group says whether `all` or `any` of its parts hold; a part is a condition or another group. A condition names a
field of the catalogue, a comparison that fits the field's kind, and, where the comparison needs one, a value.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from kernel.api.fields import plain
from kernel.columns import Elsewhere
from kernel.errors import Refused

ALL, ANY = "all", "any"
MOST_CONDITIONS, DEEPEST, LONGEST = 40, 4, 200
MOST_DAYS = 3660
FIRST_YEAR, LAST_YEAR = 1900, 9998
LARGEST = 1e15
EVERYBODY: dict[str, Any] = {ALL: []}
#: What nobody fits: for rules that cannot be read any more, which must not mean everybody.
NOBODY: dict[str, Any] = {ANY: []}


class Kind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    CHOICE = "choice"
    WORDS = "words"
    FLAG = "flag"
    MEMBER = "member"
    SEARCH = "search"


@dataclass(frozen=True)
class Field:
    """What can be asked about. `lookup` is the way from `Membership`; `custom` the key in its custom fields.

    `choices` are (value, label); `groups` are values of it that stand for several. Where no lookup leads to the value,
    `elsewhere` says how it is found, and `otherwise` is the choice of who has none there.
    """

    key: str
    kind: Kind
    label: str | Promise
    lookup: str = ""
    custom: str = ""
    choices: Sequence[tuple[str, str | Promise]] = ()
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    instant: bool = False
    nullable: bool = True
    elsewhere: Elsewhere | None = None
    otherwise: str = ""


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
#: Comparisons that ask for a number of days, whatever the field holds.
IN_DAYS = frozenset({"last_days", "not_last_days"})
#: Comparisons that ask for no value.
VALUELESS = frozenset({"known", "empty", "yes", "no"})
COMPARISONS: dict[Kind, tuple[str, ...]] = {
    Kind.TEXT: ("has", "has_not", "is", "is_not", "known", "empty"),
    Kind.NUMBER: ("at_least", "at_most", "is", "is_not", "known", "empty"),
    Kind.DAY: ("last_days", "not_last_days", "since", "until", "on", "known", "empty"),
    Kind.CHOICE: ("is", "is_not", "known", "empty"),
    Kind.WORDS: ("has", "has_not", "known", "empty"),
    Kind.FLAG: ("yes", "no", "known", "empty"),
    Kind.MEMBER: ("is", "is_not", "known", "empty"),
    Kind.SEARCH: ("has",),
}
WORDS: dict[str, str | Promise] = {
    "has": pgettext_lazy("comparison", "has"),
    "has_not": pgettext_lazy("comparison", "has not"),
    "is": pgettext_lazy("comparison", "is"),
    "is_not": pgettext_lazy("comparison", "is not"),
    "at_least": pgettext_lazy("comparison", "is at least"),
    "at_most": pgettext_lazy("comparison", "is at most"),
    "last_days": pgettext_lazy("comparison", "is within the last days:"),
    "not_last_days": pgettext_lazy("comparison", "is longer ago than days:"),
    "since": pgettext_lazy("comparison", "is on or after"),
    "until": pgettext_lazy("comparison", "is on or before"),
    "on": pgettext_lazy("comparison", "is on"),
    "known": pgettext_lazy("comparison", "is known"),
    "empty": pgettext_lazy("comparison", "is empty"),
    "yes": pgettext_lazy("comparison", "is yes"),
    "no": pgettext_lazy("comparison", "is no"),
}

Catalogue = Mapping[str, Field]


def checked(rules: Any, catalogue: Catalogue) -> dict[str, Any]:
    """The rules, every word of them known and every value of its type. Raises `Refused`, naming the place."""
    left = [MOST_CONDITIONS]
    return _group(rules, catalogue, "", 1, left)


def conditions(rules: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every condition of checked rules, in reading order."""
    found: list[dict[str, Any]] = []
    for part in rules[joint(rules)]:
        found += [part] if "field" in part else conditions(part)
    return found


def named(rules: Any) -> set[str]:
    """Every field that is named anywhere in what may be rules, and was not checked."""
    found, waiting = set(), [rules]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, Mapping):
            waiting += [value for key, value in part.items() if key != "value"]
            if isinstance(part.get("field"), str):
                found.add(part["field"])
    return found


def joint(group: Mapping[str, Any]) -> str:
    """`all` or `any`."""
    return ANY if ANY in group else ALL


def both(*rules: Mapping[str, Any]) -> dict[str, Any]:
    """Rules that hold where each of these holds, without groups that are not needed."""
    narrowing = [one for one in rules if one != EVERYBODY]
    if len(narrowing) == 1:
        return dict(narrowing[0])
    parts: list[Any] = []
    for one in narrowing:
        how = joint(one)
        if how == ALL or len(one[how]) == 1:
            parts += one[how]
        else:
            parts.append(dict(one))
    return {ALL: parts}


def _refused(place: str, words: str) -> Refused:
    at = place.strip(".")
    return Refused(f"{at}: {words}" if at else words, code="rules", field="rules")


def _group(group: Any, catalogue: Catalogue, place: str, depth: int, left: list[int]) -> dict[str, Any]:
    if not isinstance(group, Mapping) or list(group) not in ([ALL], [ANY]):
        raise _refused(place, _("A group is an object with “all” or “any” and a list."))
    how = joint(group)
    parts = group[how]
    if not isinstance(parts, list):
        raise _refused(place, _("A group is an object with “all” or “any” and a list."))
    if depth > 1 and not parts:
        raise _refused(place, _("A group inside another holds at least one condition."))
    if depth > DEEPEST:
        raise _refused(place, _("Groups stand in one another at most %(most)d deep.") % {"most": DEEPEST})
    found = []
    for n, part in enumerate(parts):
        here = f"{place}.{how}[{n}]"
        if isinstance(part, Mapping) and "field" not in part:
            found.append(_group(part, catalogue, here, depth + 1, left))
            continue
        left[0] -= 1
        if left[0] < 0:
            raise _refused(place, _("There are at most %(most)d conditions.") % {"most": MOST_CONDITIONS})
        found.append(condition(part, catalogue, here))
    return {how: found}


def condition(part: Any, catalogue: Catalogue, place: str = "") -> dict[str, Any]:
    """One condition, checked. Raises `Refused`."""
    if not isinstance(part, Mapping) or not set(part) <= {"field", "is", "value"}:
        raise _refused(place, _("A condition is an object with “field”, “is” and “value”."))
    key, how = part.get("field"), part.get("is")
    if not isinstance(key, str) or key not in catalogue:
        raise _refused(place, _("There is no field “%(field)s”.") % {"field": str(key)[:80]})
    kind = catalogue[key].kind
    if not isinstance(how, str) or how not in COMPARISONS[kind]:
        known = ", ".join(COMPARISONS[kind])
        words = _("“%(field)s” is compared by one of: %(known)s.")
        raise _refused(place, words % {"field": key, "known": known})
    if how in VALUELESS:
        if part.get("value") is not None:
            raise _refused(place, _("This comparison takes no value."))
        return {"field": key, "is": how}
    value = part.get("value")
    read = _days if how in IN_DAYS else _READ[kind]
    try:
        return {"field": key, "is": how, "value": read(value, catalogue[key])}
    except (ValueError, OverflowError) as error:
        raise _refused(place, str(error)) from None


def _text(value: Any, _field: Field) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST or not plain(value):
        raise ValueError(_("A text of 1 to %(most)d characters is expected.") % {"most": LONGEST})
    return value.strip()


def _number(value: Any, _field: Field) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        raise ValueError(_("A number is expected."))
    return value


def _days(value: Any, _field: Field) -> int:
    if not _is_whole(value) or not 1 <= value <= MOST_DAYS:
        raise ValueError(_("A number of days from 1 to %(most)d is expected.") % {"most": MOST_DAYS})
    return int(value)


def _is_whole(value: Any) -> bool:
    """Whether it is a whole number of JSON, where 5 and 5.0 are the same."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and abs(value) <= LARGEST and value == int(value)


def _day(value: Any, _field: Field) -> str:
    try:
        found = date.fromisoformat(value) if isinstance(value, str) and _DAY.fullmatch(value) else None
    except ValueError:
        found = None
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValueError(_("A day such as 2026-03-02 is expected."))
    return found.isoformat()


def _choices(value: Any, field: Field) -> list[str]:
    given = [value] if isinstance(value, str) else value
    known = {*(key for key, _label in field.choices), *field.groups}
    if (
        not isinstance(given, list)
        or not given
        or len(given) > LONGEST
        or not all(isinstance(one, str) for one in given)
    ):
        raise ValueError(_("One of the choices is expected, or a list of them."))
    unknown = [one for one in given if one not in known]
    if unknown:
        words = _("“%(value)s” is none of its choices: %(known)s.")
        raise ValueError(words % {"value": unknown[0][:80], "known": ", ".join(sorted(known))[:400]})
    return list(dict.fromkeys(given))


def _member(value: Any, _field: Field) -> int:
    if not _is_whole(value) or not 0 < value < 2**31:
        raise ValueError(_("The number of a member is expected."))
    return int(value)


_READ: dict[Kind, Callable[[Any, Field], Any]] = {
    Kind.TEXT: _text,
    Kind.SEARCH: _text,
    Kind.WORDS: _text,
    Kind.NUMBER: _number,
    Kind.DAY: _day,
    Kind.CHOICE: _choices,
    Kind.MEMBER: _member,
}
SEARCH = Field("search", Kind.SEARCH, gettext_lazy("Search"))


def names(rules: Mapping[str, Any], field: str, value: str) -> bool:
    """Whether a condition anywhere in checked rules speaks of this value of the field."""
    parts = [part for side in (ALL, ANY) for part in rules.get(side, ())]
    if parts:
        return any(names(part, field, value) for part in parts)
    said = rules.get("value")
    return rules.get("field") == field and (said == value or (isinstance(said, list) and value in said))
