"""Answering for a figure: from what is stored, computed on the spot where it is small, by a worker where not."""

import time
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from communities.models import Community
from engagement.models import Figure, FigureRequest, RollupState
from engagement.selectors import figures as known
from engagement.selectors import loading
from engagement.selectors.figures import FigureResult, Pending, Question
from engagement.selectors.history import History
from engagement.services import work
from engagement.services.work import Progress
from kernel import locks, tasks
from kernel.clock import last_complete_day, local_day
from kernel.errors import Refused
from kernel.metrics import metrics

LOCK = "engagement.answer"
#: The share of the work that reading is.
READ = 0.1


def get(*, community: Community, key: str, given: dict[str, str], at: datetime) -> FigureResult | Pending:
    """The figure `key` with these parameters, as they come from an address.

    Raises `KeyError` for a figure that does not exist and `Refused` for parameters that do not fit.
    """
    question = Question.of(metrics.get(key), given)
    as_of = day(community=community, question=question, at=at)
    generation = known.state(community.pk).generation
    stored = known.stored(community=community, question=question, as_of=as_of, generation=generation)
    if stored is not None:
        return stored
    if question.metric.heavy:
        return _ask(community=community, question=question, as_of=as_of, given=given, at=at)
    history = loading.history(community=community, as_of=as_of)
    return compute(community=community, question=question, history=history, generation=generation, at=at)


def day(*, community: Community, question: Question, at: datetime) -> date:
    """The day the question is about: the one it names, or the last complete one. Raises `Refused` for a future one."""
    chosen: date | None = question.arguments.get("as_of")
    if chosen is None:
        return last_complete_day(community.zone, at)
    if chosen > local_day(at, community.zone):
        raise Refused(_("as_of is a day that has not come yet."), code="future", field="as_of")
    return chosen


def compute(
    *, community: Community, question: Question, history: History, generation: int, at: datetime
) -> FigureResult:
    """Compute the figure and keep it. `generation` is that of the roll-ups the history was read from."""
    found = computed(question=question, history=history, at=at)
    _keep(found, community_id=community.pk, asked=question.asked, generation=generation)
    return found


def computed(
    *, question: Question, history: History, at: datetime, tell: Progress | None = None
) -> FigureResult:
    """The figure, which is kept nowhere. A figure that has stages calls `tell` with the share done."""
    started = time.perf_counter()
    arguments = {**question.arguments, "as_of": history.as_of}
    if "as_of" not in question.arguments:
        del arguments["as_of"]
    staged = {"progress": tell} if tell is not None and question.metric.staged else {}
    data = question.metric.compute(history, **arguments, **staged)
    if question.asked == Question.of(question.metric, {}).asked:
        history.told[question.metric.key] = data
    return FigureResult(
        key=question.metric.key,
        version=question.metric.version,
        as_of=history.as_of,
        computed_at=at,
        took_ms=round(1000 * (time.perf_counter() - started)),
        parameters={name: _plain(value) for name, value in arguments.items() if value is not None},
        data=data,
    )


def _keep(found: FigureResult, *, community_id: int, asked: str, generation: int) -> None:
    """Store the figure, unless what is stored was read from later roll-ups, or by a later definition."""
    values = {
        "version": found.version,
        "computed_at": found.computed_at,
        "took_ms": found.took_ms,
        "parameters": found.parameters,
        "data": found.data,
        "brief": metrics.get(found.key).brief(found.data),
        "generation": generation,
    }
    row, created = Figure.objects.get_or_create(
        community_id=community_id, key=found.key, as_of=found.as_of, asked=asked, defaults=values
    )
    if not created:
        # One statement, so that a refresh that ends meanwhile is seen: its figures are not put back to older ones.
        mine = Figure.objects.filter(pk=row.pk, generation__lte=generation, version__lte=found.version)
        mine.update(**values)


def answer(*, request_id: int, at: datetime) -> FigureResult | None:
    """Compute what was asked for; None where it has been answered already, somebody else is at it, or it has to be counted
    once more because facts of its days came meanwhile."""
    with locks.alone(name=LOCK, key=request_id) as mine:
        request = FigureRequest.objects.filter(pk=request_id).first() if mine else None
        return _carry_out(request, at=at) if request is not None else None


