"""A gathering as one writes it down: its words, the ways in which people come, its hosts, and whether it is announced."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from communities.models import Community
from gatherings.models import Event
from gatherings.services import events, hosts, rooms, series
from members.actors import Actor
from members.models import Membership


@transaction.atomic
def plan(
    *,
    community: Community,
    at: datetime,
    by: Actor,
    ways: Mapping[str, int | None],
    held_by: Sequence[Membership],
    announce: bool,
    **fields: Any,
) -> Event:
    """A new event, kept as a draft or announced at once; of a member who needs the staff's consent, proposed. Raises
    `Refused` as `events.plan` and `events.publish` do."""
    event = events.plan(community=community, at=at, by=by, rooms=ways, hosts=held_by, **fields)
    return events.publish(event=event, at=at, by=by) if announce else event


@transaction.atomic
def change(
    *,
    event: Event,
    at: datetime,
    by: Actor,
    ways: Mapping[str, int | None] | None = None,
    held_by: Sequence[Membership] | None = None,
    announce: bool = False,
    scope: str = series.Scope.ONE,
    **fields: Any,
) -> Event:
    """What is given of the event as it is to be from now on, in one go; of a series, of those after it or of all to come.
    Raises `Refused` as `series.change`, `rooms.settle`, `hosts.name` and `events.publish` do; then nothing is changed."""
    for one in series.change(event=event, scope=scope, at=at, by=by, **fields):
        if ways is not None:
            rooms.settle(event=one, rooms=ways, at=at, by=by)
        if held_by is not None:
            hosts.name(event=one, hosts=held_by, at=at, by=by)
    event.refresh_from_db()
    return events.publish(event=event, at=at, by=by) if announce else event
