"""What is known of a gathering once it is over: that it took place, and by whom."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from gatherings.models import Event, EventHost
from kernel import activity, sweeps
from kernel.activity import Activity
from kernel.locks import held

#: So far back the sweep looks: beyond it every gathering was swept many times over.
BACK = timedelta(days=14)


def sweep(*, at: datetime) -> int:
    """Write that gatherings which are over were `hosted`, by each of their hosts; how many were looked at. Imported ones
    are told by what imports them. Doing it twice writes nothing twice."""
    return sweeps.each("Gathering", _over(at), lambda event: _told(event, at))


def _over(at: datetime) -> Iterator[Event]:
    over = Q(ends_at__lte=at, ends_at__gt=at - BACK) | Q(
        ends_at=None, starts_at__lte=at, starts_at__gt=at - BACK
    )
    rows = Event.objects.standing().filter(over, external_id=None)
    yield from rows.order_by("starts_at", "id").iterator(chunk_size=500)


@transaction.atomic
def _told(event: Event, at: datetime) -> int:
    """The facts of one, which was not cancelled meanwhile; 1 where there are any."""
    now_is = held(Event.objects.filter(pk=event.pk)).get()
    if not now_is.is_standing or now_is.over_at > at:
        return 0
    hosts = EventHost.objects.filter(event=event).select_related("membership").order_by("position", "id")
    facts = [
        Activity(
            community_id=now_is.community_id,
            member=host.membership.number,
            verb="hosted",
            at=now_is.over_at,
            object_kind="event",
            object_id=str(now_is.key),
            circle_id=now_is.circle_id,
            staff=host.membership.is_staff,
            dedupe=f"hosted:{now_is.key}:{host.membership.number}",
        )
        for host in hosts
    ]
    activity.publish(*facts)
    return 1
