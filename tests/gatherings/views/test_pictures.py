"""Pictures of gatherings: made anew, in their order, seen by whoever sees the gathering, gone with it."""

from datetime import timedelta

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from gatherings.models import Event, EventPicture
from gatherings.services import pictures, series
from kernel.clock import now
from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry
from members.roles import Role
from tests import api, make
from tests.gatherings import holding
from tests.kernel.test_photos import picture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    for name in ("file", "small"):
        monkeypatch.setattr(EventPicture._meta.get_field(name), "storage", FileSystemStorage(tmp_path))
    return tmp_path


@pytest.fixture
def community():
    return make.community("lantern", at=now() - timedelta(days=120))


@pytest.fixture
def host(community):
    return make.member(community, name="Hedda")


def gathering(community, host, **fields):
    begins = {"starts_at": now() + timedelta(days=2), "ends_at": None}
    return holding.event(community, at=now(), host=host, **begins | fields)


def sent(name="mill.png", content=None):
    return SimpleUploadedFile(name, content or picture("PNG"))


def add(event, host, **given):
    return pictures.add(
        event=event, **{"sent": sent(), "at": now(), "by": Actor.person(host.user, host)} | given
    )


def stored(folder):
    return sorted(one for one in folder.rglob("*") if one.is_file())


def signed_in(member):
    client = Client()
    client.force_login(member.user)
    return client


def read(client, path):
    answer = client.get(path)
    return answer.status_code, answer.getvalue()


