"""Pictures along an axis: trends, growth accounting, histograms."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crowdecon import words
from crowdecon.charts.picture import Picture, Series, Value

NAMES = {
    "value": gettext_lazy("Value"),
    "members": gettext_lazy("Members"),
    "joined": gettext_lazy("Joined"),
    "left": gettext_lazy("Left"),
    "new": gettext_lazy("New"),
    "retained": gettext_lazy("Stayed"),
    "resurrected": gettext_lazy("Came back"),
    "churned": gettext_lazy("Fell silent"),
}
ROLES = ("accent", "quiet", "accent-2")


def trend(data: list[dict[str, Any]], *, keys: str = "", format: str = "number", unit: str = "", last: int = 0) -> Picture:
    """A line a key over time, nulls as gaps. `keys` are comma-separated; the first one has the area and the finding."""
    rows = data[-last:] if last else data
    chosen = keys.split(",") if keys else [_first_key(rows)]
    periods = [row["period"] for row in rows]
    grain = words.grain_of(periods)
    write = words.percent if format == "percent" else words.number
    lines = [
        Series(str(NAMES.get(key, key)) if key != "value" or not unit else unit, [row.get(key) for row in rows], ROLES[i % 3])
        for i, key in enumerate(chosen)
    ]
    return Picture(
        drawing="canvas",
        finding=_trend_finding(periods, lines[0].values, grain, write, unit),
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


def _first_key(rows: list[dict[str, Any]]) -> str:
    return next((key for row in rows for key in row if key != "period"), "value")


def _trend_finding(periods: list[str], values: list[Value], grain: str, write: Any, unit: str) -> str:
    known = [i for i, value in enumerate(values) if value is not None]
    if not known:
        return ""
    i = known[-1]
    now, before = values[i], values[i - 1] if i else None
    said = {"value": f"{write(now)} {unit}".strip(), "period": words.within(periods[i], grain), "before": write(before)}
    if before is None:
        return _("%(value)s in %(period)s.") % said
    if now > before:  # type: ignore[operator]
        return _("%(value)s in %(period)s, up from %(before)s in the period before.") % said
    if now < before:  # type: ignore[operator]
        return _("%(value)s in %(period)s, down from %(before)s in the period before.") % said
    return _("%(value)s in %(period)s, as many as in the period before.") % said


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
        lines.insert(0, Series(str(NAMES["retained"]), [row["retained"] for row in rows], "paper", "bar", "all"))
    keys = ["new", "retained", "resurrected", "churned"]
    return Picture(
        drawing="canvas",
        finding=_growth_finding(rows, grain),
        labels=[words.period(name, "short") for name in periods],
        names=[words.within(name, grain) for name in periods],
        series=lines,
        header=[_("Period"), *(str(NAMES[key]) for key in keys), _("Quick ratio")],
        rows=[
            [words.period(row["period"]), *(words.number(row[key]) for key in keys), words.number(row["quick_ratio"])]
            for row in reversed(rows)
        ],
    )


def _growth_finding(rows: list[dict[str, Any]], grain: str) -> str:
    known = [row for row in rows if row["new"] is not None]
    if not known:
        return ""
    row = known[-1]
    said = {
        "came": words.number(row["new"] + row["resurrected"]),
        "lost": words.number(row["churned"]),
        "period": words.within(row["period"], grain),
    }
    return _("In %(period)s, %(came)s came or came back and %(lost)s fell silent.") % said


def histogram(data: list[int], *, unit: str = "", axis: str = "", regular: int = 8) -> Picture:
    """Counts at 1, 2, 3, ...: the power curve. The finding names those at `regular` or more."""
    total, often = sum(data), sum(data[regular - 1 :])
    finding = ngettext(
        "%(often)s of %(total)s active member came on %(regular)s or more of %(days)s days.",
        "%(often)s of %(total)s active members came on %(regular)s or more of %(days)s days.",
        total,
    ) % {"often": words.number(often), "total": words.number(total), "regular": regular, "days": len(data)}
    labels = [str(i) for i in range(1, len(data) + 1)]
    days = [ngettext("%(n)s day active", "%(n)s days active", i) % {"n": i} for i in range(1, len(data) + 1)]
    return Picture(
        drawing="canvas",
        finding=finding if total else "",
        labels=labels,
        names=days,
        series=[Series(unit or str(NAMES["members"]), list(data) if total else [], "accent", "bar")],
        axis=axis or _("Days active"),
        header=[_("Days active"), str(NAMES["members"])],
        rows=[[label, words.number(count)] for label, count in zip(labels, data, strict=True)],
    )
