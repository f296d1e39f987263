"""Filters that write numbers and days in the reader's language; the work is in `kernel.words`."""

import re
from typing import Any

from django import template

from kernel import words

register = template.Library()

#: A period's name as the API writes it.
_PERIOD = re.compile(r"\d{4}-\d{2}(-\d{2})?")


@register.filter(is_safe=False)
def cell(value: Any) -> str:
    """A value of a table as its reader writes it: numbers and periods; other words stay, nothing is a dash."""
    if value is None:
        return words.NOTHING
    if isinstance(value, int | float) and not isinstance(value, bool):
        return words.number(value)
    text = str(value)
    return words.period(text) if _PERIOD.fullmatch(text) else text


for name in (
    "number",
    "compact",
    "percent",
    "signed",
    "duration",
    "ago",
    "day",
    "moment",
    "period",
    "listed",
    "money",
    "currency",
    "named",
):
    register.filter(name, getattr(words, name), is_safe=False)
