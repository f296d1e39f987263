"""Several places at once: one's own, and those of the people one brings along. All of them, or none.

Whoever is brought along is a guest, with a record of their own, a ticket of their own, and the guests' price.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gatherings.limits import MOST_PLACES
from gatherings.models import Event, Ticket, TicketKind
from gatherings.services import questions, seats, waitlist
from kernel.errors import Refused
from kernel.locks import held, locked
from members.actors import Actor
from members.models import Membership
from members.services import memberships


@dataclass(frozen=True)
class Guest:
    """Who comes without being a member, as they say themselves, or as is said by who brings them."""

    name: str
    email: str = ""


@dataclass(frozen=True)
class Place:
    """A place that is wanted: of which kind, for whom (None for who takes it), and the answers to what is asked."""

    kind: TicketKind
    guest: Guest | None = None
    answers: Mapping[int, Any] = field(default_factory=dict)


def own(places: Sequence[Place]) -> Place | None:
    """The place that is for who takes them all."""
    return next((one for one in places if one.guest is None), None)


def total(places: Sequence[Place], payer: Membership | None) -> int:
    """What they cost together: for a member, or for a guest of whom there is no record yet. Raises `Refused`
    (`not_for_you`)."""
    return sum(_price(place, payer) for place in places)


@transaction.atomic
def take_free(*, places: Sequence[Place], payer: Membership, at: datetime, by: Actor) -> list[Ticket]:
    """Places that cost nothing, theirs at once. Raises `Refused` as `hold` does."""
    kept = hold(places=places, payer=payer, at=at, until=at, by=by)
    return [seats.confirm(ticket=ticket, at=at) for ticket in kept]


@transaction.atomic
def hold(
    *, places: Sequence[Place], payer: Membership, at: datetime, until: datetime, by: Actor
) -> list[Ticket]:
    """Keep them all until then, in their order; what is offered to the payer from the waiting list is theirs.

    Raises `Refused`: for more than one may take (`too_many`), for fewer that are left than are wanted (`full`), for answers
    that do not fit, with the place in the field (`place_1_question_7`), and as `seats.hold` and
    `memberships.receive_guest` do.
    """
    guard(places)
    payer = held(Membership.objects.filter(pk=payer.pk)).get()
    event = Event.objects.select_related("community").get(pk=places[0].kind.event_id)
    answers, guests = [], []
    before = 1 if own(places) is None else 0
    for n, place in enumerate(places):
        with _told_of(place, n + before):
            answers.append(questions.answered(event, place.answers))
            guests.append(_received(place.guest, event, place.kind, at, by) if place.guest else payer)
    locked(Event.objects.filter(pk=event.pk)).get()
    brought = Ticket.objects.live().filter(event=event, taken_by=payer).exclude(membership=payer)
    if brought.count() + len([one for one in places if one.guest]) >= MOST_PLACES:
        raise too_many()
    _guard_room(places, payer)
    return [
        _kept(place.kind, who, payer, said, at=at, until=until)
        for place, who, said in zip(places, guests, answers, strict=True)
    ]


def guard(places: Sequence[Place]) -> None:
    """Raises `Refused` for no place, too many (`too_many`), and more than one gathering or person of one's own (`places`)."""
    if len(places) > MOST_PLACES:
        raise too_many()
    one_event = len({place.kind.event_id for place in places}) == 1
    if not one_event or len([place for place in places if place.guest is None]) > 1:
        raise Refused(_("Say who comes with you."), code="places")


def too_many() -> Refused:
    words = _("At most %(most)d places for you and those who come with you.") % {"most": MOST_PLACES}
    return Refused(words, code="too_many")


