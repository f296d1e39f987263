"""Circles as their viewers see them."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from communities.models import Circle, CircleMembership, CircleRequest, Community
from kernel import access
from members.access import is_on_duty
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
            member_count=Count("circle_memberships", filter=here),
            mine=Exists(mine),
            asked=Exists(asked),
        )
        .order_by("position", "id")
    )


def with_hosts(circles: QuerySet[Circle]) -> QuerySet[Circle]:
    """The circles, each with the numbers of those who look after it now (`host_numbers`), in their order."""
    here = CircleMembership.objects.filter(
        circle=OuterRef("pk"), is_host=True, membership__status__in=COUNTED, membership__merged_into=None
    )
    return circles.annotate(
        host_numbers=ArraySubquery(here.order_by("membership__number").values("membership__number"))
    )


def of_member(member: Membership, viewer: Membership | None) -> QuerySet[Circle]:
    """The circles a member is in, as far as the viewer may know of them."""
    return access.visible(Circle.objects.filter(circle_memberships__membership=member), viewer)


def people(circle: Circle) -> QuerySet[Membership]:
    """Who is in the circle and in the community now, by name."""
    rows = Membership.objects.of(circle.community_id).filter(circle_memberships__circle=circle)
    return rows.filter(status__in=COUNTED).order_by("sort_key", "number")


def people_seen(circle: Circle, viewer: Membership) -> QuerySet[Membership]:
    """Of `people` those whom the viewer may see; nobody in a closed circle that they are not in."""
    inside = CircleMembership.objects.filter(circle=circle, membership=viewer)
    if not (circle.kind == Circle.Kind.OPEN or is_on_duty(viewer) or inside.exists()):
        return Membership.objects.none()
    return access.visible(people(circle), viewer)


def hosts(circle: Circle) -> list[Membership]:
    """Who looks after the circle now, by name. They are named even where they are not in the directory: who takes a
    circle on is spoken to."""
    here = CircleMembership.objects.filter(circle=circle, is_host=True).values("membership")
    return list(people(circle).filter(pk__in=here))


def in_it(circle: Circle) -> QuerySet[CircleMembership]:
    """The places of who is in the circle and in the community now, hosts first, then by name."""
    rows = CircleMembership.objects.filter(
        circle=circle, membership__status__in=COUNTED, membership__merged_into=None
    )
    return rows.select_related("membership").order_by(
        "-is_host", "membership__sort_key", "membership__number"
    )


def is_seen(circle: Circle, viewer: Membership) -> bool:
    """Whether the viewer may see the circle as it is now."""
    return access.visible(Circle.objects.filter(pk=circle.pk), viewer).exists()
