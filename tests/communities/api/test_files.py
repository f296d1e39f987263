"""Pictures and files by the API: sent by people, named when they write, read by whoever reads that."""

import pytest

from communities.models import Attachment
from communities.services import posts
from tests import api, make
from tests.communities.api.test_talk import ROOT, Browser, ada, circle, post
from tests.communities.services.test_attachments import PDF, _own_folder, inside, keep, sent
from tests.kernel.test_photos import picture

__all__ = ["_own_folder", "ada", "circle", "post"]
pytestmark = pytest.mark.django_db


def send(member, **given):
    browser = Browser(member)
    return browser.client.post(f"{ROOT}files/", given, headers={"X-CSRFToken": browser.token})


def test_a_person_sends_one_and_writes_with_it(circle, ada):
    browser = Browser(ada)
    made = send(ada, file=sent(picture("PNG"), "owl.png"), alt="An owl")
    one = Attachment.objects.get()
    place = f"{ROOT}files/{one.key}/"
    assert (made.status_code, made["Location"]) == (201, f"http://testserver{place}")
    assert made.json() == {
        "id": str(one.key), "name": "owl.jpg", "media_type": "image/jpeg", "size": one.size,
        "width": 64, "height": 32, "alt": "An owl", "decorative": False,
    }  # fmt: skip
    plan = send(ada, file=sent()).json()
    given = {"body": "Look", "files": [plan["id"], made.json()["id"]]}
    post = browser.send("post", "circles/owls/posts/", given).json()
    assert [file["name"] for file in post["files"]] == ["plan.pdf", "owl.jpg"]
    stale = browser.send("patch", f"files/{one.key}/", {"alt": "Two"}, **{"If-Match": '"old"'})
    assert stale.status_code == 412
    described = browser.send("patch", f"files/{one.key}/", {"alt": "Two owls", "decorative": True}).json()
    assert (described["alt"], described["decorative"]) == ("Two owls", True)
    changed = browser.send("patch", f"posts/{post['id']}/", {"drop": [plan["id"]]}).json()
    assert changed["files"] == [described]
    program = api.Program(circle.community)
    assert program.get(f"posts/{post['id']}/").json()["files"] == [described]
    content = program.get(f"files/{one.key}/content/")
    assert (content["Content-Type"], content["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert len(content.getvalue()) == Attachment.objects.get(key=one.key).file.size


def test_what_is_none_of_theirs_is_refused(circle, ada, post):
    bo, one = inside(circle), keep(ada)
    posts.change(post=post, author=ada, title="", body="Look", files=[one.key], at=make.EARLY)
    of_bo = Browser(bo)
    answer = of_bo.send("patch", f"files/{one.key}/", {"alt": "Mine"})
    assert (answer.status_code, answer.json()["code"]) == (422, "not_yours")
    answer = of_bo.send("post", f"posts/{post.key}/comments/", {"body": "Mine", "files": [str(one.key)]})
    assert (answer.status_code, answer.json()["code"], post.comments.count()) == (422, "unknown", 0)
    circle.circle_memberships.filter(membership=bo).delete()
    type(circle).objects.update(kind="secret")
    program = api.Program(circle.community)
    for who in (of_bo.client, program.client):
        for path in ("", "content/"):
            assert who.get(f"{ROOT}files/{one.key}/{path}").status_code == 404
    assert program.client.post(f"{ROOT}files/", {"file": sent()}).status_code == 403


def test_what_does_not_fit_is_refused_with_its_reason(ada, settings):
    settings.FILES_OF_A_MEMBER = len(PDF)
    answers = [
        send(ada, file=sent(b"<svg onload=x>", "a.png")),
        send(ada, file=sent()),
        send(ada, file=sent()),
    ]
    assert [(one.status_code, one.json().get("code")) for one in answers] == [
        (422, "media_type"),
        (201, None),
        (422, "full"),
    ]
    assert send(ada).status_code == 400
    assert Attachment.objects.count() == 1
