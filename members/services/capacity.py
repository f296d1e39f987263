"""Places in tiers: a tier with a capacity never holds more members than that."""

from django.utils.translation import gettext as _

from kernel.errors import Refused
from kernel.locks import locked
from members.models import Membership, Tier
from members.statuses import HOLDING


def take(*, tier_id: int | None, many: int = 1) -> None:
    """Make sure that the tier has so many places left, and hold its row until the transaction ends, so that the
    last place goes to one. Raises `Refused` (`full`). A tier without a capacity is never locked.
    """
    if tier_id is None or not Tier.objects.filter(pk=tier_id, capacity__isnull=False).exists():
        return
    tier = locked(Tier.objects.filter(pk=tier_id)).get()
    left = free(tier)
    if left is not None and left < many:
        raise Refused(_("“%(tier)s” is full.") % {"tier": tier.name}, code="full", field="tier")


def free(tier: Tier) -> int | None:
    """How many places the tier has left; None where it has no capacity. Never negative."""
    if tier.capacity is None:
        return None
    held = Membership.objects.of(tier.community_id).filter(tier=tier, status__in=HOLDING).count()
    return max(tier.capacity - held, 0)
