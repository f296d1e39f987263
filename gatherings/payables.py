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

from gatherings.models import Ticket, TicketKind
from gatherings.services import questions, seats, waitlist
from kernel import payable
from kernel.clock import local_day
from kernel.errors import Refused
from kernel.payable import Kept, Line
from members.models import Membership

KEY = "ticket"
State = Ticket.State


def register() -> None:
    payable.payables.add(KEY, Tickets())


class Tickets:
    """`subject` is the key of a kind of ticket; `choices` are what its taker answers (`answers`), by question."""

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
        choices: Mapping[str, Any],
    ) -> Kept:
        kind = (
            TicketKind.objects.filter(key=subject, event__community_id=payer.community_id)
            .select_related("event__community")
            .first()
        )
        if kind is None:
            raise Refused(_("There is no such ticket."), code="not_on_sale")
        if not seats.price_for(kind, payer):
            raise Refused(_("This ticket costs nothing: say that you come."), code="free")
        answers = questions.answered(kind.event, choices.get("answers", {}))
        ticket = waitlist.take_up(kind=kind, member=payer, at=at, until=until, answers=answers)
        if ticket is None:
            ticket = seats.hold(kind=kind, member=payer, taken_by=payer, at=at, until=until, answers=answers)
        ticket.order = order
        ticket.save(update_fields=["order"])
        event = kind.event
        words = _("%(event)s: %(ticket)s") % {"event": event.title, "ticket": kind}
        earned_on = local_day(event.starts_at, event.community.zone)
        line = Line(words, ticket.price, event.tax_rate, earned_on)
        assert ticket.held_until is not None
        return Kept(event.title, line, event.currency, ticket.held_until, event.starts_at)

    def prolong(self, *, order: UUID, until: datetime) -> None:
        Ticket.objects.filter(order=order, state=State.HELD).update(held_until=until)

    def hand_over(self, *, order: UUID, at: datetime) -> bool:
        ticket = _of(order)
        if ticket is None:
            return False
        try:
            with transaction.atomic():
                seats.confirm(ticket=ticket, at=at)
            return True
        except Refused:
            pass
        ticket.refresh_from_db()
        if ticket.state != State.EXPIRED:
            # They gave it up, or there is no gathering any more.
            return False
        try:
            with transaction.atomic():
                anew = seats.hold(
                    kind=ticket.kind,
                    member=ticket.membership,
                    taken_by=ticket.taken_by,
                    at=at,
                    until=at,
                    answers=ticket.answers,
                )
                # What they pay is what it cost them then.
                anew.order, anew.price, anew.currency = order, ticket.price, ticket.currency
                anew.save(update_fields=["order", "price", "currency"])
                seats.confirm(ticket=anew, at=at)
        except Refused:
            return False
        return True

    def let_go(self, *, order: UUID, at: datetime) -> None:
        for ticket in Ticket.objects.filter(order=order, state=State.HELD):
            seats.let_go(ticket=ticket, at=at)

    def path(self, *, order: UUID) -> str:
        ticket = _of(order)
        if ticket is None or ticket.state != State.VALID:
            return ""
        return reverse("gatherings:ticket", args=[ticket.community.slug, ticket.code])


def _of(order: UUID) -> Ticket | None:
    """The last ticket that was had by it."""
    rows = Ticket.objects.filter(order=order).select_related(
        "kind__event", "membership", "taken_by", "community"
    )
    return rows.order_by("-pk").first()
