"""Pictures and files in the browser: sent with a form or by its script, arranged, shown, and kept from everybody else."""

import pytest

from communities.models import Attachment, Circle, Draft, Post
from communities.services import comments, posts, reports
from kernel.clock import now
from tests import make
from tests.communities.services.test_attachments import PDF, _own_folder, keep, sent
from tests.communities.views.test_talk import ROOT, ada, circle, inside, place, visitor
from tests.kernel.test_photos import picture

__all__ = ["_own_folder", "ada", "circle"]
pytestmark = pytest.mark.django_db

WRITE = f"{ROOT}circles/owls/write/"


def got(client, path, **headers):
    """The answer, read to its end: a file that is left open is a warning."""
    answer = client.get(path, headers=headers)
    answer.read = answer.getvalue()
    return answer


def photo(name="owl.png"):
    return sent(picture("PNG"), name)


def names(of):
    return [one.name for one in of.attachments.all()]


def a_post(circle, author, *files, body="Look", at=make.EARLY):
    return posts.write(circle=circle, author=author, body=body, files=[one.key for one in files], at=at)


def test_a_form_alone_sends_describes_and_publishes_them(ada):
    client = visitor(ada)
    answer = client.post(WRITE, {"act": "attach", "body": "Look", "draft": "0", "files": [photo(), sent()]})
    assert (answer.status_code, answer["Location"]) == (302, f"{WRITE}#files")
    page = client.get(WRITE)
    assert (page.context["form"]["body"].value(), names(Draft.objects.get())) == (
        "Look",
        ["owl.jpg", "plan.pdf"],
    )
    key = Attachment.objects.get(name="owl.jpg").key
    form = {"title": "", "body": "Look", "draft": page.context["version"], "pictures": key}
    client.post(WRITE, form | {f"alt-{key}": 'Owls "at" night', "files": sent(name="b.pdf")})
    post = Post.objects.get()
    assert (names(post), Draft.objects.count()) == (["owl.jpg", "plan.pdf", "b.pdf"], 0)
    shown = client.get(place(post)).content.decode()
    small = f'src="{ROOT}files/{key}/small/"'
    assert small in shown and 'alt="Owls &quot;at&quot; night" width="64" height="32" loading="lazy"' in shown
    assert "download>plan.pdf</a>" in shown
    assert small in client.get(f"{ROOT}posts/").content.decode()


def test_its_script_is_answered_with_the_list(ada):
    client = visitor(ada)
    part = {"part": "files", "draft": "0"}
    for one in (photo(), sent()):
        answer = client.post(WRITE, part | {"act": "attach", "files": one})
    draft = Draft.objects.get()
    page = answer.content.decode()
    assert (f'data-version="{draft.version}"' in page, page.count('class="card attached-one"')) == (True, 2)
    first, second = draft.attachments.all()
    client.post(WRITE, part | {"act": f"later:{first.key}", "pictures": first.key, f"alt-{first.key}": "Owl"})
    assert [(one.name, one.alt) for one in draft.attachments.all()] == [("plan.pdf", ""), ("owl.jpg", "Owl")]
    for nonsense in ("later", "later:x", f"earlier:{second.key}", "remove:", f"remove:{draft.key}"):
        assert client.post(WRITE, part | {"act": nonsense}).status_code == 200
    assert names(draft) == ["plan.pdf", "owl.jpg"]
    client.post(WRITE, part | {"act": f"remove:{second.key}"})
    assert names(draft) == ["owl.jpg"]
    answer = client.post(WRITE, part | {"act": "attach", "files": sent(b"<html><script>", "owl.png")})
    assert (answer.status_code, answer.json()["code"], names(draft)) == (422, "media_type", ["owl.jpg"])


def test_a_refused_form_keeps_its_files(ada):
    client = visitor(ada)
    page = client.post(WRITE, {"title": "", "body": "a" * 20_001, "draft": "0", "files": photo()})
    assert ([one.name for one in page.context["new_files"]], Post.objects.count()) == (["owl.jpg"], 0)
    page = client.post(WRITE, {"title": "", "body": "Words", "draft": "0", "files": sent(b"MZ\x90", "a.exe")})
    assert page.context["form"]["body"].value() == "Words"
    assert "is of a kind that is not taken" in page.content.decode()
    assert (Post.objects.count(), names(Draft.objects.get())) == (0, ["owl.jpg"])