def test_hosts_send_describe_arrange_and_remove_them(
    community, host, folder, django_capture_on_commit_callbacks
):
    event, client = gathering(community, host), signed_in(host)
    path = f"/c/lantern/events/{event.key}/pictures/"
    assert "No picture yet" in client.get(path).content.decode()
    answer = client.post(
        path, {"act": "add", "pictures": [sent("a.png"), sent("b.png"), sent("c.txt", b"text")]}, follow=True
    )
    told = answer.content.decode()
    assert (
        "2 pictures are added." in told
        and "“c.txt” is no picture" in told
        and "2 pictures have no words yet" in told
    )
    first, second = event.pictures.all()
    client.post(path, {"act": "describe", f"alt-{first.key}": "The mill", f"alt-{second.key}": "The <pond>"})
    client.post(path, {"act": f"later:{first.key}"})
    assert [one.alt for one in event.pictures.all()] == ["The <pond>", "The mill"]
    page = client.get(f"/c/lantern/events/{event.key}/").content.decode()
    assert 'alt="The &lt;pond&gt;" width="64" height="32"' in page
    # The cover stands in the list.
    assert f"pictures/{second.key}/small/" in client.get("/c/lantern/events/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(path, {"act": f"remove:{second.key}"})
    assert ([one.alt for one in event.pictures.all()], len(stored(folder))) == (["The mill"], 2)
    for nonsense in ("", "remove", "remove:x", f"remove:{second.key}", "later:"):
        assert client.post(path, {"act": nonsense}).status_code == 302
    acts = AuditEntry.objects.filter(
        object_id=str(event.key), action__startswith="event.picture"
    ).values_list("action", flat=True)
    assert sorted(acts) == ["event.picture_added", "event.picture_added", "event.picture_removed"]


def test_pictures_come_with_the_plan(community):
    owner = community.memberships.get(role=Role.OWNER)
    form = {
        "title": "Supper", "starts_at": "2031-05-17T19:00", "timezone": "UTC", "in_person": "on", "audience": "members",
        "hosts": "", "act": "save", "pictures": [sent()],
    }  # fmt: skip
    answer = signed_in(owner).post("/c/lantern/events/new/", form)
    assert (answer.status_code, Event.objects.get().pictures.count()) == (302, 1)


def test_nothing_a_camera_wrote_is_kept(community, host):
    exif = Image.Exif()
    exif[0x010F] = "Camera of Hedda"
    made = add(gathering(community, host), host, sent=sent("a.jpg", picture("JPEG", exif=exif)))
    with made.file.open() as file:
        content = file.read()
    assert b"Hedda" not in content and made.media_type == "image/jpeg" and made.name == f"{made.key}.jpeg"


def test_a_picture_is_seen_by_whoever_sees_its_gathering(community, host):
    draft, public = gathering(community, host, announced=False), gathering(community, host, audience="public")
    hidden, shown = add(draft, host), add(public, host)
    other = gathering(community, host)
    visitor, member = Client(), signed_in(make.member(community))

    def path(event, one, small=""):
        return f"/c/lantern/events/{event.key}/pictures/{one.key}/{small}"

    code, content = read(visitor, path(public, shown, "small/"))
    assert (code, content[:2]) == (200, b"\xff\xd8")
    assert read(visitor, path(draft, hidden))[0] == read(member, path(draft, hidden))[0] == 404
    assert read(signed_in(host), path(draft, hidden))[0] == 200
    # By another gathering's address it is not there.
    assert read(signed_in(host), path(other, hidden))[0] == 404
    answer = visitor.get(path(public, shown))
    assert answer.getvalue() and answer["Content-Security-Policy"].startswith("sandbox")
    for client in (visitor, member):
        assert client.get(f"/c/lantern/events/{public.key}/pictures/").status_code in (302, 403)


def test_only_who_looks_after_it_adds_and_no_more_than_there_is_room_for(
    community, host, settings, monkeypatch
):
    event, other = gathering(community, host), make.member(community)
    with pytest.raises(Refused) as no:
        add(event, other)
    assert no.value.code == "not_allowed"
    monkeypatch.setattr(pictures, "MOST", 1)
    add(event, host)
    for code, prepared in (("too_many", {}), ("full", {"MOST": 3}), ("too_large", {"LARGEST": 10})):
        for name, value in prepared.items():
            monkeypatch.setattr(pictures, name, value)
        settings.FILES_OF_A_COMMUNITY = 10
        with pytest.raises(Refused) as no:
            add(event, host)
        assert no.value.code == code
    assert EventPicture.objects.count() == 1


def test_what_cannot_be_stored_leaves_no_row(community, host, monkeypatch, folder):
    def broken(*_given, **_more):
        raise OSError("full")

    event = gathering(community, host)
    monkeypatch.setattr(FileSystemStorage, "_save", broken)
    with pytest.raises(OSError, match="full"):
        add(event, host)
    assert (EventPicture.objects.count(), stored(folder)) == (0, [])


def test_a_series_shares_its_pictures_and_they_go_with_the_last(
    community, host, folder, django_capture_on_commit_callbacks
):
    by = Actor.person(host.user, host)
    first = gathering(community, host, announced=False)
    add(first, host, alt="The mill")
    series.begin(event=first, rule="FREQ=WEEKLY;COUNT=3", at=now(), by=by)
    rows = EventPicture.objects.order_by("event__starts_at")
    assert ([one.alt for one in rows], len({one.file.name for one in rows}), len(stored(folder))) == (
        ["The mill"] * 3,
        1,
        2,
    )
    middle = Event.objects.order_by("starts_at")[1]
    added = add(middle, host, later=True)
    assert (
        list(rows.values_list("event__pictures", flat=True).distinct().order_by())
        and len(stored(folder)) == 4
    )
    assert [one.pictures.count() for one in Event.objects.order_by("starts_at")] == [1, 2, 2]
    pictures.describe(picture=added, alt="The pond", at=now(), by=by)
    assert EventPicture.objects.filter(alt="The pond").count() == 2
    with django_capture_on_commit_callbacks(execute=True):
        pictures.remove(picture=middle.pictures.get(alt="The mill"), at=now(), by=by)
    assert len(stored(folder)) == 4
    with django_capture_on_commit_callbacks(execute=True):
        series.cancel(event=middle, scope="following", at=now(), by=by)
    # Drafts are gone, and with them what nobody else shows.
    assert ([one.pictures.count() for one in Event.objects.all()], len(stored(folder))) == ([1], 2)


def test_a_program_adds_describes_reads_and_takes_them_away(
    community, host, folder, django_capture_on_commit_callbacks
):
    event, program = gathering(community, host), api.Program(community)
    root = f"{program.root}events/{event.key}/"
    made = program.client.post(
        f"{root}pictures/", {"file": sent(), "alt": "Mill"}, headers={"Idempotency-Key": "one"}
    )
    assert made.status_code == 201, made.content
    shape = {"id": made.json()["id"], "alt": "Mill", "media_type": "image/jpeg", "width": 64, "height": 32}
    assert made.json() == shape and program.get(f"events/{event.key}/").json()["pictures"] == [shape]
    place = f"events/{event.key}/pictures/{shape['id']}/"
    tag = program.get(place)["ETag"]
    assert program.patch(place, {"alt": "The mill"}, **{"If-Match": tag}).json()["alt"] == "The mill"
    assert program.get(f"{place}content/").getvalue()[:2] == b"\xff\xd8"
    with django_capture_on_commit_callbacks(execute=True):
        assert program.client.delete(program.root + place).status_code == 204
    assert (program.get(place).status_code, stored(folder)) == (404, [])
