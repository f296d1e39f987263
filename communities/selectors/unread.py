"""What is new to a member since they were here: in threads, and in the circles they are in.

Nothing older than `HORIZON` is new to anybody, and nobody is told more than `MOST`: what a page costs does not grow with
what was written.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest

from communities.models import Circle, CircleMembership, Comment, Post, ThreadRead
from members.models import Membership

HORIZON = timedelta(days=90)
MOST = 99

#: How many threads of each circle hold something new, of the newest ones alone.
_CIRCLES = """
    SELECT place.circle_id, count(*)
    FROM communities_circlemembership place
    CROSS JOIN LATERAL (
        SELECT post.id, post.last_at FROM communities_post post
        WHERE post.circle_id = place.circle_id
            AND post.last_at > GREATEST(COALESCE(place.read_until, place.joined_at), %(horizon)s)
            AND post.removed_at IS NULL AND post.hidden_at IS NULL
            AND NOT (post.author_id = %(viewer)s AND post.last_at = post.created_at)
        ORDER BY post.last_at DESC
        LIMIT %(most)s
    ) AS thread
    WHERE place.membership_id = %(viewer)s AND NOT EXISTS (
        SELECT FROM communities_threadread mark
        WHERE mark.membership_id = place.membership_id AND mark.post_id = thread.id AND mark.until >= thread.last_at
    )
    GROUP BY place.circle_id
"""


@dataclass(frozen=True)
class Many:
    """How many, told as far as `MOST`."""

    n: int

    def __bool__(self) -> bool:
        return self.n > 0

    def __str__(self) -> str:
        return f"{MOST}+" if self.n > MOST else str(self.n)


@dataclass(frozen=True)
class News:
    """What is new of a thread: all of it (`whole`), or what was written below it after `since`."""

    viewer_id: int
    whole: bool
    since: datetime
    comments: Many

    def __bool__(self) -> bool:
        return self.whole or bool(self.comments)

    def tells(self, comment: Comment) -> bool:
        """Whether the comment was written since they were here. Where all of the thread is new, none stands out."""
        theirs = comment.author_id == self.viewer_id
        return not self.whole and not theirs and comment.is_there and comment.created_at > self.since


def mark(posts: Sequence[Post], viewer: Membership, at: datetime) -> None:
    """Say of each of the posts what is `news` to the viewer, by one query; None where they follow it not: they are not
    in its circle and have never opened it."""
    news = of_posts(posts, viewer, at)
    for post in posts:
        post.news = news.get(post.pk)  # type: ignore[attr-defined]


def of_posts(posts: Iterable[Post], viewer: Membership, at: datetime) -> dict[int, News]:
    wanted = [post.pk for post in posts]
    if not wanted:
        return {}
    rows = with_marks(Post.objects.filter(pk__in=wanted).only("author", "created_at"), viewer, at)
    found = {row.pk: of_post(row, viewer) for row in rows}
    return {pk: news for pk, news in found.items() if news is not None}


def of_post(post: Post, viewer: Membership) -> News | None:
    """What is new of a post that came `with_marks`; None where the viewer follows it not."""
    marked: Any = post
    if marked.until is None and marked.floor is None:
        return None
    never = marked.until is None and post.created_at > marked.since
    whole = never and post.author_id != viewer.pk
    return News(viewer.pk, whole, marked.since, Many(marked.fresh))


def of_circles(viewer: Membership, at: datetime) -> dict[int, Many]:
    """In how many threads of each circle that the viewer is in something is new; circles without any are left out."""
    told: dict[str, Any] = {"viewer": viewer.pk, "horizon": at - HORIZON, "most": MOST + 1}
    with connection.cursor() as cursor:
        cursor.execute(_CIRCLES, told)
        return {circle: Many(n) for circle, n in cursor.fetchall()}


def mark_circles(circles: Iterable[Circle], viewer: Membership, at: datetime) -> None:
    """Say of each of the circles in how many threads something is new to the viewer (`news`)."""
    news = of_circles(viewer, at)
    for circle in circles:
        circle.news = news.get(circle.pk)  # type: ignore[attr-defined]


def with_marks(rows: QuerySet[Post], viewer: Membership, at: datetime) -> QuerySet[Post]:
    """The posts with how far the viewer has read of each (`until`), of its circle (`floor`), since when anything is new
    to them (`since`), and how many comments are (`fresh`)."""
    marks = ThreadRead.objects.filter(membership=viewer, post=OuterRef("pk")).values("until")
    places = CircleMembership.objects.filter(membership=viewer, circle=OuterRef("circle"))
    floors = places.values(floor=Coalesce("read_until", "joined_at"))
    fresh = new_below(viewer).values("pk")[: MOST + 1]
    return rows.annotate(
        until=Subquery(marks),
        floor=Subquery(floors),
        since=Greatest(F("until"), F("floor"), Value(at - HORIZON)),
        fresh=Func(ArraySubquery(fresh), function="cardinality", output_field=IntegerField()),
    )


def new_below(viewer: Membership) -> QuerySet[Comment]:
    """What others wrote below a post that comes `with_marks`, and is there, since it is new to the viewer: to be asked
    for each post."""
    there = Q(removed_at=None, hidden_at=None)
    written = Comment.objects.filter(there, post=OuterRef("pk"), created_at__gt=OuterRef("since"))
    return written.exclude(author=viewer)
