"""What the weekly digest tells of talk: what was most answered in the circles that its reader reads."""

from collections.abc import Callable
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from communities.models import Comment, Post
from communities.selectors import attached, mentions
from kernel import access, digests, words
from kernel.digests import Week
from kernel.mails import Line, Section
from members.services import mail

#: How many threads a reader is told of, and among how many of the most answered they are looked for.
TOLD, LOOKED_AT = 5, 500
TITLE = 80


def register() -> None:
    digests.add("talk", begin=most_answered)


def most_answered(week: Week) -> Callable[[Any], Section | None]:
    """Counts the answers of the week once; what it gives tells a member of the threads that they may read at that moment
    and have not begun themselves."""
    written = Comment.objects.filter(
        post__circle__community=week.community.id,
        created_at__gte=week.start,
        created_at__lt=week.end,
        removed_at=None,
        hidden_at=None,
    )
    counted = written.order_by().values("post").annotate(n=Count("pk")).order_by("-n", "-post")[:LOOKED_AT]
    many = {row["post"]: row["n"] for row in counted}
    threads = Post.objects.filter(pk__in=many).select_related("circle__community").in_bulk()
    _name_members(list(threads.values()))
    attached.fill_wordless(list(threads.values()))

    def told(member: Any) -> Section | None:
        if not many:
            return None
        rows = access.visible(Post.objects.filter(pk__in=many).there(), member).exclude(author=member)
        seen = set(rows.values_list("pk", flat=True))
        lines = [_line(threads[pk], n, week) for pk, n in many.items() if pk in seen][:TOLD]
        return Section(_("Most talked about"), tuple(lines)) if lines else None

    return told


def _name_members(posts: list[Post]) -> None:
    """A post without a title is called by its words, and these name members by numbers that tell nobody anything."""
    texts = [post.body for post in posts if not post.title]
    named = mentions.people(posts[0].circle.community, None, texts) if posts else {}
    for post in posts:
        post.people = named


def _line(post: Post, n: int, week: Week) -> Line:
    told = {"title": Truncator(str(post)).chars(TITLE), "circle": post.circle.name, "n": words.number(n)}
    text = ngettext("%(title)s (%(circle)s, %(n)s answer)", "%(title)s (%(circle)s, %(n)s answers)", n)
    url = reverse("communities:post", args=[week.community.slug, post.key])
    return Line(text % told, mail.whole(url))
