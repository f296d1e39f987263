"""The feed in pages, and long threads."""

from datetime import timedelta

import pytest

from communities.models import Circle, Comment, Post
from communities.selectors import talk, unread
from communities.services import circles, reading
from kernel import access
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def community():
    community = make.community("lantern")
    Circle.objects.of(community.pk).delete()
    return community


def a_circle(community, name, **fields):
    return circles.create(community=community, name=name, at=EARLY, by=SITE, **fields)


def walked(read):
    """Every page forward, and back from the last one."""
    pages, cursor = [], ""
    while True:
        page = read(cursor)
        pages.append(page)
        if not page.after:
            break
        cursor = page.after
    back, cursor = [page.rows for page in pages[-1:]], pages[-1].before
    while cursor:
        page = read(cursor)
        back.insert(0, page.rows)
        cursor = page.before
    return [page.rows for page in pages], back


def test_the_feed_is_every_post_one_may_read_once_and_in_order(community, monkeypatch):
    monkeypatch.setattr(talk, "PAGE", 3)
    viewer, author = make.member(community), make.member(community)
    made = [
        a_circle(community, f"c{n}", kind=kind) for n, kind in enumerate(["open", "open", "closed", "closed"])
    ]
    circles.put_in(circle=made[3], membership=viewer, at=EARLY, by=SITE)
    for n in range(17):
        hidden = EARLY if n % 7 == 6 else None
        at = EARLY + n // 2 * MINUTE
        Post.objects.create(
            circle=made[n % 4], author=author, body="x", created_at=at, last_at=at, hidden_at=hidden
        )
    wanted = list(access.visible(Post.objects.all(), viewer).order_by("-created_at", "-pk"))
    assert len(wanted) == 12
    there, back = walked(lambda cursor: talk.latest(community, viewer, cursor))
    assert sum(there, []) == wanted and back == there
    mine, _back = walked(lambda cursor: talk.latest(community, viewer, cursor, mine=True))
    assert sum(mine, []) == [post for post in wanted if post.circle_id == made[3].pk]


@pytest.fixture
def thread(community, monkeypatch):
    """A thread of eight comments, three to a page; the last one answers the first."""
    monkeypatch.setattr(talk, "COMMENTS", 3)
    author = make.member(community)
    circle = a_circle(community, "Owls")
    at = EARLY + 9 * MINUTE
    post = Post.objects.create(
        circle=circle, author=author, body="x", created_at=EARLY, last_at=at, comment_count=8
    )
    made = []
    for n in range(8):
        parent = made[0] if n in (2, 7) else None
        at = EARLY + (n + 1) * MINUTE
        made.append(
            Comment.objects.create(post=post, author=author, body=str(n), created_at=at, parent=parent)
        )
    return whole(post, Comment.objects.none()), made


def whole(post, comments):
    return talk.whole(Post.objects.filter(pk=post.pk), comments).get()


def number(comment):
    return talk.number_of(whole(comment.post, Comment.objects.filter(pk=comment.pk)))


def test_each_page_says_where_it_stands_and_is_found_by_a_comment_on_it(thread):
    post, made = thread
    for n, comment in enumerate(made):
        found = talk.thread(post, number(comment))
        assert found.comments == made[n // 3 * 3 : n // 3 * 3 + 3]
        assert (found.page.number, found.page.paginator.num_pages) == (n // 3 + 1, 3)
    for beyond, shown in (("99", made[6:]), ("0", made[6:]), ("x", made[:3]), ("9" * 99, made[6:])):
        assert talk.thread(post, beyond).comments == shown


def test_an_answer_stands_below_what_it_answers_or_tells_it(thread):
    post, made = thread
    first = [(answer.comment, answer.depth, answer.apart) for answer in talk.thread(post).answers]
    assert first == [(made[0], 0, False), (made[2], 1, False), (made[1], 0, False)]
    last = [(answer.comment, answer.apart) for answer in talk.thread(post, 3).answers]
    assert last == [(made[6], False), (made[7], True)]


def test_what_is_new_stands_out_and_the_first_of_it_is_found(thread):
    post, made = thread
    reader = make.member(post.circle.community)
    reading.read(post=post, membership=reader, until=made[3].created_at)
    rows = unread.with_marks(Post.objects.filter(pk=post.pk), reader, EARLY + 20 * MINUTE)
    post = talk.whole(rows, unread.new_below(reader)).get()
    page = talk.thread(post, talk.number_of(post), unread.of_post(post, reader))
    assert page.first_new.comment == made[4]
    assert [answer.is_new for answer in page.answers] == [False, True, True]
