"""The cohort heat map: a table that is its own chart, coloured in ten steps through classes."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crowdecon import words
from crowdecon.charts.picture import Cell, Picture


def heat(data: list[dict[str, Any]], *, last: int = 26, at: int = 4) -> Picture:
    """The youngest `last` cohorts, newest first; the finding pools every cohort old enough at period `at`."""
    rows = [row for row in data if row["size"]]
    shown = rows[-last:]
    grain = words.grain_of([row["cohort"] for row in data])
    width = max((len(row["active"]) for row in shown), default=0)
    # The joining period itself is nearly full by nature: the steps are spent on what comes after it.
    later = [n / row["size"] for row in shown for n in row["active"][1:] if n is not None]
    top = max(later, default=0.0) or 1.0
    cells = [
        (
            words.period(row["cohort"], "short"),
            words.number(row["size"]),
            [_cell(row["active"][k] if k < len(row["active"]) else None, row["size"], top, k) for k in range(width)],
        )
        for row in reversed(shown)
    ]
    return Picture(
        drawing="heat",
        finding=_finding(rows, grain, at),
        cells=cells,
        labels=[str(k) for k in range(width)],
        axis=_("Months since joining") if grain == "month" else _("Weeks since joining"),
        header=[_("Joined in"), _("Members"), *(str(k) for k in range(width))],
        rows=[
            [words.period(row["cohort"]), words.number(row["size"]), *(words.number(n) for n in row["active"])]
            + [""] * (width - len(row["active"]))
            for row in reversed(shown)
        ],
    )


def _cell(active: int | None, size: int, top: float, k: int) -> Cell:
    if active is None:
        return Cell("")
    share = active / size
    step = 0 if not active else min(9, 1 + int(8.999 * share / top))
    said = {"active": words.number(active), "size": words.number(size), "k": k}
    return Cell(f"{share * 100:.0f}", step, _("%(active)s of %(size)s active, period %(k)s") % said)


def _finding(rows: list[dict[str, Any]], grain: str, at: int) -> str:
    ages = [k for row in rows for k, n in enumerate(row["active"]) if n is not None and 1 <= k <= at]
    if not ages:
        return ""
    k = max(ages)
    old = [row for row in rows if len(row["active"]) > k and row["active"][k] is not None]
    joined, stayed = sum(row["size"] for row in old), sum(row["active"][k] for row in old)
    said = {"share": words.percent(stayed / joined), "k": k, "joined": words.number(joined)}
    if grain == "month":
        words_said = ngettext(
            "%(k)s month after joining, %(share)s of %(joined)s members were active.",
            "%(k)s months after joining, %(share)s of %(joined)s members were active.",
            k,
        )
    else:
        words_said = ngettext(
            "%(k)s week after joining, %(share)s of %(joined)s members were active.",
            "%(k)s weeks after joining, %(share)s of %(joined)s members were active.",
            k,
        )
    return words_said % said