def test_a_change_drops_what_is_marked_and_brings_what_is_new(circle, ada):
    post = a_post(circle, ada, keep(ada), keep(ada, name="b.pdf"))
    drop = post.attachments.get(name="plan.pdf").key
    form = {"title": "", "body": "Look", "draft": "0", "drop": [drop, "x"], "files": photo()}
    visitor(ada).post(f"{place(post)}edit/", form)
    assert names(post) == ["b.pdf", "owl.jpg"]


def test_nothing_of_it_runs_and_nobody_else_keeps_it(circle, ada):
    post = a_post(
        circle, ada, keep(ada, content=picture("JPEG"), name='a\r\n"b.jpg'), keep(ada, name="计划.pdf")
    )
    client = visitor(ada)
    shown, plan = (got(client, f"{ROOT}files/{one.key}/") for one in post.attachments.all())
    small = got(client, f"{ROOT}files/{post.attachments.first().key}/small/")
    assert [one["Content-Type"] for one in (shown, small, plan)] == ["image/jpeg"] * 2 + ["application/pdf"]
    assert shown["Content-Disposition"] == 'inline; filename="a_b.jpg"'
    assert plan["Content-Disposition"] == "attachment; filename*=utf-8''%E8%AE%A1%E5%88%92.pdf"
    for one in (shown, small, plan):
        assert one["X-Content-Type-Options"] == "nosniff"
        assert one["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert one["Cache-Control"] == "private, no-cache"
    assert (plan.read, plan["Content-Length"]) == (PDF, str(len(PDF)))
    again = got(client, shown.request["PATH_INFO"], **{"If-None-Match": shown["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_who_may_not_read_what_it_belongs_to_finds_nothing(circle, ada):
    bo = inside(circle, "Bo")
    post = a_post(circle, ada, keep(ada))
    comment = comments.write(post=post, author=ada, body="Here", files=[keep(ada).key], at=make.EARLY)
    of_post, of_comment = (f"{ROOT}files/{one.attachments.get().key}/" for one in (post, comment))
    loose = f"{ROOT}files/{keep(ada).key}/"
    stranger = make.member(make.community()).user

    def found(who, *paths):
        client = visitor(who)
        return [got(client, path).status_code for path in paths]

    everything = (of_post, of_comment, loose)
    assert (found(ada, *everything), found(bo, *everything)) == ([200] * 3, [200, 200, 404])
    signed_out = visitor(ada)
    signed_out.logout()
    assert [signed_out.get(path).status_code for path in everything] == [302] * 3
    signed_out.force_login(stranger)
    assert [signed_out.get(path).status_code for path in everything] == [404] * 3
    comments.hide(comment=comment, reason="No", at=make.EARLY, by=make.SITE)
    assert (found(ada, of_comment), found(bo, of_comment)) == ([200], [404])
    posts.hide(post=post, reason="No", at=make.EARLY, by=make.SITE)
    assert (found(ada, of_post), found(bo, of_post, of_comment)) == ([200], [404, 404])
    posts.show(post=post, at=make.EARLY, by=make.SITE)
    Circle.objects.update(kind="closed")
    bo.circle_memberships.all().delete()
    assert (found(ada, of_post), found(bo, of_post)) == ([200], [404])


@pytest.mark.parametrize("rows", [1, 3])
def test_what_says_nothing_is_called_by_them(circle, ada, rows, django_assert_num_queries):
    keeper, bo = inside(circle, "Kim", role="moderator"), inside(circle, "Bo")
    for n in range(rows):
        post = a_post(circle, ada, keep(ada, name=f"owl {n}.pdf"), body="", at=now())
        comments.write(post=post, author=bo, files=[keep(bo, name=f"mouse {n}.pdf").key], at=now())
        reports.make(written=post, reporter=bo, reason="spam", at=now())
    client, staff = visitor(ada), visitor(keeper)
    for reader, path, queries in (
        (client, f"{ROOT}posts/", 6),
        (client, f"{ROOT}missed/?days=7", 10),
        (staff, f"{ROOT}desk/reports/", 7),
    ):
        with django_assert_num_queries(queries):
            page = reader.get(path).content.decode()
        assert [f"owl {n}.pdf" in page for n in range(rows)] == [True] * rows
    page = client.get(place(post)).content.decode()
    assert f"<h1>owl {rows - 1}.pdf</h1>" in page and f"download>mouse {rows - 1}.pdf</a>" in page
