"""Circles as their viewers see them."""

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from communities.models import Circle, CircleMembership, CircleRequest, Community
from kernel import access
from members.models import Membership
from members.roles import COUNTED


def current(community: Community, viewer: Membership | None) -> QuerySet[Circle]:
    """The circles that this viewer may see and that are not archived, in their order."""
    return counted(access.visible(Circle.objects.of(community.id).filter(archived_at=None), viewer), viewer)


def counted(circles: QuerySet[Circle], viewer: Membership | None) -> QuerySet[Circle]:
    """The circles in their order, each with its tier, `member_count`, and whether the viewer is in it (`mine`) or has
    asked to be (`asked`).

    Whoever leaves the community keeps their circles for the day they come back, and is not counted until then.
    """
    here = Q(circle_memberships__membership__status__in=COUNTED)
    mine = CircleMembership.objects.filter(circle=OuterRef("pk"), membership=viewer)
    asked = CircleRequest.objects.open().filter(circle=OuterRef("pk"), membership=viewer)
    return (
        circles.select_related("minimum_tier")
        .annotate(
            member_count=Count("circle_memberships", filter=here, distinct=True),
            mine=Exists(mine),
            asked=Exists(asked),
        )
        .order_by("position", "id")
    )


def of_member(member: Membership, viewer: Membership | None) -> QuerySet[Circle]:
    """The circles a member is in, as far as the viewer may know of them."""
    return access.visible(Circle.objects.filter(circle_memberships__membership=member), viewer)


def people(circle: Circle) -> QuerySet[Membership]:
    """Who is in the circle and in the community now, by name."""
    rows = Membership.objects.of(circle.community_id).filter(circle_memberships__circle=circle)
    return rows.filter(status__in=COUNTED).order_by("sort_key", "number")
