"""Pictures of money, of one currency each: the one that is asked for, or the one with the most periods in which it moved.

A picture is drawn of numbers; the exact amounts stand in the table.
"""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowdecon.charts.picture import Bar, Picture, Series, Value
from kernel import words
from kernel.money import Money

Rows = list[dict[str, Any]]


def revenue(data: Rows, *, currency: str = "", last: int = 0) -> Picture:
    """What came in above the line and what went back below it, and what was earned."""
    rows = _of(data, currency, last, by="collected")
    names = {"collected": _("Collected"), "refunded": _("Refunded"), "recognised": _("Recognised")}
    lines = [
        Series(names["collected"], _values(rows, "collected"), "accent", "bar", "all"),
        Series(names["refunded"], _values(rows, "refunded", -1), "quiet", "bar", "all"),
        Series(names["recognised"], _values(rows, "recognised"), "accent-2"),
    ]
    return _picture(rows, lines, names, _amount)


def mrr(data: dict[str, Any], *, currency: str = "", last: int = 0) -> Picture:
    """What moved the recurring revenue: more above the line, less below it."""
    rows = _of(data["months"], currency, last, by="mrr")
    names = {
        "new": _("New"),
        "expansion": _("Expansion"),
        "reactivation": _("Reactivation"),
        "contraction": _("Contraction"),
        "churn": _("Churn"),
    }
    roles = ("accent", "accent-2", "strong", "paper", "quiet")
    lines = [
        Series(name, _values(rows, key), role, "bar", "all")
        for (key, name), role in zip(names.items(), roles, strict=True)
    ]
    return _picture(rows, lines, {"mrr": _("Recurring revenue")} | names, _amount)


#: Why what was contracted is so no more, in the words of a page.
CAUSES = {
    "cancelled": gettext_lazy("Cancelled"),
    "payment_failed": gettext_lazy("Payment failed"),
    "term_ended": gettext_lazy("The term ended"),
    "removed": gettext_lazy("Removed"),
    "replaced": gettext_lazy("Replaced by another"),
    "paused": gettext_lazy("Paused"),
    "other": gettext_lazy("Went over to what does not recur"),
}


def churn(data: dict[str, Any], *, currency: str = "", last: int = 0) -> Picture:
    """Why members were lost, in these months together."""
    rows = [row for row in _of(data["months"], currency, 0, by="mrr") if row["causes"] is not None]
    found: dict[str, tuple[int, Money]] = {}
    for row in rows[-last:]:
        for cause, lost in row["causes"].items():
            many, amount = found.get(cause, (0, Money.zero(row["currency"])))
            more = Money.parse(lost["amount"], row["currency"])
            found[cause] = (many + lost["members"], amount + more)
    total = sum(many for many, _amount in found.values())
    told = [
        (str(name), *found[cause], found[cause][0] / total)
        for cause, name in CAUSES.items()
        if cause in found
    ]
    return Picture(
        drawing="bars",
        bars=[
            Bar(name, words.number(many), share * 100, words.money(amount))
            for name, many, amount, share in told
        ],
        header=[_("Why"), _("Members"), _("A month"), _("Share")],
        rows=[
            [name, words.number(many), words.money(amount), words.percent(share)]
            for name, many, amount, share in told
        ],
    )


TERMS = {
    "month": gettext_lazy("every month"),
    "quarter": gettext_lazy("every quarter"),
    "year": gettext_lazy("every year"),
}


def renewal(data: dict[str, Any], *, names: dict[str, str] | None = None) -> Picture:
    """How many terms of each tier were renewed: each bar's length is the rate."""
    rows = [
        (f"{(names or {}).get(row['tier'], row['tier'])}, {TERMS.get(row['term'], row['term'])}", row)
        for row in data.get("renewal", [])
    ]
    notes = [
        f"{words.number(row['renewed'])} / {words.number(row['renewed'] + row['ended'])}"
        for _name, row in rows
    ]
    return Picture(
        drawing="bars",
        bars=[
            Bar(name, words.percent(row["rate"]), row["rate"] * 100, note)
            for (name, row), note in zip(rows, notes, strict=True)
        ],
        header=[_("Tier and term"), _("Renewed"), _("Ended"), _("Rate"), _("95% interval")],
        rows=[
            [
                name,
                words.number(row["renewed"]),
                words.number(row["ended"]),
                words.percent(row["rate"]),
                f"{words.percent(row['low'])} – {words.percent(row['high'])}",
            ]
            for name, row in rows
        ],
    )


def dues(data: dict[str, Any], *, currency: str = "", last: int = 0) -> Picture:
    """What became of the dues that fell due: paid on time, paid late, and not paid."""
    rows = _of(data["months"], currency, last, by="due")
    names = {
        "on_time": _("Paid on time"),
        "late": _("Paid late"),
        "in_grace": _("In grace"),
        "suspended": _("Suspended"),
        "lapsed": _("Lapsed"),
        "ended": _("Ended meanwhile"),
        "forgiven": _("Forgiven"),
    }
    open_now = [None if row["due"] is None else row["in_grace"] + row["suspended"] for row in rows]
    lost = [None if row["due"] is None else row["lapsed"] + row["ended"] + row["forgiven"] for row in rows]
    lines = [
        Series(names["on_time"], _values(rows, "on_time"), "accent", "bar", "all"),
        Series(names["late"], _values(rows, "late"), "accent-2", "bar", "all"),
        Series(_("Still open"), open_now, "strong", "bar", "all"),
        Series(_("Not paid"), lost, "quiet", "bar", "all"),
    ]
    return _picture(rows, lines, {"due": _("Due")} | names, lambda row, key: words.number(row[key]))


def _of(data: Rows, currency: str, last: int, *, by: str) -> Rows:
    chosen = currency or _first(data, by)
    rows = [row for row in data if row["currency"] == chosen]
    return rows[-last:] if last else rows


def _first(data: Rows, by: str) -> str:
    known: dict[str, int] = {}
    for row in data:
        known.setdefault(row["currency"], 0)
        known[row["currency"]] += row[by] is not None and float(row[by]) > 0
    return min(known, key=lambda one: (-known[one], one), default="")


def _values(rows: Rows, key: str, sign: int = 1) -> list[Value]:
    return [None if row[key] is None else sign * float(row[key]) for row in rows]


def _amount(row: dict[str, Any], key: str) -> str:
    return words.money(None if row[key] is None else Money.parse(row[key], row["currency"]))


def _picture(
    rows: Rows, lines: list[Series], names: dict[str, str], write: Callable[[dict[str, Any], str], str]
) -> Picture:
    periods = [row["period"] for row in rows]
    grain = words.grain_of(periods)
    return Picture(
        drawing="canvas",
        labels=[words.period(name, "short") for name in periods],
        names=[words.within(name, grain) for name in periods],
        series=lines,
        header=[_("Period"), *names.values()],
        rows=[[words.period(row["period"]), *(write(row, key) for key in names)] for row in reversed(rows)],
    )
