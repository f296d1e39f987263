"""That a member was here: one `visited` a local day, however many pages they read."""

from datetime import date, datetime

from django.core.cache import cache
from django.db import transaction

from kernel import activity
from kernel.activity import Activity
from kernel.clock import local_day
from members.models import Membership

DAY = 24 * 3600
VISITED = "visited"


def name(*, number: int, day: date) -> str:
    """What the visit of a member on a local day is called, so that there is one."""
    return f"visited:{number}:{day}"


def note_visit(*, membership: Membership, at: datetime) -> None:
    """Publish `visited` for the member's local day unless it is known already. Cheap from the second page on.

    The cache only saves work: the fact's name makes a second one of the same day impossible.
    """
    day = local_day(at, membership.community.zone)
    seen = f"visited:{membership.pk}:{day}"
    if cache.get(seen):
        return
    with transaction.atomic():
        activity.publish(
            Activity(
                community_id=membership.community_id,
                member=membership.number,
                verb=VISITED,
                at=at,
                staff=membership.is_staff,
                dedupe=name(number=membership.number, day=day),
            )
        )
    cache.set(seen, True, DAY)
