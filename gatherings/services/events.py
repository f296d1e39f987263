"""Gatherings: planned by staff, by hosts of circles and by members where they may, announced, changed, cancelled."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from communities import access as talk
from communities.models import Circle, CircleMembership, Community
from gatherings.access import MANAGE, looks_after
from gatherings.models import Event, EventHost, GatheringRules, Room, Ticket, TicketKind, Waiting
from kernel import activity
from kernel.errors import Refused
from kernel.locks import held, locked
from members.actors import Actor
from members.models import Membership, Tier
from members.services import audit, powers

#: What is said of an event; its rooms, kinds of ticket, hosts and questions are said apart.
FIELDS = (
    "title", "description", "circle", "audience", "minimum_tier", "starts_at", "ends_at", "timezone", "venue", "address",
    "city", "country", "latitude", "longitude", "online_url", "currency", "tax_rate", "refund_hours", "has_waitlist",
    "offer_hours",
)  # fmt: skip
#: Those of which a calendar has to hear.
TOLD = frozenset({
    "title", "description", "starts_at", "ends_at", "timezone", "venue", "address", "city", "country", "latitude",
    "longitude", "online_url",
})  # fmt: skip
State = Event.State


@transaction.atomic
def plan(
    *,
    community: Community,
    at: datetime,
    by: Actor,
    rooms: Mapping[str, int | None],
    hosts: Sequence[Membership] = (),
    **fields: Any,
) -> Event:
    """A draft with its rooms (a way of coming and its places, None for no bound), a free ticket for members in each, and
    its hosts: whoever plans it, where none are named.

    Raises `Refused` for who may not plan gatherings here (`not_allowed`), for an event that nobody could come to
    (`no_room`), and for fields that do not fit (`guard_fields`).
    """
    acting = acting_of(by)
    guard_plans(acting, community, fields.get("circle"))
    fields = {"timezone": community.timezone, "currency": community.currency, **fields}
    guard_fields(community, fields, acting)
    if not rooms:
        raise Refused(
            _("Say whether people come to a place, online, or both."), code="no_room", field="rooms"
        )
    event = Event.objects.create(
        community=community, planned_by=acting, planned_at=at, changed_at=at, **fields
    )
    for way, capacity in sorted(rooms.items()):
        room = Room.objects.create(event=event, way=Room.Way(way), capacity=capacity)
        TicketKind.objects.create(event=event, room=room)
    named = list(hosts) or ([acting] if acting else [])
    for position, host in enumerate(named):
        guard_here(host, community.id)
        EventHost.objects.create(event=event, membership=host, position=position)
    record(
        "event.planned", event, at=at, by=by, after={"title": event.title, "starts_at": str(event.starts_at)}
    )
    return event


@transaction.atomic
def change(*, event: Event, at: datetime, by: Actor, **fields: Any) -> Event:
    """Change some of `FIELDS`. What a calendar has to hear of makes its `revision` grow, and, once it is announced, is told
    to those who come (`event.changed`).

    Raises `Refused` for who does not look after it (`not_allowed`), once it is cancelled (`cancelled`), and as `plan`.
    """
    acting = acting_of(by)
    event = hold(event, acting)
    if event.state == State.CANCELLED:
        raise Refused(_("This gathering is cancelled."), code="cancelled")
    guard_fields(event.community, fields, acting, of=event)
    before, after = audit.changed({name: getattr(event, name) for name in fields}, fields)
    if not after:
        return event
    if "currency" in after and Ticket.objects.live().filter(event=event, price__gt=0).exists():
        raise Refused(_("Tickets were sold in this currency."), code="sold", field="currency")
    for name, value in after.items():
        setattr(event, name, value)
    told = sorted(TOLD & set(after))
    event.changed_at = at
    event.revision += bool(told)
    event.save(update_fields=[*after, "changed_at", "revision"])
    record("event.changed", event, at=at, by=by, before=_plain(before), after=_plain(after))
    if told and event.is_standing:
        activity.announce("event.changed", event=event, fields=told, before=before, at=at)
    return event


@transaction.atomic
def publish(*, event: Event, at: datetime, by: Actor) -> Event:
    """Announce a draft; of a member who needs the staff's consent, propose it.

    Raises `Refused` for who does not look after it (`not_allowed`), and for one that is over (`over`) or cancelled
    (`cancelled`). One that is announced stays as it is.
    """
    acting = acting_of(by)
    event = hold(event, acting)
    if event.state in (State.PUBLISHED, State.CANCELLED):
        if event.state == State.CANCELLED:
            raise Refused(_("This gathering is cancelled."), code="cancelled")
        return event
    if event.over_at <= at:
        raise Refused(_("It would be over already: change its day."), code="over", field="starts_at")
    if announces(acting, event.community, event.circle):
        return _announced(event, at=at, by=by)
    guard_plans(acting, event.community, event.circle)
    event.state, event.changed_at = State.PROPOSED, at
    event.save(update_fields=["state", "changed_at"])
    record("event.proposed", event, at=at, by=by)
    activity.announce("event.proposed", event=event, at=at)
    return event


@transaction.atomic
def decide(*, event: Event, agrees: bool, reason: str = "", at: datetime, by: Actor) -> Event:
    """Announce or decline what a member has proposed; with a no goes a reason. Raises `Refused` for one that is not
    proposed (`not_proposed`), and for a no without a reason (`reason`)."""
    powers.require(by, MANAGE)
    event = locked(Event.objects.filter(pk=event.pk)).get()
    if event.state != State.PROPOSED:
        raise Refused(_("Nobody proposes this now."), code="not_proposed")
    event.decided_by = by.membership
    if agrees:
        return _announced(event, at=at, by=by)
    if not reason.strip():
        raise Refused(_("Say why: they read it."), code="reason", field="reason")
    event.state, event.reason, event.changed_at = State.DECLINED, reason.strip(), at
    event.save(update_fields=["state", "reason", "changed_at", "decided_by"])
    record("event.declined", event, at=at, by=by, after={"reason": event.reason})
    activity.announce("event.declined", event=event, at=at)
    return event


@transaction.atomic
def cancel(*, event: Event, reason: str = "", at: datetime, by: Actor) -> Event:
    """Call an announced event off: its tickets end, nobody waits any more, and all of them are told (`event.cancelled`,
    with the tickets that were live). Twice is once.

    Raises `Refused` for who does not look after it (`not_allowed`), for one that was never announced (`not_announced`),
    and once it is over (`over`).
    """
    event = hold(event, acting_of(by))
    if event.state == State.CANCELLED:
        return event
    if event.state != State.PUBLISHED:
        raise Refused(_("This gathering is not announced."), code="not_announced")
    if event.over_at <= at:
        raise Refused(_("It is over."), code="over")
    event.state, event.reason, event.cancelled_at, event.changed_at = State.CANCELLED, reason.strip(), at, at
    event.revision += 1
    event.save(update_fields=["state", "reason", "cancelled_at", "changed_at", "revision"])
    live = locked(Ticket.objects.live().filter(event=event).order_by("pk"))
    tickets = list(live.values_list("pk", flat=True))
    Ticket.objects.filter(pk__in=tickets).update(state=Ticket.State.CANCELLED, ended_at=at, held_until=None)
    waits = Waiting.objects.filter(event=event, state__in=Waiting.LIVE)
    waits.update(state=Waiting.State.LEFT, ended_at=at)
    record("event.cancelled", event, at=at, by=by, after={"reason": event.reason, "places": len(tickets)})
    activity.announce("event.cancelled", event=event, tickets=tickets, at=at)
    return event


def plans(membership: Membership | None, community: Community, circle: Circle | None = None) -> bool:
    """Whether somebody may plan gatherings here: who manages them, hosts in their own circles, and members where the
    community lets them. A program may."""
    if membership is None or announces(membership, community, circle):
        return True
    if rules_of(community).members_plan == GatheringRules.Members.NO or not membership.is_counted:
        return False
    return circle is None or talk.reads(membership, circle)


def plans_somewhere(membership: Membership, community: Community) -> bool:
    """Whether somebody may plan gatherings here at all, in a circle that they look after at the least."""
    if plans(membership, community):
        return True
    hosted = CircleMembership.objects.filter(membership=membership, is_host=True)
    return membership.is_counted and hosted.filter(circle__archived_at=None).exists()


def announces(membership: Membership | None, community: Community, circle: Circle | None = None) -> bool:
    """Whether what they plan is announced without anybody's consent."""
    if membership is None or membership.may(MANAGE):
        return True
    if circle is not None and talk.hosts(membership, circle):
        return True
    return membership.is_counted and rules_of(community).members_plan == GatheringRules.Members.YES


