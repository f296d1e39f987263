"""Pictures of a gathering: made anew from their pixels, kept in an order whose first is the cover, shared by a series.

Those of a series share what is stored: it is deleted with the last row that names it.
"""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from communities.models import Attachment
from communities.services.attachments import LARGEST
from gatherings.models import Event, EventPicture
from gatherings.models.event import random_name
from gatherings.services import events
from kernel import files, photos, words
from kernel.errors import Refused
from kernel.locks import advisory, locked
from kernel.photos import Photo
from members.actors import Actor

#: So many has a gathering at the most.
MOST = 8


def add(
    *, event: Event, sent: UploadedFile, alt: str = "", later: bool = False, at: datetime, by: Actor
) -> EventPicture:
    """Put a picture last of the event's; with `later`, of those of its series after it too.

    Raises `Refused` for who does not look after the event (`not_allowed`), for what is no picture (`media_type`) or too
    large (`too_large`), beyond `MOST` (`too_many`), and where the community has no more room (`full`).
    """
    # Unpacked before anything is held.
    photo = _judged(sent)
    row = _reserved(photo, event, words.one_line(alt)[:300], later=later, at=at, by=by)
    try:
        for file, content in ((row.file, photo.large), (row.small, photo.small)):
            file.storage.save(str(file.name), ContentFile(content))
    except BaseException:
        for file in (row.file, row.small):
            file.storage.delete(str(file.name))
        EventPicture.objects.filter(file=row.file.name).delete()
        raise
    return row


@transaction.atomic
def describe(*, picture: EventPicture, alt: str, at: datetime, by: Actor) -> EventPicture:
    """Say what is on it, to those who do not see it; wherever it stands. Raises `Refused` (`not_allowed`)."""
    events.hold(picture.event, events.acting_of(by))
    picture.alt = words.one_line(alt)[:300]
    EventPicture.objects.filter(event__community=picture.event.community_id, file=picture.file.name).update(
        alt=picture.alt
    )
    return picture


@transaction.atomic
def move(*, picture: EventPicture, step: int, at: datetime, by: Actor) -> None:
    """Let it stand earlier (-1) or later (1). Raises `Refused` (`not_allowed`)."""
    event = events.hold(picture.event, events.acting_of(by))
    rows = list(event.pictures.order_by("position", "id"))
    place = next((n for n, row in enumerate(rows) if row.pk == picture.pk), None)
    if place is None or not 0 <= place + step < len(rows):
        return
    rows[place], rows[place + step] = rows[place + step], rows[place]
    for n, row in enumerate(rows):
        EventPicture.objects.filter(pk=row.pk).exclude(position=n).update(position=n)


@transaction.atomic
def remove(*, picture: EventPicture, later: bool = False, at: datetime, by: Actor) -> None:
    """Take it away; with `later`, of those of the series after it too. Raises `Refused` (`not_allowed`)."""
    event = events.hold(picture.event, events.acting_of(by))
    rows = EventPicture.objects.filter(event=event, pk=picture.pk)
    if later and event.series_id is not None:
        following = Event.objects.filter(series=event.series_id, starts_at__gte=event.starts_at)
        rows = EventPicture.objects.filter(event__in=following, file=picture.file.name)
    if _gone(rows, event.community_id):
        events.record("event.picture_removed", event, at=at, by=by)


def forget(event: Event) -> None:
    """Take away what is stored of an event that is to be gone, in the transaction in which it goes."""
    _gone(EventPicture.objects.filter(event=event), event.community_id)


def copied(pictures: Iterable[EventPicture], to: Event) -> None:
    """Let another event of the series have them too."""
    EventPicture.objects.bulk_create(_copy(one, to, one.position) for one in pictures)


def _gone(rows: QuerySet[EventPicture], community_id: int) -> int:
    """Delete the rows, and what is stored of those that no other row names."""
    advisory(name="gatherings.pictures", key=community_id)
    found = list(locked(rows.order_by("pk")))
    EventPicture.objects.filter(pk__in=[row.pk for row in found]).delete()
    for row in {row.file.name: row for row in found}.values():
        if not EventPicture.objects.filter(file=row.file.name).exists():
            files.delete_after(row.file)
            files.delete_after(row.small)
    return len(found)


def _judged(sent: UploadedFile) -> Photo:
    name = words.one_line(sent.name or "")[-80:]
    if (sent.size or 0) > LARGEST:
        told = _("“%(name)s” is too large: a picture may have %(many)s MB at the most.")
        many = words.number(LARGEST // 1024 // 1024)
        raise Refused(told % {"name": name, "many": many}, code="too_large", field="file")
    try:
        return photos.made_anew(sent.read(LARGEST + 1))
    except ValueError as error:
        large = _("“%(name)s” has too many pixels: send it smaller.")
        other = _("“%(name)s” is no picture that can be read: send a JPEG, PNG, WebP or GIF.")
        told = large if str(error) == "too many pixels" else other
        raise Refused(told % {"name": name}, code="media_type", field="file") from None


@transaction.atomic
def _reserved(photo: Photo, event: Event, alt: str, *, later: bool, at: datetime, by: Actor) -> EventPicture:
    """The rows, before anything is stored: nothing lies in the store that no row knows of, and two who send at once cannot
    both have the last room."""
    event = events.hold(event, events.acting_of(by))
    advisory(name="gatherings.pictures", key=event.community_id)
    if event.pictures.count() >= MOST:
        raise Refused(_("%(most)d pictures at the most.") % {"most": MOST}, code="too_many", field="file")
    size = len(photo.large) + len(photo.small)
    _guard_room(event.community_id, size)
    row = EventPicture(
        event=event, alt=alt, position=_last(event), media_type=photo.media_type, size=size, width=photo.width,
        height=photo.height,
    )  # fmt: skip
    row.file.name, row.small.name = random_name(row, ""), random_name(row, "")
    row.save()
    if later and event.series_id is not None:
        following = Event.objects.filter(series=event.series_id, starts_at__gt=event.starts_at).order_by("pk")
        others = [one for one in following.prefetch_related("pictures") if len(one.pictures.all()) < MOST]
        EventPicture.objects.bulk_create(_copy(row, one, _last(one)) for one in others)
    events.record("event.picture_added", event, at=at, by=by)
    return row


def _last(event: Event) -> int:
    return max((one.position + 1 for one in event.pictures.all()), default=0)


def _copy(row: EventPicture, to: Event, position: int) -> EventPicture:
    same = ("media_type", "size", "width", "height", "alt")
    made = EventPicture(event=to, position=position, **{name: getattr(row, name) for name in same})
    made.file.name, made.small.name = row.file.name, row.small.name
    return made


def _guard_room(community_id: int, size: int) -> None:
    own = EventPicture.objects.filter(event__community=community_id).order_by("file").distinct("file")
    taken = EventPicture.objects.filter(pk__in=own.values("pk")).aggregate(taken=Sum("size"))["taken"] or 0
    taken += Attachment.objects.of(community_id).aggregate(taken=Sum("size"))["taken"] or 0
    if taken + size > settings.FILES_OF_A_COMMUNITY:
        told = _("The files of this community take %(many)s MB, and there is no more room: ask its staff.")
        raise Refused(told % {"many": words.number(taken // 1024 // 1024)}, code="full", field="file")
