"""Answering for a figure: from what is stored, computed on the spot where it is small, by a worker where not."""

import logging
import time
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from communities.models import Community
from engagement.models import Figure, FigureRequest
from engagement.selectors import figures as known
from engagement.selectors import loading
from engagement.selectors.figures import FigureResult, Pending, Question
from engagement.selectors.history import History
from kernel import tasks
from kernel.clock import last_complete_day, local_day
from kernel.errors import Refused
from kernel.metrics import metrics

log = logging.getLogger(__name__)

#: After so long without a word the work is given out anew.
PATIENCE = timedelta(minutes=15)
#: A worker that has nothing else to do takes work up sooner than this.
TAKEN_UP = timedelta(minutes=1)


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
    started = time.perf_counter()
    arguments = {**question.arguments, "as_of": history.as_of}
    if "as_of" not in question.arguments:
        del arguments["as_of"]
    data = question.metric.compute(history, **arguments)
    if question.asked == Question.of(question.metric, {}).asked:
        history.told[question.metric.key] = data
    found = FigureResult(
        key=question.metric.key,
        version=question.metric.version,
        as_of=history.as_of,
        computed_at=at,
        took_ms=round(1000 * (time.perf_counter() - started)),
        parameters={name: _plain(value) for name, value in arguments.items() if value is not None},
        data=data,
    )
    _keep(found, community_id=community.pk, asked=question.asked, generation=generation)
    return found


def _keep(found: FigureResult, *, community_id: int, asked: str, generation: int) -> None:
    """Store the figure, unless what is stored was read from later roll-ups."""
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
        Figure.objects.filter(pk=row.pk, generation__lte=generation).update(**values)


def answer(*, request_id: int, at: datetime) -> FigureResult | None:
    """Compute what was asked for; None where it has been answered already."""
    request = FigureRequest.objects.filter(pk=request_id).first()
    if request is None:
        return None
    FigureRequest.objects.filter(pk=request_id).update(state=FigureRequest.State.RUNNING, progress=0.1)
    community = Community.objects.get(pk=request.community_id)
    question = Question.of(metrics.get(request.key), request.given)
    try:
        generation = known.state(community.pk).generation
        history = loading.history(community=community, as_of=request.as_of)
        result = compute(
            community=community, question=question, history=history, generation=generation, at=at
        )
    except Exception:
        FigureRequest.objects.filter(pk=request_id).update(state=FigureRequest.State.FAILED)
        raise
    request.delete()
    return result


def recompute(
    *, community: Community, key: str, given: dict[str, str], at: datetime
) -> FigureResult | Pending:
    """Compute the figure from the roll-ups once more, whatever is stored; a heavy one by a worker."""
    question = Question.of(metrics.get(key), given)
    as_of = day(community=community, question=question, at=at)
    mine = Figure.objects.filter(community_id=community.pk, key=key, as_of=as_of, asked=question.asked)
    mine.update(generation=-1)
    return get(community=community, key=key, given=given, at=at)


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
    age = at - request.requested_at
    failed = request.state == FigureRequest.State.FAILED
    if created or age > (TAKEN_UP if failed else PATIENCE):
        request.state, request.progress, request.requested_at = FigureRequest.State.WAITING, 0, at
        request.save(update_fields=["state", "progress", "requested_at"])
        tasks.send("engagement.answer", request_id=request.pk)
    return known.pending(request)


def waiting(*, at: datetime) -> list[int]:
    """Requests that nobody has taken up for a while, to be given out once more: their task may never have arrived."""
    late = FigureRequest.objects.filter(state=FigureRequest.State.WAITING, requested_at__lt=at - TAKEN_UP)
    found = list(late.order_by("pk").values_list("pk", flat=True))
    FigureRequest.objects.filter(pk__in=found).update(requested_at=at)
    return found


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
