"""What a member has missed while away: a few threads, each with why it is shown.

What others answered them weighs most, then what those keep order pinned, what people wrote with whom they talk, and what
was answered most in their circles. A thread that is shown for several reasons weighs as much as these together; equal
ones stand the newest first.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from communities import access as rules
from communities.models import CircleMembership, Community, Post
from communities.selectors import talk
from members.models import Membership

#: So many threads are shown, and of each reason so many are looked at.
MOST, LOOKED_AT = 12, 40
#: Who has to do with whom is asked of the last days; so many people at the most.
TIES, CLOSEST = timedelta(days=90), 30
#: Nobody is told more than of a month, and whoever was not here before, of a week.
LONGEST, USUAL = timedelta(days=30), timedelta(days=7)

ANSWERED, PINNED, TIE, TALKED_ABOUT = "answered", "pinned", "tie", "talked_about"

#: The comments by which others answered a member: below their posts, and to their comments.
_TO_ME = """
    SELECT answer.post_id, answer.author_id, answer.created_at FROM communities_post mine
    JOIN communities_comment answer ON answer.post_id = mine.id AND answer.created_at > %(since)s
    WHERE mine.author_id = %(viewer)s AND mine.last_at > %(since)s AND answer.parent_id IS NULL
        AND answer.author_id <> %(viewer)s AND answer.removed_at IS NULL AND answer.hidden_at IS NULL
    UNION ALL
    SELECT answer.post_id, answer.author_id, answer.created_at FROM communities_comment mine
    JOIN communities_comment answer ON answer.parent_id = mine.id AND answer.created_at > %(since)s
    WHERE mine.author_id = %(viewer)s
        AND answer.author_id <> %(viewer)s AND answer.removed_at IS NULL AND answer.hidden_at IS NULL
"""
_ANSWERS = f"""
    SELECT post_id, count(DISTINCT author_id), count(*), (array_agg(author_id ORDER BY created_at DESC, author_id))[1]
    FROM ({_TO_ME}) AS answer GROUP BY post_id ORDER BY max(created_at) DESC, post_id DESC LIMIT %(most)s
"""
_TIES = f"""
    SELECT author_id, count(*) FROM (
        SELECT author_id FROM ({_TO_ME}) AS answer
        UNION ALL
        SELECT COALESCE(parent.author_id, post.author_id) FROM communities_comment mine
        JOIN communities_post post ON post.id = mine.post_id
        LEFT JOIN communities_comment parent ON parent.id = mine.parent_id
        WHERE mine.author_id = %(viewer)s AND mine.created_at > %(since)s
            AND mine.removed_at IS NULL AND mine.hidden_at IS NULL
    ) AS met (author_id) WHERE author_id <> %(viewer)s
    GROUP BY author_id ORDER BY count(*) DESC, author_id LIMIT %(most)s
"""


@dataclass(frozen=True)
class Reason:
    """Why a thread is shown: its kind, how much that weighs, and in words."""

    kind: str
    weight: int
    words: str


@dataclass(frozen=True)
class Missed:
    post: Post
    reasons: list[Reason] = field(default_factory=list)

    @property
    def weight(self) -> int:
        return sum(reason.weight for reason in self.reasons)


def of(community: Community, viewer: Membership, *, since: datetime, at: datetime) -> list[Missed]:
    """At most `MOST` threads in which something befell since then, the weightiest first: nine queries at the most."""
    circles = rules.read_by(viewer).filter(community=community)
    inside = CircleMembership.objects.filter(circle=OuterRef("pk"), membership=viewer)
    known = dict(circles.annotate(inside=Exists(inside)).order_by().values_list("pk", "inside"))
    told: dict[str, Any] = {"viewer": viewer.pk, "since": since, "most": LOOKED_AT}
    answers = {post: row for post, *row in _rows(_ANSWERS, told)}
    ties = dict(_rows(_TIES, told | {"since": at - TIES, "most": CLOSEST}))
    there = talk.posts(Post.objects.there().filter(circle__in=list(known)))
    others = there.exclude(author=viewer)
    mine = [circle for circle, is_in in known.items() if is_in]
    found = {
        ANSWERED: list(there.filter(pk__in=list(answers))),
        PINNED: list(others.filter(pinned_at__gt=since).order_by("-pinned_at", "-pk")[:LOOKED_AT]),
        TIE: _newest(others.filter(author__in=list(ties), created_at__gt=since)),
        TALKED_ABOUT: _most_answered(others.filter(circle__in=mine, created_at__gt=since)),
    }
    names = {one.pk: one.display_name for one in _people(answers)}
    missed: dict[int, Missed] = {}
    for kind, posts in found.items():
        for post in posts:
            reason = _reason(kind, post, answers, ties, names)
            missed.setdefault(post.pk, Missed(post)).reasons.append(reason)
    order = sorted(
        missed.values(), key=lambda one: (one.weight, one.post.created_at, one.post.pk), reverse=True
    )
    return order[:MOST]


def since_for(last: datetime | None, at: datetime) -> datetime:
    """From when on something was missed by who was here last then."""
    return at - USUAL if last is None else max(last, at - LONGEST)


def _reason(kind: str, post: Post, answers: Any, ties: Any, names: dict[int, str]) -> Reason:
    if kind == ANSWERED:
        people, many, last = answers[post.pk]
        return Reason(kind, 50 + 2 * min(many, 10), _answered_words(names[last], people - 1))
    if kind == PINNED:
        return Reason(kind, 40, _("Pinned by those who keep order in the circle."))
    if kind == TIE:
        many, name = ties[post.author_id], post.author.display_name
        words = ngettext(
            "You and %(name)s answered one another %(n)d time lately.",
            "You and %(name)s answered one another %(n)d times lately.",
            many,
        )
        return Reason(kind, 20 + 2 * min(many, 10), words % {"name": name, "n": many})
    words = ngettext(
        "%(n)d answer: one of the most talked about in your circles.",
        "%(n)d answers: one of the most talked about in your circles.",
        post.comment_count,
    )
    return Reason(kind, 10 + min(post.comment_count, 10), words % {"n": post.comment_count})


def _answered_words(name: str, others: int) -> str:
    if not others:
        return _("%(name)s answered you.") % {"name": name}
    words = ngettext(
        "%(name)s and %(n)d other answered you.", "%(name)s and %(n)d others answered you.", others
    )
    return words % {"name": name, "n": others}


def _newest(posts: QuerySet[Post]) -> list[Post]:
    return list(posts.order_by("-created_at", "-pk")[:LOOKED_AT])


def _most_answered(posts: QuerySet[Post]) -> list[Post]:
    answered = posts.filter(comment_count__gt=0)
    return list(answered.order_by("-comment_count", "-created_at", "-pk")[:MOST])


def _people(answers: dict[int, Any]) -> Iterable[Membership]:
    return Membership.objects.filter(pk__in={last for _people, _many, last in answers.values()})


def _rows(sql: str, told: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, told)
        return cursor.fetchall()
