"""How many of some members were active lately, from the stored days of all."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from pyroaring import BitMap

from engagement.models import ActiveDay
from kernel.actives import DAYS
from kernel.clock import local_day


def of_each(community: Any, groups: Collection[Collection[int]], at: datetime) -> list[int]:
    """Of each group of numbers, those with an act on one of the 28 days that end with the last complete one; one query."""
    today = local_day(at, community.zone)
    days = ActiveDay.objects.filter(
        community_id=community.id, day__gte=today - timedelta(days=DAYS), day__lt=today
    ).values_list("members", flat=True)
    active = BitMap.union(BitMap(), *(BitMap.deserialize(bytes(members)) for members in days))
    return [len(active & BitMap(numbers)) for numbers in groups]