def _carry_out(request: FigureRequest, *, at: datetime) -> FigureResult | None:
    rows = FigureRequest.objects.filter(pk=request.pk)
    if not work.begin(rows):
        return None
    community = Community.objects.get(pk=request.community_id)
    question = Question.of(metrics.get(request.key), request.given)
    # In one statement, and before anything is read: a refresh that ends from here on is seen.
    state = RollupState.objects.filter(pk=community.pk).values("generation")
    rows.update(generation=Coalesce(Subquery(state), 0))
    try:
        with work.beating(rows) as tell:
            history = loading.history(community=community, as_of=request.as_of)
            tell(READ)
            found = computed(
                question=question,
                history=history,
                at=at,
                tell=lambda share: tell(READ + (1 - READ) * share),
            )
    except Exception:
        rows.update(state=FigureRequest.State.FAILED)
        raise
    return found if _settle(request, found, asked=question.asked, at=at) else None


@transaction.atomic
def _settle(request: FigureRequest, found: FigureResult, *, asked: str, at: datetime) -> bool:
    """Keep the answer and forget the question; False where the question is gone, or waits to be counted anew.

    The row is asked for first: a refresh that is just ending has carried it to the next generation, or has not.
    """
    row = locks.locked(FigureRequest.objects.filter(pk=request.pk)).first()
    if row is None:
        return False
    generation = known.state(row.community_id).generation
    if row.generation != generation:
        # Given out again by the sweep, not at once: what comes in a stream is counted when it has thinned.
        row.state, row.requested_at, row.tries = FigureRequest.State.WAITING, at, 0
        row.save(update_fields=["state", "requested_at", "tries"])
        return False
    _keep(found, community_id=row.community_id, asked=asked, generation=generation)
    row.delete()
    return True


def recompute(
    *, community: Community, key: str, given: dict[str, str], at: datetime
) -> FigureResult | Pending:
    """Compute the figure from the roll-ups once more, whatever is stored; a heavy one by a worker."""
    question = Question.of(metrics.get(key), given)
    as_of = day(community=community, question=question, at=at)
    mine = Figure.objects.filter(community_id=community.pk, key=key, as_of=as_of, asked=question.asked)
    mine.update(generation=-1)
    return get(community=community, key=key, given=given, at=at)


def standing_later(*, community: Community, questions: Iterable[Question], as_of: date, at: datetime) -> None:
    """Give the heavy figures that are always kept up to date to the workers, each by itself."""
    for question in questions:
        given = {name: str(value) for name, value in question.arguments.items() if value is not None}
        _ask(community=community, question=question, as_of=as_of, given=given, at=at)


def _ask(
    *, community: Community, question: Question, as_of: date, given: dict[str, str], at: datetime
) -> Pending:
    """Give the work out, once: whoever asks again meanwhile hears how far it is.

    Work that failed rests a minute first: pages ask every two seconds, and what fails may always fail.
    """
    request, created = FigureRequest.objects.get_or_create(
        community_id=community.pk,
        key=question.metric.key,
        as_of=as_of,
        asked=question.asked,
        defaults={"given": given, "requested_at": at},
    )
    rested = at - request.requested_at > work.TAKEN_UP
    if created or (rested and request.state == FigureRequest.State.FAILED):
        request.state, request.progress, request.tries = FigureRequest.State.WAITING, 0, 0
        request.requested_at = at
        request.save(update_fields=["state", "progress", "tries", "requested_at"])
        tasks.send("engagement.answer", request_id=request.pk)
    return known.pending(request)


def community_of(request_id: int) -> int | None:
    """Whose figure was asked for; None where it has been answered."""
    return FigureRequest.objects.filter(pk=request_id).values_list("community_id", flat=True).first()


def waiting(*, at: datetime) -> list[int]:
    """Requests to be given out once more: nobody has taken them up for a while, or who did has fallen silent."""
    return work.left(FigureRequest.objects.all(), at=at)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
