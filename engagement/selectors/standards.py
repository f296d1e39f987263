"""What a community's well-being is judged on, version by version, and what came of it week by week."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from communities.blueprints.wellbeing import COMPONENTS, Goal
from communities.models import Community
from engagement.models import HealthStandard, HealthWeek

#: Weeks that pages and the API look back on.
WEEKS = 26
#: The type's own goals, before anybody has changed any.
FIRST = 1


@dataclass(frozen=True)
class Standard:
    """The goals in force from the day `since` on (None: from the beginning)."""

    version: int
    since: date | None
    goals: tuple[Goal, ...]


@dataclass(frozen=True)
class Week:
    """What the figure said at the end of a week, by the standard of then. `counted` is the day on which it was computed."""

    monday: date
    value: float | None
    standard: int
    counted: date


def every(community: Community) -> list[Standard]:
    """All versions, the newest first; the type's own goals are the last."""
    rows = HealthStandard.objects.filter(community_id=community.pk).order_by("-version")
    kept = [Standard(row.version, row.since, goals(row.goals)) for row in rows]
    return [*kept, Standard(FIRST, None, community.blueprint.health)]


def of(community: Community, day: date) -> Standard:
    """The one in force on that day: the newest of those that began by then."""
    return next(one for one in every(community) if one.since is None or one.since <= day)


def in_force(community: Community) -> list[Goal]:
    """The newest goals of every component that the type has: those of the standard, the type's own where it knows none."""
    known = {goal.component.key: goal for goal in every(community)[0].goals}
    return [known.get(goal.component.key, goal) for goal in community.blueprint.health]


def weeks(community: Community, until: date) -> list[Week]:
    """The weeks that were over by the end of that day, the last `WEEKS` of those kept, the oldest first; from the
    first with a value on."""
    rows = HealthWeek.objects.filter(community_id=community.pk, sunday__lte=until).order_by("-sunday")[:WEEKS]
    found = [
        Week(date.fromordinal(row.sunday.toordinal() - 6), row.value, row.standard, row.counted_on)
        for row in rows
    ]
    found.reverse()
    first = next((place for place, week in enumerate(found) if week.value is not None), len(found))
    return found[first:]


def goals(kept: Mapping[str, Any]) -> tuple[Goal, ...]:
    """Goals as they are kept, {key: [target, weight]}; those of parts that are not there any more are left out."""
    return tuple(
        Goal(COMPONENTS[key], target, weight) for key, (target, weight) in kept.items() if key in COMPONENTS
    )


def kept(goals: tuple[Goal, ...]) -> dict[str, list[float]]:
    return {goal.component.key: [goal.target, goal.weight] for goal in goals}
