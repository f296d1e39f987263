"""When members came by, from the facts."""

from datetime import datetime

from engagement.models import Fact
from kernel.clock import day_start, local_day
from members.models import Membership


def last_before(membership: Membership, at: datetime) -> datetime | None:
    """When the member first came by on the last day before this one on which they did; None for never. A day is one of
    the community's zone."""
    zone = membership.community.zone
    today = day_start(local_day(at, zone), zone)
    rows = Fact.objects.of(membership.community_id).valid().filter(member=membership.number, verb="visited")
    last = (
        rows.filter(utc_day__lte=today.date(), occurred_at__lt=today)
        .order_by("-utc_day", "-occurred_at")
        .first()
    )
    return None if last is None else last.occurred_at
