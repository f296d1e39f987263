"""Writing with a draft behind it, as a page with and without its script does it."""

import pytest

from communities.models import Draft, Post
from communities.models.poll import UNWRITTEN
from communities.services import drafts, posts
from tests import make
from tests.communities.views.test_talk import ROOT, ada, circle, inside, place, post, visitor

__all__ = ["ada", "circle", "post"]
pytestmark = pytest.mark.django_db

WRITE = f"{ROOT}circles/owls/write/"


def saved(client, path, **given):
    answer = client.post(path, {"act": "save", **given})
    told = answer.json()
    return answer.status_code, told.get("version"), told.get("code")


def test_what_is_written_is_saved_by_itself_and_found_again(ada):
    client, phone = visitor(ada), visitor(ada)
    assert saved(client, WRITE, title="Tea", body="Wh", draft="0") == (200, 1, None)
    assert saved(client, WRITE, title="Tea", body="Which?", draft="1") == (200, 2, None)
    page = phone.get(WRITE)
    assert (page.context["form"]["body"].value(), page.context["version"]) == ("Which?", 2)
    client.post(WRITE, {"title": "Tea", "body": "Which one?", "draft": "2"})
    assert (Post.objects.get().body, Draft.objects.count()) == ("Which one?", 0)
    assert saved(phone, WRITE, title="Tea", body="Which?!", draft="2") == (409, None, "gone")


def test_a_second_window_is_told_what_the_first_one_saved(ada):
    client = visitor(ada)
    saved(client, WRITE, body="First", draft="0")
    answer = client.post(WRITE, {"act": "save", "body": "Second", "draft": "0"})
    assert answer.status_code == 409
    assert answer.json() == {
        "told": "Something else was saved here in another window.",
        "code": "changed",
        "version": 1,
        "title": "",
        "body": "First",
        "poll": UNWRITTEN,
    }
    page = client.post(WRITE, {"act": "keep", "body": "Second", "draft": "0"})
    assert (page.context["form"]["body"].value(), page.context["other"].body) == ("Second", "First")
    client.post(WRITE, {"act": "keep", "body": "Second", "draft": str(page.context["version"])})
    assert Draft.objects.get().body == "Second"


def test_a_refused_form_keeps_its_draft_and_its_version(ada):
    client = visitor(ada)
    saved(client, WRITE, title="Tea", body="Which?", draft="0")
    page = client.post(WRITE, {"title": "Tea", "body": "", "draft": "1"})
    assert (page.context["version"], Draft.objects.get().body) == (1, "Which?")
    for nonsense in ("x", "-1", "9" * 40, "²"):
        assert saved(client, WRITE, title="Tea", body="Which?", draft=nonsense) == (200, 1, None)


def test_drafts_are_listed_gone_on_with_and_thrown_away(circle, ada, post):
    client = visitor(ada)
    client.post(WRITE, {"act": "keep", "title": "Later", "body": "Kept", "draft": "0"})
    saved(client, f"{place(post)}edit/", title="Hello", body="Changed", draft="0")
    saved(client, place(post), body="An answer", draft="0")
    page = client.get(f"{ROOT}drafts/")
    assert [(draft.body, where) for draft, where in page.context["drafts"]] == [
        ("An answer", f"{place(post)}#answer"),
        ("Changed", f"{place(post)}edit/"),
        ("Kept", WRITE),
    ]
    other = visitor(inside(circle, "Bo"))
    for draft in Draft.objects.all():
        away = f"{ROOT}drafts/{draft.key}/throw-away/"
        assert other.post(away).status_code == 404
        client.post(away)
    assert Draft.objects.count() == 0
    assert "Nothing is waiting" in client.get(f"{ROOT}drafts/").content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_same_queries_for_one_and_for_three_drafts(circle, ada, rows, django_assert_num_queries):
    for _n in range(rows):
        written = posts.write(circle=circle, author=ada, body="Hello", at=make.EARLY)
        drafts.save(place=drafts.answer(written), author=ada, body="B", version=0, at=make.EARLY)
    client = visitor(ada)
    with django_assert_num_queries(4):
        client.get(f"{ROOT}drafts/")


def test_a_preview_is_drawn_as_what_is_published(ada, post):
    answer = visitor(ada).post(f"{ROOT}preview/", {"body": "**A** <script>x</script> [b](javascript:x)"})
    assert "<strong>A</strong> &lt;script&gt;x&lt;/script&gt;" in answer.content.decode()
    assert "javascript:x)" in answer.content.decode() and "href" not in answer.content.decode()
    assert "Nothing is written yet." in visitor(ada).post(f"{ROOT}preview/").content.decode()
