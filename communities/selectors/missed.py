"""What a member has missed while away: a few threads, each with why it is shown.

What others answered them weighs most, then where others named them, then what those who keep order pinned, what people
wrote with whom they talk, and what was answered most in their circles. A thread that is shown for several reasons weighs
as much as these together; equal ones stand the newest first.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from communities import access as rules
from communities.models import CircleMembership, Community, Post
from communities.selectors import attached, mentions, talk
from members.models import Membership

#: So many threads are shown, and of each reason so many are looked at.
MOST, LOOKED_AT = 12, 40
#: Who has to do with whom is asked of the last days; so many people at the most.
TIES, CLOSEST = timedelta(days=90), 30
#: Nobody is told more than of a month, and whoever was not here before, of a week.
LONGEST, USUAL = timedelta(days=30), timedelta(days=7)

ANSWERED, NAMED, PINNED, TIE, TALKED_ABOUT = "answered", "named", "pinned", "tie", "talked_about"

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
#: The texts of others that named a member and are still there.
_OF_ME = """
    SELECT COALESCE(answer.post_id, post.id), COALESCE(answer.author_id, post.author_id), mention.at
    FROM communities_mention mention
    LEFT JOIN communities_post post ON post.id = mention.post_id
    LEFT JOIN communities_comment answer ON answer.id = mention.comment_id
    WHERE mention.member_id = %(viewer)s AND mention.at > %(since)s
        AND (answer.id IS NULL OR (answer.removed_at IS NULL AND answer.hidden_at IS NULL))
"""
#: Of a thread: how many people, how often, and who last.
_GATHERED = """
    SELECT '{kind}', post_id, count(DISTINCT author_id), count(*), (array_agg(author_id ORDER BY at DESC, author_id))[1]
    FROM ({rows}) AS told (post_id, author_id, at)
    GROUP BY post_id ORDER BY max(at) DESC, post_id DESC LIMIT %(most)s
"""
_TIES = f"""
    SELECT 'tie', author_id, 1, count(*), author_id FROM (
        SELECT author_id FROM ({_TO_ME.replace("%(since)s", "%(lately)s")}) AS answer
        UNION ALL
        SELECT COALESCE(parent.author_id, post.author_id) FROM communities_comment mine
        JOIN communities_post post ON post.id = mine.post_id
        LEFT JOIN communities_comment parent ON parent.id = mine.parent_id
        WHERE mine.author_id = %(viewer)s AND mine.created_at > %(lately)s
            AND mine.removed_at IS NULL AND mine.hidden_at IS NULL
    ) AS met (author_id) WHERE author_id <> %(viewer)s
    GROUP BY author_id ORDER BY count(*) DESC, author_id LIMIT %(closest)s
"""
_OF_OTHERS = f"""
    ({_GATHERED.format(kind=ANSWERED, rows=_TO_ME)}) UNION ALL ({_GATHERED.format(kind=NAMED, rows=_OF_ME)})
    UNION ALL ({_TIES})
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
    """At most `MOST` threads in which something befell since then, the weightiest first: ten queries at the most, the
    last two where what is shown names somebody, and where it is pictures alone."""
    circles = rules.read_by(viewer).filter(community=community)
    inside = CircleMembership.objects.filter(circle=OuterRef("pk"), membership=viewer)
    known = dict(circles.annotate(inside=Exists(inside)).order_by().values_list("pk", "inside"))
    told: dict[str, dict[int, Any]] = {ANSWERED: {}, NAMED: {}, TIE: {}}
    for kind, key, *row in _of_others(viewer, since=since, lately=at - TIES):
        told[kind][key] = row
    # Whoever was answered and named in one thread is told of the answer.
    direct = {post: kind for kind in (NAMED, ANSWERED) for post in told[kind]}
    there = talk.posts(Post.objects.there().filter(circle__in=list(known)))
    others = there.exclude(author=viewer)
    mine = [circle for circle, is_in in known.items() if is_in]
    to_me = list(there.filter(pk__in=list(direct)))
    found = {
        ANSWERED: [post for post in to_me if direct[post.pk] == ANSWERED],
        NAMED: [post for post in to_me if direct[post.pk] == NAMED],
        PINNED: list(others.filter(pinned_at__gt=since).order_by("-pinned_at", "-pk")[:LOOKED_AT]),
        TIE: _newest(others.filter(author__in=list(told[TIE]), created_at__gt=since)),
        TALKED_ABOUT: _most_answered(others.filter(circle__in=mine, created_at__gt=since)),
    }
    last = {told[kind][post][-1] for post, kind in direct.items()}
    names = {one.pk: one.display_name for one in Membership.objects.filter(pk__in=last)}
    missed: dict[int, Missed] = {}
    for kind, posts in found.items():
        for post in posts:
            reason = _reason(kind, post, told, names)
            missed.setdefault(post.pk, Missed(post)).reasons.append(reason)
    order = sorted(
        missed.values(), key=lambda one: (one.weight, one.post.created_at, one.post.pk), reverse=True
    )
    shown = order[:MOST]
    mentions.fill([one.post for one in shown], community, viewer)
    attached.fill_wordless([one.post for one in shown])
    return shown


def since_for(last: datetime | None, at: datetime) -> datetime:
    """From when on something was missed by who was here last then."""
    return at - USUAL if last is None else max(last, at - LONGEST)


def _reason(kind: str, post: Post, told: dict[str, dict[int, Any]], names: dict[int, str]) -> Reason:
    if kind == ANSWERED:
        people, many, last = told[ANSWERED][post.pk]
        return Reason(kind, 50 + 2 * min(many, 10), _answered_words(names[last], people - 1))
    if kind == NAMED:
        people, _many, last = told[NAMED][post.pk]
        return Reason(kind, 45, _named_words(names[last], people - 1))
    if kind == PINNED:
        return Reason(kind, 40, _("Pinned by those who keep order in the circle."))
    if kind == TIE:
        many, name = told[TIE][post.author_id][1], post.author.display_name
        words = ngettext(
            "You and %(name)s answered one another once lately.",
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


def _named_words(name: str, others: int) -> str:
    if not others:
        return _("%(name)s named you.") % {"name": name}
    words = ngettext("%(name)s and %(n)d other named you.", "%(name)s and %(n)d others named you.", others)
    return words % {"name": name, "n": others}


def _newest(posts: QuerySet[Post]) -> list[Post]:
    return list(posts.order_by("-created_at", "-pk")[:LOOKED_AT])


def _most_answered(posts: QuerySet[Post]) -> list[Post]:
    answered = posts.filter(comment_count__gt=0)
    return list(answered.order_by("-comment_count", "-created_at", "-pk")[:MOST])


def _of_others(viewer: Membership, *, since: datetime, lately: datetime) -> list[Any]:
    told: dict[str, Any] = {
        "viewer": viewer.pk, "since": since, "lately": lately, "most": LOOKED_AT, "closest": CLOSEST,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_OF_OTHERS, told)
        return cursor.fetchall()
