"""Tickets, as they are paid for (`kernel.payable`): held while that takes, theirs once it is done."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gatherings.models import Event, Ticket
from gatherings.services import parties, seats
from kernel import payable
from kernel.clock import local_day
from kernel.errors import Refused
from kernel.locks import held, locked
from kernel.payable import Kept, Line
from members.actors import Actor
from members.models import Membership

KEY = "ticket"
State = Ticket.State


def register() -> None:
    payable.payables.add(KEY, Tickets())


class Tickets:
    """`subject` is the key of a kind of ticket; `choices` say whose places are wanted and what they answer
    (`parties.read`). The parts of an order are its tickets."""

    @property
    def label(self) -> str | Promise:
        return gettext_lazy("Ticket")

    def keep(
        self,
        *,
        order: UUID,
        subject: UUID,
        payer: Membership,
        at: datetime,
        until: datetime,
        by: Actor,
        choices: Mapping[str, Any],
    ) -> Kept:
        places = parties.read(subject=subject, choices=choices, payer=payer)
        if not parties.total(places, payer):
            raise Refused(_("This ticket costs nothing: say that you come."), code="free")
        tickets = parties.hold(places=places, payer=payer, at=at, until=until, by=by)
        # All are kept as long as the one that is offered.
        until = max(ticket.held_until for ticket in tickets if ticket.held_until)
        for part, ticket in enumerate(tickets):
            ticket.order, ticket.part, ticket.held_until = order, part, until
            ticket.save(update_fields=["order", "part", "held_until"])
        event = places[0].kind.event
        words = [_("%(event)s: %(ticket)s") % {"event": event.title, "ticket": one.kind} for one in places]
        earned_on = local_day(event.starts_at, event.community.zone)
        lines = [
            Line(said, ticket.price, event.tax_rate, earned_on)
            for said, ticket in zip(words, tickets, strict=True)
        ]
        return Kept(event.title, lines, event.currency, until, event.starts_at)

    def prolong(self, *, order: UUID, until: datetime) -> None:
        Ticket.objects.filter(order=order, state=State.HELD).update(held_until=until)

    def hand_over(self, *, order: UUID, at: datetime) -> bool:
        people = Ticket.objects.filter(order=order).values("membership")
        list(held(Membership.objects.filter(pk__in=people).order_by("pk")))
        try:
            with transaction.atomic():
                return _confirm(order, at) or _seat_anew(order, at)
        except Refused:
            return False

    def let_go(self, *, order: UUID, at: datetime) -> None:
        for ticket in Ticket.objects.filter(order=order, state=State.HELD).order_by("part"):
            seats.let_go(ticket=ticket, at=at)

    def path(self, *, order: UUID) -> str:
        tickets = [ticket for ticket in _of(order) if ticket.state == State.VALID]
        if not tickets:
            return ""
        first = next((one for one in tickets if one.membership_id == one.taken_by_id), tickets[0])
        return reverse("gatherings:ticket", args=[first.community.slug, first.code])


def _confirm(order: UUID, at: datetime) -> bool:
    """Whether all that is kept for it could be made theirs."""
    tickets = _of(order)
    if not tickets:
        return False
    locked(Event.objects.filter(pk=tickets[0].event_id)).get()
    tickets = _of(order)
    if any(ticket.state not in Ticket.LIVE for ticket in tickets):
        return False
    for ticket in tickets:
        seats.confirm(ticket=ticket, at=at)
    return True


def _seat_anew(order: UUID, at: datetime) -> bool:
    """Take all of them once more, where all were let go; False where they gave one up, or there is no gathering any more.
    Raises `Refused` where one of them cannot be had: then they have none."""
    tickets = _of(order)
    if not tickets or any(ticket.state != State.EXPIRED for ticket in tickets):
        return False
    for ticket in tickets:
        anew = seats.hold(
            kind=ticket.kind,
            member=ticket.membership,
            taken_by=ticket.taken_by,
            at=at,
            until=at,
            answers=ticket.answers,
        )
        # What they pay is what it cost them then.
        anew.order, anew.part, anew.price, anew.currency = order, ticket.part, ticket.price, ticket.currency
        anew.save(update_fields=["order", "part", "price", "currency"])
        seats.confirm(ticket=anew, at=at)
    return True


def _of(order: UUID) -> list[Ticket]:
    """The tickets that were had by it, of each part the last."""
    rows = Ticket.objects.filter(order=order).select_related(
        "kind__event", "membership", "taken_by", "community"
    )
    last = {ticket.part: ticket for ticket in rows.order_by("pk")}
    return [last[part] for part in sorted(last)]
