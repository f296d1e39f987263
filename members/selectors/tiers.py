"""The tiers of a community, with how many hold a place in each."""

from django.db.models import Count, Q, QuerySet

from members.models import Tier
from members.statuses import HOLDING


def of(community_id: int) -> QuerySet[Tier]:
    """The tiers, the lowest rank first, each with `held`: the members and newcomers who hold a place."""
    held = Count("memberships", filter=Q(memberships__status__in=HOLDING))
    return Tier.objects.of(community_id).annotate(held=held)
