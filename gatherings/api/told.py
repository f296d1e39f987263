"""Gatherings as whoever asks the API may see them, and what names in an address or a body stand for."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.request import Request

from communities import access as talk
from gatherings.access import ADMIT
from gatherings.models import EventHost, EventPicture, EventQuestion, TicketKind
from gatherings.selectors import seen
from kernel.errors import Refused
from kernel.money import Money
from members.models import Membership, Tier

EVENT = {"event_key": "The gathering's id."}


def fill(events: Sequence[Any], request: Any) -> None:
    """Give each event all that its shape tells: rooms, kinds of ticket, hosts, and whether the address online is told."""
    seen.fill(events, request)
    found = {event.pk: event for event in events}
    for event in events:
        event.open_kinds, event.host_numbers, event.asked, event.shown_pictures = [], [], [], []
        door = request.auth is not None or request.membership.may(ADMIT)
        event.told_address = door or event.mine.comes or event.mine.is_host
    for kind in TicketKind.objects.filter(event__in=list(found), withdrawn_at=None).select_related("room"):
        event = found[kind.event_id]
        named: Any = kind
        named.member_money, named.guest_money = (
            None if price is None else Money(price, event.currency)
            for price in (kind.price, kind.guest_price)
        )
        event.open_kinds.append(kind)
    for question in EventQuestion.objects.filter(event__in=list(found)).order_by("position", "id"):
        found[question.event_id].asked.append(question)
    for picture in EventPicture.objects.filter(event__in=list(found)).order_by("position", "id"):
        found[picture.event_id].shown_pictures.append(picture)
    hosts = EventHost.objects.filter(event__in=list(found)).order_by("position", "id")
    for event_id, number in hosts.values_list("event", "membership__number"):
        found[event_id].host_numbers.append(number)


def find(request: Any, key: UUID) -> Any:
    """The event as far as the caller may see it, with all that its shape tells. Raises `Http404`."""
    event = seen_one(request, key)
    fill([event], request)
    return event


def seen_one(request: Any, key: UUID) -> Any:
    """The event as far as the caller may see it. Raises `Http404`."""
    event = seen.shown(request).filter(key=key).first()
    if event is None:
        raise Http404
    return event


def named(request: Request, given: dict[str, Any]) -> dict[str, Any]:
    """The fields of a body with the circle, the tier, the ways and the hosts that they name."""
    community: Any = request.community  # type: ignore[attr-defined]
    fields = dict(given)
    if fields.get("circle") is not None:
        fields["circle"] = circle(talk.read_by_caller(request), fields["circle"])
    if fields.get("minimum_tier") is not None:
        tiers = Tier.objects.of(community.id)
        words = _("There is no tier of this key.")
        fields["minimum_tier"] = _one(tiers, "minimum_tier", words, key=fields["minimum_tier"])
    if "rooms" in fields:
        fields["ways"] = {room["way"]: room.get("places") for room in fields.pop("rooms")}
    if "hosts" in fields:
        fields["held_by"] = [member(request, number, "hosts") for number in fields.pop("hosts")]
    return fields


def answers(given: Sequence[dict[str, Any]]) -> dict[int, Any]:
    """The answers of a body, by the question's id."""
    return {one["question"]: next((one[key] for key in one if key != "question"), None) for one in given}


def others(given: Sequence[dict[str, Any]], kind: UUID) -> list[dict[str, Any]]:
    """Whom a body brings along, as an order's choices have it (`parties.read`); of that kind where it names none."""
    return [
        {
            "kind": str(one.get("kind", kind)),
            "name": one["name"],
            "email": one.get("email", ""),
            "answers": answers(one.get("answers", ())),
        }
        for one in given
    ]


@contextmanager
def as_body() -> Iterator[None]:
    """What a service refuses of an answer, or of somebody who is brought, is told of the body's own field."""
    try:
        yield
    except Refused as refusal:
        known = {"question": "answers", "place": "others"}
        field = known.get(refusal.field.partition("_")[0], refusal.field)
        raise Refused(refusal.message, code=refusal.code, field=field) from None


def circle(rows: Any, slug: str) -> Any:
    """Raises `Refused` for an address that none of the circles has."""
    return _one(rows, "circle", _("There is no circle of this address."), slug=slug)


def member(request: Request, number: int, field: str = "member") -> Membership:
    """Raises `Refused` for a number that nobody has."""
    rows = Membership.objects.of(request.community.id)  # type: ignore[attr-defined]
    found: Membership = _one(rows, field, _("There is no member of this number."), number=number)
    return found


def _one(rows: Any, field: str, words: str, **wanted: Any) -> Any:
    found = rows.filter(**wanted).first()
    if found is None:
        raise Refused(words, code="unknown", field=field)
    return found
