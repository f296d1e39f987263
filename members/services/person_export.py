"""Everything held on a person, in a zip that they alone can fetch: made by a worker, deleted after a week."""

import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import IO, Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.core.files import File
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from kernel import files, person_data, sheets, tasks
from kernel.errors import Refused
from kernel.locks import locked
from kernel.person_data import Attachment, Person, Place, Table
from members.models import Membership, PersonExport, User
from members.selectors import merged

State = PersonExport.State
KEPT = timedelta(days=7)
#: An export that has not moved for so long has lost its worker.
STALE = timedelta(minutes=5)
ATTEMPTS = 3
#: Bytes of the zip, and of a file in it, that are in memory at once.
PIECE = 1 << 20


class _Overtaken(Exception):
    """Somebody else makes this export, or nobody wants it any more."""


@transaction.atomic
def ask(*, user: User, at: datetime) -> PersonExport:
    """Have a worker gather everything held on the person. Raises `Refused` (`under_way`) while one is made."""
    try:
        with transaction.atomic():
            export = PersonExport.objects.create(user=user, asked_at=at, touched_at=at)
    except IntegrityError:
        raise Refused(_("Your data are being gathered already."), code="under_way") from None
    tasks.send("members.make_person_export", export_id=str(export.pk))
    return export


def make(*, export_id: UUID, now: Callable[[], datetime]) -> None:
    """Write the zip. Doing it twice, or at once with another worker, leaves one."""
    export = _start(export_id, at=now())
    if export is None:
        return
    person = of(export.user)
    with tempfile.TemporaryFile() as made:
        try:
            with translation.override(export.user.language or None):
                _write(made, person, export, now)
            _finish(export, made, at=now())
        except _Overtaken:
            return


def sweep(*, at: datetime) -> None:
    """Begin again what was lost, give up what fails again and again, delete what has had its time."""
    lost = PersonExport.objects.filter(state__in=[State.WAITING, State.RUNNING], touched_at__lt=at - STALE)
    lost.filter(attempts__gte=ATTEMPTS).update(state=State.FAILED, touched_at=at)
    for pk in list(lost.filter(attempts__lt=ATTEMPTS).values_list("pk", flat=True)):
        PersonExport.objects.filter(pk=pk).update(touched_at=at)
        tasks.send("members.make_person_export", export_id=str(pk))
    for old in PersonExport.objects.filter(state=State.READY, expires_at__lte=at):
        _delete(old)


def of(user: User) -> Person:
    """The person with all their memberships and the addresses they confirmed."""
    mine = Membership.objects.filter(user=user).order_by("community_id")
    confirmed = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    addresses = {
        user.email.lower(),
        *(one.lower() for one in confirmed),
    }
    # What was merged into them is about the same person.
    everything = sorted({one.pk: one for one in [*mine, *merged.records(mine)]}.items())
    places = tuple(Place(one.community_id, one.pk, one.number) for _pk, one in everything)
    return Person(user.pk, places, tuple(sorted(addresses)))


@transaction.atomic
def _start(export_id: UUID, *, at: datetime) -> PersonExport | None:
    found = PersonExport.objects.filter(pk=export_id, state__in=[State.WAITING, State.RUNNING])
    export = locked(found).select_related("user").first()
    if export is None or (export.state == State.RUNNING and export.touched_at > at - STALE):
        return None
    export.state, export.touched_at = State.RUNNING, at
    export.attempts += 1
    export.done, export.total = 0, len(person_data.holdings)
    export.save(update_fields=["state", "touched_at", "attempts", "done", "total"])
    return export


def _write(made: IO[bytes], person: Person, export: PersonExport, now: Callable[[], datetime]) -> None:
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _about())
        for done, holding in enumerate(person_data.holdings, start=1):
            for table in holding.export(person):
                _write_table(archive, table)
            for attachment in holding.attachments(person):
                _write_file(archive, attachment)
            mine = PersonExport.objects.filter(pk=export.pk, attempts=export.attempts, state=State.RUNNING)
            if not mine.update(done=done, touched_at=now()):
                raise _Overtaken


def _about() -> str:
    lines = [
        _("Everything that is held on you here, each table as JSON and as CSV:"),
        *(f"- {holding.label}" for holding in person_data.holdings),
        "",
        _("Notes that the staff of a community wrote for themselves are not among it: they are for staff only. "
          "Ask the community's staff about them."),
        _("Passwords, keys and the secrets of second steps are kept only in a form that cannot be read."),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _write_table(archive: zipfile.ZipFile, table: Table) -> None:
    with archive.open(f"{table.name}.json", "w", force_zip64=True) as file:
        for piece in _json(table):
            file.write(piece.encode())
    with archive.open(f"{table.name}.csv", "w", force_zip64=True) as file:
        file.write(sheets.BOM.encode())
        rows = ([_cell(value) for value in row.values()] for row in table.rows())
        for line in sheets.lines(table.columns, rows):
            file.write(line.encode())


def _json(table: Table) -> Iterator[str]:
    encoder = DjangoJSONEncoder(ensure_ascii=False)
    before = "[\n"
    for row in table.rows():
        yield before + encoder.encode(row)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _cell(value: Any) -> Any:
    if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, dict) for one in value)):
        return json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder)
    return value


def _write_file(archive: zipfile.ZipFile, attachment: Attachment) -> None:
    try:
        source = attachment.open()
    except FileNotFoundError:
        return
    with source, archive.open(attachment.path, "w", force_zip64=True) as file:
        while piece := source.read(PIECE):
            file.write(piece)


@transaction.atomic
def _finish(export: PersonExport, made: IO[bytes], *, at: datetime) -> None:
    mine = PersonExport.objects.filter(pk=export.pk, attempts=export.attempts, state=State.RUNNING)
    current = locked(mine).first()
    if current is None:
        raise _Overtaken
    size = made.seek(0, io.SEEK_END)
    made.seek(0)
    for old in PersonExport.objects.filter(user_id=current.user_id, state=State.READY):
        _delete(old)
    current.file.save("export.zip", File(made), save=False)
    current.state, current.size = State.READY, size
    current.ready_at, current.touched_at, current.expires_at = at, at, at + KEPT
    try:
        current.save()
    except BaseException:
        current.file.delete(save=False)
        raise


@transaction.atomic
def _delete(export: PersonExport) -> None:
    export = locked(PersonExport.objects.filter(pk=export.pk)).get()
    files.delete_after(export.file)
    export.file, export.state = "", State.DELETED
    export.save(update_fields=["file", "state"])
