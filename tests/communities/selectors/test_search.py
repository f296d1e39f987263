"""What is found, beside what somebody finds who reads everything, letter by letter."""

import random
import unicodedata
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection

from communities.models import Circle, CircleMembership, Comment, Post
from communities.services import circles, comments, posts, talk_rules
from kernel import access, search
from members.actors import Actor
from members.models import Membership, Tier
from members.roles import Role
from members.services import erasure, memberships, merging, standing
from tests import make
from tests.communities.imports import test_discord, test_slack
from tests.make import EARLY, SITE
from tests.members.imports.files import send

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
    """All that is found, page by page: by a member, or by a program of the community."""
    if isinstance(viewer, Membership):
        request = SimpleNamespace(community=viewer.community, membership=viewer)
    else:
        request = SimpleNamespace(community=viewer, membership=None, auth="key")
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
    posts = [post for post in Post.objects.select_related("circle") if sees(viewer, post)]
    comments = Comment.objects.filter(post__in=posts)
    return {"posts": posts, "comments": [one for one in comments if one.is_there]}


def sees(viewer, post):
    if isinstance(viewer, Membership):
        return access.sees(viewer, post)
    return post.removed_at is None and post.circle.kind != "secret" and post.circle.community_id == viewer.pk


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


# --- what befalls it ----------------------------------------------------------------------------------


@pytest.fixture
def hall(community):
    """An open circle, a closed and a secret one, and who reads which: Ann the first, Bo all of them, Mo who keeps order
    (in the secret one as well), Max who keeps order and is in none, and a program."""
    hall, hush, deep = (
        circles.create(community=community, name=n, at=EARLY, by=SITE) for n in ("Hall", "Hush", "Deep")
    )
    people = [make.member(community, name=name) for name in ("Ann", "Bo")]
    people += [make.member(community, name=name, role=Role.MODERATOR) for name in ("Mo", "Max")]
    for room, inside in ((hall, people[1:3]), (hush, people[1:2]), (deep, people[1:3])):
        for one in inside:
            circles.put_in(circle=room, membership=one, at=EARLY, by=SITE)
    Circle.objects.filter(pk=hush.pk).update(kind="closed")
    Circle.objects.filter(pk=deep.pk).update(kind="secret")
    return Circle.objects.get(pk=hall.pk)


def find(community, asked):
    """Who finds the words, P in a post and C in a comment; each of them exactly what they may read."""
    found = {}
    people = Membership.objects.of(community.pk).filter(user__isnull=False).exclude(name="")
    for viewer in (*people.order_by("number"), community):
        seen = seen_by(viewer)
        for kind in ("posts", "comments"):
            keys = read(viewer, asked, kind)
            assert keys == by_reading_everything(seen[kind], asked), (asked, str(viewer))
            found[viewer.name] = found.get(viewer.name, "") + (kind[0].upper() if keys else "")
    return " ".join(f"{name}:{kinds}" for name, kinds in found.items() if kinds)


def named(community, name):
    return Membership.objects.of(community.pk).get(name=name)


def by(community, name):
    member = named(community, name)
    return Actor.person(member.user, member)


def glue(room, author):
    """A post and a comment that say glue."""
    post = posts.write(circle=room, author=author, body="glue", at=EARLY)
    comments.write(post=post, author=author, body="More glue", at=EARLY)
    return post


EVERYBODY, OF_STAFF = "Ann:PC Bo:PC Mo:PC Max:PC Lantern:PC", "Bo:PC Mo:PC Max:PC Lantern:PC"


def test_a_merged_record_leaves_its_words_to_who_is_kept(hall):
    community, hush = hall.community, Circle.objects.get(name="Hush")
    old = memberships.add(community=community, at=EARLY, by=SITE, name="Old", external_id="u-7")
    circles.put_in(circle=hush, membership=old, at=EARLY, by=SITE)
    glue(hush, old)
    assert find(community, "glue") == OF_STAFF
    merge = merging.merge(kept=named(community, "Ann"), merged=old, at=EARLY, by=SITE)
    assert find(community, "glue") == EVERYBODY
    merging.undo(merge=merge, at=EARLY, by=SITE)
    assert find(community, "glue") == OF_STAFF


