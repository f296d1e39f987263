"""Experiments as pages and the API show them. Until one has ended nothing tells how its arms fare, and there is nothing to
tell: outcomes are counted once, at the end (`services.experiments.end`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from communities.models import Community
from engagement.metrics import _newcombe, _wilson
from engagement.models import Experiment
from engagement.selectors.trials import History, Trial, trials
from kernel import words
from kernel.trials import Piece

State = Experiment.State
#: Who would wait longer is told so before the start.
LONG = 182
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Arm:
    """What an arm brought: `units` judged, `good` of them with the outcome, the interval of their share."""

    name: str
    units: int
    good: int

    @property
    def share(self) -> float:
        return self.good / self.units

    @property
    def interval(self) -> tuple[float, float]:
        return _wilson.interval(self.good, self.units)


@dataclass(frozen=True)
class Result:
    """The end of it: both arms, the 95% interval of B's share less A's, and one sentence."""

    arms: Sequence[Arm]
    low: float
    high: float
    merged: int
    sentence: str

    @property
    def first(self) -> Arm:
        return self.arms[0]

    @property
    def second(self) -> Arm:
        return self.arms[1]

    @property
    def difference(self) -> float:
        return self.second.share - self.first.share


@dataclass(frozen=True)
class Text:
    """A text as it stands in A and in B. A question that B leaves out is not `asked`."""

    name: str
    a: Piece
    b: Piece

    @property
    def language(self) -> str:
        """What it is written in, where the key says so: a letter's does."""
        return self.a.key.split(".")[0] if self.a.asked is None else ""

    @property
    def is_changed(self) -> bool:
        return self.a != self.b


@dataclass(frozen=True)
class Shown:
    """An experiment in words. `days` is how many days it still takes, None where nobody can say."""

    experiment: Experiment
    trial: Trial
    days: int | None
    result: Result | None

    @property
    def texts(self) -> list[Text]:
        rows = zip(self.experiment.a, self.experiment.b, strict=True)
        pairs = [(Piece(**a), Piece(**b)) for a, b in rows]
        return [Text(self.trial.name(a), a, b) for a, b in pairs]

    @property
    def same_in(self) -> list[str]:
        """The languages in which A and B read the same, where in another they differ."""
        texts = [text for text in self.texts if text.language]
        changed = {text.language for text in texts if text.is_changed}
        names = dict(settings.LANGUAGES)
        return [
            str(names[one])
            for one in dict.fromkeys(text.language for text in texts)
            if changed and one not in changed
        ]

    @property
    def takes_long(self) -> bool:
        return self.experiment.state == State.PLANNED and (self.days is None or self.days > LONG)

    @property
    def done(self) -> float:
        return self.experiment.assigned / self.experiment.total


def rows(community: Community) -> QuerySet[Experiment]:
    return Experiment.objects.of(community.pk)


def find(community: Community, key: UUID) -> Experiment | None:
    return rows(community).filter(key=key).first()


def trial_of(experiment: Experiment) -> Trial:
    return next(one for one in trials if one.subject == experiment.subject)


def listed(experiment: Experiment, *, at: datetime) -> Shown:
    """As it stands in a list: without what only history can tell."""
    return Shown(experiment, trial_of(experiment), _running(experiment, at), result(experiment))


def shown(community: Community, experiment: Experiment, *, at: datetime) -> Shown:
    trial, days = trial_of(experiment), _running(experiment, at)
    if experiment.state == State.PLANNED or (experiment.state == State.RUNNING and days is None):
        days = days_to_go(trial, trial.history(community, at=at), experiment)
    return Shown(experiment, trial, days, result(experiment))


def days_to_go(trial: Trial, history: History, experiment: Experiment) -> int | None:
    """How long it takes as people met the words so far; None where too few did to say."""
    a_day = history.a_day(experiment.base)
    left = experiment.total - experiment.assigned
    return ceil(left / a_day + trial.within / DAY) if a_day > 0 else None


def result(experiment: Experiment) -> Result | None:
    """What it says, once it has ended; None until then, and for good where it was stopped."""
    if experiment.state != State.ENDED or experiment.result is None:
        return None
    kept = experiment.result
    a, b = Arm("A", *kept["a"]), Arm("B", *kept["b"])
    if not (a.units and b.units):
        return None
    low, high = _newcombe.difference(a.good, a.units, b.good, b.units)
    return Result([a, b], low, high, len(kept["merged"]), _sentence(trial_of(experiment), low, high))


def _running(experiment: Experiment, at: datetime) -> int | None:
    """How many days a running one still takes, from when it is full or by its own pace so far."""
    if experiment.state != State.RUNNING or experiment.started_at is None:
        return None
    if experiment.matures_at is not None:
        return max(ceil((experiment.matures_at - at) / DAY), 0)
    passed = (at - experiment.started_at) / DAY
    if experiment.assigned < 4 or passed < 1:
        return None
    left = experiment.total - experiment.assigned
    return ceil(left * passed / experiment.assigned + trial_of(experiment).within / DAY)


def _sentence(trial: Trial, low: float, high: float) -> str:
    if low > 0:
        said, ends = trial.more, (low, high)
    elif high < 0:
        said, ends = trial.fewer, (-high, -low)
    else:
        said, ends = trial.unclear, (-low, high)
    told = {
        name: words.number(100 * end, _decimals(ends))
        for name, end in zip(("low", "high"), ends, strict=True)
    }
    return str(said) % told


def _decimals(ends: tuple[float, float]) -> int:
    """None where whole numbers tell the two ends apart from each other and from nothing."""
    whole = [round(100 * end) for end in ends]
    return 0 if min(whole) >= 1 and whole[0] != whole[1] else 1
