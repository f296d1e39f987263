"""What members did in the days after an act of a week was done: who was active, who was in touch with whom, who announced a
gathering, who invited. It is read of a few members at a time; a record that was merged since did what the one did that is
kept."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

import numpy as np
from django.db.models import Q
from pyroaring import BitMap

from communities.models import Community
from engagement import packing
from engagement.models import ActiveDay, PairDay
from gatherings.models import EventHost
from kernel.clock import day_start
from members.models import Invitation, Membership
from members.selectors import merged

#: After so many days it is looked at what followed.
DAYS = 7


@dataclass(frozen=True)
class Aftermath:
    """The `DAYS` local days after `done`, the day on which an act was done."""

    community: Community
    done: date

    @cached_property
    def stands_for(self) -> dict[int, int]:
        return merged.numbers(self.community.pk)

    @property
    def first(self) -> date:
        return self.done + timedelta(days=1)

    @property
    def last(self) -> date:
        return self.done + timedelta(days=DAYS)

    @property
    def instants(self) -> tuple[datetime, datetime]:
        """The first instant of them, and the first after them."""
        zone = self.community.zone
        return day_start(self.first, zone), day_start(self.last + timedelta(days=1), zone)

    def active(self, numbers: Collection[int]) -> set[int]:
        days = ActiveDay.objects.filter(community_id=self.community.pk, day__range=(self.first, self.last))
        found = (BitMap.deserialize(bytes(packed)) for packed in days.values_list("members", flat=True))
        return self._of(numbers, set(BitMap.union(BitMap(), *found)))

    def in_touch(self, beside: Mapping[int, int]) -> set[int]:
        """Those who acted towards whom they stand beside, or were acted towards by them."""
        kept = [(self.kept(one), self.kept(other)) for one, other in beside.items()]
        pairs = np.array([(min(pair), max(pair)) for pair in kept], np.int64).reshape(-1, 2)
        asked = pairs[:, 0] << 32 | pairs[:, 1]
        days = PairDay.objects.filter(community_id=self.community.pk, day__range=(self.first, self.last))
        met = np.zeros(len(asked), bool)
        for packed in days.values_list("pairs", flat=True):
            source, target, _n = packing.unpack(packed)
            met |= np.isin(asked, np.minimum(source, target) << 32 | np.maximum(source, target))
        return {number for number, found in zip(beside, met.tolist(), strict=True) if found}

    def announced(self, numbers: Collection[int]) -> set[int]:
        """Those who are hosts of a gathering that was announced in these days."""
        since, until = self.instants
        hosts = EventHost.objects.filter(
            membership__community_id=self.community.pk,
            membership__number__in=map(self.kept, numbers),
            event__published_at__gte=since,
            event__published_at__lt=until,
        )
        return self._of(numbers, set(hosts.values_list("membership__number", flat=True)))

    def invited(self, numbers: Collection[int]) -> set[int]:
        """Those who sent an invitation in these days, or whom somebody names who joined in them."""
        since, until = self.instants
        here, kept = Membership.objects.of(self.community.pk), [self.kept(number) for number in numbers]
        sent = Invitation.objects.filter(sent_at__gte=since, sent_at__lt=until).values("inviter")
        brought = here.filter(joined_at__gte=since, joined_at__lt=until, invited_by__number__in=kept)
        found = here.filter(number__in=kept).filter(Q(pk__in=sent) | Q(pk__in=brought.values("invited_by")))
        return self._of(numbers, set(found.values_list("number", flat=True)))

    def kept(self, number: int) -> int:
        """The number of the member who is kept, for whom this one stands."""
        return self.stands_for.get(number, number)

    def _of(self, numbers: Collection[int], found: set[int]) -> set[int]:
        return {number for number in numbers if self.kept(number) in found}
