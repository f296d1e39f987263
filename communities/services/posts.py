"""Posts: written by members in circles, changed and taken back by their authors, kept in order by staff and hosts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from communities import access as rules
from communities.models import Case, Circle, Measure, Poll, Post, Version
from communities.models.post import LONGEST
from communities.services import attachments, circles, drafts, measures, mentions, polls, reports, talk_rules
from kernel import activity
from kernel.activity import Activity
from kernel.errors import Refused
from kernel.locks import held, locked, locked_one
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
    at: datetime,
    body: str = "",
    title: str = "",
    asks: bool = False,
    poll: polls.Ask | None = None,
    draft: int | None = None,
    files: Sequence[UUID] = (),
) -> Post:
    """Begin a thread in the circle; `asks` makes it a question, and `poll` has its readers choose. `draft` is the version
    of the draft that it was until now, whose pictures and files come with it, as do those that `files` names.

    Raises `Refused` for an endless text, and an empty one without pictures and files (`length`), for who does not read the
    circle or is not in it (`not_in_it`), for members whose standing lets them read only (`not_active`), in an archived
    circle (`archived`), and for more than `PER_HOUR` (`too_many`); and as `polls.fitting` does.
    """
    body, title, poll = mentions.kept(fitting(body)), title.strip()[:160], polls.fitting(poll, at)
    named = mentions.found(body, circle, author)
    author = hold_author(author, circle, at, named)
    mine = Post.objects.filter(author=author)
    guard_pace(mine, at)
    place = drafts.new_post(circle)
    described = attachments.descriptions(place=place, author=author, keys=files)
    verdict, why = judged(circle, author, _said(title, body, described, poll), at, written=mine)
    post = Post(circle=circle, author=author, title=title, body=body, asks=asks, created_at=at, last_at=at)
    post.hidden_at = post.held_at = at if verdict == "hold" else None
    post.save(force_insert=True)
    if poll is not None:
        polls.lay_out(post, poll)
    attachments.settle(written=post, place=place, author=author, keys=files)
    attachments.guard_says(post, body)
    drafts.finish(place=place, author=author, title=title, body=body, version=draft)
    if verdict:
        reports.by_rule(written=post, words=why, at=at)
    if verdict != "hold":
        _publish(post, named, at)
    return post


def _said(title: str, body: str, described: str, poll: polls.Ask | None) -> str:
    """All that is said in it."""
    return "\n\n".join([title, body, described, *(poll.options if poll else ())])


def _publish(post: Post, named: Sequence[Membership], at: datetime) -> None:
    """That it was written is a fact from when it is read."""
    author, circle = post.author, post.circle
    activity.publish(
        Activity(
            community_id=circle.community_id,
            member=author.number,
            verb="asked" if post.asks else "posted",
            at=at,
            object_kind="post",
            object_id=str(post.key),
            circle_id=circle.pk,
            staff=author.is_staff,
            dedupe=f"post:{post.key}",
        )
    )
    mentions.record(on=post, people=named, at=at)


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
    files: Sequence[UUID] = (),
    drop: Sequence[UUID] = (),
) -> Post:
    """Let the post say something else; what it said is kept. Raises `Refused` as `write` does, for a post of somebody
    else's (`not_yours`), for one that is hidden or locked (`hidden`, `locked`), and for another poll once somebody has
    voted (`voted`)."""
    body, title, poll = mentions.kept(fitting(body)), title.strip()[:160], polls.fitting(poll, at)
    named = mentions.found(body, post.circle, author)
    author = hold_author(author, post.circle, at, named)
    place = drafts.change(post)
    described = attachments.descriptions(place=place, author=author, keys=files)
    verdict, why = judged(post.circle, author, _said(title, body, described, poll), at)
    post = _own(post, author)
    guard_shown(post)
    if post.locked_at is not None:
        raise Refused(_("This thread is closed."), code="locked")
    polls.change(post, poll, at)
    attachments.settle(written=post, place=place, author=author, keys=files, drop=drop)
    attachments.guard_says(post, body, drop)
    drafts.finish(place=place, author=author, title=title, body=body, version=draft)
    if (post.title, post.body) == (title, body):
        return post
    Version.objects.create(post=post, title=post.title, body=post.body, until=at)
    post.title, post.body, post.edited_at = title, body, at
    post.hidden_at = post.held_at = at if verdict == "hold" else None
    post.save(update_fields=["title", "body", "edited_at", "hidden_at", "held_at"])
    if verdict:
        reports.by_rule(written=post, words=why, at=at)
    if verdict != "hold":
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
        attachments.remove(post.attachments.all())
        post.title, post.body, post.removed_at, post.edited_at = "", "", at, None
        post.save(update_fields=["title", "body", "removed_at", "edited_at"])


@transaction.atomic
def hide(*, post: Post, reason: str, at: datetime, by: Actor) -> Post:
    """Take a post out of sight, for a reason that its author reads. Raises `Refused` without one, and for who keeps no
    order in the circle."""
    reason = a_reason(reason)
    post = _held(post, by)
    if post.hidden_at is None or post.held_at is not None:
        post.hidden_at, post.held_at, post.reason = at, None, reason
        post.save(update_fields=["hidden_at", "held_at", "reason"])
        _record("post.hidden", post, at=at, by=by, reason=reason)
        note(post, Measure.Kind.HIDDEN, reason, at=at, by=by)
        activity.announce("post.hidden", written=post, at=at, by=by)
    return post


@transaction.atomic
def show(*, post: Post, at: datetime, by: Actor) -> Post:
    """Let a hidden post be seen again, and one that waits for approval for the first time: it is written from then on.
    Raises `Refused` (`own`) for one's own that somebody else has hidden, or that waits."""
    post = _held(post, by)
    if post.held_at is not None:
        return _approve(post, at=at, by=by)
    if post.hidden_at is not None:
        guard_not_own(post, by)
        post.hidden_at, post.reason = None, ""
        post.save(update_fields=["hidden_at", "reason"])
        measures.end(written=post, kind=Measure.Kind.HIDDEN, at=at, by=by)
        _record("post.shown", post, at=at, by=by)
    return post


