"""What a community shows of itself."""

from dataclasses import dataclass

from communities.models import Circle, Community
from communities.selectors import circles
from kernel import access
from members.models import Membership, Tier


@dataclass(frozen=True)
class Face:
    """A community as anyone may see it: how many belong, and the circles and tiers that they may see."""

    member_count: int
    circles: list[Circle]
    tiers: list[Tier]
    newest: list[Membership]


def of(community: Community, viewer: Membership | None) -> Face:
    """The face of a community; names are shown to members only, and of those who are in the directory. Four
    queries at the most."""
    inside = viewer is not None and viewer.is_admitted
    members = Membership.objects.of(community.id).counted()
    return Face(
        member_count=members.count(),
        circles=list(circles.current(community, viewer)),
        tiers=list(access.visible(Tier.objects.of(community.id), viewer)),
        newest=list(access.visible(members, viewer).order_by("-joined_at", "-number")[:8]) if inside else [],
    )
