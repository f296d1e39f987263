"""A community that talks: the same circles, posts and comments at every run of a size, made once and kept for the next."""

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from benchmarks import crowd

SIZES = {"small": 5_000, "usual": 20_000, "full": 100_000}
#: Another number, another talk: raised whenever what is made here changes.
VERSION = 2
MEMBERS = 5_000
CIRCLES = 40
#: Comments of the one long thread.
LONGEST = 5_000
DAYS = 365
BATCH = 5_000
ENGLISH = (
    "tea paper book binding glue kettle garden question morning light thread needle linen silk river winter "
    "clock bread market letter train window bridge harbour lantern owl meeting photo recipe bicycle music the "
    "we and with about after before never always please thanks maybe better slowly again together tomorrow"
).split()
CHINESE = (
    "茶 纸 书 装订 胶水 水壶 花园 问题 早晨 光 线 针 亚麻 丝绸 河 冬天 时钟 面包 市场 信 火车 窗 桥 港口 灯笼 "
    "猫头鹰 聚会 照片 菜谱 自行车 音乐 我们 的 了 大家 请 谢谢 可能 更好 慢慢 再来 一起 明天 知识 社群 今天"
).split()
#: In one post of a thousand.
RARE = ("palimpsest", "琥珀色")

LATER = (
    "UPDATE communities_post SET created_at = created_at + %(late)s, last_at = last_at + %(late)s",
    "UPDATE communities_comment SET created_at = created_at + %(late)s",
    "UPDATE communities_circlemembership SET read_until = read_until + %(late)s",
    "UPDATE communities_threadread SET until = until + %(late)s",
)


def size() -> int:
    return SIZES[os.environ.get("SCALE", "usual")]


def community() -> Any:
    """The community with `size()` posts and one thread of `LONGEST` comments."""
    from django.db import transaction

    from communities.models import Circle, Community

    slug = f"talk-{size()}-{VERSION}"
    found = Community.objects.filter(slug=slug).first()
    if found is None:
        with transaction.atomic():
            found = crowd.made(slug, MEMBERS)
            _talk(found, size())
    assert Circle.objects.of(found.pk).count() == CIRCLES
    _until_now(found)
    crowd.tidy()
    return found


def longest(of: Any) -> Any:
    from communities.models import Post

    return Post.objects.of(of.pk).order_by("-comment_count", "id").first()


def reader(of: Any) -> Any:
    """A member like many: in the first eight circles and some others, has written here and there."""
    from members.models import Membership

    active = Membership.objects.of(of.pk).filter(status="active").order_by("number")
    return active.select_related("user")[6]


def _until_now(of: Any) -> None:
    """Let the last word be of today: what is new, and what was missed, is so for a while only."""
    from django.db import connection

    from kernel.clock import now

    with connection.cursor() as cursor:
        cursor.execute("SELECT %s - max(last_at) FROM communities_post", [now()])
        late = cursor.fetchone()[0]
        if late < timedelta(days=1):
            return
        for statement in LATER:
            cursor.execute(statement, {"late": late})


def _talk(of: Any, many: int) -> None:
    from members.models import Membership

    dice = np.random.default_rng(11)
    circles = _circles(of)
    active = Membership.objects.of(of.pk).filter(status="active").order_by("number")
    people = list(active.values_list("pk", flat=True))
    inside = _people_in(circles, people, dice)
    posts = _posts(circles, inside, many, dice)
    _comments(posts, inside, dice)
    _reading(people[6], posts)


def _circles(of: Any) -> list[Any]:
    """Two of three are open, the others closed or secret; some ask for a tier."""
    from communities.models import Circle
    from members.models import Tier

    tier = Tier.objects.filter(community=of, key="tier-2").get()
    return Circle.objects.bulk_create(
        Circle(
            community=of,
            slug=f"circle-{n}",
            name=f"Circle {n} {CHINESE[n]}",
            description=f"{ENGLISH[n]} and {ENGLISH[n + 3]}",
            kind="closed" if n % 6 == 4 else "secret" if n % 6 == 5 else "open",
            minimum_tier=tier if n % 9 == 8 else None,
            position=n,
        )
        for n in range(CIRCLES)
    )


