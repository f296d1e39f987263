"""Taking places, as members and guests do it: free ones are theirs at once, priced ones are held while they pay for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from gatherings.models import Event, Ticket, TicketKind
from gatherings.services import letters, parties
from gatherings.services.parties import Guest, Place
from kernel import payable
from kernel.errors import Refused
from members.actors import Actor
from members.models import Membership
from members.services import memberships

PAYABLE = "ticket"


@dataclass(frozen=True)
class Taken:
    """The ticket of who takes them, or the first of whom they bring; how many there are, and where they are paid, "" for
    what is theirs."""

    ticket: Ticket
    pay_path: str
    many: int = 1


@transaction.atomic
def take(
    *,
    kind: TicketKind,
    who: Membership | Guest,
    at: datetime,
    by: Actor,
    answers: Mapping[int, Any] | None = None,
    others: Sequence[Place] = (),
    coupon: str = "",
) -> Taken:
    """A place for a member, or for a guest, of whom a record is made, and for whom they bring along (`others`): as
    `take_all`."""
    mine = Place(kind, None, answers or {})
    return take_all(places=[mine, *others], who=who, at=at, by=by, coupon=coupon)


@transaction.atomic
def take_all(
    *, places: Sequence[Place], who: Membership | Guest, at: datetime, by: Actor, coupon: str = ""
) -> Taken:
    """All these places or none, one's own among them or not. Who is paying for this very gathering goes on with that.

    Raises `Refused`: where nobody can take money for it (`no_till`), for a coupon that is not good for it (field `coupon`),
    for a guest who does not come themselves (`places`), and as `parties.hold` and `memberships.receive_guest` do.
    """
    parties.guard(places)
    mine = parties.own(places)
    event = Event.objects.select_related("community").get(pk=places[0].kind.event_id)
    if isinstance(who, Guest):
        if mine is None:
            raise Refused(_("Say who comes with you."), code="places")
        parties.guard_for_guests(event, mine.kind)
        who = memberships.receive_guest(
            community=event.community, name=who.name, email=who.email, at=at, by=by
        )
    known = going_on(places=places, member=who, at=at)
    if known is not None:
        return known
    if not parties.total(places, who):
        return take_free(places=places, who=who, at=at, by=by)
    till = payable.till()
    if till is None:
        raise Refused(_("Nobody takes money for it here."), code="no_till")
    subject, choices = parties.written(places)
    ordered = till.place(
        payable=PAYABLE, subject=subject, payer=who, at=at, by=by, coupon=coupon, choices=choices
    )
    tickets = _tickets().filter(order=ordered.key).order_by("part")
    first = tickets[0]
    if not ordered.is_theirs:
        paper = till.paper(order=ordered.key, at=at)
        letters.held(first, ordered.pay_path, paper.money if paper else first.money, at=at)
    return Taken(first, "" if ordered.is_theirs else ordered.pay_path, len(places))


def going_on(*, places: Sequence[Place], member: Membership, at: datetime) -> Taken | None:
    """What they are paying for just now: of their own place, where that is among these, else of those they bring. None
    where there is nothing."""
    till, mine = payable.till(), parties.own(places)
    rows = _tickets().filter(
        event=places[0].kind.event_id, taken_by=member, state=Ticket.State.HELD, order__isnull=False
    )
    rows = rows.filter(membership=member, kind=mine.kind) if mine else rows.exclude(membership=member)
    ticket = rows.order_by("pk").first()
    if ticket is None or ticket.order is None or till is None:
        return None
    paper = till.paper(order=ticket.order, at=at)
    many = Ticket.objects.filter(order=ticket.order).count()
    return Taken(ticket, paper.pay_path, many) if paper is not None and paper.is_open else None


@transaction.atomic
def take_free(*, places: Sequence[Place], who: Membership, at: datetime, by: Actor) -> Taken:
    """All these places, which cost nothing, or none. Who has their own of this kind already keeps it, and brings the others.
    Raises `Refused` as `parties.hold` does, and for what is to be paid (`priced`)."""
    if parties.total(places, who):
        raise Refused(_("This ticket is to be paid."), code="priced")
    mine, known = parties.own(places), None
    if mine is not None:
        had = Ticket.objects.filter(event=mine.kind.event_id, kind=mine.kind, membership=who)
        known = had.filter(state=Ticket.State.VALID).first()
    wanted = [place for place in places if known is None or place is not mine]
    tickets = parties.take_free(places=wanted, payer=who, at=at, by=by) if wanted else []
    return Taken(known or tickets[0], "", len(places))


def _tickets() -> Any:
    return Ticket.objects.select_related("event__community", "kind", "membership")
