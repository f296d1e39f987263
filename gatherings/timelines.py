"""What this app tells on a member's timeline: what they answered, and what they came to."""

from collections.abc import Sequence

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from gatherings.models import Attendance, Event
from kernel import access, timelines
from kernel.tenancy import TenantRequest
from kernel.timelines import Bound, Entry, Source
from members.models import Membership
from members.selectors import merged

#: The sorts of entries, in their order within one instant from below: answers, then comings.
SAID, CAME = "a", "c"


def register() -> None:
    timelines.add(
        Source("gatherings", _("Gatherings"), _gatherings, "gatherings/timeline/_entry.html", "members.view")
    )


def _gatherings(
    request: TenantRequest, member: Membership, bound: Bound | None, most: int
) -> Sequence[Entry]:
    """Answers and comings, each at its own instant, of events that who reads may see."""
    seen = access.visible(Event.objects.of(member.community_id), request.membership)
    rows = Attendance.objects.filter(membership__in=merged.keys_of(member), event__in=seen.values("pk"))
    rows = rows.select_related("event")
    found: list[Entry] = []
    for moment, kind in (("came_at", CAME), ("answered_at", SAID)):
        some = (
            rows.filter(**{f"{moment}__isnull": False})
            .annotate(told_at=F(moment))
            .order_by("-told_at", "-id")
        )
        if bound is not None:
            some = some.filter(_before(bound, moment, kind))
        tone = "accent" if kind == CAME else ""
        found += [Entry(row.told_at, f"{kind}{row.pk}", (kind, row), tone) for row in some[:most]]
    return sorted(found, key=lambda entry: (entry.at, _place(entry.tie)), reverse=True)[:most]


def _before(bound: Bound, moment: str, kind: str) -> Q:
    """What of one sort stands below the bound, where within an instant comings come before answers."""
    if not bound.tie:
        return bound.q(moment, "id", int)
    last, number = bound.tie[0], int(bound.tie[1:])
    if kind == last:
        return Bound(bound.at, str(number)).q(moment, "id", int)
    return Q(**{f"{moment}__lte" if kind < last else f"{moment}__lt": bound.at})


def _place(tie: str) -> tuple[str, int]:
    """Where an entry stands within its instant."""
    return tie[0], int(tie[1:])
