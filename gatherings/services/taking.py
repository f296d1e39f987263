"""Taking a place, as members and guests do it: a free one is theirs at once, a priced one is held while they pay for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from gatherings.models import Event, Ticket, TicketKind
from gatherings.services import letters, questions, seats
from kernel import payable
from kernel.errors import Refused
from members.actors import Actor
from members.models import Membership
from members.services import memberships

PAYABLE = "ticket"


@dataclass(frozen=True)
class Guest:
    """Who comes without being a member, as they say themselves."""

    name: str
    email: str


@dataclass(frozen=True)
class Taken:
    """The ticket, and where it is paid, "" for one that is theirs."""

    ticket: Ticket
    pay_path: str


@transaction.atomic
def take(
    *,
    kind: TicketKind,
    who: Membership | Guest,
    at: datetime,
    by: Actor,
    answers: Mapping[int, Any] | None = None,
    coupon: str = "",
) -> Taken:
    """A place for a member, or for a guest, of whom a record is made. Who is paying for this very one goes on with that.

    Raises `Refused`: where nobody can take money for it (`no_till`), for answers that do not fit (`questions.answered`), for a
    coupon that is not good for it (field `coupon`), and as `memberships.receive_guest` and `seats.hold` do.
    """
    event = Event.objects.select_related("community").get(pk=kind.event_id)
    if isinstance(who, Guest):
        _guard_for_guests(event, kind)
        who = memberships.receive_guest(
            community=event.community, name=who.name, email=who.email, at=at, by=by
        )
    known = going_on(kind=kind, member=who, at=at)
    if known is not None:
        return known
    if not seats.price_for(kind, who):
        said = questions.answered(event, answers or {})
        ticket = seats.take(kind=kind, member=who, at=at, answers=said)
        return Taken(ticket, "")
    till = payable.till()
    if till is None:
        raise Refused(_("Nobody takes money for it here."), code="no_till")
    ordered = till.place(
        payable=PAYABLE,
        subject=kind.key,
        payer=who,
        at=at,
        by=by,
        coupon=coupon,
        choices={"answers": answers or {}},
    )
    ticket = Ticket.objects.select_related("event__community", "kind", "membership").get(order=ordered.key)
    if not ordered.is_theirs:
        letters.held(ticket, ordered.pay_path, at=at)
    return Taken(ticket, "" if ordered.is_theirs else ordered.pay_path)


def going_on(*, kind: TicketKind, member: Membership, at: datetime) -> Taken | None:
    """The ticket of this kind that they are paying for just now, None where there is none."""
    till = payable.till()
    rows = Ticket.objects.filter(kind=kind, membership=member, state=Ticket.State.HELD, order__isnull=False)
    ticket = rows.select_related("event__community", "kind", "membership").first()
    if ticket is None or ticket.order is None or till is None:
        return None
    paper = till.paper(order=ticket.order, at=at)
    return Taken(ticket, paper.pay_path) if paper is not None and paper.is_open else None


def _guard_for_guests(event: Event, kind: TicketKind) -> None:
    """Before a record is made of them: a gathering of members is nobody else's."""
    if event.audience != Event.Audience.PUBLIC or kind.guest_price is None:
        raise Refused(_("This ticket is not for you."), code="not_for_you")
