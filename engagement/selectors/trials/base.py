"""What a kind of experiment has to say."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise

from communities.models import Community
from engagement.selectors.outcomes import Seen
from kernel.trials import Piece

Words = str | Promise
#: So far back history is looked at, and at most so many of those who met the words in it.
DAYS, MOST = 180, 2000


@dataclass(frozen=True)
class History:
    """How it went so far: of `units` who met the words in the `days` that are known, `succeeded`. None where nobody keeps
    who met them; `succeeded` alone is told then."""

    days: float
    units: int | None
    succeeded: int

    @property
    def share(self) -> float | None:
        return self.succeeded / self.units if self.units else None

    def a_day(self, base: float) -> float:
        """How many meet the words in a day; where that is not known, as many as it takes for so many to succeed."""
        units = self.units if self.units is not None else self.succeeded / base if base else 0
        return units / self.days if self.days else 0.0


class Trial(ABC):
    """A kind of experiment: `key` in addresses, `subject` in `kernel.trials`, `within` how long after being assigned the
    outcome counts. `more`, `fewer` and `unclear` say the result, with %(low)s and %(high)s of a hundred."""

    key: str
    subject: str
    icon: str
    label: Words
    #: Who is assigned, and what it is judged by, each a sentence.
    unit: Words
    outcome: Words
    #: What is counted of each: one or more of it is the outcome, none is not.
    counts: Words
    #: "newcomers": who is counted, as a heading and after a number.
    people: Words
    within: timedelta
    more: Words
    fewer: Words
    unclear: Words
    unknown: Words = ""

    @abstractmethod
    def in_force(self, community: Community) -> list[Piece]:
        """The words as they stand now."""

    @abstractmethod
    def name(self, piece: Piece) -> str:
        """What the piece is, as the label of its text."""

    @abstractmethod
    def history(self, community: Community, *, at: datetime) -> History:
        """How it went so far with the words in force, as far as anybody keeps it."""

    @abstractmethod
    def counted(self, community_id: int, units: Sequence[Seen]) -> dict[int, int]:
        """By place, how much there is of what it is judged by; whoever is not named has nothing of it."""


def span(community: Community, *, at: datetime, within: timedelta) -> tuple[datetime, datetime, float]:
    """From when to when those met the words of whom is known what followed, and how many days that is."""
    until = at - within
    since = max(until - timedelta(days=DAYS), community.founded_at)
    return since, until, max((until - since) / timedelta(days=1), 0.0)
