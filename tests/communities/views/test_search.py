"""The one search: who finds what, how it is asked, and that the database keeps it with the words."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from communities.models import Circle, Post
from communities.services import circles, comments, posts
from kernel import search
from members.models import Membership
from members.roles import Role
from tests import api, make

pytestmark = pytest.mark.django_db
ROOT = "/c/lantern/"
HOUR = timedelta(hours=1)


@pytest.fixture
def community(settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    community = make.community("lantern")
    Circle.objects.of(community.pk).delete()
    return community


def room(community, name, **fields):
    return circles.create(community=community, name=name, at=make.EARLY, by=make.SITE, **fields)


@pytest.fixture
def circle(community):
    return room(community, "Owls", description="Night birds")


def inside(circle, name):
    member = make.member(circle.community, name=name)
    circles.put_in(circle=circle, membership=member, at=make.EARLY, by=make.SITE)
    return member


@pytest.fixture
def ada(circle):
    return inside(circle, "Ada Lovelace")


def post(circle, author, body, title="", hours=0):
    return posts.write(circle=circle, author=author, body=body, title=title, at=make.EARLY + hours * HOUR)


def visitor(member):
    client = Client()
    client.force_login(member.user)
    return client


def found(member, q, **asked):
    """What is found, by kind: the titles and excerpts as they are shown."""
    page = visitor(member).get(f"{ROOT}search/", {"q": q, **asked})
    assert page.status_code == 200
    return {one.key: [hit.excerpt or hit.title for hit in hits.hits] for one, hits in page.context["found"]}


@pytest.mark.parametrize(
    ("q", "excerpt"),
    [
        ("book", "Which <mark>book</mark>binding glue? 社群经济是知识型的"),
        ("BOOKB glue", "Which <mark>bookb</mark>inding <mark>glue</mark>? 社群经济是知识型的"),
        ("社群", "Which bookbinding glue? <mark>社群</mark>经济是知识型的"),
        ("识", "Which bookbinding glue? 社群经济是知<mark>识</mark>型的"),
        ("ｇｌｕｅ 知识型", "Which bookbinding <mark>glue</mark>? 社群经济是<mark>知识型</mark>的"),
        ("glue经济", "Which bookbinding <mark>glue</mark>? 社群<mark>经济</mark>是知识型的"),
    ],
)
def test_words_of_both_languages_are_found_and_marked(circle, ada, q, excerpt):
    post(circle, ada, "Which **bookbinding** glue? 社群经济是知识型的")
    assert found(ada, q) == {"posts": [excerpt]}


@pytest.mark.parametrize(
    "q", ["inding", "k", "群社", "glue paper", "%", "''", '"', "\\", ":*", "!", "&|", "\x00", "", "  "]
)
def test_what_is_not_there_is_not_found(circle, ada, q):
    post(circle, ada, "Which bookbinding glue? 社群经济")
    assert found(ada, q) == {}


def test_every_kind_is_found(circle, ada):
    one = post(circle, ada, "x", title="Night glue")
    comments.write(post=one, author=ada, body="Good night", at=make.EARLY)
    owl = make.member(circle.community, name="Night Owl")
    Membership.objects.filter(pk=owl.pk).update(introduction="Hoo <b>", shown=["introduction"])
    make.member(circle.community, name="Night Hidden")
    Membership.objects.filter(name="Night Hidden").update(listed=False)
    assert found(ada, "night") == {
        "members": ["Hoo &lt;b&gt;"],
        "posts": ["x"],
        "comments": ["Good <mark>night</mark>"],
        "circles": ["<mark>Night</mark> birds"],
    }
    assert found(ada, "night", **{"in": "comments"}) == {"comments": ["Good <mark>night</mark>"]}


def test_nobody_finds_what_they_may_not_read(community, circle, ada):
    hush, hidden = room(community, "Hush", kind="closed"), room(community, "Deep")
    for where in (hush, hidden):
        author = inside(where, f"Friend {where.name}")
        comments.write(post=post(where, author, "glue"), author=author, body="glue", at=make.EARLY)
    Circle.objects.filter(pk=hidden.pk).update(kind="secret")
    assert found(ada, "glue") == {} and found(ada, "Deep", **{"in": "circles"}) == {}
    assert found(author, "glue") == {"posts": ["<mark>glue</mark>"], "comments": ["<mark>glue</mark>"]}
    elsewhere = make.community("elsewhere")
    assert (
        found(ada, "glue") == {}
        and visitor(make.member(elsewhere)).get(f"{ROOT}search/?q=glue").status_code == 404
    )
    program = api.Program(community)
    assert [hit["circle"] for hit in program.get("search/?q=glue").json()["results"]] == ["Hush"]


def test_what_is_changed_hidden_or_taken_back_is_found_so_at_once(circle, ada):
    one = post(circle, ada, "glue")
    below = comments.write(post=one, author=ada, body="glue", at=make.EARLY)
    posts.change(post=one, author=ada, body="paper", title="", at=make.EARLY)
    assert (found(ada, "glue"), found(ada, "paper")) == (
        {"comments": ["<mark>glue</mark>"]}, {"posts": ["<mark>paper</mark>"]},
    )  # fmt: skip
    moderator = make.member(circle.community, role=Role.MODERATOR)
    comments.hide(comment=below, reason="Rude", at=make.EARLY, by=make.SITE)
    assert found(moderator, "glue") == {}
    comments.show(comment=below, at=make.EARLY, by=make.SITE)
    posts.hide(post=one, reason="Rude", at=make.EARLY, by=make.SITE)
    reader = make.member(circle.community, name="Cy")
    assert found(reader, "glue") == {} and found(reader, "paper") == {}
    # As the lists show it to those who keep order, and to its author.
    assert "Hidden</span>" in visitor(moderator).get(f"{ROOT}search/?q=paper").content.decode()
    assert found(ada, "paper") == {"posts": ["<mark>paper</mark>"]}
    posts.show(post=one, at=make.EARLY, by=make.SITE)
    assert found(ada, "glue") == {"comments": ["<mark>glue</mark>"]}
    comments.remove(comment=below, author=ada, at=make.EARLY)
    posts.remove(post=one, author=ada, at=make.EARLY)
    assert found(ada, "glue") == {} and found(ada, "paper") == {}
    Post.objects.filter(pk=one.pk).update(body="silk", removed_at=None)
    assert found(ada, "silk") == {"posts": ["<mark>silk</mark>"]}


def test_it_is_narrowed_by_circle_and_time_and_what_cannot_be_read_narrows_not(community, circle, ada):
    bo = inside(circle, "Bo")
    larks = room(community, "Larks")
    circles.put_in(circle=larks, membership=ada, at=make.EARLY, by=make.SITE)
    post(circle, bo, "glue one")
    post(larks, ada, "glue two", hours=1)
    assert found(ada, "glue", circle="larks") == {"posts": ["<mark>glue</mark> two"]}
    assert found(ada, "glue", days=7) == {}
    assert found(ada, "ada", circle="larks") == {}
    for wrong in (
        {"circle": "nowhere"},
        {"days": "8"},
        {"in": "x"},
        {"at": "x"},
        {"in": "posts", "at": "1.x"},
    ):
        assert found(ada, "glue", **wrong) == {"posts": ["<mark>glue</mark> two", "<mark>glue</mark> one"]}
    program = api.Program(community)
    assert [hit["author"] for hit in program.get(f"search/?q=glue&author={bo.number}").json()["results"]] == [
        bo.number
    ]
    later = "since=2026-01-05T10:00:00Z&until=2026-01-05T10:00:00Z"
    assert [hit["author"] for hit in program.get(f"search/?q=glue&{later}").json()["results"]] == [ada.number]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "What are you looking for?"),
        ({"q": "zebra"}, "Nothing is found"),
        ({"q": "🎉!"}, "signs alone are not looked for"),
        ({"q": "a" * 201}, "at most 200 characters (it has 201)"),
        ({"q": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_where_nothing_is_found_the_page_says_what_to_do(ada, asked, words):
    page = visitor(ada).get(f"{ROOT}search/", asked).content.decode()
    assert words in page and (asked.get("q", "") == "" or f'value="{asked["q"]}"' in page)


def test_who_asks_without_end_is_told_to_wait(settings, circle, ada):
    settings.API_RATE_LIMITS = {"search": (1, 3600)}
    cache.clear()
    post(circle, ada, "glue")
    assert found(ada, "glue")
    page = visitor(ada).get(f"{ROOT}search/?q=glue")
    assert (page.status_code, page.context["found"]) == (429, [])
    program = api.Program(circle.community)
    assert [program.get("search/?q=glue").status_code for _n in range(2)] == [200, 429]


def test_a_kind_is_read_in_pages_titles_first(monkeypatch, circle, ada):
    monkeypatch.setattr(search, "PAGE", 2)
    made = [post(circle, ada, f"glue {n}", hours=n // 2) for n in range(4)]
    titled = [post(circle, ada, "x", title=f"Glue {n}") for n in range(2)]
    client, read, at = visitor(ada), [], ""
    while True:
        page = client.get(f"{ROOT}search/", {"q": "glue", "in": "posts", "at": at})
        (hits,) = dict(page.context["found"]).values()
        read.append([hit.key for hit in hits.hits])
        at = hits.after
        if not at:
            break
        assert 'rel="next"' in page.content.decode()
    keys = [str(one.key) for one in reversed(made)]
    assert read == [[str(one.key) for one in reversed(titled)], keys[:2], keys[2:]]


def test_the_api_finds_the_same_and_refuses_kindly(circle, ada):
    one = post(circle, ada, "glue <b>", title="Tea")
    program = api.Program(circle.community)
    assert program.get("search/?q=GLU").json() == {
        "results": [
            {
                "id": str(one.key), "url": f"{ROOT}posts/{one.key}/", "title": "Tea",
                "excerpt": "<mark>glu</mark>e &lt;b&gt;", "author": ada.number,
                "created_at": "2026-01-05T09:00:00Z", "circle": "Owls", "hidden": False,
            }
        ],
        "next": None,
    }  # fmt: skip
    assert program.get("search/?q=ada&kind=members").json()["results"][0]["id"] == str(ada.number)
    wrong = (
        "",
        "?q=",
        "?q=!",
        f"?q={'a' * 201}",
        "?q=a&kind=x",
        "?q=a&author=x",
        "?q=a&since=x",
        "?q=a&cursor=x",
    )
    assert [program.get(f"search/{asked}").status_code for asked in wrong] == [400] * len(wrong)


@pytest.mark.parametrize(
    "q",
    [
        "a" * 10_000,
        "知" * 10_000,
        "' OR 1=1 --",
        "a & | ! <-> b:*",
        "\u202e\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    ],
)
def test_hostile_words_get_a_page(ada, q):
    assert found(ada, q) == {}


def test_what_people_wrote_and_asked_is_shown_as_words(circle, ada):
    evil = "evil <x-evil onclick=x> </mark>&lt;x-evil&gt;"
    comments.write(post=post(circle, ada, evil, title=evil), author=ada, body=evil, at=make.EARLY)
    room(circle.community, evil, description=evil)
    Membership.objects.filter(pk=make.member(circle.community, name=evil).pk).update(
        introduction=evil, shown=["introduction"]
    )
    for asked in ("evil", "evil onclick"):
        page = visitor(ada).get(f"{ROOT}search/", {"q": asked})
        kinds = [one.key for one, _hits in page.context["found"]]
        assert kinds == ["members", "posts", "comments", "circles"]
        assert "<x-evil" not in page.content.decode()
    assert "<x-evil" not in visitor(ada).get(f"{ROOT}search/", {"q": '"><x-evil>'}).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_same_queries_for_one_and_for_three(circle, ada, rows, django_assert_num_queries):
    for n in range(rows):
        comments.write(
            post=post(circle, ada, "glue"), author=inside(circle, f"Glue {n}"), body="glue", at=make.EARLY
        )
        room(circle.community, f"Glue {n}")
    client = visitor(ada)
    client.get(f"{ROOT}circles/")
    with django_assert_num_queries(10):
        client.get(f"{ROOT}search/?q=glue")
    program = api.Program(circle.community)
    program.get("")
    for kind, queries in (("posts", 5), ("comments", 4), ("circles", 3), ("members", 3)):
        with django_assert_num_queries(queries):
            assert len(program.get(f"search/?q=glue&kind={kind}").json()["results"]) == rows
