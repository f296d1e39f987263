"""Who may see which gathering, who looks after it, and whose a ticket is."""

from django.db.models import Exists, OuterRef, Q

from communities import access as talk
from communities.models import Circle
from gatherings.models import Event, EventHost, Ticket
from kernel import access
from members.access import is_inside, opens, opens_q
from members.models import Membership

MANAGE, ADMIT = "events.manage", "events.admit"
TOLD = frozenset({Event.State.PUBLISHED.value, Event.State.CANCELLED.value})


def register() -> None:
    known = Q(circle=None) | ~Q(circle__kind=Circle.Kind.SECRET)
    access.rule(Event, allows, visible_q, program_q=known)
    of_known = Q(event__circle=None) | ~Q(event__circle__kind=Circle.Kind.SECRET)
    access.rule(Ticket, allows_ticket, visible_tickets, program_q=of_known)


def allows(viewer: Membership | None, event: Event) -> bool:
    """What is announced to everybody is seen by everybody, all else by members who stand high enough, in a circle's
    by those who read there. Of a gathering of a secret circle only its readers know. What is not announced, or was
    declined, is seen by its hosts and by staff."""
    if viewer is not None and viewer.community_id != event.community_id:
        return False
    circle = event.circle
    if circle is not None and circle.kind == Circle.Kind.SECRET and not talk.reads(viewer, circle):
        return False
    if looks_after(viewer, event):
        return True
    if event.state not in TOLD or not opens(viewer, event.minimum_tier):
        return False
    if event.audience == Event.Audience.PUBLIC:
        return True
    return talk.reads(viewer, circle) if circle is not None else is_inside(viewer)


def visible_q(viewer: Membership | None) -> Q:
    told, public = Q(state__in=TOLD), Q(audience=Event.Audience.PUBLIC)
    secret = Q(circle__isnull=False, circle__kind=Circle.Kind.SECRET)
    if viewer is None:
        return told & public & ~secret & opens_q(None)
    read = Q(circle__in=talk.read_by(viewer).values("pk"))
    members = (Q(circle=None) | read) if is_inside(viewer) else Q(pk__in=[])
    seen = told & opens_q(viewer) & (public | members)
    if viewer.may(MANAGE):
        seen = Q()
    elif viewer.is_counted:
        seen |= Q(Exists(EventHost.objects.filter(event=OuterRef("pk"), membership=viewer)))
    return Q(community_id=viewer.community_id) & seen & (~secret | read)


def hosts(viewer: Membership | None, event: Event) -> bool:
    """Whether the viewer is one of the event's hosts, and may act at all now."""
    if viewer is None or not viewer.is_counted:
        return False
    return EventHost.objects.filter(event=event, membership=viewer).exists()


def looks_after(viewer: Membership | None, event: Event) -> bool:
    """Whether the viewer changes the event: its hosts, and staff who plan gatherings."""
    if viewer is None or viewer.community_id != event.community_id:
        return False
    return viewer.may(MANAGE) or hosts(viewer, event)


def admits(viewer: Membership | None, event: Event) -> bool:
    """Whether the viewer lets people in at the door of the event."""
    if viewer is None or viewer.community_id != event.community_id:
        return False
    return viewer.may(ADMIT) or hosts(viewer, event)


def allows_ticket(viewer: Membership | None, ticket: Ticket) -> bool:
    """Who comes with it, who got it for them, and whoever stands at the door of an event that they see."""
    if viewer is None or viewer.community_id != ticket.community_id:
        return False
    if viewer.is_admitted and viewer.pk in (ticket.membership_id, ticket.taken_by_id):
        return True
    return admits(viewer, ticket.event) and allows(viewer, ticket.event)


def visible_tickets(viewer: Membership | None) -> Q:
    if viewer is None:
        return Q(pk__in=[])
    here = Q(community_id=viewer.community_id)
    own = (Q(membership=viewer) | Q(taken_by=viewer)) if viewer.is_admitted else Q(pk__in=[])
    events = Event.objects.of(viewer.community_id).filter(visible_q(viewer))
    if not viewer.may(ADMIT):
        mine = EventHost.objects.filter(membership=viewer)
        events = events.filter(pk__in=mine.values("event")) if viewer.is_counted else events.none()
    return here & (own | Q(event__in=events.values("pk")))
