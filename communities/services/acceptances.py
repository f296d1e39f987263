"""Accepted answers: of the answers to a question the one that helped, named by who asked or by who keeps order."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from communities import access as rules
from communities.models import Comment, Post
from communities.services import posts
from kernel import activity
from kernel.activity import Activity
from kernel.errors import Refused
from kernel.locks import locked, locked_one
from members.actors import Actor
from members.models import Membership
from members.services import audit


@transaction.atomic
def accept(*, comment: Comment, at: datetime, by: Actor) -> None:
    """Let the answer stand first below the question. Accepting what is accepted does nothing.

    Raises `Refused` as `posts.write` does for who may not act in the circle, for who neither asked nor keeps order
    (`not_yours`), for what is no answer to a question (`no_answer`) or not there any more (`gone`), and where another
    one is accepted (`answered`).
    """
    post, member = _held(comment.post, by, at)
    comment = locked(Comment.objects.filter(pk=comment.pk).select_related("author")).get()
    comment.post = post
    if not post.asks or comment.parent_id is not None:
        raise Refused(_("Only what answers a question directly can be accepted."), code="no_answer")
    if not (post.is_there and comment.is_there):
        raise Refused(_("This is not there any more."), code="gone")
    if post.accepted_id == comment.pk:
        return
    if post.accepted_id is not None:
        raise Refused(_("Another answer is accepted already: take that back first."), code="answered")
    post.accepted, post.accepted_at = comment, at
    post.save(update_fields=["accepted", "accepted_at"])
    _record("post.answer_accepted", comment, member, at=at, by=by)
    if comment.author_id != member.pk:
        activity.publish(
            Activity(
                community_id=post.circle.community_id,
                member=member.number,
                verb="accepted",
                at=at,
                target=comment.author.number,
                object_kind="comment",
                object_id=str(comment.key),
                circle_id=post.circle_id,
                staff=member.is_staff,
                dedupe=f"accepted:{comment.key}",
            )
        )
    activity.announce("answer.accepted", comment=comment, at=at, by=by)


@transaction.atomic
def take_back(*, post: Post, at: datetime, by: Actor) -> None:
    """Let the question be open again; where nothing is accepted nothing happens. Raises `Refused` as `accept` does."""
    post, member = _held(post, by, at)
    if post.accepted is None:
        return
    comment, post.accepted, post.accepted_at = post.accepted, None, None
    post.save(update_fields=["accepted", "accepted_at"])
    comment.post = post
    _record("post.answer_taken_back", comment, member, at=at, by=by)


def may(viewer: Membership, post: Post, *, moderates: bool) -> bool:
    """Whether the viewer, who reads the post and keeps order there or not, accepts answers to it."""
    if not (post.asks and post.is_there and viewer.is_counted) or post.circle.archived_at is not None:
        return False
    return post.author_id == viewer.pk or moderates


def _held(post: Post, by: Actor, at: datetime) -> tuple[Post, Membership]:
    """The question, held, and who acts, held before it."""
    if by.membership is None:
        raise Refused(_("Only people accept answers."), code="person_needed")
    member = posts.hold_reader(by.membership, post.circle, at)
    if post.author_id != member.pk and not rules.moderates(member, post.circle):
        raise Refused(_("Who has asked accepts an answer, or who keeps order here."), code="not_yours")
    rows = Post.objects.filter(pk=post.pk).select_related("author", "circle__community", "accepted__author")
    return locked_one(rows), member


def _record(action: str, comment: Comment, member: Membership, *, at: datetime, by: Actor) -> None:
    """What is done for somebody else is written down."""
    if comment.post.author_id == member.pk:
        return
    audit.record(
        action=action,
        object_kind="post",
        object_id=comment.post.key,
        by=by,
        at=at,
        community_id=comment.post.circle.community_id,
        after={"member": comment.author.number},
    )
