"""Filters that write numbers and days in the reader's language; the work is in `kernel.words`."""

import re
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from kernel import words
from kernel.metrics import Share

register = template.Library()

#: A period's name as the API writes it.
_PERIOD = re.compile(r"\d{4}-\d{2}(-\d{2})?")


@register.filter(is_safe=False)
def cell(value: Any) -> str:
    """A value of a table as its reader writes it: numbers, shares and periods; other words stay, nothing is a dash."""
    if value is None:
        return words.NOTHING
    if hasattr(value, "__html__"):
        return SafeString(value.__html__())
    if isinstance(value, Share):
        return words.percent(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return words.number(value)
    text = str(value)
    return words.period(text) if _PERIOD.fullmatch(text) else text


@register.filter(is_safe=False)
def definition(text: Any) -> SafeString:
    """A figure's definition: paragraphs and lists, and formulas, which stand in backticks, set apart where they stand alone."""
    return format_html_join("", "{}", ((_block(block),) for block in str(text).split("\n\n")))


def _block(block: str) -> SafeString:
    lines = block.split("\n")
    if all(line.startswith("- ") for line in lines):
        items = format_html_join("", "<li>{}</li>", ((_inline(line[2:]),) for line in lines))
        return format_html("<ul>{}</ul>", items)
    if block.startswith("`") and block.endswith("`") and block.count("`") == 2:
        return format_html('<p class="equation">{}</p>', _inline(block))
    return format_html("<p>{}</p>", _inline(block))


def _inline(text: str) -> SafeString:
    forms = ("{}", "<code>{}</code>")
    return format_html_join(
        "", "{}", ((format_html(forms[place % 2], part),) for place, part in enumerate(text.split("`")))
    )


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
