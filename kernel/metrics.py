"""What a figure is: one definition, told in words, computed by one method.

A figure is a pure function of a community's history up to the end of one day and of its parameters. It
reads nothing but the `History` handed to it, so that a worker, a request, a command and a test all get the
same digits.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.errors import Refused
from kernel.registry import Registry

Words = str | Promise
Data = dict[str, Any] | list[Any]


@dataclass(frozen=True)
class Parameter:
    """A knob of a figure: its name in the API, what it may be, and what it is when not given.

    `kind` is "day" (ISO 8601), "days" (a number of days or "all"), "choice" or "number".
    """

    name: str
    kind: str
    label: Words
    default: Any = None
    choices: tuple[tuple[str, Words], ...] = ()
    minimum: int = 1
    maximum: int = 3660

    def parse(self, text: str) -> Any:
        """The value that the text stands for. Raises `Refused` that names the parameter."""
        parse = {"day": self._day, "days": self._days, "choice": self._choice, "number": self._number}
        return parse[self.kind](text.strip())

    def _day(self, text: str) -> date:
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise self._refusal(_("a day such as 2026-03-02 is expected")) from None

    def _days(self, text: str) -> int | str:
        return text if text == "all" else self._number(text, or_all=True)

    def _choice(self, text: str) -> str:
        allowed = [value for value, _label in self.choices]
        if text not in allowed:
            raise self._refusal(_("one of %(values)s is expected") % {"values": ", ".join(allowed)})
        return text

    def _number(self, text: str, *, or_all: bool = False) -> int:
        # The length first: Python refuses to read a number of thousands of digits at all.
        digits = text[1:] if text[:1] == "-" else text
        longest = max(len(str(self.minimum)), len(str(self.maximum)))
        readable = digits.isascii() and digits.isdigit() and len(text) <= longest
        if not (readable and self.minimum <= int(text) <= self.maximum):
            if or_all:
                expected = _("a whole number from %(least)d to %(most)d, or “all”, is expected")
            else:
                expected = _("a whole number from %(least)d to %(most)d is expected")
            raise self._refusal(expected % {"least": self.minimum, "most": self.maximum})
        return int(text)

    def _refusal(self, expected: Words) -> Refused:
        return Refused(f"{self.name}: {expected}", code="invalid_parameter", field=self.name)


@dataclass(frozen=True)
class Revision:
    """A version of a definition and what it changed."""

    version: int
    day: date
    words: Words


@dataclass(frozen=True)
class Who:
    """Members in a cell of a table, by their numbers: whoever may see members reads their names."""

    numbers: tuple[int, ...]

    @classmethod
    def of(cls, *numbers: int) -> "Who":
        return cls(numbers)

    def __str__(self) -> str:
        return ", ".join(f"#{number}" for number in self.numbers)


class Share(float):
    """A share (0 to 1) in a cell of a table: pages write it as percents, files as the number that it is."""


def with_shares(row: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """The row with these of its values as `Share`, where they are known."""
    return {**row, **{key: Share(row[key]) for key in keys if row[key] is not None}}


@dataclass(frozen=True)
class Table:
    """The rows behind a figure, as its CSV and its table show them. A cell may be `Who` or `Share`."""

    header: Sequence[Words]
    rows: Iterable[Sequence[Any]] = field(default_factory=list)


#: Why a figure cannot be known yet. A figure that cannot be known is null with one of these, never 0.
NO_DATA: Words = _("No data yet: nothing has happened that this figure counts.")
TOO_YOUNG: Words = _("Too young: the first period is not complete yet.")


@dataclass(frozen=True)
class Headline:
    """What a tile shows of a figure: one value, and the line of periods that led to it.

    `kind` is "count", "share" (0 to 1) or "number"; `period` names the period in the API's words, empty when
    the figure looks at a window; `trend` ends with `value` and holds at most 26 periods; `reason` says why
    the value is None and is empty otherwise.
    """

    value: float | None
    unit: Words
    kind: str
    period: str = ""
    trend: tuple[float | None, ...] = ()
    reason: Words = ""

    @property
    def before(self) -> float | None:
        return self.trend[-2] if len(self.trend) > 1 else None

    @property
    def change(self) -> float | None:
        """Against the period before, in the value's own unit; None where either is not known."""
        return None if self.value is None or self.before is None else self.value - self.before


