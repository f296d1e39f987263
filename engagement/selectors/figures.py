"""Stored figures: what pages and the API read without computing anything."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F
from django.db.models.functions import Coalesce

from communities.models import Community
from engagement.models import Figure, FigureRequest, RollupState
from kernel.metrics import Data, Metric, metrics

#: For how long the answer of an earlier day stands in for one that workers have yet to compute.
STANDS_IN = timedelta(days=7)


@dataclass(frozen=True)
class FigureResult:
    """A figure as the API gives it: `parameters` as they were understood, days as ISO 8601."""

    key: str
    version: int
    as_of: date
    computed_at: datetime
    took_ms: int
    parameters: dict[str, Any]
    data: Data


@dataclass(frozen=True)
class Pending:
    """A figure that a worker is computing; `progress` is from 0 to 1, `retry_after` in seconds."""

    key: str
    as_of: date
    state: str
    progress: float
    retry_after: int = 2

    @property
    def percent(self) -> int:
        return int(100 * self.progress)


@dataclass(frozen=True)
class Question:
    """One figure with its parameters as they were understood, `as_of` apart."""

    metric: Metric
    arguments: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, metric: Metric, given: dict[str, str]) -> "Question":
        """Raises `Refused` for parameters that the figure does not have or that do not fit."""
        return cls(metric, metric.arguments(given))

    @property
    def asked(self) -> str:
        """The same for the same question, however it was put; without `as_of`."""
        named = self.arguments.items()
        return "&".join(
            f"{name}={value}" for name, value in sorted(named) if name != "as_of" and value is not None
        )


def standing() -> Iterator[Question]:
    """The figures that are always kept up to date: each with its defaults, and by every grain it has."""
    for metric in metrics:
        yield Question.of(metric, {})
        for parameter in metric.parameters:
            if parameter.name == "grain":
                others = [value for value, _label in parameter.choices if value != parameter.default]
                yield from (Question.of(metric, {"grain": value}) for value in others)


def state(community_id: int) -> RollupState:
    """How far the community is; an unsaved beginning where nothing has been rolled up yet."""
    return RollupState.objects.filter(pk=community_id).first() or RollupState(community_id=community_id)


def awaited(community_id: int) -> bool:
    """Whether workers have yet to compute some of the standing figures of the last refresh. What failed is not waited for."""
    given_out = FigureRequest.objects.filter(
        community_id=community_id,
        as_of__in=RollupState.objects.filter(pk=community_id).values("as_of"),
        state__in=FigureRequest.UNDER_WAY,
    ).values_list("key", "asked")
    return bool(set(given_out) & {(question.metric.key, question.asked) for question in standing()})


def stored(*, community: Community, question: Question, as_of: date, generation: int) -> FigureResult | None:
    """The figure as it was computed and still holds; None where there is none."""
    row = Figure.objects.filter(
        community_id=community.pk,
        key=question.metric.key,
        as_of=as_of,
        asked=question.asked,
        generation=generation,
        version=question.metric.version,
    ).first()
    return None if row is None else _result(row, data=row.data)


def latest(
    *, community: Community, questions: Iterable[Question], whole: bool = False
) -> dict[tuple[str, str], FigureResult]:
    """The answers of the last refresh, by key and `asked`, in one query: what a dashboard shows. Long data come brief, but
    `whole` for a page that draws them.

    They may be of an earlier day than the last complete one where no refresh has run since, and each of an earlier one than
    the others while workers are about it; `as_of` says so. What was computed by another version of a definition is none of
    its answers.
    """
    wanted = {(question.metric.key, question.asked): question.metric.version for question in questions}
    last = RollupState.objects.filter(pk=community.pk)
    rows = Figure.objects.filter(
        community_id=community.pk,
        key__in={key for key, _asked in wanted},
        asked__in={asked for _key, asked in wanted},
        as_of__lte=last.values("as_of"),
        as_of__gte=last.values(since=F("as_of") - STANDS_IN),
    )
    told: Any = F("data") if whole else Coalesce("brief", "data")
    rows = rows.defer("data", "brief").annotate(told=told)
    rows = rows.order_by("key", "asked", "-as_of").distinct("key", "asked")
    return {
        (row.key, row.asked): _result(row, data=row.told)
        for row in rows
        if wanted.get((row.key, row.asked)) == row.version
    }


def pending(request: FigureRequest) -> Pending:
    return Pending(key=request.key, as_of=request.as_of, state=request.state, progress=request.progress)


def _result(row: Figure, *, data: Any) -> FigureResult:
    return FigureResult(
        key=row.key,
        version=row.version,
        as_of=row.as_of,
        computed_at=row.computed_at,
        took_ms=row.took_ms,
        parameters=row.parameters,
        data=data,
    )
