"""What the page Growth shows, from stored figures alone: nothing is computed for it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from communities.models import Community
from engagement.selectors import figures
from engagement.selectors.figures import FigureResult, Question
from kernel.metrics import Metric, metrics

May = Callable[[str], bool]
GRAINS = ("month", "week")
#: Each figure of the page with the parameters it is shown with; K by cohort comes beside them.
SHOWN: dict[str, dict[str, str]] = {
    "referral_k": {"grain": "all"},
    "growth_rate": {},
    "generations": {},
    "cascades": {},
    "channels": {},
}


@dataclass(frozen=True)
class Told:
    """A figure as it was last computed, as far as its reader may see it."""

    metric: Metric
    result: FigureResult
    data: Any

    @property
    def finding(self) -> str:
        return self.metric.finding(self.data)


@dataclass(frozen=True)
class Growing:
    """The figures by key; None for one that has not been computed yet or is not for this reader. `cohorts` is K by week or
    month, `as_of` the day they hold for, but those that are `late`: workers have yet to compute them for it."""

    told: dict[str, Told | None]
    cohorts: Told | None

    def data(self, key: str) -> Any:
        told = self.told[key]
        return None if told is None else told.data

    @property
    def as_of(self) -> date | None:
        return max((told.result.as_of for told in self._known), default=None)

    @property
    def late(self) -> list[Told]:
        return [told for told in self._known if told.result.as_of != self.as_of]

    @property
    def _known(self) -> list[Told]:
        return [told for told in self.told.values() if told]


def read(community: Community, *, grain: str, may: May) -> Growing:
    """In one query."""
    asked = {key: Question.of(metrics.get(key), given) for key, given in SHOWN.items()}
    asked["cohorts"] = Question.of(metrics.get("referral_k"), {"grain": grain})
    stored = figures.latest(community=community, questions=asked.values(), whole=True)
    told: dict[str, Told | None] = {}
    for name, question in asked.items():
        found = stored.get((question.metric.key, question.asked))
        if found is None or not may(question.metric.permission):
            told[name] = None
        else:
            told[name] = Told(question.metric, found, question.metric.readable(found.data, may))
    cohorts = told.pop("cohorts")
    return Growing(told, cohorts)
