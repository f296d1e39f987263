"""What communities hang into pages of the apps below."""

from typing import Any

from django.http import HttpRequest

from communities.selectors import circles
from kernel import slots
from kernel.tenancy import TenantRequest
from members.models import Membership, User
from members.roles import ADMITTED


def register() -> None:
    slots.add("me.main", query=mine, template="communities/_mine.html")
    slots.add("member.aside", query=circles_of, template="communities/_member_circles.html")


def circles_of(request: TenantRequest, member: Membership) -> dict[str, Any] | None:
    """The circles the member is in, for staff; of a secret one only those know who are in it themselves."""
    found = list(circles.of_member(member, request.membership))
    return {"circles": found} if found else None


def mine(request: HttpRequest, person: User) -> dict[str, Any]:
    """The communities that have let this person in, by name, and what they are there."""
    memberships = Membership.objects.filter(
        user=person, status__in=ADMITTED, merged_into=None
    ).select_related("community")
    return {"memberships": list(memberships.order_by("community__name", "community_id"))}
