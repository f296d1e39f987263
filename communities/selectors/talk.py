"""What is written in circles, as its readers see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from communities.models import Circle, Comment, Community, Post, Version
from kernel import access, keyset, markdown
from kernel.keyset import Order, Page
from members.models import Membership

PAGE = 20
#: Comments of one page of a thread.
COMMENTS = 100
NEWEST = Order("created_at", descending=True)
OLDEST = Order("created_at")
#: Answers to answers are set in so many times, not more: a phone is narrow.
DEEPEST = 3


def posts(rows: QuerySet[Post]) -> QuerySet[Post]:
    """The posts with all that a list shows of them, in one query."""
    return rows.select_related("author", "circle__community", "poll")


def of_circle(circle: Circle, viewer: Membership, cursor: str = "") -> Page[Post]:
    """One page of what is written in a circle, the newest first; what is pinned stands apart (`pinned`)."""
    rows = access.visible(Post.objects.filter(circle=circle, pinned_at=None), viewer)
    return keyset.page(posts(rows), order=NEWEST, size=PAGE, cursor=cursor)


def pinned(circle: Circle, viewer: Membership) -> list[Post]:
    rows = access.visible(Post.objects.filter(circle=circle, pinned_at__isnull=False), viewer)
    return list(posts(rows).order_by("-pinned_at", "-id"))


def latest(
    community: Community,
    viewer: Membership,
    cursor: str = "",
    *,
    mine: bool = False,
    unanswered: bool = False,
) -> Page[Post]:
    """One page of what is written in all circles that the viewer reads, or (`mine`) is in, the newest first; of those
    with `unanswered` the questions that are open."""
    written = Post.objects.of(community.pk)
    rows = access.visible(written.open_questions() if unanswered else written, viewer)
    if mine:
        rows = rows.filter(circle__circle_memberships__membership=viewer)
    return keyset.page(posts(rows), order=NEWEST, size=PAGE, cursor=cursor)


@dataclass(frozen=True)
class Answer:
    """A comment as it stands in its thread: `depth` is how far it is set in; `html` is empty where its words are gone."""

    comment: Comment
    depth: int
    html: str


@dataclass(frozen=True)
class Thread:
    """One page of a thread, in the order of reading: each comment with the answers to it below it."""

    answers: Sequence[Answer]
    page: Page[Comment]


def thread(post: Post, cursor: str = "") -> Thread:
    """One page of the comments below a post. Answers stand below what they answer as far as that is on the page; what
    begins on an earlier page begins this one."""
    rows = Comment.objects.filter(post=post).select_related("author", "parent__author")
    rows = rows.prefetch_related(Prefetch("versions", Version.objects.order_by("-until", "-id")))
    page = keyset.page(rows, order=OLDEST, size=COMMENTS, cursor=cursor)
    here = {comment.pk for comment in page.rows}
    below: dict[int | None, list[Any]] = {}
    for comment in page.rows:
        below.setdefault(comment.parent_id if comment.parent_id in here else None, []).append(comment)
    answers: list[Answer] = []
    waiting = [(comment, 0) for comment in reversed(below.get(None, []))]
    while waiting:
        comment, depth = waiting.pop()
        html = markdown.render(comment.body) if comment.is_there else ""
        answers.append(Answer(comment, min(depth, DEEPEST), html))
        waiting += [(one, depth + 1) for one in reversed(below.get(comment.pk, []))]
    return Thread(answers, page)


def accepted(post: Post, page: Page[Comment]) -> Answer | None:
    """The answer that was accepted, wherever in the thread it stands."""
    if post.accepted_id is None:
        return None
    here = (comment for comment in page.rows if comment.pk == post.accepted_id)
    comment = next(here, None) or Comment.objects.select_related("author").get(pk=post.accepted_id)
    return Answer(comment, 0, markdown.render(comment.body))


def cursor_of(comment: Comment) -> str:
    """The cursor of the page of its thread on which the comment stands."""
    rows = Comment.objects.filter(post_id=comment.post_id)
    same = Q(created_at=comment.created_at, pk__lt=comment.pk)
    start = rows.filter(Q(created_at__lt=comment.created_at) | same).count() // COMMENTS * COMMENTS
    if not start:
        return ""
    last = rows.order_by("created_at", "pk").values("pk")[start - 1 : start]
    return keyset.behind(rows.filter(pk__in=last), order=OLDEST)


def versions(written: Post | Comment) -> list[Version]:
    """What it said before, the last first."""
    return list(written.versions.order_by("-until", "-id"))
