"""Bringing a community's roll-ups, figures and standings up to date.

The dirty log is emptied before the facts are read, in one transaction: under READ COMMITTED whatever is
committed in between is either read already, or keeps its own row in the log for the next time.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from communities.models import Community
from engagement.models import (
    ActiveDay,
    DecayedDay,
    DirtyDay,
    Fact,
    Figure,
    FigureRequest,
    MemberDay,
    PairDay,
    RollupState,
)
from engagement.selectors import figures as known
from engagement.selectors import loading
from engagement.selectors.figures import Question
from engagement.selectors.history import History
from engagement.services import bases, figures, rollup, standings
from kernel import locks
from kernel.clock import last_complete_day, local_day

log = logging.getLogger(__name__)

LOCK = "engagement.refresh"
#: How long answers to questions that nobody asks again are kept.
KEEP = known.STANDS_IN


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did: the day it is for, how many local days it rolled up, figures it computed."""

    as_of: date
    days: int
    figures: int
    standings: int


class _Logged(NamedTuple):
    """A row of the log: a span of instants, or none where only the figures are out of date; `member`: the days on which
    facts name that number."""

    since: datetime | None
    until: datetime | None
    member: int | None


@transaction.atomic
def refresh(
    *,
    community_id: int,
    at: datetime,
    as_of: date | None = None,
    full: bool = False,
    wait: bool = True,
    heavy_apart: bool = False,
) -> Refreshed | None:
    """Roll up what is dirty (`full`: everything, from the facts) and compute every standing figure for `as_of`.

    `as_of` is the last complete day when not given. Another refresh of the same community is waited for; with
    `wait` false, None comes back instead. With `heavy_apart` heavy figures are given to the workers, each by itself, so
    that they share them and the light ones wait for none.
    """
    if not _lock(community_id, wait=wait):
        return None
    logged = _drain(community_id)
    # Read after the log: a zone or weights that change in between have a row in the log for the next time.
    community = Community.objects.get(pk=community_id)
    state, _created = RollupState.objects.get_or_create(pk=community_id)
    rolled = _roll(community=community, state=state, logged=logged, full=full)
    complete = last_complete_day(community.zone, at)
    day = as_of or complete
    records = loading.Stored(community_id)
    bases.keep(records=records, as_of=complete)

    # Made once and only where something is to be computed: most refreshes only roll up today.
    @cache
    def history(as_of: date) -> History:
        return loading.history(community=community, as_of=as_of, records=records)

    computed: dict[date, int] = {}
    heavy: dict[date, list[Question]] = {}
    for each in {day, complete}:
        missing = _missing(community=community, state=state, day=each)
        heavy[each] = [question for question in missing if heavy_apart and question.metric.heavy]
        ours = [question for question in missing if question not in heavy[each]]
        for question in ours:
            figures.compute(
                community=community,
                question=question,
                history=history(each),
                generation=state.generation,
                at=at,
            )
        computed[each] = len(ours)
    changed = 0
    if state.as_of != complete or computed[complete]:
        changed = standings.update(community_id=community_id, history=history(complete))
        state.as_of = complete
    state.refreshed_at = at
    state.save()
    _forget(state, as_of=complete, at=at, awaited={question.metric.key for question in heavy[complete]})
    for each, questions in heavy.items():
        figures.standing_later(community=community, questions=questions, as_of=each, at=at)
    return Refreshed(as_of=day, days=rolled, figures=sum(computed.values()), standings=changed)


