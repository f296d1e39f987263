"""Pictures and files: with a draft, then with what it became; nobody's after that, and gone from the disk."""

import re
from datetime import timedelta

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile

from communities import person_data
from communities.models import Attachment, Circle, Draft, Measure, Post
from communities.services import attachments, circles, comments, drafts, measures, posts, reports
from engagement.models import Fact
from kernel import access
from kernel.errors import Refused
from kernel.person_data import Person, Place
from members.models import Message
from tests import make
from tests.kernel.test_photos import bomb, camera, picture
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db
LATER = EARLY + timedelta(hours=30)
PDF = b"%PDF-1.7 hello"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    for name in ("file", "small"):
        monkeypatch.setattr(Attachment._meta.get_field(name), "storage", FileSystemStorage(tmp_path))


@pytest.fixture
def circle():
    community = make.community("lantern")
    Circle.objects.of(community.pk).delete()
    return circles.create(community=community, name="Owls", at=EARLY, by=SITE)


def inside(circle):
    member = make.member(circle.community)
    circles.put_in(circle=circle, membership=member, at=EARLY, by=SITE)
    return member


@pytest.fixture
def ada(circle):
    return inside(circle)


def sent(content=PDF, name="plan.pdf"):
    return SimpleUploadedFile(name, content)


def keep(author, place=None, **given):
    return attachments.keep(sent=sent(**given), author=author, place=place, at=EARLY)


def refused(act, *given, **more):
    with pytest.raises(Refused) as refusal:
        act(*given, **more)
    return refusal.value.code


def stored(tmp_path) -> int:
    return sum(one.is_file() for one in tmp_path.rglob("*"))


def test_what_was_with_the_draft_is_with_the_post(circle, ada):
    place = drafts.new_post(circle)
    photo = keep(ada, place, content=picture("JPEG", exif=camera(6)), name="IMG_1.HEIC")
    plan = keep(ada, place)
    assert (photo.name, photo.media_type, photo.width, photo.height) == ("IMG_1.jpg", "image/jpeg", 32, 64)
    for file in (photo.file, photo.small):
        with file.open("rb") as content:
            assert b"Ada" not in content.read()
    attachments.move(draft=Draft.objects.get(), keys=[plan.key], step=-1)
    attachments.describe(rows=[photo], said={photo.key: ("  Three\nowls ", False)})
    post = posts.write(circle=circle, author=ada, body="Look", at=EARLY)
    assert [(one.name, one.alt) for one in post.attachments.all()] == [
        ("plan.pdf", ""),
        ("IMG_1.jpg", "Three owls"),
    ]
    assert Draft.objects.count() == 0


def test_a_change_brings_some_and_takes_some_away(circle, ada, tmp_path, django_capture_on_commit_callbacks):
    old = keep(ada, drafts.new_post(circle))
    post = posts.write(circle=circle, author=ada, body="Look", at=EARLY)
    keep(ada, drafts.change(post), name="new.pdf")
    with django_capture_on_commit_callbacks(execute=True):
        posts.change(post=post, author=ada, title="", body="Look", at=EARLY, drop=[old.key])
    assert [one.name for one in post.attachments.all()] == ["new.pdf"]
    assert stored(tmp_path) == 1


def test_a_comment_has_its_own_and_loose_ones_are_named(circle, ada):
    post = posts.write(circle=circle, author=ada, body="Look", at=EARLY)
    keep(ada, drafts.answer(post))
    loose, other = keep(ada, name="b.pdf"), keep(inside(circle))
    comment = comments.write(post=post, author=ada, body="Here", files=[loose.key], at=EARLY)
    assert [one.name for one in comment.attachments.all()] == ["plan.pdf", "b.pdf"]
    for key in (other.key, loose.key, post.key):
        assert refused(comments.write, post=post, author=ada, body="No", files=[key], at=EARLY) == "unknown"
    assert post.comments.count() == 1


def test_they_go_with_what_is_taken_back_and_with_their_author(
    circle, ada, tmp_path, django_capture_on_commit_callbacks
):
    keep(ada, drafts.new_post(circle), content=picture("PNG"), name="a.png")
    post = posts.write(circle=circle, author=ada, body="Look", at=EARLY)
    keep(ada, drafts.answer(post))
    comment = comments.write(post=post, author=ada, body="Here", at=EARLY)
    keep(ada, drafts.answer(post))
    assert stored(tmp_path) == 4
    person = Person(None, (Place(ada.community_id, ada.pk, ada.number),))
    assert [one.path.rpartition("/")[2] for one in person_data.pictures_and_files(person)] == [
        "a.jpg",
        "plan.pdf",
        "plan.pdf",
    ]
    with django_capture_on_commit_callbacks(execute=True):
        comments.remove(comment=comment, author=ada, at=EARLY)
        posts.remove(post=post, author=ada, at=EARLY)
    assert stored(tmp_path) == 1
    with django_capture_on_commit_callbacks(execute=True):
        person_data.erase_written(person, EARLY)
    assert (stored(tmp_path), Attachment.objects.count()) == (0, 0)


def test_who_reads_what_it_belongs_to_reads_it_and_nobody_else(circle, ada):
    bo, stranger = (
        inside(circle),
        inside(circles.create(community=make.community(), name="X", at=EARLY, by=SITE)),
    )
    one = keep(ada, drafts.new_post(circle))
    assert [access.sees(who, one) for who in (ada, bo, stranger, None)] == [True, False, False, False]
    post = posts.write(circle=circle, author=ada, body="Look", at=EARLY)
    one.refresh_from_db()
    assert [access.sees(who, one) for who in (ada, bo, stranger, None)] == [True, True, False, False]
    posts.hide(post=post, reason="No", at=EARLY, by=SITE)
    one = Attachment.objects.get()
    assert [access.sees(who, one) for who in (ada, bo)] == [True, False]


