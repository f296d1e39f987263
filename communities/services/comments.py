"""Comments: written below posts and below one another, changed and taken back by their authors, hidden by staff and hosts."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from communities.models import Comment, Post, Version
from communities.services import circles, drafts, mentions, posts
from kernel import activity
from kernel.activity import Activity
from kernel.errors import Refused
from kernel.locks import locked
from members.actors import Actor
from members.models import Membership
from members.services import audit


@transaction.atomic
def write(
    *,
    post: Post,
    author: Membership,
    body: str,
    at: datetime,
    parent: Comment | None = None,
    draft: int | None = None,
) -> Comment:
    """Answer a post, or a comment below it. What stands directly below a question is an answer to it.

    Raises `Refused` as `posts.write` does, where the post was taken away or hidden (`gone`), and where its thread is
    closed (`locked`).
    """
    body = mentions.kept(posts.fitting(body))
    named = mentions.found(body, post.circle, author, _writers(post, parent))
    author = posts.hold_author(author, post.circle, named)
    post = locked(Post.objects.filter(pk=post.pk).select_related("circle")).get()
    if not post.is_there:
        raise Refused(_("What you answer is not there any more."), code="gone")
    if post.locked_at is not None:
        raise Refused(_("This thread is closed."), code="locked")
    posts.guard_pace(Comment.objects.filter(author=author), at)
    parent = _answered(post, parent)
    comment = Comment.objects.create(post=post, parent=parent, author=author, body=body, created_at=at)
    Post.objects.filter(pk=post.pk).update(comment_count=F("comment_count") + 1, last_at=at)
    drafts.finish(place=drafts.answer(post, parent), author=author, title="", body=body, version=draft)
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
    return comment


@transaction.atomic
def change(
    *, comment: Comment, author: Membership, body: str, at: datetime, draft: int | None = None
) -> Comment:
    """Let the comment say something else; what it said is kept. Raises `Refused` as `posts.change` does."""
    body = mentions.kept(posts.fitting(body))
    named = mentions.found(body, comment.post.circle, author, _writers(comment.post, comment.parent))
    author = posts.hold_author(author, comment.post.circle, named)
    comment = _own(comment, author)
    if comment.hidden_at is not None:
        raise Refused(_("This was hidden: it cannot be changed."), code="hidden")
    if comment.post.locked_at is not None:
        raise Refused(_("This thread is closed."), code="locked")
    drafts.finish(place=drafts.change(comment), author=author, title="", body=body, version=draft)
    if comment.body == body:
        return comment
    Version.objects.create(comment=comment, body=comment.body, until=at)
    comment.body, comment.edited_at = body, at
    comment.save(update_fields=["body", "edited_at"])
    mentions.record(on=comment, people=named, at=at)
    return comment


@transaction.atomic
def remove(*, comment: Comment, author: Membership, at: datetime) -> None:
    """Take a comment of one's own back, with all it ever said; answers to it stay below its place."""
    comment = _own(comment, author)
    was_there = comment.is_there
    comment.versions.all().delete()
    comment.body, comment.removed_at, comment.edited_at = "", at, None
    comment.save(update_fields=["body", "removed_at", "edited_at"])
    if was_there:
        _gone(comment)


@transaction.atomic
def hide(*, comment: Comment, reason: str, at: datetime, by: Actor) -> Comment:
    """Take a comment's words out of sight, for a reason that its author reads. Raises `Refused` as `posts.hide` does."""
    reason = posts.a_reason(reason)
    comment = _held(comment, by)
    if comment.hidden_at is None:
        comment.hidden_at, comment.reason = at, reason
        comment.save(update_fields=["hidden_at", "reason"])
        _gone(comment)
        _record("comment.hidden", comment, at=at, by=by, reason=reason)
        activity.announce("post.hidden", written=comment, at=at, by=by)
    return comment


@transaction.atomic
def show(*, comment: Comment, at: datetime, by: Actor) -> Comment:
    """Let a hidden comment be read again."""
    comment = _held(comment, by)
    if comment.hidden_at is not None:
        comment.hidden_at, comment.reason = None, ""
        comment.save(update_fields=["hidden_at", "reason"])
        _count(comment.post_id, 1)
        _record("comment.shown", comment, at=at, by=by)
    return comment


def _writers(post: Post, parent: Comment | None) -> set[int]:
    """Whose words are answered: they can be named wherever they stand, as their names do."""
    return {post.author_id} | ({parent.author_id} if parent else set())


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
    posts.guard_moderator(comment.post.circle, by)
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
