"""Who is written to around a gathering; each letter is a row of the transaction that it tells of."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import translation

from communities.services.notices import who_may
from gatherings import mail_kinds
from gatherings.access import MANAGE
from gatherings.clocks import when
from gatherings.models import Attendance, Event, Room, Ticket, Waiting
from kernel import access, words
from kernel.mails import Words
from members.actors import Actor
from members.models import Membership
from members.services import mail

#: What of a gathering one has to hear of who comes; a better title is none.
MATTERS = frozenset({"starts_at", "ends_at", "timezone", "venue", "address", "city", "country", "online_url"})


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


def changed(*, event: Event, fields: Sequence[str], before: dict[str, Any], at: datetime) -> None:
    """Everybody who comes, may come or waits hears where and when it is now; of one that is over nobody does."""
    if MATTERS & set(fields) and event.over_at > at:
        _tell(mail_kinds.CHANGED, event, _concerned(event), at=at)


def cancelled(*, event: Event, tickets: Sequence[int], at: datetime) -> None:
    """Everybody who had a place, might have come or waited hears that there is nothing to come to."""
    _tell(mail_kinds.CANCELLED, event, _concerned(event, tickets, at), at=at, told={"reason": event.reason})


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


def _concerned(event: Event, tickets: Sequence[int] = (), at: datetime | None = None) -> Iterable[Membership]:
    """Who has a place (or had one of these tickets), answered maybe, or waits (or did until now)."""
    had = Ticket.objects.filter(Q(pk__in=list(tickets)) | Q(state__in=Ticket.LIVE), event=event)
    maybe = Attendance.objects.filter(event=event, answer=Attendance.Answer.MAYBE)
    waits = Waiting.objects.filter(event=event).filter(
        Q(state__in=Waiting.LIVE) | Q(state=Waiting.State.LEFT, ended_at=at, ended_at__isnull=False)
    )
    rows = [source.order_by().values("membership") for source in (had, maybe, waits)]
    here = Membership.objects.of(event.community_id)
    concerned = Q(pk__in=rows[0]) | Q(pk__in=rows[1]) | Q(pk__in=rows[2])
    return here.filter(concerned).select_related("user").order_by("pk")


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
) -> None:
    community = event.community
    link = url or reverse("gatherings:event", args=[community.slug, event.key])
    open_ways = ways or set(
        Room.objects.filter(event=event, kinds__withdrawn_at=None).values_list("way", flat=True)
    )
    for member in members:
        with translation.override(mail.language_of(member, community)):
            said = {"event": event.title, "when": _when(event), "where": _where(event, open_ways)}
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


def _when(event: Event) -> str:
    found = when(event, event.community.zone)
    return f"{words.day(found.day, 'full')}, {found.hours_there}"


def _where(event: Event, ways: set[str]) -> str:
    """The place as one would write it on an envelope, and that it is online too; of the ways named alone."""
    parts = (event.venue, event.address, event.city, event.country) if Room.Way.IN_PERSON in ways else ()
    there = [part for part in parts if part]
    online = [str(Room.Way.ONLINE.label)] if Room.Way.ONLINE in ways else []
    return words.listed([*there, *online])
