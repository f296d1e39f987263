"""Who may see which circle, and who reads what is written there."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from communities.models import Circle, CircleMembership, Comment, Post
from kernel import access, permissions
from members.access import is_inside, is_on_duty, opens, opens_q
from members.models import Membership
from members.roles import ADMITTED, Role, Status


def register() -> None:
    access.rule(Circle, allows, visible_q, program_q=~Q(kind=Circle.Kind.SECRET))
    access.rule(
        Post, allows_post, visible_posts, program_q=Q(removed_at=None) & ~Q(circle__kind=Circle.Kind.SECRET)
    )
    there = Q(post__removed_at=None) & ~Q(post__circle__kind=Circle.Kind.SECRET)
    access.rule(Comment, allows_comment, visible_comments, program_q=there)


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


def reads(viewer: Membership | None, circle: Circle) -> bool:
    """Whether the viewer may read what is written in the circle: members of the community in an open one, its own
    members in any other; staff in whatever they see."""
    if viewer is None or not is_inside(viewer) or not allows(viewer, circle):
        return False
    return circle.kind == Circle.Kind.OPEN or is_on_duty(viewer) or _is_in(viewer, circle)


def read_by(viewer: Membership | None) -> QuerySet[Circle]:
    """The circles that the viewer `reads`."""
    if viewer is None or not is_inside(viewer):
        return Circle.objects.none()
    seen = Circle.objects.filter(visible_q(viewer))
    if not is_on_duty(viewer):
        mine = Exists(CircleMembership.objects.filter(circle=OuterRef("pk"), membership=viewer))
        seen = seen.filter(Q(kind=Circle.Kind.OPEN) | mine)
    return seen


def read_by_caller(request: Any) -> QuerySet[Circle]:
    """The circles of the community that a person reads, or a program with its key: the secret ones are none of its."""
    if getattr(request, "auth", None) is not None:
        return Circle.objects.of(request.community.id).exclude(kind=Circle.Kind.SECRET)
    return read_by(request.membership).filter(community_id=request.community.id)


def kept_for_caller(request: Any) -> Q:
    """Which posts of those circles they see."""
    return Q(removed_at=None) if getattr(request, "auth", None) is not None else kept_q(request.membership)


def reads_q(viewer: Membership | None) -> Q:
    """`reads` for rows whose field `circle` says where they lie."""
    if viewer is None or not is_inside(viewer):
        return Q(pk__in=[])
    return Q(circle__in=read_by(viewer))


def readers_q(circle: Circle) -> Q:
    """`reads` for members: those who may read what is written in the circle."""
    roles = [role for role in Role.values if permissions.allows(role, "members.view")]
    on_duty = Q(role__in=roles) & ~Q(status=Status.RESTRICTED)
    in_it = Q(Exists(CircleMembership.objects.filter(circle=circle, membership=OuterRef("pk"))))
    found = Q(community_id=circle.community_id, status__in=sorted(ADMITTED), merged_into=None)
    if circle.kind == Circle.Kind.SECRET:
        found &= in_it
    elif circle.kind != Circle.Kind.OPEN or circle.archived_at is not None:
        found &= on_duty | in_it
    if circle.minimum_tier is not None:
        found &= on_duty | Q(tier__rank__gte=circle.minimum_tier.rank)
    return found


def moderates(viewer: Membership, circle: Circle) -> bool:
    """Whether the viewer keeps order in the circle: who may moderate, and its hosts."""
    return viewer.may("posts.moderate") or hosts(viewer, circle)


def moderates_at(viewer: Membership, place: CircleMembership | None) -> bool:
    """`moderates`, where the viewer's own place in the circle is known already."""
    is_host = place is not None and place.is_host and viewer.is_counted
    return viewer.may("posts.moderate") or is_host


def allows_post(viewer: Membership | None, post: Post) -> bool:
    """Whoever reads its circle. One that was hidden is there for its author and for those who keep order; one that its
    author has taken back for nobody."""
    if viewer is None or post.removed_at is not None or not reads(viewer, post.circle):
        return False
    return post.hidden_at is None or post.author_id == viewer.pk or moderates(viewer, post.circle)


def visible_posts(viewer: Membership | None) -> Q:
    if viewer is None:
        return Q(pk__in=[])
    return reads_q(viewer) & kept_q(viewer)


def kept_q(viewer: Membership) -> Q:
    """`visible_posts` of circles that the viewer is known to read."""
    there = Q(removed_at=None)
    if viewer.may("posts.moderate"):
        return there
    return there & (Q(hidden_at=None) | Q(author=viewer) | _hosted_q(viewer))


def allows_comment(viewer: Membership | None, comment: Comment) -> bool:
    """Whoever sees its post. The place of one that was hidden or taken back is there, its words are not."""
    return allows_post(viewer, comment.post)


def visible_comments(viewer: Membership | None) -> Q:
    return Q(post__in=Post.objects.filter(visible_posts(viewer)))


def _hosted_q(viewer: Membership) -> Q:
    if not viewer.is_counted:
        return Q(pk__in=[])
    mine = CircleMembership.objects.filter(membership=viewer, is_host=True)
    return Q(circle__in=mine.values("circle"))
