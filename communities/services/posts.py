"""Posts: written by members in circles, changed and taken back by their authors, kept in order by staff and hosts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from communities import access as rules
from communities.models import Circle, Poll, Post, Version
from communities.models.post import LONGEST
from communities.services import circles, drafts, mentions, polls
from kernel import activity
from kernel.activity import Activity
from kernel.errors import Refused
from kernel.locks import held, locked
from members.actors import Actor
from members.models import Membership
from members.services import audit

#: What one member may write within an hour, posts and comments each: more is a flood, or a program.
PER_HOUR = 30
HOUR = timedelta(hours=1)
MODERATE = "posts.moderate"


@transaction.atomic
def write(
    *,
    circle: Circle,
    author: Membership,
    body: str,
    at: datetime,
    title: str = "",
    asks: bool = False,
    poll: polls.Ask | None = None,
    draft: int | None = None,
) -> Post:
    """Begin a thread in the circle; `asks` makes it a question, and `poll` has its readers choose. `draft` is the version
    of the draft that it was until now.

    Raises `Refused` for an empty or endless text (`length`), for who does not read the circle or is not in it
    (`not_in_it`), for members whose standing lets them read only (`not_active`), in an archived circle (`archived`), and
    for more than `PER_HOUR` (`too_many`); and as `polls.fitting` does.
    """
    body, title, poll = mentions.kept(fitting(body)), title.strip()[:160], polls.fitting(poll, at)
    named = mentions.found(body, circle, author)
    author = hold_author(author, circle, named)
    guard_pace(Post.objects.filter(author=author), at)
    post = Post.objects.create(
        circle=circle, author=author, title=title, body=body, asks=asks, created_at=at, last_at=at
    )
    if poll is not None:
        polls.lay_out(post, poll)
    drafts.finish(place=drafts.new_post(circle), author=author, title=title, body=body, version=draft)
    activity.publish(
        Activity(
            community_id=circle.community_id,
            member=author.number,
            verb="asked" if asks else "posted",
            at=at,
            object_kind="post",
            object_id=str(post.key),
            circle_id=circle.pk,
            staff=author.is_staff,
            dedupe=f"post:{post.key}",
        )
    )
    mentions.record(on=post, people=named, at=at)
    return post


@transaction.atomic
def change(
    *,
    post: Post,
    author: Membership,
    body: str,
    title: str,
    at: datetime,
    poll: polls.Ask | None = polls.AS_IT_IS,
    draft: int | None = None,
) -> Post:
    """Let the post say something else; what it said is kept. Raises `Refused` as `write` does, for a post of somebody
    else's (`not_yours`), for one that is hidden or locked (`hidden`, `locked`), and for another poll once somebody has
    voted (`voted`)."""
    body, title, poll = mentions.kept(fitting(body)), title.strip()[:160], polls.fitting(poll, at)
    named = mentions.found(body, post.circle, author)
    author = hold_author(author, post.circle, named)
    post = _own(post, author)
    if post.hidden_at is not None:
        raise Refused(_("This was hidden: it cannot be changed."), code="hidden")
    if post.locked_at is not None:
        raise Refused(_("This thread is closed."), code="locked")
    polls.change(post, poll)
    drafts.finish(place=drafts.change(post), author=author, title=title, body=body, version=draft)
    if (post.title, post.body) == (title, body):
        return post
    Version.objects.create(post=post, title=post.title, body=post.body, until=at)
    post.title, post.body, post.edited_at = title, body, at
    post.save(update_fields=["title", "body", "edited_at"])
    mentions.record(on=post, people=named, at=at)
    return post


@transaction.atomic
def remove(*, post: Post, author: Membership, at: datetime) -> None:
    """Take a post of one's own back, with all it ever said; nobody sees the thread any more. That it was written stays
    a fact. Raises `Refused` for a post of somebody else's."""
    post = _own(post, author)
    if post.removed_at is None:
        post.versions.all().delete()
        Poll.objects.filter(post=post).delete()
        post.title, post.body, post.removed_at, post.edited_at = "", "", at, None
        post.save(update_fields=["title", "body", "removed_at", "edited_at"])


@transaction.atomic
def hide(*, post: Post, reason: str, at: datetime, by: Actor) -> Post:
    """Take a post out of sight, for a reason that its author reads. Raises `Refused` without one, and for who keeps no
    order in the circle."""
    reason = a_reason(reason)
    post = _held(post, by)
    if post.hidden_at is None:
        post.hidden_at, post.reason = at, reason
        post.save(update_fields=["hidden_at", "reason"])
        _record("post.hidden", post, at=at, by=by, reason=reason)
        activity.announce("post.hidden", written=post, at=at, by=by)
    return post


