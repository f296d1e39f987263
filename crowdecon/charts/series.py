"""Pictures along an axis: trends, growth accounting, histograms."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crowdecon.charts.picture import Picture, Series
from kernel import words

NAMES = {
    "value": gettext_lazy("Value"),
    "members": gettext_lazy("Members"),
    "joined": gettext_lazy("Joined"),
    "left": gettext_lazy("Left"),
    "new": gettext_lazy("New"),
    "retained": gettext_lazy("Retained"),
    "resurrected": gettext_lazy("Resurrected"),
    "churned": gettext_lazy("Churned"),
}
ROLES = ("accent", "quiet", "accent-2")


def trend(
    data: list[dict[str, Any]], *, keys: str = "", format: str = "number", unit: str = "", last: int = 0
) -> Picture:
    """A line a key over time, nulls as gaps. `keys` are comma-separated; the first one has the area."""
    rows = data[-last:] if last else data
    chosen = keys.split(",") if keys else [_first_key(rows)]
    periods = [row["period"] for row in rows]
    grain = words.grain_of(periods)
    write = words.percent if format == "percent" else words.number
    lines = [
        Series(_name(key, unit), [row.get(key) for row in rows], ROLES[i % 3]) for i, key in enumerate(chosen)
    ]
    return Picture(
        drawing="canvas",
        labels=[words.period(name, "short") for name in periods],
        names=[words.within(name, grain) for name in periods],
        series=lines,
        format=format,
        header=[_("Period"), *(line.name for line in lines)],
        rows=[
            [words.period(name), *(write(line.values[i]) for line in lines)]
            for i, name in reversed(list(enumerate(periods)))
        ],
    )


def _name(key: str, unit: str) -> str:
    return str(unit) if key == "value" and unit else str(NAMES.get(key, key))


def _first_key(rows: list[dict[str, Any]]) -> str:
    return next((key for row in rows for key in row if key != "period"), "value")


def growth(data: list[dict[str, Any]], *, stayed: bool = False, last: int = 0) -> Picture:
    """Growth accounting: who came and came back above the line, who fell silent below it."""
    rows = data[-last:] if last else data
    periods = [row["period"] for row in rows]
    grain = words.grain_of(periods)
    lost = [None if row["churned"] is None else -row["churned"] for row in rows]
    lines = [
        Series(str(NAMES["new"]), [row["new"] for row in rows], "accent", "bar", "all"),
        Series(str(NAMES["resurrected"]), [row["resurrected"] for row in rows], "accent-2", "bar", "all"),
        Series(str(NAMES["churned"]), lost, "quiet", "bar", "all"),
    ]
    if stayed:
        kept = [row["retained"] for row in rows]
        lines.insert(0, Series(str(NAMES["retained"]), kept, "paper", "bar", "all"))
    keys = ["new", "retained", "resurrected", "churned"]
    return Picture(
        drawing="canvas",
        labels=[words.period(name, "short") for name in periods],
        names=[words.within(name, grain) for name in periods],
        series=lines,
        header=[_("Period"), *(str(NAMES[key]) for key in keys), _("Quick ratio")],
        rows=[
            [
                words.period(row["period"]),
                *(words.number(row[key]) for key in keys),
                words.number(row["quick_ratio"]),
            ]
            for row in reversed(rows)
        ],
    )


def histogram(data: list[int], *, unit: str = "", axis: str = "") -> Picture:
    """Counts at 1, 2, 3, ...: the power curve."""
    labels = [str(i) for i in range(1, len(data) + 1)]
    days = [ngettext("%(n)s day active", "%(n)s days active", i) % {"n": i} for i in range(1, len(data) + 1)]
    return Picture(
        drawing="canvas",
        labels=labels,
        names=days,
        series=[Series(unit or str(NAMES["members"]), list(data) if any(data) else [], "accent", "bar")],
        axis=axis or _("Days active"),
        header=[_("Days active"), str(NAMES["members"])],
        rows=[[label, words.number(count)] for label, count in zip(labels, data, strict=True)],
    )