def _approve(post: Post, *, at: datetime, by: Actor) -> Post:
    """Among the newest of its circle, where its readers look; one that was read before it was changed keeps its place."""
    guard_not_own(post, by)
    is_new = post.held_at == post.created_at
    post.hidden_at = post.held_at = None
    if is_new:
        post.created_at = post.last_at = at
    post.save(update_fields=["hidden_at", "held_at", "created_at", "last_at"])
    _record("post.approved", post, at=at, by=by)
    measures.settle_held(post, at=at, by=by)
    named = mentions.found(post.body, post.circle, post.author)
    if is_new:
        _publish(post, named, at)
    else:
        mentions.record(on=post, people=named, at=at)
    activity.announce("post.approved", written=post, at=at, by=by)
    return post


@transaction.atomic
def lock(*, post: Post, locks: bool, at: datetime, by: Actor, reason: str = "") -> Post:
    """Close a thread to comments, or open it again. Somebody else's is closed for a `reason` that they read; raises
    `Refused` (`required`) without one."""
    post = _held(post, by)
    if (post.locked_at is not None) != locks:
        if locks and not measures.is_own(post.author, by):
            reason = a_reason(reason)
        post.locked_at = at if locks else None
        post.save(update_fields=["locked_at"])
        _record("post.locked" if locks else "post.unlocked", post, at=at, by=by, reason=reason)
        if locks:
            note(post, Measure.Kind.LOCKED, reason, at=at, by=by)
        elif not locks:
            measures.end(written=post, kind=Measure.Kind.LOCKED, at=at, by=by)
    return post


@transaction.atomic
def move(
    *, post: Post, to: Circle | None, reason: str, at: datetime, by: Actor, is_told: bool = True
) -> Post:
    """Let a post with its thread lie in another circle from now on, somebody else's for a reason that they read; who
    reads it is who reads there. The facts of it stay where they happened. It is pinned in neither. One that is moved back
    upon an appeal stands in no record (`is_told`): the author reads the answer.

    Raises `Refused` without a reason, for no circle, one of another community, an archived one and the one where it is
    (`circle`), and for who does not keep order in both.
    """
    post = _held(post, by, also=to)
    if not measures.is_own(post.author, by):
        reason = a_reason(reason)
    if to is None or to.community_id != post.circle.community_id or to.pk == post.circle_id:
        raise Refused(_("Choose the circle where it belongs."), code="circle", field="circle")
    guard_moderator(to, by)
    to = circles.held(to, by)
    if to.archived_at is not None:
        raise Refused(
            _("This circle is archived: nobody writes in it any more."), code="circle", field="circle"
        )
    source, post.circle, post.pinned_at = post.circle, to, None
    post.save(update_fields=["circle", "pinned_at"])
    Case.objects.filter(Q(post=post) | Q(comment__post=post)).update(circle=to)
    _record("post.moved", post, at=at, by=by, reason=reason)
    if is_told:
        note(post, Measure.Kind.MOVED, reason, at=at, by=by, source=source)
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
    """The text without blanks around it, which may be empty where pictures or files go with it."""
    body = body.strip()
    if len(body) > LONGEST or "\x00" in body:
        told = _("Write at most %(most)d characters.") % {"most": LONGEST}
        raise Refused(told, code="length", field="body")
    return body


