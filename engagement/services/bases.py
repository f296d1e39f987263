"""Keeping decayed counts, so that a score is not added up from the first day each time."""

from datetime import date, timedelta

import numpy as np

from engagement import packing
from engagement.models import DecayedDay
from engagement.selectors import decay, loading
from engagement.selectors.decay import HALF_LIFE
from engagement.selectors.records import VERB_ORDER, Decayed


def keep(*, records: loading.Stored, as_of: date) -> None:
    """Keep what scores of that day go on from, and those of up to 28 days before; forget what is older."""
    last = date.fromordinal(decay.base_day(as_of.toordinal()))
    before = last - timedelta(days=HALF_LIFE)
    mine = DecayedDay.objects.filter(community_id=records.community_id)
    kept = set(mine.values_list("day", flat=True))
    for day in (before, last):
        if day not in kept:
            _store(records.community_id, day, decay.base(records, day.toordinal()))
    if any(day < before for day in kept):
        mine.filter(day__lt=before).delete()


def forget(*, community_id: int, since: date) -> None:
    """A day has changed: what adds it up does not hold any more."""
    DecayedDay.objects.filter(community_id=community_id, day__gte=since).delete()


def _store(community_id: int, day: date, sums: Decayed) -> None:
    used, place = np.unique(sums.verb, return_inverse=True)
    DecayedDay.objects.create(
        community_id=community_id,
        day=day,
        verbs=[VERB_ORDER[verb] for verb in used.tolist()],
        counts=packing.pack(sums.member, place),
        totals=sums.total.astype("<f8").tobytes(),
    )
