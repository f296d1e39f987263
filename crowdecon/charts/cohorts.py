"""The cohort heat map: a table that is its own chart, coloured in ten steps through classes."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from crowdecon.charts.picture import Cell, Picture
from kernel import words


@dataclass(frozen=True)
class _Words:
    """What a cohort is called by what it has in common; what is said of a cell takes `active`, `size` and `k`."""

    months: str
    weeks: str
    header: tuple[str, str]
    cell: str
    colours: str


def _words(of: str) -> _Words:
    if of == "payers":
        return _Words(
            months=_("Months since the first payment"),
            weeks="",
            header=(_("First paid in"), _("Members")),
            cell=_("%(active)s of %(size)s paid, month %(k)s"),
            colours=_("Per cent of each cohort that paid. The stronger the colour, the more."),
        )
    return _Words(
        months=_("Months since joining"),
        weeks=_("Weeks since joining"),
        header=(_("Joined in"), _("Members")),
        cell=_("%(active)s of %(size)s active, period %(k)s"),
        colours=_("Per cent of each cohort that was active. The stronger the colour, the more."),
    )


def heat(data: list[dict[str, Any]], *, last: int = 26, of: str = "joiners") -> Picture:
    """The youngest `last` cohorts, newest first; the period they begin in is column 0. `of` says whose they are."""
    said = _words(of)
    rows = [row for row in data if row["size"]]
    shown = rows[-last:]
    grain = words.grain_of([row["cohort"] for row in data])
    width = max((len(row["active"]) for row in shown), default=0)
    # The first period itself is nearly full by nature: the steps are spent on what comes after it.
    later = [n / row["size"] for row in shown for n in row["active"][1:] if n is not None]
    top = max(later, default=0.0) or 1.0
    cells = [
        (
            words.period(row["cohort"], "short"),
            words.number(row["size"]),
            [_cell(row, k, top, said.cell) for k in range(width)],
        )
        for row in reversed(shown)
    ]
    return Picture(
        drawing="heat",
        cells=cells,
        labels=[str(k) for k in range(width)],
        axis=said.months if grain == "month" else said.weeks,
        note=said.colours,
        header=[*said.header, *(str(k) for k in range(width))],
        rows=[_row(row, width) for row in reversed(shown)],
    )


def _cell(row: dict[str, Any], k: int, top: float, words_of_cell: str) -> Cell:
    active, size = row["active"][k] if k < len(row["active"]) else None, row["size"]
    if active is None:
        return Cell("")
    share = active / size
    step = 0 if not active else min(9, 1 + int(8.999 * share / top))
    said = {"active": words.number(active), "size": words.number(size), "k": k}
    return Cell(f"{share * 100:.0f}", step, words_of_cell % said)


def _row(row: dict[str, Any], width: int) -> list[str]:
    known = [words.number(active) for active in row["active"]]
    return [words.period(row["cohort"]), words.number(row["size"]), *known, *[""] * (width - len(known))]
