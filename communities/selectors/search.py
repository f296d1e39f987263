"""What is found of what is written, and of circles: of each kind what its lists show to who asks. A comment that was taken
back or hidden, whose words nobody is told, is found by nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import BooleanField, F, Func, IntegerField, Q, QuerySet, TextField, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from communities import access as rules
from communities.models import Circle, Comment, CommentEntry, Post, PostEntry
from communities.models.search import Entry
from communities.selectors import attached, mentions
from kernel import access, keyset, search
from kernel.keyset import Order
from kernel.search import Asked, Found, Hit, Source

NEWEST = Order("search_entry__at", descending=True)
#: The same of posts, as the index of one circle knows it.
OF_CIRCLE = Order("created_at", descending=True)
#: The terms of a title are kept with it before them.
TITLE = "#"
#: What one of so many among the newest entries holds is common.
LOOKED_AT, RARE = 1_000, 200


def register() -> None:
    search.add(Source("posts", pgettext_lazy("search", "Posts"), posts, narrows=True))
    search.add(Source("comments", _("Comments"), comments, narrows=True))
    search.add(Source("circles", _("Circles"), circles))


def posts(request: Any, asked: Asked, cursor: str, size: int) -> Found:
    """First those whose title holds every word, then the others; of both the newest first."""
    where = _where(request, asked)
    rows = Post.objects.filter(rules.kept_for_caller(request), circle__in=where.circles)
    asked_for = _asked(rows.select_related("author", "circle"), request, asked)
    in_title, text = F("title"), Concat("title", Value(" "), "body", output_field=TextField())
    among = partial(_among, PostEntry, "post", request, asked)
    is_titled = holds(asked, F("search_entry__terms"), TITLE) & stands(in_title, _long(asked))
    parts = [
        asked_for.filter(among(TITLE, where.titles), stands(in_title, _long(asked))),
        asked_for.filter(among("", where.posts), stands(text, _long(asked)), ~is_titled),
    ]
    found, after = _in_turn(parts, OF_CIRCLE if asked.circle else NEWEST, cursor, size)
    mentions.fill(found, request.community, request.membership)
    attached.fill_wordless(found)
    return Found([_post(request, post, asked.words) for post in found], after)


def comments(request: Any, asked: Asked, cursor: str, size: int) -> Found:
    """The newest first."""
    where = _where(request, asked)
    there = Q(removed_at=None, hidden_at=None) & rules.kept_for_caller(request, "post__")
    rows = Comment.objects.filter(there, post__circle__in=where.circles).select_related(
        "author", "post__circle"
    )
    among = _among(CommentEntry, "comment", request, asked, "", where.comments)
    found = _asked(rows, request, asked).filter(among, stands(F("body"), _long(asked)))
    page = keyset.page(found, order=NEWEST, size=size, cursor=cursor)
    named = [*page.rows, *(comment.post for comment in page.rows)]
    mentions.fill(named, request.community, request.membership)
    attached.fill_wordless(named)
    return Found([_comment(request, comment, asked.words) for comment in page.rows], page.after)


def circles(request: Any, asked: Asked, cursor: str, size: int) -> Found:
    """Those whose name, or what they are about, holds every word; there are few of them, so all are on one page and no
    index is kept of them."""
    rows = access.shown(Circle.objects.of(request.community.id).filter(archived_at=None), request)
    said = Concat("name", Value(" "), "description", output_field=TextField())
    terms = Func(Func(said, function="communities_terms"), function="array_to_tsvector")
    # The second is answered quickly, and leaves few of which the terms are made.
    found = rows.filter(holds(asked, terms), stands(said, asked.words)).order_by("position", "id")
    return Found([_circle(request, circle, asked.words) for circle in found[:size]])


def holds(asked: Asked, terms: Any, mark: str = "") -> Q:
    """That the terms hold all that is asked."""
    query = Func(Value(asked.text), Value(mark), function="communities_query")
    return Q(Func(terms, query, template="%(expressions)s", arg_joiner=" @@ ", output_field=BooleanField()))


def _long(asked: Asked) -> list[str]:
    """The words of which terms leave open whether they stand in a text: of three Chinese characters and more the pairs may
    stand apart."""
    return [word for word in asked.words if len(word) > 2 and search.stands_alone(word)]


def stands(said: Any, words: Sequence[str]) -> Q:
    """That the words stand in the text, wherever."""
    plain, found = Func(said, function="communities_plain"), Q()
    for word in words:
        place = Func(plain, Value(word), function="strpos", template="%(function)s(%(expressions)s) > 0")
        place.output_field = BooleanField()
        found &= Q(place)
    return found


def _among(kind: type[Entry], of: str, request: Any, asked: Asked, mark: str, is_common: bool) -> Q:
    """`holds` of rows with such an entry. The newest of what is common are met by walking back in time; what is rare
    is looked up first, as the planner takes every beginning of a word for common."""
    if is_common:
        return holds(asked, F("search_entry__terms"), mark)
    entries = kind._default_manager.filter(holds(asked, F("terms"), mark), community=request.community.id)
    return Q(keyset.is_among(entries.values(of)))


def _in_turn(parts: Sequence[QuerySet[Any]], order: Order, cursor: str, size: int) -> tuple[list[Any], str]:
    """One page of the rows of one part after the other, and the cursor of the next: the part's number and its own."""
    number, _dot, at = cursor.partition(".")
    place = int(number) if number in map(str, range(len(parts))) else 0
    found: list[Any] = []
    for turn in range(place, len(parts)):
        if len(found) == size:
            return found, f"{turn}." if parts[turn].exists() else ""
        page = keyset.page(parts[turn], order=order, size=size - len(found), cursor=at)
        found += page.rows
        if page.after:
            return found, f"{turn}.{page.after}"
        at = ""
    return found, ""


