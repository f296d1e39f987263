"""Notes on members, by staff for staff: written, changed with what they were before, taken away."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from kernel.errors import Refused
from kernel.locks import locked
from members.actors import Actor
from members.models import Membership, Note, NoteVersion
from members.services import audit, powers

LONGEST = 10_000


@transaction.atomic
def write(*, membership: Membership, text: str, at: datetime, by: Actor) -> Note:
    """Write a note on a member. Raises `Refused` for an empty or endless text, for a member who was erased, and for
    who may not write notes."""
    powers.require(by, "members.note")
    text = _fitting(text)
    membership = locked(Membership.objects.filter(pk=membership.pk)).get()
    powers.guard_not_merged(membership)
    if membership.erased_at:
        raise Refused(_("This member was erased: nothing more is kept of them."), code="erased")
    note = Note.objects.create(
        membership=membership, text=text, by=by.membership, by_words=by.words[:120], at=at
    )
    _record("note.written", note, membership, by=by, at=at)
    return note


@transaction.atomic
def change(*, note: Note, text: str, at: datetime, by: Actor) -> Note:
    """Put other words into a note; those it had are kept. Raises `Refused` as `write` does, and for a note of
    somebody else's unless they may change members."""
    text = _fitting(text)
    note = _hold(note, by)
    if note.text == text:
        return note
    NoteVersion.objects.create(note=note, text=note.text, until=at, by_words=by.words[:120])
    note.text, note.changed_at = text, at
    note.save(update_fields=["text", "changed_at"])
    _record("note.changed", note, note.membership, by=by, at=at)
    return note


@transaction.atomic
def delete(*, note: Note, at: datetime, by: Actor) -> None:
    """Take a note away with all that it ever said. Raises `Refused` as `change` does."""
    note = _hold(note, by)
    _record("note.deleted", note, note.membership, by=by, at=at)
    note.delete()


def may_change(note: Note, acting: Membership) -> bool:
    return acting.may("members.change") or (note.by_id == acting.pk and acting.may("members.note"))


def _hold(note: Note, by: Actor) -> Note:
    powers.require(by, "members.note")
    found = locked(Note.objects.filter(pk=note.pk)).select_related("membership").first()
    if found is None:
        raise Refused(_("This note is not there any more."), code="gone")
    if by.membership is not None and not may_change(found, by.membership):
        raise Refused(_("This note is somebody else's."), code="not_yours")
    return found


def _fitting(text: str) -> str:
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise Refused(
            _("A note has 1 to %(most)d characters.") % {"most": LONGEST}, code="length", field="text"
        )
    return text


def _record(action: str, note: Note, membership: Membership, *, by: Actor, at: datetime) -> None:
    """What a note says stands in the note alone: the log would keep it for ever."""
    audit.record(
        action=action,
        object_kind="note",
        object_id=note.pk,
        by=by,
        at=at,
        community_id=membership.community_id,
        after={"member": membership.number},
    )
