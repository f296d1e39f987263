"""What a field of the community's own can hold, by its kind."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from kernel import words
from members.models import CustomField

#: Characters of a text, by whatever way it comes: a form, a program, a file.
LONGEST = 2000
#: A telephone number as people write it; between 5 and 15 digits of it are figures (ITU-T E.164).
_PHONE = re.compile(r"\+?[0-9 ()/.-]{5,40}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LARGEST = 1e15
Kind = CustomField.Kind


def fitting(field: CustomField, value: Any) -> Any:
    """The value as it is kept: a text, a number, a day in ISO 8601, a choice, a list of choices, yes or no; None for
    nothing. Raises `ValueError`, in the reader's words."""
    if is_empty(value):
        return None
    return _FITTING[Kind(field.kind)](value, field.choices)


def is_empty(value: Any) -> bool:
    """Whether nothing is kept there."""
    return value in (None, "", [])


def dialled(value: Any) -> str:
    """A kept telephone number as an address: "tel:+4930901820"; "" for what is none."""
    try:
        number = _phone(value, ())
    except ValueError:
        return ""
    return "tel:" + ("+" if number.startswith("+") else "") + "".join(filter(str.isdigit, number))


def in_words(value: Any) -> str:
    """A kept value for readers, in the language in force; a day that is one is written as days are."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return words.listed(value)
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return words.day(date.fromisoformat(value))
        except ValueError:
            return value
    return str(value)


def _text(value: Any, _choices: Sequence[str]) -> str:
    if not isinstance(value, str) or len(value) > LONGEST or "\x00" in value:
        raise ValueError(_("A text of at most %(most)d characters is expected.") % {"most": LONGEST})
    return value


def _number(value: Any, _choices: Sequence[str]) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        raise ValueError(_("A number is expected."))
    return value


def _day(value: Any, _choices: Sequence[str]) -> str:
    try:
        found = date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        found = None
    if found is None or not 1000 <= found.year <= 9998:
        raise ValueError(_("A day such as 2026-03-02 is expected."))
    return found.isoformat()


def _choice(value: Any, choices: Sequence[str]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise ValueError(_("One of these is expected: %(choices)s.") % {"choices": ", ".join(choices)})
    return value


def _several(value: Any, choices: Sequence[str]) -> list[str]:
    if not isinstance(value, list):
        raise ValueError(_("A list is expected."))
    return list(dict.fromkeys(_choice(one, choices) for one in value))


def _flag(value: Any, _choices: Sequence[str]) -> bool:
    if not isinstance(value, bool):
        raise ValueError(_("Yes or no is expected: true or false."))
    return value


def _phone(value: Any, _choices: Sequence[str]) -> str:
    given = value.strip() if isinstance(value, str) else ""
    if not _PHONE.fullmatch(given) or not 5 <= sum(letter.isdigit() for letter in given) <= 15:
        raise ValueError(_("A telephone number such as +49 30 901820 is expected."))
    return given


_FITTING: dict[Kind, Callable[[Any, Sequence[str]], Any]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.DAY: _day,
    Kind.CHOICE: _choice,
    Kind.SEVERAL: _several,
    Kind.FLAG: _flag,
    Kind.PHONE: _phone,
}
