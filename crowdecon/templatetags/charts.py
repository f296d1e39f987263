"""`{% chart %}` and `{% tile %}`: a figure as a picture and as a tile."""

from collections.abc import Callable, Mapping
from typing import Any

from django import template
from django.template.context import Context
from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crowdecon import charts
from kernel import words

register = template.Library()

WRITERS: dict[str, Callable[[Any], str]] = {
    "percent": words.percent,
    "share": words.percent,
    "compact": words.compact,
}


@register.simple_tag(takes_context=True)
def chart(
    context: Context,
    kind: str,
    data: Any,
    *,
    id: str,
    title: str = "",
    caption: str = "",
    counted: str = "",
    why: str = "",
    height: str = "",
    table: Any = None,
    said: bool = False,
    numbers: str | None = None,
    options: Mapping[str, Any] | None = None,
    **more: Any,
) -> SafeString:
    """A figure's picture with its finding, its table behind one click and its definition behind another.

    `caption` is the finding in a sentence; `table` (header, rows) takes the place of the kind's own; `why` is
    said when nothing is known; `said`: the page has told the finding already; `numbers` is what the table is called, empty
    for a page that has it elsewhere. The other options are the kind's own (`crowdecon.charts`).
    """
    picture = charts.picture(kind, data, **(options or {}), **more)
    given = {
        "id": id,
        "title": title,
        "finding": caption,
        "said": said,
        "numbers": _("The numbers") if numbers is None else numbers,
        "counted": counted,
        "why": why or _("Nothing to show yet."),
        "height": height or picture.height,
        "picture": picture,
        "header": table.header if table else picture.header,
        "rows": list(table.rows) if table else picture.rows,
        "drawing": f"components/charts/{picture.drawing}.html",
        "data": json_script(picture.for_script(), f"{id}-data") if picture.drawing == "canvas" else "",
    }
    return _render(context, "components/chart.html", given)


@register.simple_tag(takes_context=True)
def tile(
    context: Context,
    *,
    name: str,
    value: Any = None,
    format: str = "number",
    unit: str = "",
    before: Any = None,
    period: str = "",
    good: str = "up",
    spark: Any = (),
    why: str = "",
    of: Any = None,
    url: str = "",
    counted: str = "",
    lead: bool = False,
) -> SafeString:
    """A figure: name, value, unit, change against the period before, a small line, "how is this counted?".

    `format` is number, percent, compact or text (or a headline's count and share). `before` is the value of
    the period before, named by `period` ("on the week before"). `good` is the good direction: up, down or none.
    `of` is the day it holds for, where that is not the one that the page names.
    """
    change = _change(value, before, format)
    rising = change is not None and change > 0
    tone = "" if not change or good == "none" else "good" if rising == (good == "up") else "bad"
    given = {
        "name": name,
        "text": _write(value, format),
        "unknown": value is None,
        "unit": unit,
        "change": _write_change(change, format),
        "changed": bool(change),
        "rising": rising,
        "tone": tone,
        "period": period,
        "values": spark,
        "why": why,
        "of": of,
        "url": url,
        "counted": counted,
        "lead": lead,
    }
    return _render(context, "components/tile.html", given)


@register.simple_tag(takes_context=True)
def headline(
    context: Context,
    *,
    value: Any,
    format: str = "number",
    unit: str = "",
    before: Any = None,
    period: str = "",
) -> SafeString:
    """A figure's one value in the largest type, with its unit and the change, as on its tile."""
    change = _change(value, before, format)
    given = {
        "text": _write(value, format),
        "unit": unit,
        "change": _write_change(change, format),
        "changed": bool(change),
        "tone": "" if not change else "good" if change > 0 else "bad",
        "period": period,
    }
    return _render(context, "components/headline.html", given)


def _write(value: Any, format: str) -> str:
    if format == "text" and value is not None:
        return str(value)
    return WRITERS.get(format, words.number)(value)


def _change(value: Any, before: Any, format: str) -> float | None:
    return None if value is None or before is None or format == "text" else value - before


def _write_change(change: float | None, format: str) -> str:
    if change is None:
        return ""
    if format in ("percent", "share"):
        return _("%(points)s points") % {"points": words.signed(round(change * 100, 1))}
    return words.signed(change)


def _render(context: Context, name: str, given: dict[str, Any]) -> SafeString:
    found = context.template.engine.get_template(name)  # type: ignore[union-attr]
    with context.push(**given):
        return found.render(context)
