"""What members write, at its full size: what the feed, circles and a long thread cost the database, with their plans.
`make bench ARGS="talk thread"` runs a part."""

import time
from collections.abc import Callable
from typing import Any

from benchmarks import conversations
from benchmarks.asking import Bench, machine
from benchmarks.watching import HEAD


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
    from communities.selectors import talk

    print(HEAD)
    post = conversations.longest(bench.community)
    place = f"{bench.root}posts/{post.key}/"
    rows = Comment.objects.filter(post=post).order_by("created_at", "id")
    middle = rows[conversations.LONGEST // 2]
    bench.page("its first page", place, at="-")
    bench.page("a page in the middle", place, at=talk.cursor_of(middle))
    bench.page("the page of a comment", place, comment=str(middle.key))
    bench.page("by the API", f"{bench.api}posts/{post.key}/comments/")


def _middle() -> str:
    """The cursor of the page in the middle of the year."""
    from communities.models import Post
    from communities.selectors import talk
    from kernel import keyset

    rows = Post.objects.order_by("created_at", "id")
    row = rows[conversations.size() // 2]
    return keyset.behind(Post.objects.filter(pk=row.pk), order=talk.NEWEST)


PARTS: dict[str, Callable[[Any], None]] = {"feed": feed, "circles": circles, "thread": thread}
