"""Who is assigned to which arm: by turns in blocks of four, once and for good.

Nobody waits for anybody: who is assigned takes the lowest place that nobody has or is about to have, so a joining that
takes its time holds its own place and no row that others need. Who gives up leaves a place for who comes next. How many
there are is counted beside it (`fill`), by the sweep.
"""

import random
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Count, Max

from engagement.models import Assignment, Experiment
from engagement.models.experiment import BLOCK
from engagement.selectors.outcomes import Seen
from engagement.selectors.trials import trials
from kernel import locks
from kernel import trials as registry
from kernel.locks import held
from kernel.trials import Piece, Unit
from members.selectors import merged

ARMS = ("A", "B")
#: So many places are looked at for one that nobody is about to take: more are not joining at the same instant.
LOOKED_AT = 100

_FREE = """
    SELECT place FROM generate_series(0, %s - 1) AS place
    WHERE NOT EXISTS (
        SELECT FROM engagement_assignment given WHERE given.experiment_id = %s AND given.place = place.place
    )
    ORDER BY place LIMIT %s
"""


def arm_of(seed: int, place: int) -> str:
    """The arm of a place, from 0 on: of each four two are A and two are B, in an order that the seed draws."""
    block = list(ARMS * (BLOCK // len(ARMS)))
    random.Random(f"{seed}:{place // BLOCK}").shuffle(block)
    return block[place % BLOCK]


class Keeper:
    """The experiments of this site, as lower apps ask for them (`kernel.trials`)."""

    def assign(self, *, subject: str, community_id: int, unit: Unit, at: datetime) -> None:
        """Give the unit the next place of the running experiment, unless it has one, none is left, or it is of the staff,
        who read what is in force."""
        running = Experiment.objects.running(community_id, subject).first()
        if running is None or running.full_at is not None or _is_staff(unit) or _find(running, unit):
            return
        with transaction.atomic():
            # Somebody's own other tab is all that is ever waited for.
            mine = unit.user_id if unit.member is None else unit.member.number
            locks.advisory(name=f"engagement.experiment.unit:{running.pk}", key=mine or 0)
            place = None if _find(running, unit) else _take(running)
            if place is None:
                return
            Assignment.objects.create(
                experiment=running,
                place=place,
                arm=arm_of(running.seed, place),
                member=unit.member.number if unit.member is not None else None,
                user_id=unit.user_id,
                at=at,
            )

    def words(self, *, subject: str, community_id: int, unit: Unit) -> Sequence[Piece] | None:
        running = Experiment.objects.running(community_id, subject).first()
        found = _find(running, unit) if running is not None else None
        if running is None or found is None:
            return None
        return [Piece(**one) for one in (running.a if found.arm == "A" else running.b)]

    def is_running(self, *, subject: str, community_id: int) -> bool:
        return Experiment.objects.running(community_id, subject).exists()

    def joined(self, *, subject: str, community_id: int, user_id: int, number: int) -> None:
        """From here on the person who was assigned is known by the number they have joined with."""
        mine = Assignment.objects.filter(
            experiment__community_id=community_id, experiment__subject=subject, user=user_id, member=None
        )
        mine.update(member=number)


def fill() -> None:
    """Say of each experiment that runs how many are assigned; and once all are, since when, and when the outcome of the
    last is known, and with it everybody's."""
    running = Experiment.objects.filter(state=Experiment.State.RUNNING, full_at=None)
    for experiment in running.annotate(given=Count("assignments")).order_by("pk"):
        if experiment.given != experiment.assigned:
            _fill(experiment.pk)


@transaction.atomic
def _fill(experiment_id: int) -> None:
    rows = Experiment.objects.filter(pk=experiment_id, state=Experiment.State.RUNNING, full_at=None)
    experiment = held(rows).first()
    if experiment is None:
        return
    seen = experiment.assignments.aggregate(given=Count("pk"), last=Max("at"))
    experiment.assigned = seen["given"]
    if experiment.assigned == experiment.total:
        within = next(one.within for one in trials if one.subject == experiment.subject)
        experiment.full_at, experiment.matures_at = seen["last"], seen["last"] + within
    experiment.save(update_fields=["assigned", "full_at", "matures_at"])


def _take(experiment: Experiment) -> int | None:
    """The lowest place that nobody has, and that nobody else takes until this transaction ends; None where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_FREE, [experiment.total, experiment.pk, LOOKED_AT])
        free = [place for (place,) in cursor.fetchall()]
    for place in free:
        mine = locks.try_advisory(name=f"engagement.experiment:{experiment.pk}", key=place)
        # Who had it may have come to their end since it was looked for.
        if mine and not Assignment.objects.filter(experiment=experiment, place=place).exists():
            return place
    return None


def judged(experiment: Experiment) -> tuple[list[tuple[str, Seen]], list[int]]:
    """Each who is judged with their arm, in the order of their places, and the places of those who are left out because
    their record was merged into that of somebody who is judged: a person counts once, as they were assigned first."""
    kept = merged.numbers(experiment.community_id)
    records: dict[int, list[int]] = {}
    for record, whose in kept.items():
        records.setdefault(whose, []).append(record)
    units: list[tuple[str, Seen]] = []
    known: set[int] = set()
    again: list[int] = []
    rows = Assignment.objects.filter(experiment=experiment).order_by("place")
    for place, arm, number, at in rows.values_list("place", "arm", "member", "at"):
        if number is None:
            units.append((arm, Seen(place, (), at)))
            continue
        one = kept.get(number, number)
        if one in known:
            again.append(place)
            continue
        numbers = (one, *records.get(one, []))
        known.update(numbers)
        units.append((arm, Seen(place, numbers, at)))
    return units, again


def _find(experiment: Experiment, unit: Unit) -> Assignment | None:
    """The first assignment of this person, by whichever of their records."""
    mine = Assignment.objects.filter(experiment=experiment).order_by("place")
    if unit.member is None:
        return mine.filter(user=unit.user_id).first()
    return mine.filter(member__in=[unit.member.number, *merged.numbers_of(unit.member)]).first()


def _is_staff(unit: Unit) -> bool:
    return unit.member is not None and bool(unit.member.is_staff)


def register() -> None:
    registry.kept_by(Keeper())
