from dataclasses import dataclass, field
from typing import Any

Value = int | float | None


@dataclass(frozen=True)
class Series:
    """`role` is a colour of the theme; `mark` is line, bar or band; bars of equal `stack` stand on one another. A band is
    filled from `low` to its values."""

    name: str
    values: list[Value]
    role: str = "accent"
    mark: str = "line"
    stack: str = ""
    low: list[Value] = field(default_factory=list)


@dataclass(frozen=True)
class Cell:
    text: str
    step: int | None = None
    hint: str = ""


@dataclass(frozen=True)
class Bar:
    """One bar of a page-drawn chart: `share` is its length, 0 to 100; `start` where it begins."""

    name: str
    text: str
    share: float
    note: str = ""
    role: str = "accent"
    start: float = 0.0


@dataclass(frozen=True)
class Whisker:
    """An estimate with its interval, all of them places on one scale of 0 to 100; `value` None where it cannot be known,
    and `young` says why it is not, or not all of it."""

    name: str
    text: str
    note: str = ""
    value: float | None = None
    start: float = 0.0
    width: float = 0.0
    young: str = ""


@dataclass(frozen=True)
class Picture:
    """`drawing` names the template in components/charts/; `labels` and `series` are for canvas pictures."""

    drawing: str
    labels: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    series: list[Series] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    whiskers: list[Whisker] = field(default_factory=list)
    #: Where the value that matters stands on the whiskers' scale.
    mark: float = 0.0
    cells: list[tuple[str, str, list[Cell]]] = field(default_factory=list)
    header: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    format: str = "number"
    axis: str = ""
    #: What stands above a picture that the page draws.
    note: str = ""
    height: str = ""

    @property
    def known(self) -> bool:
        return bool(
            self.bars
            or self.cells
            or self.whiskers
            or any(value is not None for line in self.series for value in line.values)
        )

    def for_script(self) -> dict[str, Any]:
        """What the browser needs to draw it, and nothing more."""
        return {
            "labels": self.labels,
            "names": self.names or self.labels,
            "format": self.format,
            "axis": self.axis,
            "series": [vars(line) for line in self.series],
        }
