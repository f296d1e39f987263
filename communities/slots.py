"""What communities hang into pages of the apps below."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest

from communities.selectors import circles, missed, moderation
from communities.services import measures
from kernel import slots, visits
from kernel.clock import now
from kernel.tenancy import TenantRequest
from members.models import Membership, User
from members.roles import ADMITTED

#: Whoever was away so long is told what they missed, and so much of it at home.
AWAY, SHOWN = timedelta(days=3), 3


def register() -> None:
    slots.add("me.main", query=mine, template="communities/_mine.html")
    slots.add("home.main", query=missed_by, template="communities/_missed_card.html")
    slots.add("member.aside", query=circles_of, template="communities/_member_circles.html")
    slots.add(
        "member.aside",
        query=record_of,
        template="communities/moderation/_member.html",
        permission=measures.MODERATE,
    )


def circles_of(request: TenantRequest, member: Membership) -> dict[str, Any] | None:
    """The circles the member is in, for staff; of a secret one only those know who are in it themselves."""
    found = list(circles.of_member(member, request.membership))
    return {"circles": found} if found else None


def missed_by(request: TenantRequest, member: Membership) -> dict[str, Any] | None:
    """The weightiest of what the member missed, on the day on which they come back."""
    at = now()
    last = visits.last_before(member, at)
    if last is None or at - last < AWAY:
        return None
    found = missed.of(request.community, member, since=missed.since_for(last, at), at=at)[:SHOWN]
    return {"community": request.community, "missed": found, "days": (at - last).days} if found else None


def record_of(request: TenantRequest, member: Membership) -> dict[str, Any]:
    """What was done about the member, for those who keep order."""
    return {"member": member, "past": moderation.past(member, now())}


def mine(request: HttpRequest, person: User) -> dict[str, Any]:
    """The communities that have let this person in, by name, and what they are there."""
    memberships = Membership.objects.filter(
        user=person, status__in=ADMITTED, merged_into=None
    ).select_related("community")
    return {"memberships": list(memberships.order_by("community__name", "community_id"))}
