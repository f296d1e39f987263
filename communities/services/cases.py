"""Deciding on what was reported: once, in one place, with what follows for the words and for who wrote them."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from communities import access as rules
from communities.models import Case, Circle, Comment, Post
from communities.services import comments, measures, posts
from kernel.errors import Refused
from kernel.locks import locked, locked_one
from members.actors import Actor
from members.models import Membership
from members.services import audit, powers, standing

Act = Case.Act
#: What staff need to act upon people, besides keeping order where the words are.
UPON_PEOPLE = {
    Act.WARN.value: posts.MODERATE,
    Act.MUTE.value: posts.MODERATE,
    Act.RESTRICT.value: "members.discipline",
    Act.REMOVE.value: "members.change",
}


def possible(case: Case, viewer: Membership) -> list[Act]:
    """What the viewer may do about it, in the order of how much it takes."""
    return [act for act in Act if _fits(act, case) and _may(act, case, viewer)]


@transaction.atomic
def decide(
    *,
    case: Case,
    act: str,
    at: datetime,
    by: Actor,
    reason: str = "",
    hides: bool = False,
    hours: int = 0,
    circle: Circle | None = None,
) -> Case:
    """Leave the words as they are, act upon them, or upon who wrote them (`hides`: and hide the words as well); its
    author reads the `reason`, which is needed for all but leaving them.

    `hours` is how long a mute lasts, `circle` where a post is moved to. Raises `Refused` where somebody else was faster
    (`decided`), for one's own words and who keeps no order there (`no_longer_allowed`), for what the words are not fit
    for (`not_now`), and as the acts themselves do.
    """
    if act not in Act.values:
        raise Refused(_("Choose what to do."), code="unknown", field="act")
    if act != Act.KEEP:
        reason = measures.a_reason(reason)
    author, case, written = _held(case, by, circle)
    if not _fits(act, case):
        raise Refused(_("This does not fit any more: choose something else."), code="not_now", field="act")
    measures.settle(case=case, act=act, reason=reason.strip(), at=at, by=by)
    told = {"member": author.number, "act": act} | ({"reason": reason} if reason else {})
    audit.record(
        action="report.kept" if act == Act.KEEP else "report.acted",
        object_kind="report",
        object_id=case.key,
        by=by,
        at=at,
        community_id=case.community_id,
        after=told,
    )
    if act == Act.KEEP and written.held_at is not None:
        _show(written, at, by)
    if act == Act.HIDE or (hides and act in UPON_PEOPLE):
        _hide(written, reason, at, by)
    if act == Act.LOCK and isinstance(written, Post):
        posts.lock(post=written, locks=True, reason=reason, at=at, by=by)
    elif act == Act.MOVE and isinstance(written, Post):
        posts.move(post=written, to=circle, reason=reason, at=at, by=by)
    elif act == Act.WARN:
        measures.warn(membership=author, reason=reason, at=at, by=by)
    elif act == Act.MUTE:
        measures.mute(membership=author, hours=hours, reason=reason, at=at, by=by)
    elif act in UPON_PEOPLE:
        standing.act(act, membership=author, reason=reason, at=at, by=by)
    return case


def _hide(written: Post | Comment, reason: str, at: datetime, by: Actor) -> None:
    """What its author has taken back meanwhile need not be hidden."""
    if written.removed_at is not None:
        return
    if isinstance(written, Post):
        posts.hide(post=written, reason=reason, at=at, by=by)
    else:
        comments.hide(comment=written, reason=reason, at=at, by=by)


def _show(written: Post | Comment, at: datetime, by: Actor) -> None:
    """To leave as it is what waits for approval is to approve of it."""
    if written.removed_at is not None:
        return
    if isinstance(written, Post):
        posts.show(post=written, at=at, by=by)
    else:
        comments.show(comment=written, at=at, by=by)


def _fits(act: str, case: Case) -> bool:
    """Whether the words are such as the act is for."""
    written = case.post or case.comment
    if written is None or act in (Act.KEEP, *UPON_PEOPLE):
        return True
    if act == Act.HIDE:
        return written.is_there or (written.held_at is not None and written.removed_at is None)
    return isinstance(written, Post) and written.is_there and (act != Act.LOCK or written.locked_at is None)


def _may(act: str, case: Case, viewer: Membership) -> bool:
    if act not in UPON_PEOPLE:
        return True
    author = case.author
    if not viewer.may(UPON_PEOPLE[act]) or not author.is_admitted:
        return False
    if author.role == "owner" and not viewer.may("members.change_role"):
        return False
    return act != Act.RESTRICT or author.is_counted


def _held(case: Case, by: Actor, to: Circle | None) -> tuple[Membership, Case, Post | Comment]:
    """The author, the case and the words, held, with all that stands above them. Raises `Refused` as `decide` says."""
    author, acting, _owners = powers.hold(case.author, by)
    place = case.post if case.post is not None else case.comment.post  # type: ignore[union-attr]
    # Where it is moved to as well, before the post: whoever moves one the other way holds the two in the same order.
    circles = Circle.objects.filter(pk__in=[place.circle_id, *([to.pk] if to else [])])
    list(locked(circles.order_by("pk")))
    post = locked_one(Post.objects.filter(pk=place.pk).select_related("circle", "author"))
    written: Post | Comment = post
    if case.comment_id is not None:
        below = Comment.objects.filter(pk=case.comment_id).select_related("author", "post__circle")
        written = locked(below).get()
    case = locked_one(Case.objects.filter(pk=case.pk).select_related("circle__minimum_tier"))
    if acting is not None and not rules.allows_case(acting, case):
        raise Refused(_("Your role does not allow this any more."), code="no_longer_allowed")
    if not case.is_open:
        told = _("%(who)s has decided already: %(decision)s.")
        names = {"who": case.decided_words, "decision": case.get_act_display()}
        raise Refused(told % names, code="decided")
    if case.post_id is not None:
        case.post = post
    else:
        case.comment = written  # type: ignore[assignment]
    return author, case, written
