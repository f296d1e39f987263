"""Comments: written below posts and below one another, changed and taken back by their authors, hidden by staff and hosts."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from communities.models import Comment, Measure, Post, Version
from communities.services import attachments, circles, drafts, measures, mentions, posts, reports
from kernel import activity
from kernel.activity import Activity
from kernel.errors import Refused
from kernel.locks import locked, locked_one
from members.actors import Actor
from members.models import Membership
from members.services import audit


@transaction.atomic
def write(
    *,
    post: Post,
    author: Membership,
    at: datetime,
    body: str = "",
    parent: Comment | None = None,
    draft: int | None = None,
    files: Sequence[UUID] = (),
) -> Comment:
    """Answer a post, or a comment below it. What stands directly below a question is an answer to it.

    Raises `Refused` as `posts.write` does, where the post was taken away or hidden (`gone`), and where its thread is
    closed (`locked`).
    """
    body = mentions.kept(posts.fitting(body))
    named = mentions.found(body, post.circle, author, _writers(post, parent))
    circle_id, author = post.circle_id, posts.hold_author(author, post.circle, at, named)
    mine = Comment.objects.filter(author=author)
    posts.guard_pace(mine, at)
    place = drafts.answer(post, parent)
    described = attachments.descriptions(place=place, author=author, keys=files)
    verdict, why = posts.judged(post.circle, author, f"{body}\n\n{described}", at, written=mine)
    post = locked_one(Post.objects.filter(pk=post.pk).select_related("circle"))
    if not post.is_there or post.circle_id != circle_id:
        # Moved to where this member may not be in, while they wrote: they find it again where it is.
        raise Refused(_("What you answer is not there any more."), code="gone")
    if post.locked_at is not None:
        raise Refused(_("This thread is closed."), code="locked")
    parent = _answered(post, parent)
    comment = Comment(post=post, parent=parent, author=author, body=body, created_at=at)
    comment.hidden_at = comment.held_at = at if verdict == "hold" else None
    comment.save(force_insert=True)
    attachments.settle(written=comment, place=place, author=author, keys=files)
    attachments.guard_says(comment, body)
    drafts.finish(place=place, author=author, title="", body=body, version=draft)
    if verdict:
        reports.by_rule(written=comment, words=why, at=at)
    if verdict != "hold":
        _publish(comment, named, at)
    return comment


def _publish(comment: Comment, named: Sequence[Membership], at: datetime) -> None:
    """That it was written is a fact, and told, from when it is read."""
    post, parent, author = comment.post, comment.parent, comment.author
    Post.objects.filter(pk=post.pk).update(comment_count=F("comment_count") + 1, last_at=at)
    answered = parent.author if parent else post.author
    activity.publish(
        Activity(
            community_id=post.circle.community_id,
            member=author.number,
            verb="answered" if post.asks and parent is None else "commented",
            at=at,
            target=answered.number,
            object_kind="post",
            object_id=str(post.key),
            circle_id=post.circle_id,
            staff=author.is_staff,
            dedupe=f"comment:{comment.key}",
        )
    )
    mentions.record(on=comment, people=named, answered=answered, at=at)
    activity.announce("comment.written", comment=comment, answered=answered, at=at)


@transaction.atomic
def change(
    *,
    comment: Comment,
    author: Membership,
    body: str,
    at: datetime,
    draft: int | None = None,
    files: Sequence[UUID] = (),
    drop: Sequence[UUID] = (),
) -> Comment:
    """Let the comment say something else; what it said is kept. Raises `Refused` as `posts.change` does."""
    body = mentions.kept(posts.fitting(body))
    named = mentions.found(body, comment.post.circle, author, _writers(comment.post, comment.parent))
    author = posts.hold_author(author, comment.post.circle, at, named)
    place = drafts.change(comment)
    described = attachments.descriptions(place=place, author=author, keys=files)
    verdict, why = posts.judged(comment.post.circle, author, f"{body}\n\n{described}", at)
    comment = _own(comment, author)
    posts.guard_shown(comment)
    if comment.post.locked_at is not None:
        raise Refused(_("This thread is closed."), code="locked")
    attachments.settle(written=comment, place=place, author=author, keys=files, drop=drop)
    attachments.guard_says(comment, body, drop)
    drafts.finish(place=place, author=author, title="", body=body, version=draft)
    if comment.body == body:
        return comment
    Version.objects.create(comment=comment, body=comment.body, until=at)
    comment.body, comment.edited_at = body, at
    comment.hidden_at = comment.held_at = at if verdict == "hold" else None
    comment.save(update_fields=["body", "edited_at", "hidden_at", "held_at"])
    if verdict:
        reports.by_rule(written=comment, words=why, at=at)
    if verdict == "hold":
        _gone(comment)
    else:
        mentions.record(on=comment, people=named, at=at)
    return comment


@transaction.atomic
def remove(*, comment: Comment, author: Membership, at: datetime) -> None:
    """Take a comment of one's own back, with all it ever said; answers to it stay below its place."""
    comment = _own(comment, author)
    was_there = comment.is_there
    comment.versions.all().delete()
    attachments.remove(comment.attachments.all())
    comment.body, comment.removed_at, comment.edited_at = "", at, None
    comment.save(update_fields=["body", "removed_at", "edited_at"])
    if was_there:
        _gone(comment)


