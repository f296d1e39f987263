"""What was, and where it may go: a line that widens into a band of 80%."""

from typing import Any

from django.utils.translation import gettext as _

from crowdecon.charts.picture import Picture, Series, Value
from kernel import words
from kernel.money import Money

LIMITS = ("low", "median", "high")


def forecast(data: dict[str, Any] | None, *, unit: str = "", currency: str = "") -> Picture:
    """The weeks behind and those ahead, of one measure."""
    if data is None:
        return Picture(drawing="canvas")
    behind, ahead = data["so_far"], data["weeks"]
    rows = [{"period": row["period"], "value": row["value"]} for row in behind] + ahead
    # The band begins where the line ends.
    joint = dict.fromkeys(LIMITS, behind[-1]["value"]) if behind else {}
    limits = [{}] * (len(behind) - 1) + [joint] * bool(behind) + ahead
    lines = [
        Series(unit or _("So far"), [_value(row.get("value")) for row in rows], "accent"),
        Series(_("Expected"), [_value(row.get("median")) for row in limits], "accent-2"),
        _band(limits),
    ]
    names: tuple[str, ...] = (_("So far"), *_names())
    keys: tuple[str, ...] = ("value", *LIMITS)
    if any(row["as_is"] is not None for row in ahead):
        as_is = _("No lever moved")
        lines.insert(2, Series(as_is, [_value(row.get("as_is")) for row in rows], "quiet"))
        names, keys = (*names, as_is), (*keys, "as_is")
    return _picture(rows, lines, names, keys, currency)


def tried(data: dict[str, Any] | None, *, unit: str = "", currency: str = "") -> Picture:
    """What was said half a year ago beside what then happened."""
    back = (data or {}).get("back")
    if not back:
        return Picture(drawing="canvas")
    rows = back["weeks"]
    lines = [
        Series(_("Happened"), [_value(row["happened"]) for row in rows], "accent"),
        Series(_("Expected"), [_value(row["median"]) for row in rows], "accent-2"),
        Series(_("Trend of 8 weeks"), [_value(row["trend"]) for row in rows], "quiet"),
        _band(rows),
    ]
    names = (_("Happened"), *_names(), _("Trend of 8 weeks"))
    return _picture(rows, lines, names, ("happened", *LIMITS, "trend"), currency)


def _names() -> tuple[str, ...]:
    return _("10%"), _("50%"), _("90%")


def _band(rows: list[dict[str, Any]]) -> Series:
    high, low = ([_value(row.get(key)) for row in rows] for key in ("high", "low"))
    return Series(_("8 of 10 runs"), high, "accent-2", "band", low=low)


def _value(value: Any) -> Value:
    """A number to draw: amounts come as decimals."""
    return float(value) if isinstance(value, str) else value


def _picture(
    rows: list[dict[str, Any]],
    lines: list[Series],
    names: tuple[str, ...],
    keys: tuple[str, ...],
    currency: str,
) -> Picture:
    periods = [row["period"] for row in rows]

    def write(value: Any) -> str:
        if not currency:
            return words.number(value)
        return words.money(None if value is None else Money.parse(value, currency))

    return Picture(
        drawing="canvas",
        labels=[words.period(name, "short") for name in periods],
        names=[words.within(name, "week") for name in periods],
        series=lines,
        header=[_("Period"), *names],
        rows=[
            [words.period(row["period"]), *(write(row.get(key)) for key in keys)] for row in reversed(rows)
        ],
    )
