"""Who joined lately and has not done anything yet, and how many stand at each stage."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Window

from communities.models import Community
from engagement.models import MemberStanding
from members.models import Membership
from members.roles import Role

DAYS = 7
LISTED = 8


@dataclass(frozen=True)
class Quiet:
    """`members` are the latest of them, at most `LISTED`; `count` is how many there are."""

    members: Sequence[Membership]
    count: int


def quiet(community: Community, *, at: datetime) -> Quiet:
    """Who joined in the last 7 x 24 hours and is not known to have acted, the latest first; in one query.

    Who joined after the last refresh has no standing yet and counts as quiet.
    """
    found = (
        Membership.objects.of(community.id)
        .counted()
        .filter(role=Role.MEMBER, joined_at__gt=at - timedelta(days=DAYS), standing__last_active_day=None)
        .annotate(many=Window(Count("pk")))
        .order_by(F("joined_at").desc(), "-number")
    )
    members = list(found[:LISTED])
    return Quiet(members, members[0].many if members else 0)


def stages(community: Community) -> dict[str, int]:
    """How many members stand at each stage, as of the last refresh."""
    rows = MemberStanding.objects.filter(community_id=community.id).exclude(stage="").order_by()
    return dict(rows.values_list("stage").annotate(many=Count("pk")))