def _people_in(circles: Sequence[Any], people: Sequence[int], dice: Any) -> dict[int, list[int]]:
    """Each of them in about nine circles; who is in which, by circle."""
    from communities.models import CircleMembership

    inside: dict[int, list[int]] = {}
    for circle in circles:
        chosen = [one for one, luck in zip(people, dice.random(len(people)), strict=True) if luck < 0.22]
        # The reader is in the first ones, so that every run asks the same.
        chosen = chosen if people[6] in chosen or circle.position >= 8 else [*chosen, people[6]]
        inside[circle.pk] = chosen
        CircleMembership.objects.bulk_create(
            [
                CircleMembership(circle=circle, membership_id=one, joined_at=crowd.AT - timedelta(days=DAYS))
                for one in chosen
            ],
            batch_size=BATCH,
        )
    return inside


def _posts(circles: Sequence[Any], inside: dict[int, list[int]], many: int, dice: Any) -> list[Any]:
    """A post has two comments on average, and one in the middle of the first circle has `LONGEST`."""
    from communities.models import Post

    made: list[Any] = []
    seconds = np.sort(dice.integers(0, DAYS * 86_400, many))
    # The first circles are the busiest.
    busy = (len(circles) * dice.random(many) ** 2).astype(int)
    below = dice.geometric(0.33, many) - 1
    below[np.flatnonzero(busy[many // 2 :] == 0)[0] + many // 2] = LONGEST
    for start in range(0, many, BATCH):
        rows = []
        for n in range(start, min(start + BATCH, many)):
            circle = circles[busy[n]]
            at = crowd.AT - timedelta(days=DAYS) + timedelta(seconds=int(seconds[n]))
            rare = f" {RARE[n // 1000 % 2]}" if n % 1000 == 7 else ""
            rows.append(
                Post(
                    circle=circle,
                    author_id=_one_of(inside[circle.pk], dice),
                    title=_words(dice, 5) if n % 3 else "",
                    body=_words(dice, int(dice.integers(10, 90))) + rare,
                    created_at=at,
                    last_at=_below(at, int(below[n])),
                    comment_count=int(below[n]),
                    pinned_at=at if n % (many // 20) == 3 else None,
                )
            )
        made += Post.objects.bulk_create(rows)
        print(f"\r{len(made):,} posts", end="", flush=True)
    print()
    return made


def _comments(posts: Sequence[Any], inside: dict[int, list[int]], dice: Any) -> None:
    from communities.models import Comment

    waiting: list[Any] = []
    for post in posts:
        if post.comment_count == LONGEST:
            _thread(post, inside, dice)
        else:
            waiting += _answers(post, range(post.comment_count), inside, dice)
        if len(waiting) > BATCH:
            Comment.objects.bulk_create(waiting)
            waiting = []
    Comment.objects.bulk_create(waiting)


def _reading(reader: int, posts: Sequence[Any]) -> None:
    """The reader has read all until ten days before the end, and every fifth thread of these ten."""
    from communities.models import CircleMembership, ThreadRead

    since = crowd.AT - timedelta(days=10)
    CircleMembership.objects.filter(membership_id=reader).update(read_until=since)
    opened = [post for post in posts if post.last_at > since][::5]
    ThreadRead.objects.bulk_create(
        ThreadRead(membership_id=reader, post=post, until=post.last_at) for post in opened
    )


def _thread(post: Any, inside: dict[int, list[int]], dice: Any) -> None:
    """Half of a long thread's comments answer an earlier one."""
    from communities.models import Comment

    made: list[Any] = []
    for start in range(0, LONGEST, 500):
        rows = _answers(post, range(start, start + 500), inside, dice)
        for row in rows:
            if made and dice.random() < 0.5:
                row.parent = made[int(len(made) * dice.random())]
        made += Comment.objects.bulk_create(rows)


def _answers(post: Any, places: range, inside: dict[int, list[int]], dice: Any) -> list[Any]:
    from communities.models import Comment

    return [
        Comment(
            post=post,
            author_id=_one_of(inside[post.circle_id], dice),
            body=_words(dice, int(dice.integers(3, 40))),
            created_at=_below(post.created_at, place + 1),
        )
        for place in places
    ]


def _below(at: datetime, place: int) -> datetime:
    """When the comment of that place below a post of that time was written."""
    return min(max(crowd.AT, at), at + timedelta(minutes=7 * place))


def _one_of(people: Sequence[int], dice: Any) -> int:
    """The first ones write most."""
    return people[int(len(people) * dice.random() ** 3)]


def _words(dice: Any, many: int) -> str:
    if dice.random() < 0.5:
        return "".join(CHINESE[int(n)] for n in dice.integers(0, len(CHINESE), many))
    return " ".join(ENGLISH[int(n)] for n in dice.integers(0, len(ENGLISH), many))
