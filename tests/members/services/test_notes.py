"""Notes on members: kept with what they said before, seen by staff alone, on the page and by the API."""

import pytest
from django.urls import reverse

from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry, Membership, Note
from members.roles import Role
from members.services import notes
from tests import api, make

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return make.community("lantern")


def actor(of, role):
    member = make.member(of, role=role)
    return Actor.person(member.user, member)


def test_a_note_is_written_changed_and_deleted(community):
    member, by = make.member(community), actor(community, Role.HOST)
    note = notes.write(membership=member, text=" Likes **tea** ", at=make.EARLY, by=by)
    notes.change(note=note, text="Likes coffee", at=make.EARLY, by=by)
    notes.change(note=note, text="Likes coffee", at=make.EARLY, by=by)
    note.refresh_from_db()
    assert (note.text, [version.text for version in note.versions.all()]) == (
        "Likes coffee",
        ["Likes **tea**"],
    )
    notes.delete(note=note, at=make.EARLY, by=by)
    entries = AuditEntry.objects.filter(object_kind="note").order_by("id")
    assert [(entry.action, entry.after) for entry in entries] == [
        (f"note.{act}", {"member": member.number}) for act in ("written", "changed", "deleted")
    ]


def test_others_notes_are_changed_by_managers_alone(community):
    member = make.member(community)
    note = notes.write(membership=member, text="Tea", at=make.EARLY, by=actor(community, Role.HOST))
    for refused in (Role.MODERATOR, Role.MEMBER):
        with pytest.raises(Refused):
            notes.change(note=note, text="Coffee", at=make.EARLY, by=actor(community, refused))
    notes.change(note=note, text="Coffee", at=make.EARLY, by=actor(community, Role.MANAGER))
    assert Note.objects.get().text == "Coffee"


@pytest.mark.parametrize("text", ["", "  ", "x" * 10_001])
def test_a_note_says_something(community, text):
    with pytest.raises(Refused):
        notes.write(membership=make.member(community), text=text, at=make.EARLY, by=make.SITE)
    assert Note.objects.count() == 0


def test_on_the_page_for_staff_and_nowhere_for_the_member(client, community):
    member = make.member(community, name="Bob")
    client.force_login(Membership.objects.get(role=Role.OWNER).user)
    place = reverse("members:member", args=["lantern", member.number])
    client.post(f"{place}notes/", {"text": "Likes **tea** <script>"})
    page = client.get(place).content.decode()
    assert "Likes <strong>tea</strong>" in page
    assert "<script>\n" not in page.split('id="notes"')[1]
    note = Note.objects.get()
    client.post(f"{place}notes/{note.pk}/", {"text": "Likes coffee"})
    assert "What it said before" in client.get(place).content.decode()
    client.post(f"{place}notes/{note.pk}/delete/")
    assert Note.objects.count() == 0
    client.force_login(member.user)
    assert client.post(f"{place}notes/", {"text": "Me"}).status_code == 403


def test_by_the_api(community):
    member, program = make.member(community), api.Program(community)
    path = f"members/{member.number}/notes/"
    made = program.post(path, {"text": "Tea"}).json()
    assert program.patch(f"{path}{made['id']}/", {"text": "Coffee"}).json()["text"] == "Coffee"
    assert [one["text"] for one in program.get(path).json()["results"]] == ["Coffee"]
    assert program.get(f"members/1/notes/{made['id']}/").status_code == 404
    assert program.client.delete(f"{program.root}{path}{made['id']}/").status_code == 204
    assert Note.objects.count() == 0