def _drain(community_id: int) -> list[_Logged]:
    """Empty the community's log; what it held."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM engagement_dirtyday WHERE community_id = %s RETURNING since, until, member",
            [community_id],
        )
        return [_Logged(*row) for row in cursor.fetchall()]


def _roll(*, community: Community, state: RollupState, logged: list[_Logged], full: bool) -> int:
    """Roll up the days that were logged; how many local days that were."""
    zone = community.zone
    everything = full or state.zone != community.timezone
    if everything:
        for model in (MemberDay, PairDay, ActiveDay, DecayedDay):
            model.objects.filter(community_id=community.pk).delete()
    else:
        logged = [*logged, *_naming(community.pk, [one.member for one in logged if one.member is not None])]
    days = list(every_day(community.pk, zone)) if everything else _days(logged, zone)
    rollup.roll(community_id=community.pk, days=days, zone=zone)
    state.zone = community.timezone
    # A row without days asks for the figures alone.
    from_the_first = everything or any(one.since is None for one in logged)
    if from_the_first or days:
        _advance(state, since=None if from_the_first else days[0])
    return len(days)


def _days(logged: list[_Logged], zone: ZoneInfo) -> list[date]:
    """The local days that the log's spans touch, in order."""
    days: set[date] = set()
    for since, until, _member in logged:
        if since is not None and until is not None:
            days.update(_between(local_day(since, zone), local_day(until, zone)))
    return sorted(days)


def _naming(community_id: int, members: list[int]) -> list[_Logged]:
    """The hours in which facts name one of these members, as the log would have them."""
    if not members:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_NAMING, {"community": community_id, "members": members})
        return [_Logged(hour, hour + timedelta(minutes=59), None) for (hour,) in cursor.fetchall()]


_NAMING = """
    SELECT DISTINCT date_trunc('hour', occurred_at, 'UTC') FROM engagement_fact
    WHERE community_id = %(community)s AND (member = ANY(%(members)s) OR target = ANY(%(members)s))
    AND retracted_at IS NULL
"""


def every_day(community_id: int, zone: ZoneInfo) -> Iterator[date]:
    """Every local day from before the first fact to after the last."""
    facts = Fact.objects.of(community_id)
    first = facts.order_by("utc_day").values_list("utc_day", flat=True).first()
    last = facts.order_by("-utc_day").values_list("utc_day", flat=True).first()
    if first is not None and last is not None:
        # A day of UTC touches the local days before and after it.
        yield from _between(first - timedelta(days=1), last + timedelta(days=1))


def _between(first: date, last: date) -> Iterator[date]:
    for days in range((last - first).days + 1):
        yield first + timedelta(days=days)


def _advance(state: RollupState, *, since: date | None) -> None:
    """Begin a new generation. Figures of days before `since` hold on, those that are being computed as well: nothing they
    read has changed."""
    if since is not None:
        for model in (Figure, FigureRequest):
            holding = model.objects.filter(
                community_id=state.pk, generation=state.generation, as_of__lt=since
            )
            holding.update(generation=state.generation + 1)
    state.generation += 1


def _missing(*, community: Community, state: RollupState, day: date) -> list[Question]:
    """The standing figures that are not stored for the day."""
    kept = Figure.objects.filter(community_id=community.pk, as_of=day, generation=state.generation)
    stored = set(kept.values_list("key", "asked", "version"))
    return [
        question
        for question in known.standing()
        if (question.metric.key, question.asked, question.metric.version) not in stored
    ]


def _forget(state: RollupState, *, as_of: date, at: datetime, awaited: set[str]) -> None:
    """Delete what does not hold any more. What a dashboard shows of the figures that workers are to compute stands until
    they have."""
    mine = Figure.objects.filter(community_id=state.pk)
    mine.exclude(generation=state.generation).exclude(key__in=awaited).delete()
    mine.filter(computed_at__lt=at - KEEP, as_of__lt=as_of).delete()
    FigureRequest.objects.filter(community_id=state.pk, requested_at__lt=at - KEEP).delete()


def _lock(community_id: int, *, wait: bool) -> bool:
    if wait:
        locks.advisory(name=LOCK, key=community_id)
        return True
    return locks.try_advisory(name=LOCK, key=community_id)


def due(*, at: datetime) -> list[int]:
    """The communities with something in the log, or whose figures are of an earlier day than the last complete one."""
    dirty = set(DirtyDay.objects.values_list("community_id", flat=True).distinct())
    days = dict(RollupState.objects.values_list("community_id", "as_of"))
    late = {
        community.pk
        for community in Community.objects.only("pk", "timezone")
        if days.get(community.pk) != last_complete_day(community.zone, at)
    }
    return sorted(dirty | late)