@transaction.atomic
def show(*, post: Post, at: datetime, by: Actor) -> Post:
    """Let a hidden post be seen again."""
    post = _held(post, by)
    if post.hidden_at is not None:
        post.hidden_at, post.reason = None, ""
        post.save(update_fields=["hidden_at", "reason"])
        _record("post.shown", post, at=at, by=by)
    return post


@transaction.atomic
def lock(*, post: Post, locks: bool, at: datetime, by: Actor) -> Post:
    """Close a thread to comments, or open it again."""
    post = _held(post, by)
    if (post.locked_at is not None) != locks:
        post.locked_at = at if locks else None
        post.save(update_fields=["locked_at"])
        _record("post.locked" if locks else "post.unlocked", post, at=at, by=by)
    return post


@transaction.atomic
def pin(*, post: Post, pins: bool, at: datetime, by: Actor) -> Post:
    """Let a post stand above the others of its circle, or in its place again."""
    post = _held(post, by)
    if (post.pinned_at is not None) != pins:
        post.pinned_at = at if pins else None
        post.save(update_fields=["pinned_at"])
        _record("post.pinned" if pins else "post.unpinned", post, at=at, by=by)
    return post


def fitting(body: str) -> str:
    body = body.strip()
    if not body or len(body) > LONGEST or "\x00" in body:
        told = _("Write between 1 and %(most)d characters.") % {"most": LONGEST}
        raise Refused(told, code="length", field="body")
    return body


def hold_author(author: Membership, circle: Circle, named: Sequence[Membership] = ()) -> Membership:
    """The member, held, who may write in the circle now, and with them those whom they name. Raises `Refused` as `write`
    says."""
    author = hold_reader(author, circle, named)
    if not circle.circle_memberships.filter(membership=author).exists():
        raise Refused(_("Join the circle to write in it."), code="not_in_it")
    return author


def hold_reader(author: Membership, circle: Circle, named: Sequence[Membership] = ()) -> Membership:
    """The member, held, who reads what lies in the circle and may act on it now. Raises `Refused` as `write` says, but
    does not ask for the circle to be joined."""
    rows = Membership.objects.filter(pk__in=[author.pk, *(one.pk for one in named)]).select_related("tier")
    # Not against new rows that point at them: two who answer one another would each wait to tell the other of it.
    author = {one.pk: one for one in held(rows.order_by("pk"))}[author.pk]
    circle = Circle.objects.select_related("minimum_tier").get(pk=circle.pk)
    if not rules.reads(author, circle):
        raise Refused(_("You do not see this circle any more."), code="not_in_it")
    if not author.is_counted:
        told = _("Your membership is “%(status)s”: you can read, and write once it is active again.")
        raise Refused(told % {"status": author.get_status_display()}, code="not_active")
    if circle.archived_at is not None:
        raise Refused(_("This circle is archived: nobody writes in it any more."), code="archived")
    return author


def guard_pace(written: QuerySet[Any], at: datetime) -> None:
    """Raises `Refused` (`too_many`) where so much was written within an hour."""
    if written.filter(created_at__gt=at - HOUR).count() >= PER_HOUR:
        raise Refused(_("That is a lot within an hour. Take a breath, and go on later."), code="too_many")


def guard_moderator(circle: Circle, by: Actor) -> None:
    """Holds the acting member. Raises `Refused` for who keeps no order there; programs and the site do."""
    if by.membership is None:
        return
    acting = held(Membership.objects.filter(pk=by.membership.pk)).get()
    if not rules.moderates(acting, circle):
        raise Refused(_("Your role does not allow this any more."), code="no_longer_allowed")


def _own(post: Post, author: Membership) -> Post:
    found = locked(Post.objects.filter(pk=post.pk)).get()
    if found.author_id != author.pk:
        raise Refused(_("Somebody else has written this."), code="not_yours")
    if found.removed_at is not None:
        raise Refused(_("This was taken back."), code="removed")
    return found


def _held(post: Post, by: Actor) -> Post:
    guard_moderator(post.circle, by)
    circles.held(post.circle, by)
    found = locked(Post.objects.filter(pk=post.pk).select_related("circle")).get()
    if found.removed_at is not None:
        raise Refused(_("This was taken back."), code="removed")
    return found


def a_reason(reason: str) -> str:
    reason = reason.strip()[:240]
    if not reason:
        raise Refused(_("Say why: the member will read it."), code="required", field="reason")
    return reason


def _record(action: str, post: Post, *, at: datetime, by: Actor, reason: str = "") -> None:
    after = {"member": post.author.number} | ({"reason": reason} if reason else {})
    audit.record(
        action=action,
        object_kind="post",
        object_id=post.key,
        by=by,
        at=at,
        community_id=post.circle.community_id,
        after=after,
    )
