"""What this app holds on a person: what they came to, their places, what they answered."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gatherings.models import Attendance, CalendarFeed, EventHost, EventReader, Ticket, Waiting
from gatherings.services import seats
from kernel import person_data
from kernel.person_data import Person, Table, table


def register() -> None:
    person_data.add(
        "gatherings",
        label=_("Gatherings you came to and hold"),
        fields=(
            "gatherings.Attendance.membership",
            "gatherings.CalendarFeed.user",
            "gatherings.EventHost.membership",
            "gatherings.EventReader.membership",
            "gatherings.Ticket.membership",
            "gatherings.Ticket.taken_by",
            "gatherings.Waiting.membership",
        ),
        export=gatherings,
        erase=erase_gatherings,
    )
    number = "It points at a bare number: who erased members were is not told by it."
    for field in ("Attendance.seen_by", "Event.decided_by", "Event.planned_by"):
        person_data.keep(f"gatherings.{field}", number)
    for model in ("EventPicture", "TicketKind"):
        person_data.stand_beside(f"gatherings.{model}", "Words and pictures of a gathering, about nobody.")


def gatherings(person: Person) -> Iterator[Table]:
    mine = {"membership_id__in": person.membership_ids}
    where = ("event__community__slug", "event__title", "event__starts_at")
    yield table("gatherings_you_hold", EventHost.objects.filter(**mine), where)
    came = Attendance.objects.filter(**mine)
    yield table("gatherings_you_came_to", came, (*where, "answer", "answered_at", "came_at"))
    yield table("gatherings_you_looked_at", EventReader.objects.filter(**mine), where)
    tickets = Ticket.objects.filter(**mine)
    yield table("tickets", tickets, (*where, "state", "price", "currency", "answers", "made_at", "ended_at"))
    got = Ticket.objects.filter(taken_by_id__in=person.membership_ids).exclude(**mine)
    yield table("tickets_for_others", got, (*where, "state", "price", "currency", "made_at"))
    waited = Waiting.objects.filter(**mine)
    yield table("waiting_lists", waited, (*where, "since", "state", "offered_at", "ended_at"))
    feed = (
        CalendarFeed.objects.filter(user_id=person.user_id) if person.user_id else CalendarFeed.objects.none()
    )
    yield table("calendar", feed, ("made_at",))


def erase_gatherings(person: Person, at: datetime) -> None:
    """That a number looked, came and had a place stays, so that figures do; what they answered goes, and the places they
    have at what is still to come, or on, are free for others."""
    mine = {"membership_id__in": person.membership_ids}
    matters = Q(state=Ticket.State.HELD) | Q(event__ends_at__gt=at)
    matters |= Q(event__ends_at=None, event__starts_at__gt=at)
    for ticket in (
        Ticket.objects.live()
        .filter(matters, **mine)
        .select_related("event", "membership")
        .order_by("event_id", "pk")
    ):
        seats.free(ticket=ticket, at=at)
        if ticket.state == Ticket.State.VALID:
            seats.note_answer(ticket.event, ticket.membership, Attendance.Answer.NO, at)
    Waiting.objects.filter(**mine, state__in=Waiting.LIVE).update(state=Waiting.State.LEFT, ended_at=at)
    Ticket.objects.filter(**mine).exclude(answers=[]).update(answers=[])
    if person.user_id:
        CalendarFeed.objects.filter(user_id=person.user_id).delete()
