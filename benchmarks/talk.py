"""What members write, at its full size: what the feed, circles and a long thread cost the database, with their plans.
`make bench ARGS="talk thread"` runs a part."""

import re
import time
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import parse_qs

from benchmarks import conversations
from benchmarks.asking import Bench, machine
from benchmarks.watching import HEAD

#: Words of nearly every post, of many, of one in a thousand, and of none.
SEARCHED = (
    "tea", "te", "the we", "tea glue garden river", "palimpsest", "palimp", "茶", "知识", "琥珀色", "装订胶水", "社群茶",
    "nowhere", "无人写过", "glue 茶",
)  # fmt: skip


def run(parts: list[str]) -> None:
    started = time.perf_counter()
    community = conversations.community()
    print(f"{conversations.size():,} posts, ready in {time.perf_counter() - started:.0f} s; {machine()}.")
    Bench(community, conversations.reader(community)).run(PARTS, parts)


def feed(bench: Bench) -> None:
    """What is written in all circles and in one's own: the first page, and one in the middle."""
    print(HEAD)
    place = f"{bench.root}posts/"
    for name, asked in (("all circles", {}), ("my circles", {"circles": "mine"})):
        bench.page(name, place, **asked)
        bench.page(f"{name}, deep", place, at=_middle(), **asked)
    bench.page("by the API", f"{bench.api}posts/")
    bench.page("by the API, one circle", f"{bench.api}posts/", circle="circle-0")


def circles(bench: Bench) -> None:
    print(HEAD)
    place = f"{bench.root}circles/"
    bench.page("all circles", place)
    bench.page("the busiest circle", f"{place}circle-0/")
    bench.page("the busiest circle, deep", f"{place}circle-0/", at=_middle())
    bench.page("home", bench.root)


def thread(bench: Bench) -> None:
    """One thread of 5,000 comments."""
    from communities.models import Comment

    print(HEAD)
    post = conversations.longest(bench.community)
    place = f"{bench.root}posts/{post.key}/"
    rows = Comment.objects.filter(post=post).order_by("created_at", "id")
    middle = rows[conversations.LONGEST // 2]
    bench.page("its first page", place, page="1")
    bench.page("its last page", place, page="99")
    bench.page("the page of a comment", place, comment=str(middle.key))
    bench.page("by the API", f"{bench.api}posts/{post.key}/comments/")


def search(bench: Bench) -> None:
    """Words of nearly every post and of one in a thousand, in both languages; narrowed, and a further page."""
    print(HEAD)
    place = f"{bench.root}search/"
    for word in SEARCHED:
        bench.page(f"“{word}”", place, q=word)
    bench.page("“tea”, one circle", place, q="tea", circle="circle-5")
    bench.page("“palimpsest”, one circle", place, q="palimpsest", circle="circle-5")
    bench.page("“tea” of 7 days", place, q="tea", days="7")
    bench.page("“tea”, posts alone", place, **{"q": "tea", "in": "posts"})
    bench.page("“tea”, further", place, **{"q": "tea", "in": "posts", "at": _behind(bench)})
    bench.page("comments by the API", f"{bench.api}search/", q="知识", kind="comments")
    bench.page("one author's by the API", f"{bench.api}search/", q="tea", author=str(bench.member.number))


def _behind(bench: Bench) -> str:
    """The cursor of the page behind the first of what is found."""
    page = bench.get(f"{bench.root}search/", **{"q": "tea", "in": "posts"}).content.decode()
    further = re.findall(r'rel="next" href="\?([^"]+)"', page)[0]
    return parse_qs(unescape(further))["at"][0]


def missed(bench: Bench) -> None:
    """What a member missed, and what is new to them in their circles."""
    print(HEAD)
    bench.page("what was missed in 7 days", f"{bench.root}missed/", days="7")
    bench.page("what was missed in 30 days", f"{bench.root}missed/", days="30")
    bench.page("what is new, by the API", f"{bench.api}unread/")


def _middle() -> str:
    """The cursor of the page in the middle of the year."""
    from communities.models import Post
    from communities.selectors import talk
    from kernel import keyset

    rows = Post.objects.order_by("created_at", "id")
    row = rows[conversations.size() // 2]
    return keyset.behind(Post.objects.filter(pk=row.pk), order=talk.NEWEST)


PARTS: dict[str, Callable[[Any], None]] = {
    "feed": feed, "circles": circles, "thread": thread, "missed": missed, "search": search,
}  # fmt: skip
