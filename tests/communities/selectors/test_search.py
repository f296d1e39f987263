"""What is found, beside what somebody finds who reads everything, letter by letter."""

import random
import unicodedata
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection

from communities.models import Circle, CircleMembership, Comment, Post
from communities.services import circles
from kernel import access, search
from members.models import Tier
from members.roles import Role
from members.services import erasure
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
#: What texts are made of, with nothing or a sign between: both scripts, wide and compatible forms, signs, emoji.
PIECES = [
    "tea", "Teapot", "TEA", "ｔｅａ", "glue", "Glühwein", "naïve", "nai\u0308ve", "a", "I", "2", "２０２６", "2026",
    "foo_bar", "don't", "x-ray", "知识", "知识型", "识", "知", "型的", "社群经济", "茶", "喝茶", "㍿", "カタカナ",
    "ひら・がな", "한국", "人々", "🎉", "👍🏽", "$100", "C++", "ﬁne", "Straße", "ÉTÉ", "*bold*", "`code`", "&amp;",
    "https://a.example/tea",
]  # fmt: skip
BETWEEN = ["", " ", " ", "，", "。", "-", "_", "\n", "!"]
ASKED = [
    "tea", "te", "t", "TEA", "ea", "ｔｅａ glue", "glue tea", "glüh", "naïve", "nai\u0308", "a", "i", "2", "20", "2026",
    "foo", "foo_bar", "bar", "don", "t don", "知识", "知识型", "识型的", "知识型的社", "知", "型知", "茶喝", "社群 茶",
    "株式", "カタ", "ひら・がな", "한", "人々", "tea茶", "茶，tea！", "fine", "strasse", "straße", "été", "c++", "100",
    "🎉 tea", "amp", "zebra", "无",
]  # fmt: skip


def alone(letter):
    """Whether it is Chinese, Japanese or Korean."""
    return unicodedata.name(letter, "").startswith(
        ("CJK UNIFIED", "HIRAGANA LETTER", "KATAKANA", "HANGUL")
    ) and (letter.isalpha())


def words_of(text):
    """The words of a text, letter by letter; what stands alone in runs."""
    found, kind = [], None
    for letter in unicodedata.normalize("NFKC", text).lower():
        now = "alone" if alone(letter) else "word" if letter.isalnum() else None
        if now and now == kind:
            found[-1] += letter
        elif now:
            found.append(letter)
        kind = now
    return found


def holds(text, asked):
    plain, there = unicodedata.normalize("NFKC", text).lower(), words_of(text)

    def is_in(word):
        if alone(word[0]):
            return word in plain
        return word in there if len(word) == 1 else any(one.startswith(word) for one in there)

    return all(is_in(word) for word in words_of(asked))


def read(viewer, asked, kind, size=4):
    """All that is found, page by page."""
    request = SimpleNamespace(community=viewer.community, membership=viewer)
    keys, cursor = [], ""
    while True:
        found = search.find(request, search.Asked(asked), key=kind, cursor=cursor, size=size)
        keys += [hit.key for hit in found.hits]
        assert found.hits or not keys
        cursor = found.after
        if not cursor:
            return keys


def seen_by(viewer):
    """What they may read, asked one by one of the rule."""
    posts = [post for post in Post.objects.all() if access.sees(viewer, post)]
    comments = Comment.objects.filter(post__in=posts)
    return {"posts": posts, "comments": [one for one in comments if one.is_there]}


def by_reading_everything(seen, asked):
    """First those whose title holds it; of both the newest first."""
    found = [
        (holds(getattr(one, "title", ""), asked), one.created_at, one.pk, str(one.key))
        for one in seen
        if holds(f"{getattr(one, 'title', '')} {one.body}", asked)
    ]
    return [key for _titled, _at, _pk, key in sorted(found, reverse=True)]


@pytest.fixture
def community():
    community = make.community("lantern")
    Circle.objects.of(community.pk).delete()
    return community


