"""What a tile and a sentence tell of cohorts: of the youngest that is old enough, and large enough to be news."""

from typing import Any

from engagement.metrics import _periods
from kernel.metrics import NO_DATA, TOO_YOUNG, Headline, Words

#: Of fewer than so many a share leaps by more than ten points with each member: it is told only where there is no larger
#: cohort, with their number, and nothing is compared with it.
TELLING = 10


def told(data: Any, later: int) -> dict[str, Any] | None:
    """The cohort to tell of, that many periods after its own; None while none is old enough."""
    old = [row for row in data if row["size"] and _known(row, later)]
    large = [row for row in old if row["size"] >= TELLING]
    return (large or old or [None])[-1]


def headline(data: Any, later: int, unit: Words) -> Headline:
    """Its share, with those of the cohorts before it; a gap for each that is too small."""
    row = told(data, later)
    if row is None:
        reason = TOO_YOUNG if any(one["size"] for one in data) else NO_DATA
        return Headline(None, unit, "share", reason=reason)
    before = [one for one in data[: data.index(row)] if _known(one, later)]
    share = row["active"][later] / row["size"]
    if row["size"] < TELLING:
        return Headline(share, unit, "share", row["cohort"], (share,))
    trend = [one["active"][later] / one["size"] if one["size"] >= TELLING else None for one in before]
    return Headline(share, unit, "share", row["cohort"], (*trend[1 - _periods.TREND :], share))


def _known(row: dict[str, Any], later: int) -> bool:
    return len(row["active"]) > later and row["active"][later] is not None
