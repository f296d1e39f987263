"""Pictures and files of what members write: sent while they write, published with it, gone with it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet, Sum
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext as _

from communities.models import Attachment, Comment, Draft, Post
from communities.models.attachment import random_name
from communities.services import drafts, measures
from communities.services.drafts import Place
from kernel import files, media, photos, words
from kernel.errors import Refused
from kernel.locks import advisory, held, locked
from members.models import Membership

#: Bytes of one file, and how many a post or comment has.
LARGEST = 20 * 1024 * 1024
MOST = 10
#: How long a file is kept that was sent and never used.
LOOSE_FOR = timedelta(days=1)
#: Files that one run of the sweeper takes away.
SWEPT = 500


@dataclass(frozen=True)
class _Judged:
    name: str
    media_type: str
    content: bytes
    small: bytes = b""
    width: int | None = None
    height: int | None = None

    @property
    def size(self) -> int:
        return len(self.content) + len(self.small)


def keep(*, sent: UploadedFile, author: Membership, at: datetime, place: Place | None = None) -> Attachment:
    """Put a file with what the member is writing at the place; with none, to be used within `LOOSE_FOR`.

    Raises `Refused` for who is muted, for what is too large (`too_large`), of no kind that is taken (`media_type`), beyond
    `MOST` of one text (`too_many`), and where the member or the community has no more room (`full`).
    """
    measures.guard_speaks(author, at)
    # Unpacked before anything is held.
    judged = _judged(sent)
    row = _reserved(judged, author, at)
    try:
        _store(row.file, judged.content)
        if judged.small:
            _store(row.small, judged.small)
        if place is not None:
            _put_last(row, place, author, at)
    except BaseException:
        for file in (row.file, row.small):
            if file:
                file.storage.delete(str(file.name))
        Attachment.objects.filter(pk=row.pk).delete()
        raise
    return row


@transaction.atomic
def describe(*, rows: Iterable[Attachment], said: Mapping[UUID, tuple[str, bool]]) -> None:
    """Keep what is said of pictures: what is on them, and whether they are decoration."""
    for row in rows:
        alt, decorative = said.get(row.key, (row.alt, row.is_decorative))
        alt = words.one_line(alt)[:300]
        if (row.alt, row.is_decorative) != (alt, decorative):
            row.alt, row.is_decorative = alt, decorative
            row.save(update_fields=["alt", "is_decorative"])


@transaction.atomic
def move(*, draft: Draft, keys: Sequence[UUID], step: int) -> None:
    """Let one stand earlier (-1) or later (1) among those of its draft."""
    rows = list(locked(Attachment.objects.filter(draft=draft)))
    place = next((n for n, row in enumerate(rows) if row.key in keys), None)
    if place is None or not 0 <= place + step < len(rows):
        return
    rows[place], rows[place + step] = rows[place + step], rows[place]
    for n, row in enumerate(rows):
        Attachment.objects.filter(pk=row.pk).exclude(position=n).update(position=n)


@transaction.atomic
def remove(rows: QuerySet[Attachment]) -> int:
    """Take them away, and what is stored of them once that is certain; how many."""
    found = list(locked(rows.order_by("pk")))
    for row in found:
        files.delete_after(row.file)
        files.delete_after(row.small)
        row.delete()
    return len(found)


def descriptions(*, place: Place, author: Membership, keys: Sequence[UUID] = ()) -> str:
    """What is said of the pictures that are at the place or come with it: words like any others."""
    coming = Q(draft__place=place.key, draft__author=author) | Q(key__in=keys)
    if place.is_change:
        coming |= Q(comment=place.comment) if place.comment else Q(post=place.post)
    return "\n\n".join(Attachment.objects.filter(coming, author=author).values_list("alt", flat=True))


def settle(
    *,
    written: Post | Comment,
    place: Place,
    author: Membership,
    keys: Sequence[UUID] = (),
    drop: Sequence[UUID] = (),
) -> None:
    """What was with the draft, and what `keys` name of the author's loose ones, is with what was published; what `drop`
    names of that is taken away. Raises `Refused` (`unknown`, `too_many`). The author and what is written are held."""
    own = {"post": written} if isinstance(written, Post) else {"comment": written}
    if drop:
        remove(Attachment.objects.filter(**own, key__in=drop))
    mine = Attachment.objects.filter(author=author)
    loose = list(mine.loose().filter(key__in=keys)) if keys else []
    if len(loose) != len(set(keys)):
        raise Refused(_("One of these files is not there: send it once more."), code="unknown", field="files")
    order = {key: n for n, key in enumerate(keys)}
    new = [
        *mine.filter(draft__place=place.key, draft__author=author),
        *sorted(loose, key=lambda row: order[row.key]),
    ]
    if not new:
        return
    there = Attachment.objects.filter(**own).aggregate(last=Max("position"))["last"]
    if Attachment.objects.filter(**own).count() + len(new) > MOST:
        raise _too_many()
    for n, row in enumerate(new, 0 if there is None else there + 1):
        Attachment.objects.filter(pk=row.pk).update(draft=None, position=n, **own)


def guard_says(written: Post | Comment, body: str, drop: Sequence[UUID] = ()) -> None:
    """Raises `Refused` (`length`) for what has neither words nor, once it is settled, pictures or files."""
    if body or written.attachments.exists():
        return
    told = _("Write something, or add a picture or file.")
    if drop:
        told = _("Nothing would be left of it: write something, keep a picture or file, or take it back.")
    raise Refused(told, code="length", field="body")


@transaction.atomic
def sweep(*, at: datetime) -> int:
    """Take away what belongs to nothing and was sent more than `LOOSE_FOR` ago; how many."""
    old = Attachment.objects.loose().filter(created_at__lt=at - LOOSE_FOR).order_by("created_at")
    return remove(Attachment.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:SWEPT])))


def _judged(sent: UploadedFile) -> _Judged:
    name = (sent.name or "file").replace("\x00", "")
    if (sent.size or 0) > LARGEST:
        told = _("“%(name)s” is too large: a file may have %(many)s MB at the most.")
        many = words.number(LARGEST // 1024 // 1024)
        raise Refused(told % {"name": name[-80:], "many": many}, code="too_large", field="file")
    content = sent.read(LARGEST + 1)
    media_type = media.type_of(content)
    if not media_type:
        told = _(
            "“%(name)s” is of a kind that is not taken: pictures, PDF, office documents, zip files and texts are."
        )
        raise Refused(told % {"name": name[-80:]}, code="media_type", field="file")
    if not media_type.startswith("image/"):
        return _Judged(media.fitting_name(name, media_type), media_type, content)
    try:
        photo = photos.made_anew(content)
    except ValueError as error:
        broken = _("“%(name)s” cannot be read as a picture.")
        large = _("“%(name)s” has too many pixels: send it smaller.")
        told = large if str(error) == "too many pixels" else broken
        raise Refused(told % {"name": name[-80:]}, code="media_type", field="file") from None
    name = media.fitting_name(name.rpartition(".")[0] or name, photo.media_type)
    return _Judged(name, photo.media_type, photo.large, photo.small, photo.width, photo.height)


@transaction.atomic
def _reserved(judged: _Judged, author: Membership, at: datetime) -> Attachment:
    """The row, which belongs to nothing yet, before anything is stored: nothing lies in the store that no row knows of,
    and two who send at once cannot both have the last room."""
    held(Membership.objects.filter(pk=author.pk)).get()
    advisory(name="attachments", key=author.community_id)
    _guard_room(author, judged.size)
    row = Attachment(
        author=author,
        community_id=author.community_id,
        name=judged.name,
        media_type=judged.media_type,
        size=judged.size,
        width=judged.width,
        height=judged.height,
        created_at=at,
    )
    row.file.name = random_name(row, "")
    row.small.name = random_name(row, "") if judged.small else ""
    row.save()
    return row


def _store(file: FieldFile, content: bytes) -> None:
    file.storage.save(str(file.name), ContentFile(content))


def _guard_room(author: Membership, size: int) -> None:
    for rows, most, told in (
        (
            Attachment.objects.filter(author=author),
            settings.FILES_OF_A_MEMBER,
            _("Your files take %(many)s MB, and there is no more room: take some away."),
        ),
        (
            Attachment.objects.of(author.community_id),
            settings.FILES_OF_A_COMMUNITY,
            _("The files of this community take %(many)s MB, and there is no more room: ask its staff."),
        ),
    ):
        taken = rows.aggregate(taken=Sum("size"))["taken"] or 0
        if taken + size > most:
            raise Refused(told % {"many": words.number(taken // 1024 // 1024)}, code="full", field="file")


@transaction.atomic
def _put_last(row: Attachment, place: Place, author: Membership, at: datetime) -> None:
    """Let it be the last of what the author is writing there."""
    author = held(Membership.objects.filter(pk=author.pk)).get()
    draft = drafts.hold(place=place, author=author, at=at)
    written = (
        Q(comment=draft.comment) if draft.comment_id else Q(post=draft.post) if draft.post_id else Q(pk=None)
    )
    there = Attachment.objects.filter(Q(draft=draft) | (written if draft.is_change else Q(pk=None)))
    found = there.aggregate(last=Max("position"), many=Count("pk"))
    if found["many"] >= MOST:
        raise _too_many()
    row.draft, row.position = draft, 0 if found["last"] is None else found["last"] + 1
    row.save(update_fields=["draft", "position"])


def _too_many() -> Refused:
    return Refused(
        _("%(most)d pictures and files at the most.") % {"most": MOST}, code="too_many", field="files"
    )