def rooms_of(community):
    """An open one, a closed one, a secret one, one of a tier, one that is archived."""
    tier = Tier.objects.create(community=community, key="high", name="High", rank=90)
    rooms = [circles.create(community=community, name=f"Room {n}", at=EARLY, by=SITE) for n in range(5)]
    for room, change in zip(
        rooms,
        [{}, {"kind": "closed"}, {"kind": "secret"}, {"minimum_tier": tier}, {"archived_at": EARLY}],
        strict=True,
    ):
        Circle.objects.filter(pk=room.pk).update(**change)
    return rooms


def written(dice):
    return "".join(dice.choice(PIECES) + dice.choice(BETWEEN) for _n in range(dice.randrange(1, 7)))


def a_state(dice):
    """Of ten one is hidden, and one was taken back."""
    luck = dice.random()
    return {"hidden_at": EARLY} if luck < 0.1 else {"removed_at": EARLY, "body": ""} if luck < 0.2 else {}


@pytest.mark.parametrize("seed", [1, 2])
def test_all_and_only_what_may_be_read_and_holds_the_words_is_found(community, seed):
    dice = random.Random(seed)
    rooms = rooms_of(community)
    people = [make.member(community, name=f"P{n}") for n in range(3)]
    people.append(make.member(community, role=Role.MODERATOR))
    for member in people[:2]:
        for room in rooms[: 1 + 4 * people.index(member)]:
            CircleMembership.objects.create(circle=room, membership=member, joined_at=EARLY)
    CircleMembership.objects.filter(circle=rooms[1], membership=people[1]).update(is_host=True)
    posts = Post.objects.bulk_create(
        Post(
            **{"title": written(dice) if dice.random() < 0.4 else "", "body": written(dice), **a_state(dice)},
            circle=dice.choice(rooms), author=dice.choice(people), last_at=EARLY,
            created_at=EARLY + dice.randrange(40) * MINUTE,
        )
        for _n in range(120)
    )  # fmt: skip
    Comment.objects.bulk_create(
        Comment(
            **{"body": written(dice), **a_state(dice)},
            post=dice.choice(posts), author=dice.choice(people), created_at=EARLY + dice.randrange(40) * MINUTE,
        )
        for _n in range(120)
    )  # fmt: skip
    many = 0
    for viewer in people:
        seen = seen_by(viewer)
        for asked in dice.sample(ASKED, 24):
            kind = dice.choice(["posts", "comments"])
            found = read(viewer, asked, kind, size=dice.choice([4, 50]))
            assert found == by_reading_everything(seen[kind], asked), (asked, viewer.name)
            many += len(found)
    assert many > 100


def test_whoever_writes_it_is_found_as_it_stands(community):
    """By every way in which rows are written: what is kept is what would be kept of the words now."""
    (room, other, *_rest), ada = rooms_of(community), make.member(community, name="Ada")
    told = {"author": ada, "created_at": EARLY, "last_at": EARLY}
    post, second = Post.objects.bulk_create(Post(circle=room, title=f"茶 {n}", **told) for n in range(2))
    Comment.objects.create(post=post, author=ada, body="Glue", created_at=EARLY)
    assert read(ada, "茶", "posts") == [str(second.key), str(post.key)]
    Post.objects.filter(pk=post.pk).update(title="Tea", body="水")
    second.body, second.created_at = "水", EARLY - MINUTE
    Post.objects.bulk_update([second], ["body", "created_at"])
    assert read(ada, "水", "posts") == [str(post.key), str(second.key)] and read(ada, "茶", "posts") == [
        str(second.key)
    ]
    Post.objects.filter(pk=post.pk).update(circle=other)
    assert read(ada, "水", "posts") == [str(second.key)] and read(ada, "glue", "comments") == []
    Post.objects.filter(pk=post.pk).update(circle=room)
    assert len(read(ada, "glue", "comments")) == 1
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM communities_postentry entry JOIN communities_post post ON post.id = post_id "
            "WHERE entry.terms <> communities_post_terms(title, body) OR entry.at <> created_at"
        )
        assert cursor.fetchone() == (0,)
    erasure.erase(membership=ada, at=EARLY, by=SITE)
    bo = make.member(community, name="Bo")
    assert [read(bo, asked, kind) for asked in ("水", "glue") for kind in ("posts", "comments")] == [[]] * 4
    post.delete()
    assert not Post.objects.filter(pk=post.pk).exists()
