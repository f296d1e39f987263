"""Who is assigned to which arm: by turns in blocks of four, once and for good."""

import random
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from engagement.models import Assignment, Experiment
from engagement.selectors.outcomes import Seen
from engagement.selectors.trials import trials
from kernel import trials as registry
from kernel.locks import locked
from kernel.trials import Piece, Unit
from members.selectors import merged

ARMS = ("A", "B")
BLOCK = 4


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
            running = locked(Experiment.objects.filter(pk=running.pk, state=Experiment.State.RUNNING)).first()
            if running is None or running.full_at is not None or _find(running, unit):
                return
            Assignment.objects.create(
                experiment=running,
                place=running.assigned,
                arm=arm_of(running.seed, running.assigned),
                member=unit.member.number if unit.member is not None else None,
                user_id=unit.user_id,
                at=at,
            )
            running.assigned += 1
            if running.assigned == running.total:
                running.full_at, running.matures_at = at, _matures(running, at)
            running.save(update_fields=["assigned", "full_at", "matures_at"])

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


def judged(experiment: Experiment) -> tuple[list[tuple[str, Seen]], int]:
    """Each who is judged with their arm, in the order of their places, and how many are left out because their record was
    merged into that of somebody who is judged: a person counts once, as they were assigned first."""
    kept = merged.numbers(experiment.community_id)
    records: dict[int, list[int]] = {}
    for record, whose in kept.items():
        records.setdefault(whose, []).append(record)
    units: list[tuple[str, Seen]] = []
    known: set[int] = set()
    again = 0
    rows = Assignment.objects.filter(experiment=experiment).order_by("place")
    for place, arm, number, at in rows.values_list("place", "arm", "member", "at"):
        if number is None:
            units.append((arm, Seen(place, (), at)))
            continue
        one = kept.get(number, number)
        if one in known:
            again += 1
            continue
        numbers = (one, *records.get(one, []))
        known.update(numbers)
        units.append((arm, Seen(place, numbers, at)))
    return units, again


def _matures(experiment: Experiment, at: datetime) -> datetime:
    """When the outcome of the last who is assigned is known, and with it everybody's."""
    within = next(one.within for one in trials if one.subject == experiment.subject)
    last = experiment.assignments.order_by("-at").values_list("at", flat=True).first()
    return max(at, last or at) + within


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