def read(*, subject: UUID, choices: Mapping[str, Any], payer: Membership) -> list[Place]:
    """The places of an order, as its `choices` say them: one's own of the kind `subject` with its `answers`, unless `own` is
    false, and the `others`, each with `kind`, `name`, `email`, `answers`. Raises `Refused` (`not_on_sale`) for a kind that
    there is none of."""
    others = choices.get("others", ())
    wanted = {str(subject), *(str(other["kind"]) for other in others)}
    rows = TicketKind.objects.filter(key__in=wanted, event__community_id=payer.community_id)
    kinds = {str(kind.key): kind for kind in rows.select_related("event__community", "room")}
    if set(kinds) != wanted:
        raise Refused(_("There is no such ticket."), code="not_on_sale")
    mine = [Place(kinds[str(subject)], None, choices.get("answers", {}))] if choices.get("own", True) else []
    return mine + [
        Place(kinds[str(one["kind"])], Guest(one["name"], one["email"]), one["answers"]) for one in others
    ]


def written(places: Sequence[Place]) -> tuple[UUID, dict[str, Any]]:
    """The subject and the choices of an order of these places, which `read` reads."""
    mine = own(places)
    others = [
        {
            "kind": str(one.kind.key),
            "name": one.guest.name,
            "email": one.guest.email,
            "answers": one.answers,
        }
        for one in places
        if one.guest is not None
    ]
    said = {"own": mine is not None, "answers": mine.answers if mine else {}, "others": others}
    return (mine or places[0]).kind.key, said


def _kept(
    kind: TicketKind, who: Membership, payer: Membership, said: list[Any], *, at: datetime, until: datetime
) -> Ticket:
    if who.pk == payer.pk:
        offered = waitlist.take_up(kind=kind, member=payer, at=at, until=until, answers=said)
        if offered is not None:
            return offered
    return seats.hold(kind=kind, member=who, taken_by=payer, at=at, until=until, answers=said)


def _received(guest: Guest, event: Event, kind: TicketKind, at: datetime, by: Actor) -> Membership:
    guard_for_guests(event, kind)
    return memberships.receive_guest(
        community=event.community, name=guest.name, email=guest.email, at=at, by=by, brought=True
    )


def guard_for_guests(event: Event, kind: TicketKind) -> None:
    """Before a record is made of them: a gathering of members is nobody else's. Raises `Refused` (`not_for_you`)."""
    if event.audience != Event.Audience.PUBLIC or kind.guest_price is None:
        raise Refused(_("This ticket is not for you."), code="not_for_you")


def _guard_room(places: Sequence[Place], payer: Membership) -> None:
    """Say how many are left, where they are fewer than are wanted; the event is locked. Of one place `seats.hold` says it."""
    if len(places) < 2:
        return
    offered = Ticket.objects.filter(
        membership=payer, state=Ticket.State.HELD, order=None, turn__state="offered"
    ).values_list("kind", flat=True)
    kinds = {place.kind.pk: place.kind for place in places}
    for kind in kinds.values():
        wanted = [place for place in places if place.kind.pk == kind.pk]
        theirs = any(place.guest is None for place in wanted) and kind.pk in offered
        left = seats.left(kind)
        if left < len(wanted) - theirs:
            words = ngettext(
                "Only %(left)d place is left of “%(ticket)s”.",
                "Only %(left)d places are left of “%(ticket)s”.",
                left,
            )
            raise Refused(words % {"left": left, "ticket": kind}, code="full")


def _price(place: Place, payer: Membership | None) -> int:
    if payer is not None and place.guest is None:
        return seats.price_for(place.kind, payer)
    if place.kind.guest_price is None:
        raise Refused(_("This ticket is not for you."), code="not_for_you")
    return place.kind.guest_price


@contextmanager
def _told_of(place: Place, n: int) -> Iterator[None]:
    """Say in the field of a refusal of whom it speaks: of the first, the second whom they bring; their own keep their
    names."""
    try:
        yield
    except Refused as refusal:
        if place.guest is None or not refusal.field:
            raise
        raise Refused(str(refusal), code=refusal.code, field=f"place_{n}_{refusal.field}") from None