def test_what_is_imported_is_found_where_it_lies(hall):
    community, deep = hall.community, Circle.objects.get(name="Deep")
    send(community, test_slack.whole(), kind="slack")
    send(community, test_discord.packed(test_discord.GENERAL), kind="discord")
    assert find(community, "strong") == "Ann:P Bo:P Mo:P Max:P Lantern:P"
    assert find(community, "oolong") == "Ann:C Bo:C Mo:C Max:C Lantern:C"
    assert find(community, "why") == "Ann:C Bo:C Mo:C Max:C Lantern:C"
    # Of a secret circle the file's bringer knows nothing: theirs is another of the same name.
    rows = "id,circle,author,author_email,written_at,text\n1,deep,x,{},2026-01-06T10:00:00Z,Silk\n"
    max_ = named(community, "Max")
    send(community, rows.format(max_.email or max_.user.email), kind="talk", by=by(community, "Max"))
    assert find(community, "silk") == "Ann:P Bo:P Mo:P Max:P Lantern:P"
    assert not deep.posts.exists() and deep.circle_memberships.count() == 2


def test_what_is_moved_is_found_by_who_reads_there(hall):
    community = hall.community
    hush, deep = Circle.objects.get(name="Hush"), Circle.objects.get(name="Deep")
    post = glue(hall, named(community, "Bo"))
    given = {"reason": "x", "at": EARLY, "by": by(community, "Mo")}
    assert find(community, "glue") == EVERYBODY
    posts.move(post=post, to=hush, **given)
    assert find(community, "glue") == OF_STAFF
    post.refresh_from_db()
    posts.move(post=post, to=deep, **given)
    assert find(community, "glue") == "Bo:PC Mo:PC"
    post.refresh_from_db()
    posts.move(post=post, to=hall, **given)
    assert find(community, "glue") == EVERYBODY


def test_what_is_held_hidden_and_taken_back_is_found_by_who_sees_it(hall):
    community = hall.community
    talk_rules.save(community=community, held_words=["glue"], at=EARLY, by=SITE)
    post = posts.write(circle=hall, author=named(community, "Bo"), body="glue", at=EARLY)
    held = "Bo:P Mo:P Max:P Lantern:P"
    assert find(community, "glue") == held
    posts.show(post=post, at=EARLY, by=by(community, "Mo"))
    assert find(community, "glue") == f"Ann:P {held}"
    post.refresh_from_db()
    below = comments.write(post=post, author=named(community, "Mo"), body="glue", at=EARLY)
    assert find(community, "glue") == EVERYBODY
    comments.hide(comment=below, reason="x", at=EARLY, by=by(community, "Max"))
    assert find(community, "glue") == f"Ann:P {held}"
    comments.show(comment=below, at=EARLY, by=by(community, "Max"))
    posts.hide(post=post, reason="x", at=EARLY, by=SITE)
    assert find(community, "glue") == OF_STAFF
    posts.show(post=post, at=EARLY, by=SITE)
    posts.remove(post=post, author=named(community, "Bo"), at=EARLY)
    assert find(community, "glue") == ""


def test_a_circle_that_changes_is_found_as_it_is_with_all_that_lies_in_it(hall):
    community = hall.community
    glue(hall, named(community, "Bo"))
    circles.update(circle=hall, name="Larks", at=EARLY, by=SITE)
    ann = named(community, "Ann")
    assert (read(ann, "larks", "circles"), read(ann, "hall", "circles")) == ([hall.slug], [])
    assert find(community, "glue") == EVERYBODY
    tier = Tier.objects.create(community=community, key="high", name="High", rank=90)
    steps = [{"minimum_tier": tier}, {"minimum_tier": None, "kind": "closed"}, {"kind": "open"}]
    found = []
    for step in steps:
        circles.update(circle=hall, at=EARLY, by=SITE, **step)
        found.append(find(community, "glue"))
    assert found == ["Mo:PC Max:PC Lantern:PC", OF_STAFF, EVERYBODY]
    circles.archive(circle=hall, at=EARLY, by=SITE)
    assert (find(community, "glue"), read(ann, "larks", "circles")) == (OF_STAFF, [])
    circles.reopen(circle=hall, at=EARLY, by=SITE)
    assert find(community, "glue") == EVERYBODY


def test_who_leaves_finds_nothing_and_of_who_is_erased_nothing_is_found(hall):
    community = hall.community
    glue(hall, named(community, "Bo"))
    standing.act("leave", membership=named(community, "Bo"), at=EARLY, by=SITE)
    assert find(community, "glue") == EVERYBODY.replace("Bo:PC ", "")
    erasure.erase(membership=named(community, "Bo"), at=EARLY, by=SITE)
    assert (find(community, "glue"), read(named(community, "Ann"), "bo", "members")) == ("", [])
