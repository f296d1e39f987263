"""What a community shows of itself."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from communities.models import Circle, CircleMembership, Community
from members.models import Membership, Tier
from members.roles import COUNTED


@dataclass(frozen=True)
class Face:
    """A community as anyone may see it: how many belong, its open circles and its visible tiers."""

    member_count: int
    circles: list[Circle]
    tiers: list[Tier]
    newest: list[Membership]


def of(community: Community, viewer: Membership | None) -> Face:
    """The face of a community; names of members are shown to members only. Four queries at the most."""
    inside = viewer is not None and viewer.is_admitted
    members = Membership.objects.of(community.id).counted()
    return Face(
        member_count=members.count(),
        circles=list(circles(community, viewer)),
        tiers=list(Tier.objects.of(community.id).filter(visible=True)),
        newest=list(members.select_related("tier").order_by("-joined_at", "-number")[:8]) if inside else [],
    )


def circles(community: Community, viewer: Membership | None) -> QuerySet[Circle]:
    """Circles that this viewer may know of, each with `member_count` and whether they are in it (`mine`).

    Whoever leaves the community keeps their circles for the day they come back, and is not counted until then.
    """
    here = Q(circle_memberships__membership__status__in=COUNTED)
    mine = CircleMembership.objects.filter(circle=OuterRef("pk"), membership=viewer)
    return (
        Circle.objects.of(community.id)
        .filter(archived_at=None)
        .exclude(kind=Circle.Kind.SECRET)
        .annotate(member_count=Count("circle_memberships", filter=here), mine=Exists(mine))
        .order_by("position", "id")
    )
