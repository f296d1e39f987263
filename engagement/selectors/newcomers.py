"""Who joined lately and has not done anything yet, how many stand at each stage, and how many are fading."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet
from pyroaring import BitMap

from communities.models import Community
from engagement.models import ActiveDay, MemberStanding
from engagement.models.standing import Risk
from kernel.clock import local_day
from members.models import Membership
from members.roles import Role

DAYS = 7
LISTED = 8


@dataclass(frozen=True)
class Quiet:
    """`members` are the latest of them, at most `LISTED`; `count` is how many there are."""

    members: Sequence[Membership]
    count: int


@dataclass(frozen=True)
class Standings:
    """How many members stand at each stage, and how many of all of them are fading, as of the last refresh."""

    stages: dict[str, int]
    fading: int


def quiet(community: Community, *, at: datetime) -> Quiet:
    """Who joined in the last 7 x 24 hours and is not known to have acted, the latest first; in three queries."""
    silent = quiet_numbers(community, at=at)
    if not silent:
        return Quiet([], 0)
    return Quiet(list(_joined_lately(community, at).filter(number__in=silent[:LISTED])), len(silent))


def quiet_numbers(community: Community, *, at: datetime) -> list[int]:
    """The same by their numbers, in two queries.

    Standings are those of the last complete day: what was done since is looked up in the days rolled up.
    """
    numbers = list(_joined_lately(community, at).values_list("number", flat=True))
    if not numbers:
        return []
    since = at - timedelta(days=DAYS)
    lately = ActiveDay.objects.filter(
        community_id=community.id, day__gte=local_day(since, community.zone)
    ).values_list("members", flat=True)
    active = BitMap.union(BitMap(), *(BitMap.deserialize(bytes(members)) for members in lately))
    return [number for number in numbers if number not in active]


def _joined_lately(community: Community, at: datetime) -> QuerySet[Membership]:
    """Plain members who joined in those hours and had not acted by the last complete day."""
    return (
        Membership.objects.of(community.id)
        .counted()
        .filter(role=Role.MEMBER, joined_at__gt=at - timedelta(days=DAYS), standing__last_active_day=None)
        .order_by("-joined_at", "-number")
    )


def stages(community: Community) -> dict[str, int]:
    """How many members stand at each stage, as of the last refresh."""
    return standings(community).stages


def standings(community: Community) -> Standings:
    """In one query."""
    rows = MemberStanding.objects.filter(community_id=community.id).exclude(stage="").order_by()
    fading = Count("pk", filter=Q(at_risk=Risk.FADING))
    counted = rows.values_list("stage").annotate(many=Count("pk"), fading=fading)
    return Standings({stage: many for stage, many, _ in counted}, sum(some for _, _, some in counted))
