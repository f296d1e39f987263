"""What of this app goes over to the record that is kept."""

from django.utils.translation import gettext_lazy as _

from gatherings import attendances_as_one as attendances
from gatherings.models import EventHost, EventReader, Ticket, Waiting
from kernel import merging

TWO_TICKETS = _("Each of them has a place at the same gathering: give one of the two back first.")


def register() -> None:
    merging.hindrances.add("tickets", two_tickets)
    merging.add(
        merging.once(
            "events_hosted",
            label=_("Gatherings they hold"),
            model=EventHost,
            field="membership",
            same=["event"],
        )
    )
    merging.add(
        merging.once(
            "events_read",
            label=_("Gatherings they looked at"),
            model=EventReader,
            field="membership",
            same=["event"],
        )
    )
    merging.add(attendances.part())
    merging.add(merging.rows("tickets", label=_("Tickets"), model=Ticket, field="membership"))
    merging.add(merging.rows("tickets_taken", label=_("Tickets they got"), model=Ticket, field="taken_by"))
    merging.add(merging.rows("waiting", label=_("Turns on waiting lists"), model=Waiting, field="membership"))
    merging.stay(
        "It says who did it then, and is read through the merged record.",
        "gatherings.Event.planned_by",
        "gatherings.Event.decided_by",
        "gatherings.Attendance.seen_by",
    )


def two_tickets(kept: int, merged: int) -> merging.Words | None:
    """One person has one place: of two that are theirs, nobody but they can say which one they want."""
    places = (Ticket.objects.live(), Waiting.objects.filter(state__in=Waiting.LIVE))
    theirs = [set(rows.filter(membership=kept).values_list("event", flat=True)) for rows in places]
    others = [rows.filter(membership=merged) for rows in places]
    both = any(rows.filter(event__in=events).exists() for rows, events in zip(others, theirs, strict=True))
    return TWO_TICKETS if both else None
