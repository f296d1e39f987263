"""Circles: opened by staff, joined by members."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from communities.models import Circle, CircleMembership
from kernel.errors import Refused
from members.models import Membership


@transaction.atomic
def join(*, circle: Circle, membership: Membership, at: datetime) -> CircleMembership:
    """Put a member into an open circle; joining twice is one membership. Raises `Refused` for other kinds."""
    if membership.community_id != circle.community_id or not membership.is_admitted:
        raise Refused(_("Only members of the community can join its circles."), code="not_member")
    if circle.kind != Circle.Kind.OPEN or circle.archived_at:
        raise Refused(_("This circle is not open to all members."), code="not_open")
    joined, _created = CircleMembership.objects.get_or_create(
        circle=circle, membership=membership, defaults={"joined_at": at}
    )
    return joined


@transaction.atomic
def leave(*, circle: Circle, membership: Membership) -> None:
    """Take a member out of a circle; leaving one they are not in changes nothing."""
    CircleMembership.objects.filter(circle=circle, membership=membership).delete()
