"""What is written in circles, as its readers see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet, prefetch_related_objects

from communities import access as rules
from communities.models import Circle, Comment, Community, Post, Version
from communities.selectors import mentions
from communities.selectors.unread import News
from kernel import keyset, markdown
from kernel.keyset import Order, Page, Within
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
    """One page of what is written in a circle that the viewer reads, the newest first; what is pinned stands apart
    (`pinned`)."""
    rows = Post.objects.filter(rules.kept_q(viewer), circle=circle, pinned_at=None)
    return keyset.page(posts(rows), order=NEWEST, size=PAGE, cursor=cursor)


def pinned(circle: Circle, viewer: Membership) -> list[Post]:
    rows = Post.objects.filter(rules.kept_q(viewer), circle=circle, pinned_at__isnull=False)
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
    circles = rules.read_by(viewer).filter(community=community)
    if mine:
        circles = circles.filter(circle_memberships__membership=viewer)
    written = Post.objects.open_questions() if unanswered else Post.objects.all()
    rows = posts(written.filter(rules.kept_q(viewer)))
    return keyset.page(rows, order=NEWEST, size=PAGE, cursor=cursor, within=Within(circles, "circle"))


@dataclass(frozen=True)
class Answer:
    """A comment as it stands in its thread: `depth` is how far it is set in; `html` is empty where its words are gone;
    `apart` where what it answers stands on another page; `is_new` to who reads."""

    comment: Comment
    depth: int
    html: str
    apart: bool = False
    is_new: bool = False


@dataclass(frozen=True)
class Place:
    """A page of a thread: its cursor, and which it is of how many."""

    cursor: str = ""
    number: int = 1
    pages: int = 1


@dataclass(frozen=True)
class Thread:
    """One page of a thread, in the order of reading: each comment with the answers to it below it."""

    answers: Sequence[Answer]
    page: Page[Comment]
    place: Place

    @property
    def first_new(self) -> Answer | None:
        return next((answer for answer in self.answers if answer.is_new), None)

    @property
    def until(self) -> datetime | None:
        """When the last of its comments was written."""
        return max((answer.comment.created_at for answer in self.answers), default=None)


def thread(
    post: Post, at: str | Place = "", news: News | None = None, viewer: Membership | None = None
) -> Thread:
    """One page of the comments below a post. Answers stand below what they answer as far as that is on the page; what
    begins on an earlier page begins this one."""
    rows = Comment.objects.filter(post=post)
    cursor = at.cursor if isinstance(at, Place) else at
    page = keyset.page(
        rows.select_related("author", "parent__author"), order=OLDEST, size=COMMENTS, cursor=cursor
    )
    place = at if isinstance(at, Place) else _place_of_page(page, rows)
    _with_versions(page.rows)
    mentions.fill([post, *page.rows], post.circle.community, viewer)
    here = {comment.pk for comment in page.rows}
    below: dict[int | None, list[Any]] = {}
    for comment in page.rows:
        below.setdefault(comment.parent_id if comment.parent_id in here else None, []).append(comment)
    answers: list[Answer] = []
    waiting = [(comment, 0) for comment in reversed(below.get(None, []))]
    while waiting:
        comment, depth = waiting.pop()
        answers.append(
            Answer(
                comment,
                min(depth, DEEPEST),
                html=markdown.render(comment.body, comment.people) if comment.is_there else "",
                apart=comment.parent_id is not None and comment.parent_id not in here,
                is_new=news is not None and news.tells(comment),
            )
        )
        waiting += [(one, depth + 1) for one in reversed(below.get(comment.pk, []))]
    return Thread(answers, page, place)


def place_of(comment: Comment) -> Place:
    """The page of its thread on which the comment stands."""
    rows = Comment.objects.filter(post_id=comment.post_id)
    many = rows.aggregate(all=Count("pk"), before=Count("pk", filter=_before(comment)))
    return _place(many["before"] // COMMENTS + 1, many["all"], rows)


def newest(post: Post) -> Place:
    """The last page of the thread."""
    rows = Comment.objects.filter(post=post)
    many = rows.count()
    return _place(max(1, -(-many // COMMENTS)), many, rows)


def accepted(post: Post, page: Page[Comment], viewer: Membership | None = None) -> Answer | None:
    """The answer that was accepted, wherever in the thread it stands."""
    if post.accepted_id is None:
        return None
    here = (comment for comment in page.rows if comment.pk == post.accepted_id)
    comment = next(here, None)
    if comment is None:
        comment = Comment.objects.select_related("author").get(pk=post.accepted_id)
        mentions.fill([comment], post.circle.community, viewer)
    return Answer(comment, 0, markdown.render(comment.body, comment.people))


def cursor_of(comment: Comment) -> str:
    """The cursor of the page of its thread on which the comment stands."""
    return place_of(comment).cursor


def _place(number: int, many: int, rows: QuerySet[Comment]) -> Place:
    start = (number - 1) * COMMENTS
    last = rows.order_by("created_at", "pk")[start - 1 : start] if start else None
    cursor = "" if last is None else keyset.behind(last, order=OLDEST)
    return Place(cursor, number, max(1, -(-many // COMMENTS)))


def _place_of_page(page: Page[Comment], rows: QuerySet[Comment]) -> Place:
    if not (page.before or page.after):
        return Place()
    many = rows.aggregate(all=Count("pk"), before=Count("pk", filter=_before(page.rows[0])))
    return Place("", many["before"] // COMMENTS + 1, -(-many["all"] // COMMENTS))


def _before(comment: Comment) -> Q:
    """That a comment of the thread stands before this one. The first condition alone is a range of the index."""
    earlier = Q(created_at__lt=comment.created_at) | Q(pk__lt=comment.pk)
    return Q(created_at__lte=comment.created_at) & earlier


def _with_versions(comments: Sequence[Comment]) -> None:
    """What those said before that were changed: by one query, and by none where nothing was."""
    changed = [comment for comment in comments if comment.edited_at]
    prefetch_related_objects(changed, Prefetch("versions", Version.objects.order_by("-until", "-id")))


def versions(written: Post | Comment) -> list[Version]:
    """What it said before, the last first."""
    return list(written.versions.order_by("-until", "-id"))
