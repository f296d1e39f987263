"""Whom somebody has met: people who came to the same gatherings, of those small enough to meet everybody. Nothing is kept of
it: it is read from who came, as far as the reader may know of either."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, IntegerField, Max, OuterRef, QuerySet, Subquery

from gatherings.models import Attendance, Event
from kernel import access
from members.models import Membership

#: Where more came than this, nobody met everybody.
MOST = 30
SHOWN = 12


@dataclass(frozen=True)
class Met:
    """Somebody who was met, at how many gatherings (`times`), and the last of them."""

    member: Membership
    times: int
    last: Event

    @property
    def day(self) -> date:
        """The day of the last one, on its own clock."""
        return self.last.starts_at.astimezone(self.last.zone).date()


def by(member: Membership, viewer: Membership, *, shown: int = SHOWN) -> tuple[list[Met], bool]:
    """Whom the member has met most often, those of late first among equals, and whether there are more: in two queries.

    Of gatherings that the viewer may see, and of people whom the directory shows them: guests, and who has left it or was
    erased, are named to nobody.
    """
    came = _came(member, viewer)
    often = came.values("membership").annotate(times=Count("pk"), latest=Max("event__starts_at"))
    times = dict(
        often.order_by("-times", "-latest", "membership").values_list("membership", "times")[: shown + 1]
    )
    wanted = list(times)[:shown]
    if not wanted:
        return [], False
    latest = came.filter(membership__in=wanted).order_by("membership", "-event__starts_at", "-event")
    rows = {
        row.membership_id: row for row in latest.distinct("membership").select_related("membership", "event")
    }
    # Between the two somebody may have been taken back.
    found = [Met(rows[pk].membership, times[pk], rows[pk].event) for pk in wanted if pk in rows]
    return found, len(times) > shown


def _came(member: Membership, viewer: Membership) -> QuerySet[Attendance]:
    """Others' comings to the gatherings at which the member was, as far as the viewer may know of them."""
    everybody = Attendance.objects.filter(event=OuterRef("pk"), came_at__isnull=False).order_by()
    many = everybody.values("event").annotate(many=Count("pk")).values("many")
    mine = Attendance.objects.filter(membership=member, came_at__isnull=False)
    events: Any = Event.objects.of(member.community_id).standing().filter(pk__in=mine.values("event"))
    small = access.visible(events, viewer).annotate(came=Subquery(many, output_field=IntegerField()))
    people = access.visible(Membership.objects.of(member.community_id), viewer)
    rows = Attendance.objects.filter(
        came_at__isnull=False, event__in=small.filter(came__lte=MOST).values("pk")
    )
    return rows.filter(membership__in=people.values("pk")).exclude(membership=member)
