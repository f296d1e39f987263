"""Having a figure counted again from the facts themselves, and saying whether it comes to the same.

Facts, roll-ups, log and figures are looked at as of one moment, and only when nothing of the days in question waits in the
log: what differs then is a fault, not news. It is shown, and its days are put into the log, until they are counted anew.
"""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from time import perf_counter
from typing import Any

from django.db import transaction

from communities.models import Community
from engagement.models import DirtyDay, Fact, FigureCheck, MemberDay
from engagement.selectors import differences, loading
from engagement.selectors import figures as known
from engagement.selectors.differences import Difference
from engagement.selectors.figures import Question
from engagement.services import dirty, figures, refresh, scratch, work
from engagement.services.work import Progress
from kernel import locks, tasks
from kernel.clock import local_day
from kernel.metrics import metrics
from kernel.snapshots import snapshot
from members.actors import Actor
from members.services import audit

LOCK = "engagement.check"
#: What the site calls itself in the audit log where a check finds something.
SITE = "Check of a figure"
#: Differences that are kept, of however many there are.
KEPT = 50
#: How often it is looked whether nothing waits any more.
ROUNDS = 3
#: The shares of the work that have been done once the days are rolled up, and once the figure is computed from them.
ROLLED, COUNTED = 0.7, 0.9


@dataclass(frozen=True)
class _Verdict:
    """`cause` is empty where nothing differs."""

    found: list[Difference]
    cause: str


def ask(*, community: Community, key: str, given: dict[str, str], by: Actor, at: datetime) -> FigureCheck:
    """Have the figure counted again by a worker; the one under way where there is one.

    Raises `KeyError` for a figure that does not exist and `Refused` for parameters that do not fit.
    """
    question = Question.of(metrics.get(key), given)
    as_of = figures.day(community=community, question=question, at=at)
    with transaction.atomic():
        check, created = FigureCheck.objects.get_or_create(
            community_id=community.pk,
            key=key,
            as_of=as_of,
            asked=question.asked,
            state__in=FigureCheck.UNDER_WAY,
            defaults={
                "given": given,
                "requested_at": at,
                "asked_by": by.membership.number if by.membership else None,
            },
        )
        if created:
            audit.record(
                action="figure.checked",
                object_kind="figure",
                object_id=key,
                by=by,
                at=at,
                community_id=community.pk,
                after={"as_of": as_of.isoformat(), "asked": question.asked},
            )
            tasks.send("engagement.check", check_id=check.pk)
    return check


def waiting(*, at: datetime) -> list[int]:
    """Checks to be given out once more: nobody has taken them up for a while, or who did has fallen silent."""
    return work.left(FigureCheck.objects.all(), at=at)


def carry_out(*, check_id: int, at: datetime) -> FigureCheck | None:
    """Count and compare; None where that has been done already, or somebody else is at it."""
    with locks.alone(name=LOCK, key=check_id) as mine:
        check = FigureCheck.objects.under_way().filter(pk=check_id).first() if mine else None
        return _carry_out(check, at=at) if check is not None else None


def _carry_out(check: FigureCheck, *, at: datetime) -> FigureCheck | None:
    rows = FigureCheck.objects.filter(pk=check.pk)
    if not work.begin(rows):
        return None
    started = perf_counter()
    try:
        with work.beating(rows) as tell:
            verdict = _judged(check, at=at, tell=tell)
    except Exception:
        rows.update(state=FigureCheck.State.FAILED)
        raise
    took = round(1000 * (perf_counter() - started))
    _write(check, verdict, took=took, at=at)
    check.refresh_from_db()
    return check


def _judged(check: FigureCheck, *, at: datetime, tell: Progress) -> _Verdict | None:
    """None where facts of these days arrive faster than they are counted."""
    for _round in range(ROUNDS):
        with snapshot():
            community = Community.objects.get(pk=check.community_id)
            if not _behind(community, check.as_of):
                return _compared(check, community=community, at=at, tell=tell)
        refresh.refresh(community_id=community.pk, at=at, heavy_apart=True)
    return None


def _behind(community: Community, as_of: date) -> bool:
    """Whether something waits in the log that figures of that day read."""
    if known.state(community.pk).zone != community.timezone:
        return True
    rows = DirtyDay.objects.filter(community_id=community.pk).values_list("since", flat=True)
    return any(since is None or local_day(since, community.zone) <= as_of for since in rows)


def _compared(check: FigureCheck, *, community: Community, at: datetime, tell: Progress) -> _Verdict:
    question = Question.of(metrics.get(check.key), check.given)

    def counted() -> Any:
        history = loading.history(community=community, as_of=check.as_of)
        found = figures.computed(question=question, history=history, at=at).data
        return json.loads(json.dumps(found))

    with scratch.rolled_anew(
        community_id=community.pk,
        zone=community.zone,
        until=check.as_of,
        tell=lambda share: tell(ROLLED * share),
    ):
        from_facts = counted()
    tell(COUNTED)
    kept = known.stored(
        community=community,
        question=question,
        as_of=check.as_of,
        generation=known.state(community.pk).generation,
    )
    if kept is None:
        found = list(differences.between(counted(), from_facts))
        return _Verdict(found, FigureCheck.Cause.ROLLUPS if found else "")
    found = list(differences.between(kept.data, from_facts))
    if not found:
        return _Verdict([], "")
    # Its days may be right and the figure out of date, where it reads more than facts: where members live, the books.
    rolled = next(differences.between(counted(), from_facts), None)
    return _Verdict(found, FigureCheck.Cause.SINCE if rolled is None else FigureCheck.Cause.ROLLUPS)


@transaction.atomic
def _write(check: FigureCheck, verdict: _Verdict | None, *, took: int, at: datetime) -> None:
    """Keep what was found; what differs goes into the log, to be counted anew."""
    check = locks.locked(FigureCheck.objects.filter(pk=check.pk)).get()
    check.progress, check.took_ms = 1, took
    if verdict is None:
        check.state, check.cause = FigureCheck.State.FAILED, FigureCheck.Cause.BUSY
    elif not verdict.found:
        check.state = FigureCheck.State.EQUAL
    else:
        check.state, check.cause = FigureCheck.State.DIFFERENT, verdict.cause
        check.differing = len(verdict.found)
        check.differences = [one._asdict() for one in islice(verdict.found, KEPT)]
        check.mending = _mended_by(check)
        audit.record(
            action="figure.differed",
            object_kind="figure",
            object_id=check.key,
            by=Actor.site(SITE),
            at=at,
            community_id=check.community_id,
            after={"as_of": check.as_of.isoformat(), "asked": check.asked, "differing": check.differing},
        )
    check.save()


def _mended_by(check: FigureCheck) -> int:
    """Put into the log what has to be counted anew: the figures alone, or with every day there is up to theirs."""
    if check.cause == FigureCheck.Cause.SINCE:
        return dirty.everything(community_id=check.community_id, since=None, until=None)
    first = Fact.objects.of(check.community_id).order_by("utc_day").values_list("utc_day", flat=True).first()
    stored = MemberDay.objects.filter(community_id=check.community_id)
    days = [first, stored.order_by("day").values_list("day", flat=True).first(), check.as_of]
    since, until = min(day for day in days if day is not None), check.as_of + timedelta(days=1)
    return dirty.everything(
        community_id=check.community_id,
        since=datetime.combine(since, time.min, UTC),
        until=datetime.combine(until, time.max, UTC),
    )