@dataclass(frozen=True)
class Where:
    """The circles to look in, known before, as the planner takes them for few or many by their number alone; and in what
    the words are common."""

    circles: list[int]
    titles: bool = False
    posts: bool = False
    comments: bool = False


def _where(request: Any, asked: Asked) -> Where:
    """In one query, which the request remembers: posts and comments ask the same."""
    known = getattr(request, "searched", None)
    if known is not None and known[0] == asked:
        return known[1]
    rows = rules.read_by_caller(request)
    if asked.circle:
        rows = rows.filter(slug=asked.circle)
    many = [
        RawSQL(
            f"SELECT count(*) FROM (SELECT terms FROM {kind._meta.db_table} WHERE community_id = %s ORDER BY at DESC"
            " LIMIT %s) AS newest WHERE terms @@ communities_query(%s, %s)",
            [request.community.id, LOOKED_AT, asked.text, mark],
            output_field=IntegerField(),
        )
        for kind, mark in ((PostEntry, TITLE), (PostEntry, ""), (CommentEntry, ""))
    ]
    found = list(rows.order_by().values_list("pk", *many))
    common = [number * RARE > LOOKED_AT for number in found[0][1:]] if found else []
    where = Where([pk for pk, *_many in found], *common)
    request.searched = (asked, where)
    return where


def _asked(rows: QuerySet[Any], request: Any, asked: Asked) -> QuerySet[Any, Any]:
    rows = rows.filter(search_entry__community=request.community.id)
    if asked.author is not None:
        rows = rows.filter(author__number=asked.author)
    if asked.since is not None:
        rows = rows.filter(search_entry__at__gte=asked.since)
    if asked.until is not None:
        rows = rows.filter(search_entry__at__lte=asked.until)
    return rows


def _post(request: Any, post: Post, words: Sequence[str]) -> Hit:
    """One without a title is called by the words that were found."""
    excerpt = search.marked(post.words, words)
    return Hit(
        key=str(post.key),
        url=reverse("communities:post", args=[request.community.slug, post.key]),
        title=search.marked(post.title, words) if post.title else excerpt,
        excerpt=excerpt if post.title else search.NOTHING,
        author=post.author.number,
        by=post.author.display_name,
        at=post.created_at,
        place=post.circle.name,
        hidden=post.hidden_at is not None,
    )


def _comment(request: Any, comment: Comment, words: Sequence[str]) -> Hit:
    place = reverse("communities:post", args=[request.community.slug, comment.post.key])
    return Hit(
        key=str(comment.key),
        url=f"{place}?comment={comment.key}#comment-{comment.key}",
        title=search.marked(comment.post.title or comment.post.words, (), around=80),
        excerpt=search.marked(comment.words, words),
        author=comment.author.number,
        by=comment.author.display_name,
        at=comment.created_at,
        place=comment.post.circle.name,
    )


def _circle(request: Any, circle: Circle, words: Sequence[str]) -> Hit:
    return Hit(
        key=circle.slug,
        url=reverse("communities:circle_room", args=[request.community.slug, circle.slug]),
        title=search.marked(circle.name, words),
        excerpt=search.marked(circle.description, words),
    )