def hold_author(
    author: Membership, circle: Circle, at: datetime, named: Sequence[Membership] = ()
) -> Membership:
    """The member, held, who may write in the circle now, and with them those whom they name. Raises `Refused` as `write`
    says, and for who is muted."""
    author = hold_reader(author, circle, at, named)
    if not circle.circle_memberships.filter(membership=author).exists():
        raise Refused(_("Join the circle to write in it."), code="not_in_it")
    return author


def hold_reader(
    author: Membership, circle: Circle, at: datetime, named: Sequence[Membership] = ()
) -> Membership:
    """The member, held, who reads what lies in the circle and may act on it now. Raises `Refused` as `write` says, but
    does not ask for the circle to be joined."""
    rows = Membership.objects.filter(pk__in=[author.pk, *(one.pk for one in named)])
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
    measures.guard_speaks(author, at)
    return author


def judged(
    circle: Circle, author: Membership, text: str, at: datetime, written: QuerySet[Any] | None = None
) -> tuple[str, str]:
    """What the community's rules say of the words (`talk_rules.judge`). Where they do not just let them stand, the circle
    is held, before any post: what becomes of it lies there."""
    verdict, why = talk_rules.judge(author=author, text=text, at=at, written=written)
    if verdict:
        locked(Circle.objects.filter(pk=circle.pk)).get()
    return verdict, why


def guard_pace(written: QuerySet[Any], at: datetime) -> None:
    """Raises `Refused` (`too_many`) where so much was written within an hour."""
    if written.filter(created_at__gt=at - HOUR).count() >= PER_HOUR:
        raise Refused(_("That is a lot within an hour. Take a breath, and go on later."), code="too_many")


def guard_moderator(circle: Circle, by: Actor, author_id: int | None = None) -> None:
    """Holds the acting member, and the one whose words it is about, who is written to. Raises `Refused` for who keeps no
    order there; programs and the site do."""
    wanted = [pk for pk in (by.membership.pk if by.membership else None, author_id) if pk]
    found = {row.pk: row for row in held(Membership.objects.filter(pk__in=wanted).order_by("pk"))}
    if by.membership is not None and not rules.moderates(found[by.membership.pk], circle):
        raise Refused(_("Your role does not allow this any more."), code="no_longer_allowed")


def _own(post: Post, author: Membership) -> Post:
    found = locked(Post.objects.filter(pk=post.pk)).get()
    if found.author_id != author.pk:
        raise Refused(_("Somebody else has written this."), code="not_yours")
    if found.removed_at is not None:
        raise Refused(_("This was taken back."), code="removed")
    return found


def guard_shown(written: Any) -> None:
    """Raises `Refused` for words that are hidden, or that wait."""
    if written.held_at is not None:
        raise Refused(_("This waits for approval: change it once it is there, or take it back."), code="held")
    if written.hidden_at is not None:
        raise Refused(_("This was hidden: it cannot be changed."), code="hidden")


def guard_not_own(written: Any, by: Actor) -> None:
    """Raises `Refused` (`own`) for who would show their own words again that somebody else has hidden, or a rule holds."""
    if written.held_at is not None and measures.is_own(written.author, by):
        raise Refused(_("Somebody else looks at this: you have written it."), code="own")
    by_others = written.measures.standing().filter(kind=Measure.Kind.HIDDEN).exclude(by=by.membership)
    if by.membership is not None and written.author_id == by.membership.pk and by_others.exists():
        raise Refused(_("Somebody else has hidden this: ask them, or another of the staff."), code="own")


def note(written: Any, kind: str, reason: str, *, at: datetime, by: Actor, **more: Any) -> None:
    """What is done to the words of somebody else stands in their record."""
    if not measures.is_own(written.author, by):
        measures.note(
            membership=written.author, kind=kind, reason=reason, at=at, by=by, written=written, **more
        )


def _held(post: Post, by: Actor, also: Circle | None = None) -> Post:
    guard_moderator(post.circle, by, post.author_id)
    for circle in sorted([post.circle, *([also] if also else [])], key=lambda one: one.pk):
        circles.held(circle, by)
    found = locked_one(Post.objects.filter(pk=post.pk).select_related("circle", "author"))
    if found.removed_at is not None:
        raise Refused(_("This was taken back."), code="removed")
    return found


a_reason = measures.a_reason


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
