"""What was written, as the file that staff take along."""

import csv
import io
import uuid
from datetime import timedelta

import pytest

from communities.models import Attachment, Comment, Post
from communities.services import acceptances, circles, comments, posts, reactions
from members.actors import Actor
from members.models import AuditEntry
from members.roles import Role
from tests import make
from tests.communities.views.test_talk import ROOT, ada, circle, inside, visitor  # noqa: F401

pytestmark = pytest.mark.django_db
FILE = f"{ROOT}desk/settings/circles/talk.csv"
LATER = make.EARLY + timedelta(hours=1)


def read(answer) -> list[dict[str, str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def keeper(circle):  # noqa: F811
    return make.member(circle.community, role=Role.MODERATOR)


def test_each_post_and_comment_is_a_row_with_all_that_belongs_to_it(circle, ada, keeper):  # noqa: F811
    bo = inside(circle, "Bo")
    post = posts.write(circle=circle, author=ada, title="=Tea", body="Which, @#2?", asks=True, at=make.EARLY)
    Attachment.objects.create(
        community=circle.community, author=ada, post=post, name="a.pdf", media_type="application/pdf", size=1,
        created_at=make.EARLY,
    )  # fmt: skip
    answer = comments.write(post=post, author=bo, body='Green,\n"black"', at=LATER)
    below = comments.write(post=post, author=ada, body="Why?", parent=answer, at=LATER)
    gone = comments.write(post=post, author=bo, body="Gone", at=LATER)
    comments.remove(comment=gone, author=bo, at=LATER)
    reactions.give(on=answer, member=ada, emoji="👍", at=LATER)
    acceptances.accept(comment=answer, at=LATER, by=Actor.person(ada.user, ada))
    comments.hide(comment=below, reason="Rude", at=LATER, by=make.SITE)
    first, second, third = read(visitor(keeper).get(FILE))
    told = {"below": str(post.key), "circle": "owls", "title": "", "question": ""}
    same = {"written_at": LATER.isoformat(), "changed_at": "", "kind": "comment", "files": ""}
    assert first == {
        "kind": "post", "id": str(post.key), "circle": "owls", "below": "", "answers_to": "",
        "member": str(ada.number), "name": "Ada", "title": "'=Tea", "text": "Which, @#2?", "question": "yes",
        "accepted": "", "files": "a.pdf", "reactions": "0", "written_at": make.EARLY.isoformat(),
        "changed_at": "", "hidden_at": "", "reason": "",
    }  # fmt: skip
    assert second == told | same | {
        "id": str(answer.key), "answers_to": "", "member": str(bo.number), "name": "Bo",
        "text": "Green,\n\"black\"", "accepted": "yes", "reactions": "1", "hidden_at": "", "reason": "",
    }  # fmt: skip
    assert third == told | same | {
        "id": str(below.key), "answers_to": str(answer.key), "member": str(ada.number), "name": "Ada",
        "text": "Why?", "accepted": "", "reactions": "0", "hidden_at": LATER.isoformat(), "reason": "Rude",
    }  # fmt: skip


def test_one_takes_along_what_one_reads_and_no_more(circle, ada, keeper):  # noqa: F811
    community, chief = circle.community, inside(circle, "Chief", role=Role.MANAGER)
    by = Actor.person(chief.user, chief)
    made = [
        circles.create(community=community, name=kind, kind=kind, at=make.EARLY, by=by)
        for kind in ("closed", "secret")
    ]
    for where in (circle, *made):
        told = {"author": chief, "created_at": make.EARLY}
        post = Post.objects.create(circle=where, body=where.name, last_at=make.EARLY, **told)
        Comment.objects.create(post=post, body=f"Below {where.name}", **told)
    client = visitor(keeper)
    assert [row["text"] for row in read(client.get(FILE))] == ["Owls", "closed", "Below Owls", "Below closed"]
    assert [row["text"] for row in read(client.get(f"{FILE}?circle=owls"))] == ["Owls", "Below Owls"]
    wrong = [client.get(f"{FILE}?circle={slug}").status_code for slug in ("secret", "none", "%00")]
    assert wrong == [404, 404, 404]
    taken = AuditEntry.objects.filter(action="talk.exported").order_by("pk")
    assert [entry.after for entry in taken] == [{}, {"circle": "Owls"}]
    assert visitor(ada).get(FILE).status_code == 403


def test_a_file_of_any_length_asks_twice(circle, ada, keeper, django_assert_num_queries):  # noqa: F811
    client, at = visitor(keeper), make.EARLY
    for many in (1, 3):
        Post.objects.all().delete()
        post = Post.objects.create(circle=circle, author=ada, body="x", created_at=at, last_at=at)
        Comment.objects.bulk_create(
            Comment(post=post, author=ada, body="x", created_at=at, key=uuid.uuid4()) for _n in range(many)
        )
        answer = client.get(FILE)
        with django_assert_num_queries(2):
            assert len(read(answer)) == many + 1
