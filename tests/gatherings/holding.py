"""Gatherings for tests, made by the services that the product uses."""

from datetime import datetime, timedelta
from typing import Any

from communities.models import Community
from gatherings.models import Event, TicketKind
from gatherings.services import events
from members.actors import Actor
from members.models import Membership
from tests.make import EARLY, SITE

#: A week after `EARLY`, when everything in tests takes place that names no other time.
THEN = EARLY + timedelta(days=7)


def event(
    community: Community,
    *,
    by: Actor = SITE,
    host: Membership | None = None,
    at: datetime = EARLY,
    announced: bool = True,
    places: int | None = None,
    **fields: Any,
) -> Event:
    """An announced gathering at a place, with as many free tickets as there are places."""
    values = {"title": "Supper", "starts_at": THEN, "ends_at": THEN + timedelta(hours=2)} | fields
    rooms = values.pop("rooms", {"in_person": places})
    made = events.plan(community=community, at=at, by=by, rooms=rooms, hosts=[host] if host else [], **values)
    return events.publish(event=made, at=at, by=by) if announced else made


def kind(of: Event) -> TicketKind:
    """Its one kind of ticket."""
    return of.kinds.get()
