"""Who may see which circle, and who reads what is written there."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from communities.models import Appeal, Attachment, Case, Circle, CircleMembership, Comment, Measure, Post
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
    access.rule(Appeal, allows_appeal, visible_appeals, program_q=~_secret())
    access.rule(Case, allows_case, visible_cases, program_q=~Q(circle__kind=Circle.Kind.SECRET))
    access.rule(Attachment, allows_attachment, visible_attachments, program_q=_told_to_programs())


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


def kept_for_caller(request: Any, post: str = "") -> Q:
    """Which posts of those circles they see; `post` as for `kept_q`."""
    if getattr(request, "auth", None) is not None:
        return Q(**{f"{post}removed_at": None})
    return kept_q(request.membership, post)


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


def kept_q(viewer: Membership, post: str = "") -> Q:
    """`visible_posts` of circles that the viewer is known to read; `post` leads from rows of another kind to theirs:
    "post__"."""
    there = Q(**{f"{post}removed_at": None})
    if viewer.may("posts.moderate"):
        return there
    own = Q(**{f"{post}hidden_at": None}) | Q(**{f"{post}author": viewer})
    return there & (own | _hosted_q(viewer, post))


def allows_comment(viewer: Membership | None, comment: Comment) -> bool:
    """Whoever sees its post. The place of one that was hidden or taken back is there, its words are not."""
    return allows_post(viewer, comment.post)


def visible_comments(viewer: Membership | None) -> Q:
    return Q(post__in=Post.objects.filter(visible_posts(viewer)))


def allows_case(viewer: Membership | None, case: Case) -> bool:
    """Whoever keeps order where the thing lies and reads there; of what was reported of their own words nobody sees
    who reported it, whatever their role."""
    if viewer is None or case.author_id == viewer.pk or not reads(viewer, case.circle):
        return False
    return moderates(viewer, case.circle)


def visible_cases(viewer: Membership | None) -> Q:
    if viewer is None:
        return Q(pk__in=[])
    others = ~Q(author=viewer) & reads_q(viewer)
    return others if viewer.may("posts.moderate") else others & _hosted_q(viewer)


#: What a member's role must hold to decide on an appeal against what was done to a person; of words, who keeps order
#: where they lie decides.
OF_PEOPLE = {
    Measure.Kind.WARNED.value: "posts.moderate",
    Measure.Kind.MUTED.value: "posts.moderate",
    Measure.Kind.RESTRICTED.value: "members.discipline",
    Measure.Kind.REMOVED.value: "members.change",
    Measure.Kind.BANNED.value: "members.change",
}


def allows_appeal(viewer: Membership | None, appeal: Appeal) -> bool:
    """Whoever might have done it, but for the one who has, where there is another who may decide; and never the member
    it is about."""
    measure = appeal.measure
    if viewer is None or measure.membership_id == viewer.pk:
        return False
    if viewer.community_id != measure.membership.community_id:
        return False
    circle = _circle_of(measure)
    if circle is None:
        may = viewer.may(OF_PEOPLE.get(measure.kind, "posts.moderate"))
    else:
        may = reads(viewer, circle) and moderates(viewer, circle)
    if not may or measure.by_id != viewer.pk or (circle and circle.kind == Circle.Kind.SECRET):
        return may
    return not _others(viewer, OF_PEOPLE.get(measure.kind, "posts.moderate"), measure.membership_id).exists()


def visible_appeals(viewer: Membership | None) -> Q:
    if viewer is None:
        return Q(pk__in=[])
    here = Q(measure__membership__community=viewer.community_id) & ~Q(measure__membership=viewer)
    known = read_by(viewer) if is_inside(viewer) else Circle.objects.none()
    if not viewer.may("posts.moderate"):
        hosted = CircleMembership.objects.filter(membership=viewer, is_host=True)
        known = known.filter(pk__in=hosted.values("circle")) if viewer.is_counted else known.none()
    upon_words = ~Q(measure__kind__in=OF_PEOPLE)
    may = upon_words & (Q(measure__post__circle__in=known) | Q(measure__comment__post__circle__in=known))
    alone = upon_words & _secret()
    for permission in ("posts.moderate", "members.discipline", "members.change"):
        about = Q(measure__kind__in=[kind for kind, asked in OF_PEOPLE.items() if asked == permission])
        if viewer.may(permission):
            may |= about
        if permission == "posts.moderate":
            about |= upon_words
        alone |= about & ~Q(Exists(_others(viewer, permission, OuterRef("measure__membership"))))
    return here & may & (~Q(measure__by=viewer) | Q(measure__by=None) | alone)


def _others(viewer: Membership, permission: str, appellant: Any) -> QuerySet[Membership]:
    """The staff besides the viewer and the member it is about who hold the permission, and may use it now."""
    roles = [role for role in Role.values if permissions.allows(role, permission)]
    able = Membership.objects.of(viewer.community_id).filter(role__in=roles, status__in=ADMITTED)
    return able.exclude(status=Status.RESTRICTED).exclude(pk=viewer.pk).exclude(pk=appellant)


def _circle_of(measure: Measure) -> Circle | None:
    """Where the words lie that a measure is about; None for one upon a person."""
    if measure.kind in OF_PEOPLE:
        return None
    post = measure.post or (measure.comment.post if measure.comment else None)
    return post.circle if post else None


def _secret() -> Q:
    secret = Circle.Kind.SECRET
    return Q(measure__post__circle__kind=secret) | Q(measure__comment__post__circle__kind=secret)


def keeps_order(viewer: Membership) -> bool:
    """Whether the viewer keeps order anywhere: who may moderate, and hosts of any circle."""
    if viewer.may("posts.moderate"):
        return True
    return viewer.is_counted and CircleMembership.objects.filter(membership=viewer, is_host=True).exists()


def allows_attachment(viewer: Membership | None, one: Attachment) -> bool:
    """Whoever reads what it belongs to, and of a comment its words; while it is published nowhere its author alone."""
    if viewer is None:
        return False
    if one.comment is not None:
        return allows_comment(viewer, one.comment) and _reads_words(viewer, one.comment)
    if one.post is not None:
        return allows_post(viewer, one.post)
    return one.author_id == viewer.pk and is_inside(viewer)


def visible_attachments(viewer: Membership | None) -> Q:
    if viewer is None or not is_inside(viewer):
        return Q(pk__in=[])
    posts, comments = (
        Post.objects.filter(visible_posts(viewer)),
        Comment.objects.filter(visible_comments(viewer)),
    )
    words = Q(hidden_at=None) | Q(author=viewer)
    if viewer.is_counted:
        mine = CircleMembership.objects.filter(membership=viewer, is_host=True)
        words |= Q(post__circle__in=mine.values("circle"))
    if viewer.may("posts.moderate"):
        words = Q()
    return (
        Q(post__in=posts)
        | Q(comment__in=comments.filter(words, removed_at=None))
        | Q(author=viewer, post=None, comment=None)
    )


def _reads_words(viewer: Membership, comment: Comment) -> bool:
    if comment.removed_at is not None:
        return False
    return (
        comment.hidden_at is None or comment.author_id == viewer.pk or moderates(viewer, comment.post.circle)
    )


def _told_to_programs() -> Q:
    """What is published and there, but not in secret circles."""
    known = ~Q(kind=Circle.Kind.SECRET)
    posts = Post.objects.filter(removed_at=None, circle__in=Circle.objects.filter(known))
    comments = Comment.objects.filter(removed_at=None, hidden_at=None, post__in=posts)
    return Q(post__in=posts) | Q(comment__in=comments)


def _hosted_q(viewer: Membership, post: str = "") -> Q:
    if not viewer.is_counted:
        return Q(pk__in=[])
    mine = CircleMembership.objects.filter(membership=viewer, is_host=True)
    return Q(**{f"{post}circle__in": mine.values("circle")})
