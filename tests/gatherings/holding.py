"""Gatherings for tests, made by the services that the product uses."""

from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from communities.models import Community
from gatherings.models import Event, TicketKind, Waiting
from gatherings.services import events, pictures, seats
from members.actors import Actor
from members.models import Membership
from tests.kernel.test_photos import picture
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


def furnished(member: Membership, at: datetime = EARLY) -> dict[str, Any]:
    """A gathering that everybody may see, to which the member comes, and a proposal; and what stands for them in
    addresses."""
    begins = {"starts_at": at + timedelta(days=7), "ends_at": at + timedelta(days=7, hours=2)}
    stands = event(
        member.community, at=at, title="Supper", audience="public", venue="The old mill", city="Basel",
        online_url="https://meet.example/supper", rooms={"in_person": 20, "online": None},
        description="Bring *something*.", **begins,
    )  # fmt: skip
    kind = stands.kinds.order_by("pk")[0]
    ticket = seats.take(kind=kind, member=member, at=at)
    turn = Waiting.objects.create(
        event=stands, room=kind.room, kind=kind, membership=member, since=at, state="left", ended_at=at
    )
    proposal = event(member.community, at=at, title="Walk", announced=False, **begins)
    type(proposal).objects.filter(pk=proposal.pk).update(state="proposed", planned_by=member)
    shown = pictures.add(
        event=stands, sent=SimpleUploadedFile("mill.png", picture("PNG")), alt="The mill", at=at, by=SITE
    )
    return {
        "event_key": stands.key,
        "picture_key": shown.key,
        "kind_key": kind.key,
        "ticket_code": ticket.code,
        "ticket_key": ticket.key,
        "turn_code": turn.code,
    }