def guard_plans(membership: Membership | None, community: Community, circle: Circle | None) -> None:
    if not plans(membership, community, circle):
        raise Refused(_("Here the staff plan the gatherings."), code="not_allowed")


def rules_of(community: Community) -> GatheringRules:
    """What the community says of its gatherings; the usual where it has said nothing yet."""
    return GatheringRules.objects.filter(community=community).first() or GatheringRules(community=community)


def hold(event: Event, acting: Membership | None) -> Event:
    """The event, locked, for somebody who changes it. Raises `Refused` (`not_allowed`) for who does not look after it."""
    event = locked(Event.objects.filter(pk=event.pk)).get()
    if acting is not None and not looks_after(acting, event):
        raise Refused(_("You do not look after this gathering."), code="not_allowed")
    return event


def guard_fields(
    community: Community, fields: Mapping[str, Any], acting: Membership | None, of: Event | None = None
) -> None:
    """Raises `Refused` for an end before the beginning (`ends_at`), a time zone that there is not (`timezone`), a circle
    that the actor does not read (`circle`), and a secret one's that everybody could see (`audience`)."""
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise ValueError(f"Not fields of an event: {', '.join(sorted(unknown))}")

    def now_is(name: str) -> Any:
        return fields[name] if name in fields else getattr(of, name, None)

    starts, ends = now_is("starts_at"), now_is("ends_at")
    if ends is not None and ends <= starts:
        raise Refused(_("It ends before it begins."), code="ends_at", field="ends_at")
    try:
        ZoneInfo(now_is("timezone"))
    except (ValueError, OSError, KeyError):
        raise Refused(_("There is no such time zone."), code="timezone", field="timezone") from None
    circle, tier = now_is("circle"), fields.get("minimum_tier")
    if isinstance(tier, Tier) and tier.community_id != community.id:
        raise ValueError("A tier of another community.")
    if circle is None:
        return
    if circle.community_id != community.id:
        raise ValueError("A circle of another community.")
    if "circle" in fields and acting is not None and not talk.reads(acting, circle):
        raise Refused(_("You do not see this circle any more."), code="circle", field="circle")
    if circle.kind == Circle.Kind.SECRET and now_is("audience") == Event.Audience.PUBLIC:
        raise Refused(
            _("Nobody outside may know of this circle: let it be for members."),
            code="audience",
            field="audience",
        )