@transaction.atomic
def hide(*, comment: Comment, reason: str, at: datetime, by: Actor) -> Comment:
    """Take a comment's words out of sight, for a reason that its author reads. Raises `Refused` as `posts.hide` does."""
    reason = posts.a_reason(reason)
    comment = _held(comment, by)
    if comment.hidden_at is None or comment.held_at is not None:
        was_there = comment.is_there
        comment.hidden_at, comment.held_at, comment.reason = at, None, reason
        comment.save(update_fields=["hidden_at", "held_at", "reason"])
        if was_there:
            _gone(comment)
        _record("comment.hidden", comment, at=at, by=by, reason=reason)
        posts.note(comment, Measure.Kind.HIDDEN, reason, at=at, by=by)
        activity.announce("post.hidden", written=comment, at=at, by=by)
    return comment


@transaction.atomic
def show(*, comment: Comment, at: datetime, by: Actor) -> Comment:
    """Let a hidden comment be read again, or one that waits for approval for the first time. Raises `Refused` as
    `posts.show` does."""
    comment = _held(comment, by)
    if comment.held_at is not None:
        return _approve(comment, at=at, by=by)
    if comment.hidden_at is not None:
        posts.guard_not_own(comment, by)
        comment.hidden_at, comment.reason = None, ""
        comment.save(update_fields=["hidden_at", "reason"])
        _count(comment.post_id, 1)
        measures.end(written=comment, kind=Measure.Kind.HIDDEN, at=at, by=by)
        _record("comment.shown", comment, at=at, by=by)
    return comment


def _writers(post: Post, parent: Comment | None) -> set[int]:
    """Whose words are answered: they can be named wherever they stand, as their names do."""
    return {post.author_id} | ({parent.author_id} if parent else set())


def _approve(comment: Comment, *, at: datetime, by: Actor) -> Comment:
    """As the last of its thread; one that was read before it was changed keeps its place."""
    posts.guard_not_own(comment, by)
    is_new = comment.held_at == comment.created_at
    comment.hidden_at = comment.held_at = None
    if is_new:
        comment.created_at = at
    comment.save(update_fields=["hidden_at", "held_at", "created_at"])
    _record("comment.approved", comment, at=at, by=by)
    measures.settle_held(comment, at=at, by=by)
    post, author = comment.post, comment.author
    named = mentions.found(comment.body, post.circle, author, _writers(post, comment.parent))
    if is_new:
        _publish(comment, named, at)
    else:
        _count(comment.post_id, 1)
        mentions.record(on=comment, people=named, at=at)
    activity.announce("post.approved", written=comment, at=at, by=by)
    return comment


def _answered(post: Post, parent: Comment | None) -> Comment | None:
    """The comment that is answered, as it is now."""
    if parent is None:
        return None
    found = Comment.objects.filter(pk=parent.pk, post=post).select_related("author").first()
    if found is None or not found.is_there:
        raise Refused(_("What you answer is not there any more."), code="gone")
    return found


def _own(comment: Comment, author: Membership) -> Comment:
    found = _locked(comment)
    if found.author_id != author.pk:
        raise Refused(_("Somebody else has written this."), code="not_yours")
    if found.removed_at is not None:
        raise Refused(_("This was taken back."), code="removed")
    return found


def _held(comment: Comment, by: Actor) -> Comment:
    posts.guard_moderator(comment.post.circle, by, comment.author_id)
    circles.held(comment.post.circle, by)
    found = _locked(comment)
    if found.removed_at is not None:
        raise Refused(_("This was taken back."), code="removed")
    return found


def _locked(comment: Comment) -> Comment:
    """The comment, held with its post, which is held first: whoever answers holds the post, and then what they answer."""
    locked(Post.objects.filter(pk=comment.post_id)).get()
    return locked(Comment.objects.filter(pk=comment.pk).select_related("author", "post__circle")).get()


def _gone(comment: Comment) -> None:
    """It is not counted any more, and the question that it was the accepted answer to is open again."""
    _count(comment.post_id, -1)
    Post.objects.filter(pk=comment.post_id, accepted=comment).update(accepted=None, accepted_at=None)


def _count(post_id: int, by: int) -> None:
    Post.objects.filter(pk=post_id).update(comment_count=F("comment_count") + by)


def _record(action: str, comment: Comment, *, at: datetime, by: Actor, reason: str = "") -> None:
    after = {"member": comment.author.number} | ({"reason": reason} if reason else {})
    audit.record(
        action=action,
        object_kind="comment",
        object_id=comment.key,
        by=by,
        at=at,
        community_id=comment.post.circle.community_id,
        after=after,
    )