class Chapter(TextChoices):
    """The questions that figures answer together, in the order in which pages ask them."""

    ALIVE = "alive", _("Is it alive?")
    STAYS = "stays", _("Do people stay?")
    GROWS = "grows", _("Does it grow by itself?")
    RUNS = "runs", _("Does it run by itself?")
    HOLDS = "holds", _("Does it hold together?")
    PAYS = "pays", _("Does it pay its way?")
    MEETS = "meets", _("Where does it meet?")


class Metric(ABC):
    """The base of every figure. A subclass is one file on the shelf `engagement/metrics/` or in a module."""

    key: ClassVar[str]
    title: ClassVar[Words]
    question: ClassVar[Words]
    unit: ClassVar[Words]
    formula: ClassVar[Words]
    reads: ClassVar[Words]
    blind_spots: ClassVar[Words]
    revisions: ClassVar[tuple[Revision, ...]]
    parameters: ClassVar[tuple[Parameter, ...]] = ()
    #: How its interval is reckoned, and from where the method is taken; empty for one that carries none.
    interval: ClassVar[Words] = ""
    #: True for work too long for a request: a task computes it and the API answers 202 meanwhile.
    heavy: ClassVar[bool] = False
    #: True where `compute` takes `progress`, which it calls with the share done so far (0 to 1), as one that has stages may.
    staged: ClassVar[bool] = False
    #: The grain of the headline's line (day, week, month) where no parameter of that name says it.
    trend_grain: ClassVar[str] = ""
    chapter: ClassVar[Chapter] = Chapter.ALIVE
    #: What whoever reads it must be allowed to.
    permission: ClassVar[str] = "figures.view"
    #: What whoever reads all of its data must be allowed to besides, where `readable` leaves some out for others.
    withholds: ClassVar[str] = ""
    #: How pages draw the data: a kind of picture and its options.
    chart: ClassVar[str] = "facts"
    chart_options: ClassVar[Mapping[str, Any]] = {}

    @property
    def version(self) -> int:
        return self.revisions[-1].version

    @abstractmethod
    def compute(self, history: Any, **parameters: Any) -> Data:
        """The figure's data, ready for JSON, for the history's day and these parameters."""

    @abstractmethod
    def table(self, data: Any) -> Table:
        """The same data as rows, for CSV and for the table beside the chart."""

    @abstractmethod
    def finding(self, data: Any) -> str:
        """What the data says, in one translated sentence; or why it cannot be known yet."""

    def headline(self, data: Any) -> Headline | None:
        """The one value for a tile; None for a figure that has no single one."""
        return None

    def brief(self, data: Any) -> Data | None:
        """The data without what neither headline nor finding reads, where that is much; None where it is little."""
        return None

    def readable(self, data: Any, may: Callable[[str], bool]) -> Data:
        """The data without what needs more than the figure's own permission and their reader may not see."""
        found: Data = data
        return found

    def of_now(self, data: Any, *, community: Any, at: datetime) -> Data:
        """The data without what may not be told any more: of people who have asked since to be left out of it, say. Stored
        data are of the moment at which they were computed; whoever hands a figure out asks this first."""
        found: Data = data
        return found

    def is_bare(self, may: Callable[[str], bool]) -> bool:
        """Whether a reader with these rights may see every value there is in the data."""
        return may(self.permission) and (not self.withholds or may(self.withholds))

    def people(self, data: Any) -> list[int]:
        """The numbers of the members whom the data name, so that a page can call them by their names."""
        return []

    def arguments(self, given: dict[str, str]) -> dict[str, Any]:
        """Parsed parameters with defaults filled in. Raises `Refused` for an unknown or unfit one."""
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in given:
            if name not in known:
                message = _("%(key)s has no parameter %(name)s; it has %(known)s.")
                words = {"key": self.key, "name": name, "known": ", ".join(known) or "-"}
                raise Refused(message % words, code="unknown_parameter", field=name)
        return {
            name: parameter.parse(given[name]) if given.get(name) else parameter.default
            for name, parameter in known.items()
        }


metrics: Registry[Metric] = Registry("figure")