def record(action: str, event: Event, *, at: datetime, by: Actor, **changes: dict[str, Any]) -> None:
    """Write an act upon the event down in the audit log. Of a secret circle's, without its words."""
    if event.circle is not None and event.circle.kind == Circle.Kind.SECRET:
        said = ("title", "description", "circle", "venue", "address", "online_url", "reason")
        changes = {
            side: {k: v for k, v in values.items() if k not in said} for side, values in changes.items()
        }
    audit.record(
        action=action,
        object_kind="event",
        object_id=event.key,
        by=by,
        at=at,
        community_id=event.community_id,
        **changes,
    )


def _announced(event: Event, *, at: datetime, by: Actor) -> Event:
    event.state, event.published_at, event.changed_at, event.reason = State.PUBLISHED, at, at, ""
    event.save(update_fields=["state", "published_at", "changed_at", "reason", "decided_by"])
    record("event.published", event, at=at, by=by)
    activity.announce("event.published", event=event, at=at)
    return event


def acting_of(by: Actor) -> Membership | None:
    """Who acts, as they are until the end of the transaction; None for programs and the site."""
    return held(Membership.objects.filter(pk=by.membership.pk)).get() if by.membership else None


def guard_here(member: Membership, community_id: int) -> None:
    if member.community_id != community_id or not member.is_admitted:
        raise Refused(
            _("Only members of the community hold its gatherings."), code="not_member", field="hosts"
        )


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    """As the audit log keeps them."""
    return {
        name: value.key if isinstance(value, Tier)
        else value.slug if isinstance(value, Circle)
        else value.isoformat() if isinstance(value, datetime)
        else value
        for name, value in fields.items()
    }  # fmt: skip
