"""Who is written to around a gathering; each letter is a row of the transaction that it tells of."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils import translation
from django.utils.translation import npgettext

from communities.services.notices import who_may
from gatherings import mail_kinds
from gatherings.access import MANAGE
from gatherings.clocks import in_words
from gatherings.models import Event, Room
from kernel import access, words
from kernel.mails import Words
from members.actors import Actor
from members.models import Membership
from members.services import mail

#: Of several gatherings so many are named in a letter.
NAMED = 3


def proposed(*, event: Event, at: datetime) -> None:
    """Those who decide are told that somebody would like to hold it."""
    planner = event.planned_by.display_name if event.planned_by else ""
    url = reverse("gatherings:proposals", args=[event.community.slug])
    staff = (member for member in who_may(event.community, MANAGE) if access.sees(member, event))
    _tell(mail_kinds.PROPOSED, event, staff, at=at, url=url, about="proposals", told={"planner": planner})


def decided(*, event: Event, at: datetime) -> None:
    """Who proposed it hears that it is announced."""
    if event.decided_by_id is not None and event.planned_by is not None:
        _tell(mail_kinds.AGREED, event, _others([event.planned_by], event.decided_by_id), at=at)


def declined(*, event: Event, at: datetime) -> None:
    if event.planned_by is not None:
        _tell(mail_kinds.DECLINED, event, [event.planned_by], at=at, told={"reason": event.reason})


def named(*, event: Event, member: Membership, by: Actor, at: datetime) -> None:
    """Who is a host now hears of it, unless they did it themselves."""
    acting = by.membership.pk if by.membership else None
    _tell(mail_kinds.HOST, event, _others([member], acting), at=at)


def told(*, kind: str, events: Sequence[Event], member: Membership, at: datetime) -> None:
    """Somebody whom it concerns hears what became of gatherings at that instant: of one, or of several of a series."""
    _tell(kind, events[0], [member], at=at, told={"reason": events[0].reason}, others=events[1:])


def near(
    *,
    kind: str,
    event: Event,
    member: Membership,
    at: datetime,
    url: str = "",
    way: str = "",
    told: Mapping[str, Words],
) -> None:
    """Somebody whom it concerns hears that it begins soon; who comes in one `way`, of that alone."""
    reader = member.merged_into or member
    if reader.email or reader.user is not None:
        _tell(kind, event, [reader], at=at, url=url, ways={way} if way else None, told=told)


def _others(members: Iterable[Membership], acting: int | None) -> list[Membership]:
    return [member for member in members if member.pk != acting]


def _tell(
    kind: str,
    event: Event,
    members: Iterable[Membership],
    *,
    at: datetime,
    url: str = "",
    about: str = "",
    ways: set[str] | None = None,
    told: Mapping[str, Words] | None = None,
    others: Sequence[Event] = (),
) -> None:
    community = event.community
    link = url or reverse("gatherings:event", args=[community.slug, event.key])
    open_ways = ways or set(
        Room.objects.filter(event=event, kinds__withdrawn_at=None).values_list("way", flat=True)
    )
    for member in members:
        with translation.override(mail.language_of(member, community)):
            said = {"event": event.title, "when": _when(event, *others), "where": _where(event, open_ways)}
            said |= {name: str(value) for name, value in (told or {}).items()}
        mail.send(
            kind=kind,
            to=member,
            community=community,
            words=said,
            at=at,
            url=link,
            about=about or f"event:{event.pk}",
            dedupe=f"{kind}:{event.key}:{member.pk}:{at.isoformat()}",
        )


def _when(*events: Event) -> str:
    """When it is; of several, when the first are, and how many more there are."""
    named = [in_words(event, event.community.zone) for event in events[:NAMED]]
    if more := len(events) - len(named):
        named.append(
            npgettext("gatherings of a series", "and %(n)d more", "and %(n)d more", more) % {"n": more}
        )
    return " \u00b7 ".join(named)


def _where(event: Event, ways: set[str]) -> str:
    """The place as one would write it on an envelope, and that it is online too; of the ways named alone."""
    parts = (event.venue, event.address, event.city, event.country) if Room.Way.IN_PERSON in ways else ()
    there = [part for part in parts if part]
    online = [str(Room.Way.ONLINE.label)] if Room.Way.ONLINE in ways else []
    return words.listed([*there, *online])
