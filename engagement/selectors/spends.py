"""Costs of channels as pages and the API list them, and the ways that there is something to enter for."""

from uuid import UUID

from communities.models import Community
from engagement.models import Spend
from engagement.models.spend import SpendQuerySet
from members.models import Invitation, Membership


def rows(community: Community, *, removed: bool = False) -> SpendQuerySet:
    """The latest days first; those that were removed apart."""
    return Spend.objects.of(community.pk).filter(removed_at__isnull=not removed).order_by("-last", "-id")


def find(community: Community, key: UUID) -> Spend | None:
    return Spend.objects.of(community.pk).filter(key=key).first()


def ways(community_id: int) -> list[tuple[str, str]]:
    """The channels and campaigns that members came by or were invited by, in the order of their names."""
    found: set[tuple[str, str]] = set()
    for model in (Membership, Invitation):
        named = model.objects.of(community_id).exclude(channel="").order_by()
        found.update(named.values_list("channel", "campaign").distinct()[:200])
    return sorted(found)
