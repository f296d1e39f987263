"""Who holds a gathering."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from gatherings.models import Event, EventHost
from gatherings.services import events
from kernel import activity
from kernel.errors import Refused
from members.actors import Actor
from members.models import Membership

#: So many hold one gathering at most.
MOST = 12


@transaction.atomic
def name(*, event: Event, hosts: Sequence[Membership], at: datetime, by: Actor) -> Event:
    """Let these members hold the event, in this order, and nobody else. Who is new among them is told (`host.named`).

    Raises `Refused` for nobody (`nobody`), too many (`too_many`), for who is not a member here now (`not_member`), and for
    who does not look after the event (`not_allowed`).
    """
    event = events.hold(event, events.acting_of(by))
    wanted = list(dict.fromkeys(hosts))
    if not wanted:
        raise Refused(_("Somebody holds it: name one host at least."), code="nobody", field="hosts")
    if len(wanted) > MOST:
        raise Refused(_("At most %(most)d hosts.") % {"most": MOST}, code="too_many", field="hosts")
    rows = EventHost.objects.filter(event=event).select_related("membership").order_by("position", "id")
    there = {row.membership: row for row in rows}
    if list(there) == wanted:
        return event
    for member in wanted:
        if member not in there:
            events.guard_here(member, event.community_id)
    EventHost.objects.filter(event=event).exclude(membership__in=wanted).delete()
    for position, member in enumerate(wanted):
        EventHost.objects.update_or_create(event=event, membership=member, defaults={"position": position})
    events.record(
        "event.changed",
        event,
        at=at,
        by=by,
        before={"hosts": [member.number for member in there]},
        after={"hosts": [member.number for member in wanted]},
    )
    for member in wanted:
        if member not in there:
            activity.announce("host.named", event=event, member=member, by=by, at=at)
    return event
