"""Whom a gathering has reached: who opened its page while there was still something to come to."""

import logging
from datetime import datetime

from django.core.cache import cache

from gatherings.models import Event, EventReader
from members.models import Membership

log = logging.getLogger(__name__)
DAY = 24 * 3600


def note(*, event: Event, member: Membership, at: datetime) -> None:
    """Keep that the member has opened the page, once and for all; of a gathering that is not announced, or is over, nothing.
    The cache only saves work. The page is what they came for: should it not be noted, that is logged."""
    if not event.is_standing or event.over_at <= at:
        return
    seen = f"event_read:{event.pk}:{member.pk}"
    if cache.get(seen):
        return
    try:
        EventReader.objects.bulk_create([EventReader(event=event, membership=member)], ignore_conflicts=True)
    except Exception:
        log.exception("That somebody opened a gathering's page was not noted.")
        return
    cache.set(seen, True, DAY)
