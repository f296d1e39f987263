"""What is written in circles, as its readers see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page as Part
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from communities import access as rules
from communities.models import Circle, Comment, Community, Post, Version
from communities.selectors import mentions
from communities.selectors.unread import News
from kernel import keyset, markdown
from kernel.keyset import Order, Page, Within, is_among
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
class Thread:
    """One page of a thread, in the order of reading: each comment with the answers to it below it. `comments` are the
    same as they were written one after the other; `accepted` is the accepted answer, wherever in the thread it stands."""

    answers: Sequence[Answer]
    comments: Sequence[Comment]
    accepted: Answer | None
    page: Part[Any]

    @property
    def first_new(self) -> Answer | None:
        return next((answer for answer in self.answers if answer.is_new), None)

    @property
    def until(self) -> datetime | None:
        """When the last of its comments was written."""
        return max((comment.created_at for comment in self.comments), default=None)


def whole(rows: QuerySet[Post], comments: QuerySet[Comment]) -> QuerySet[Post]:
    """The posts with all that the page of one shows of it, how many comments it has in all (`length`), those that are
    gone too, and how many stand before (`before`) the first of these comments of it: a query to be asked for each post
    (its `OuterRef`). Null where there is none of them."""
    many = Comment.objects.filter(post=OuterRef("pk")).order_by().values("post").values(n=Count("pk"))
    rows = rows.annotate(length=Coalesce(Subquery(many), 0), before=_before_first(comments))
    return posts(rows).select_related("accepted__author")


def _before_first(comments: QuerySet[Comment]) -> Subquery:
    earlier = Q(created_at__lt=OuterRef("created_at")) | Q(pk__lt=OuterRef("pk"))
    # The first condition alone is a range of the index.
    before = Comment.objects.filter(earlier, post=OuterRef("post"), created_at__lte=OuterRef("created_at"))
    many = Coalesce(Subquery(before.order_by().values("post").values(n=Count("pk"))), 0)
    return Subquery(comments.order_by("created_at", "pk").values(many=many)[:1])


def number_of(post: Post) -> int:
    """The page of its thread on which that comment stands before which so many do; the first where there is none."""
    return (post.before or 0) // COMMENTS + 1  # type: ignore[attr-defined]


def thread(
    post: Post, number: int | str = 1, news: News | None = None, viewer: Membership | None = None
) -> Thread:
    """The page of this number of the thread of a post that came `whole`; the last one for a number beyond. Answers stand
    below what they answer as far as that is on the page; what begins on an earlier page begins this one."""
    rows = Comment.objects.filter(post=post).order_by("created_at", "pk")
    paginator = Paginator(rows, COMMENTS)
    paginator.count = post.length  # type: ignore[attr-defined]
    page = paginator.get_page(number)
    start = (page.number - 1) * COMMENTS
    # What stands before the page is not joined with anything.
    on_it = is_among(rows.values("pk")[start : start + COMMENTS])
    comments = list(rows.filter(on_it).select_related("author", "parent__author"))
    accepted = next((one for one in comments if one.pk == post.accepted_id), post.accepted)
    _with_versions([post, *comments])
    mentions.fill([post, *comments, *([accepted] if accepted else [])], post.circle.community, viewer)
    here = {comment.pk for comment in comments}
    below: dict[int | None, list[Any]] = {}
    for comment in comments:
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
    best = Answer(accepted, 0, markdown.render(accepted.body, accepted.people)) if accepted else None
    return Thread(answers, comments, best, page)


def _with_versions(things: Sequence[Post | Comment]) -> None:
    """What those said before that were changed: by one query, and by none where nothing was."""
    changed = [one for one in things if one.edited_at]
    if not changed:
        return
    posts = [one.pk for one in changed if isinstance(one, Post)]
    comments = [one.pk for one in changed if isinstance(one, Comment)]
    found: dict[tuple[int | None, int | None], list[Version]] = {}
    for row in Version.objects.filter(Q(post__in=posts) | Q(comment__in=comments)).order_by("-until", "-id"):
        found.setdefault((row.post_id, row.comment_id), []).append(row)
    for one in changed:
        one.said_before = found.get((one.pk, None) if isinstance(one, Post) else (None, one.pk), [])
