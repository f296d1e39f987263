"""Who may see which circle."""

from django.db.models import Exists, OuterRef, Q

from communities.models import Circle, CircleMembership
from kernel import access
from members.access import is_inside, is_on_duty, opens, opens_q
from members.models import Membership


def register() -> None:
    access.rule(Circle, allows, visible_q, program_q=~Q(kind=Circle.Kind.SECRET))


def allows(viewer: Membership | None, circle: Circle) -> bool:
    """Circles that ask for no tier are known to all; others to whoever stands high enough, and to staff.

    Of a secret circle only its own members know, whatever their role. An archived one is there for those who were
    in it, and for staff.
    """
    if viewer is not None and viewer.community_id != circle.community_id:
        return False
    if circle.kind == Circle.Kind.SECRET and not _is_in(viewer, circle):
        return False
    if circle.archived_at is not None and not (is_on_duty(viewer) or _is_in(viewer, circle)):
        return False
    return opens(viewer, circle.minimum_tier)


def visible_q(viewer: Membership | None) -> Q:
    known, current = ~Q(kind=Circle.Kind.SECRET), Q(archived_at=None)
    if viewer is None:
        return known & current & opens_q(None)
    here = Q(community_id=viewer.community_id) & opens_q(viewer)
    if not is_inside(viewer):
        return here & known & current
    mine = Q(Exists(CircleMembership.objects.filter(circle=OuterRef("pk"), membership=viewer)))
    if is_on_duty(viewer):
        return here & (known | mine)
    return here & ((known & current) | mine)


def hosts(viewer: Membership, circle: Circle) -> bool:
    """Whether the member looks after the circle as one of its hosts, and may act at all now."""
    if not viewer.is_counted:
        return False
    return CircleMembership.objects.filter(circle=circle, membership=viewer, is_host=True).exists()


def _is_in(viewer: Membership | None, circle: Circle) -> bool:
    """Whether the viewer is in the circle, and in the community as well: circles are kept for who comes back."""
    if viewer is None or not viewer.is_admitted:
        return False
    return CircleMembership.objects.filter(circle=circle, membership=viewer).exists()
