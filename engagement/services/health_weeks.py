"""Keeping what the figure `health` said at the end of each week. What is kept is never computed again."""

from datetime import date, datetime, timedelta

from django.db import transaction

from communities.models import Community
from engagement.metrics.health import Health
from engagement.models import HealthWeek
from engagement.selectors import figures as known
from engagement.selectors import loading
from engagement.selectors.figures import Question
from engagement.services import figures
from kernel.clock import local_day
from kernel.metrics import metrics

#: Where weeks are missing, as in a community whose past was imported, so many are computed afterwards.
LOOKED_BACK = 12


def sundays(as_of: date) -> list[date]:
    """The ends of the last whole weeks, the oldest first."""
    last = as_of - timedelta(days=(as_of.weekday() + 1) % 7)
    return [last - timedelta(weeks=n) for n in reversed(range(LOOKED_BACK))]


def keep(*, community_id: int, at: datetime) -> int:
    """Compute and keep the weeks that are missing, each by the standard of its own last day; how many that were. The
    figure of today is counted anew with them."""
    community = Community.objects.get(pk=community_id)
    state = known.state(community_id)
    if state.as_of is None:
        return 0
    kept = set(HealthWeek.objects.filter(community_id=community_id).values_list("sunday", flat=True))
    missing = [sunday for sunday in sundays(state.as_of) if sunday not in kept]
    records = loading.Stored(community_id)
    for sunday in missing:
        _keep(community, sunday, records, at=at)
    if missing:
        history = loading.history(community=community, as_of=state.as_of, records=records)
        question = Question.of(metrics.get(Health.key), {})
        figures.compute(
            community=community, question=question, history=history, generation=state.generation, at=at
        )
    return len(missing)


@transaction.atomic
def _keep(community: Community, sunday: date, records: loading.Stored, *, at: datetime) -> None:
    history = loading.history(community=community, as_of=sunday, records=records)
    figure = metrics.get(Health.key)
    data = figure.compute(history)
    assert isinstance(data, dict)
    HealthWeek.objects.get_or_create(
        community_id=community.pk,
        sunday=sunday,
        defaults={
            "value": data["value"],
            "standard": data["standard"],
            "figure": figure.version,
            "components": data["components"],
            "counted_on": local_day(at, community.zone),
        },
    )