def test_what_does_not_fit_is_refused_and_nothing_is_stored(circle, ada, tmp_path, settings, monkeypatch):
    place = drafts.new_post(circle)
    assert refused(keep, ada, place, content=b"MZ\x90\x00\x03", name="run.pdf") == "media_type"
    assert refused(keep, ada, place, content=b"<svg onload=x>", name="a.png") == "media_type"
    assert refused(keep, ada, place, content=picture("JPEG")[:200], name="a.jpg") == "media_type"
    monkeypatch.setattr(attachments, "LARGEST", 10)
    assert refused(keep, ada, place) == "too_large"
    monkeypatch.undo()
    settings.FILES_OF_A_MEMBER = 10
    assert refused(keep, ada, place) == "full"
    settings.FILES_OF_A_MEMBER, settings.FILES_OF_A_COMMUNITY = 1000, 10
    assert refused(keep, ada, place) == "full"
    assert (stored(tmp_path), Attachment.objects.count(), Draft.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (bomb(), "“Tea.png” has too many pixels: send it smaller."),
        (picture("PNG")[:90], "“Tea.png” cannot be read as a picture."),
        (picture("GIF")[:20], "“Tea.png” cannot be read as a picture."),
        (picture("WEBP")[:30], "“Tea.png” cannot be read as a picture."),
    ],
)
def test_a_picture_that_is_not_taken_is_told_why(circle, ada, tmp_path, content, told):
    with pytest.raises(Refused, match=re.escape(told)):
        keep(ada, drafts.new_post(circle), content=content, name="Tea.png")
    assert (stored(tmp_path), Attachment.objects.count()) == (0, 0)


def test_a_text_has_so_many_and_no_more(circle, ada, tmp_path, monkeypatch):
    monkeypatch.setattr(attachments, "MOST", 2)
    place = drafts.new_post(circle)
    loose = [keep(ada, place), keep(ada, place), keep(ada)][-1]
    assert refused(keep, ada, place) == "too_many"
    assert (
        refused(posts.write, circle=circle, author=ada, body="L", at=EARLY, files=[loose.key]) == "too_many"
    )
    assert (stored(tmp_path), Post.objects.count()) == (3, 0)


def test_what_was_sent_and_never_used_is_swept_up(circle, ada, tmp_path, django_capture_on_commit_callbacks):
    keep(ada, drafts.new_post(circle))
    posts.write(circle=circle, author=ada, body="Look", at=EARLY)
    keep(ada), keep(ada, drafts.new_post(circle))
    drafts.throw_away(draft=Draft.objects.get(), author=ada)
    keep(ada, drafts.new_post(circle))
    assert attachments.sweep(at=EARLY + timedelta(hours=23)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert attachments.sweep(at=LATER) == 2
    assert (stored(tmp_path), attachments.sweep(at=LATER)) == (2, 0)


def test_they_are_a_post_and_an_answer_without_words(circle, ada):
    photo = keep(ada, content=picture("PNG"), name="owl.png")
    attachments.describe(rows=[photo], said={photo.key: ("Three owls", False)})
    plan = keep(ada)
    post = posts.write(circle=circle, author=ada, at=EARLY, files=[photo.key])
    comment = comments.write(post=post, author=ada, at=EARLY, files=[plan.key])
    assert (str(post), str(comment)) == ("Three owls", "plan.pdf")
    facts = Fact.objects.exclude(verb="joined").order_by("verb").values_list("verb", flat=True)
    assert list(facts) == ["commented", "posted"]
    told = {"author": ada, "body": " ", "at": EARLY}
    assert refused(posts.change, post=post, title="Owls", drop=[photo.key], **told) == "length"
    assert refused(comments.change, comment=comment, drop=[plan.key], **told) == "length"
    assert refused(posts.write, circle=circle, title="Owls", **told) == "length"
    assert refused(comments.write, post=post, **told) == "length"
    posts.change(post=post, title="Owls", **told)
    comments.change(comment=comment, drop=[plan.key], **told | {"body": "Gone"})
    assert (str(post.versions.get()), [one.alt for one in post.attachments.all()]) == ("", ["Three owls"])
    assert Attachment.objects.count() == 1


def test_what_they_are_called_is_told_where_there_are_no_words(circle, ada):
    bo = inside(circle)
    post = posts.write(
        circle=circle, author=ada, at=EARLY, files=[keep(ada, name="plan of the nest.pdf").key]
    )
    comments.write(post=post, author=bo, at=EARLY, files=[keep(bo).key])
    assert "plan.pdf" in Message.objects.get(kind="talk.answered").text
    case = reports.make(written=post, reporter=bo, reason="spam", at=EARLY).case
    assert case.said == "plan of the nest.pdf"
    posts.hide(post=post, reason="No", at=EARLY, by=SITE)
    assert Measure.objects.get().said == "plan of the nest.pdf"


def test_who_is_muted_sends_none(circle, ada, tmp_path):
    measures.mute(membership=ada, hours=1, reason="Loud", at=EARLY, by=SITE)
    assert refused(keep, ada) == refused(keep, ada, drafts.new_post(circle)) == "muted"
    assert (Attachment.objects.count(), Draft.objects.count(), stored(tmp_path)) == (0, 0, 0)
