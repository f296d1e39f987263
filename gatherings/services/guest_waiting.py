"""Guests on a waiting list: they join by their address, and see and leave their turn by the link they are sent."""

from datetime import datetime

from django.db import transaction

from gatherings.models import Event, TicketKind, Waiting
from gatherings.services import letters, parties, waitlist
from gatherings.services.parties import Guest
from members.actors import Actor
from members.services import memberships


@transaction.atomic
def join(*, kind: TicketKind, guest: Guest, at: datetime, by: Actor) -> Waiting:
    """Put the guest on the list, with a record of their own, and write them the link to their turn. Raises `Refused` as
    `waitlist.join` and `memberships.receive_guest` do."""
    event = Event.objects.select_related("community").get(pk=kind.event_id)
    parties.guard_for_guests(event, kind)
    who = memberships.receive_guest(
        community=event.community, name=guest.name, email=guest.email, at=at, by=by
    )
    turn = waitlist.join(kind=kind, member=who, at=at)
    letters.waits(turn=turn, at=at)
    return turn
