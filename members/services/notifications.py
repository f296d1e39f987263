"""What members are told in the page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, Func, OuterRef, QuerySet, Value

from kernel import mails
from members.models import Membership, Message, Notification, OptOut, Waiting

State = Message.State


def tell(
    *,
    to: Membership,
    kind: str,
    words: Mapping[str, str],
    at: datetime,
    url: str = "",
    about: str = "",
    actor: Membership | None = None,
) -> Notification | None:
    """Tell a member something in the page, in the caller's transaction; None where they do not want to know.

    `words` are the values of the kind's placeholders; the sentence is made when it is read, in the reader's
    language. While a notice of this kind and `about` is unread, it counts up instead of standing there twice, and
    gathers whose doing (`actor`) it was. Raises `KeyError` for an unknown kind.
    """
    found = mails.get(kind)
    if found.optional and _is_switched_off(to, kind):
        return None
    kept = {name: mails.one_line(value)[:500] for name, value in words.items() if name in found.known}
    fresh = {"words": kept, "url": url[:500], "at": at}
    numbers = [actor.number] if actor is not None and found.gathers else []
    if about:
        again = Notification.objects.filter(membership=to, kind=kind, about=about).unread()
        for _attempt in range(2):
            if again.update(times=F("times") + 1, actors=joined(numbers), **fresh):
                return again.first()
            try:
                with transaction.atomic():
                    return _create(to, kind, about, {**fresh, "actors": numbers})
            except IntegrityError:
                # Somebody else has told it in this very moment: then it counts up.
                continue
        return again.first()
    return _create(to, kind, about, {**fresh, "actors": numbers})


def joined(numbers: list[int]) -> Any:
    """The column `actors` with these at its end, each once."""
    kept: Any = F("actors")
    for number in numbers:
        kept = Func(kept, Value(number), function="array_remove")
        kept = Func(kept, Value(number), function="array_append")
    return kept


def mark_read(*, user_id: int, at: datetime, notification_id: UUID | None = None, slug: str = "") -> int:
    """Mark one notice of the person as read, or all (of one community where `slug` is given); how many were not."""
    unread = Notification.objects.of_person(user_id).unread()
    if notification_id is not None:
        unread = unread.filter(pk=notification_id)
    if slug:
        unread = unread.filter(community__slug=slug)
    return _read(unread, at)


def mark_told(*, membership: Membership, kind: str, about: str, at: datetime) -> None:
    """Mark what a member was told of one thing as read, once they have seen the thing itself."""
    _read(Notification.objects.filter(membership=membership, kind=kind, about=about).unread(), at)


@transaction.atomic
def _read(unread: QuerySet[Notification], at: datetime) -> int:
    """Mark them as read. Letters about them that have not gone yet stay here: what they tell is known."""
    keys = list(unread.order_by("pk").select_for_update().values_list("pk", flat=True))
    if not keys:
        return 0
    found = Notification.objects.filter(pk__in=keys)
    letters = Message.objects.filter(pk__in=found.exclude(letter=None).values("letter"))
    letters.filter(state=State.QUEUED, handed_at=None).update(
        state=State.SUPPRESSED, reason=Message.Reason.READ, finished_at=at
    )
    same = found.filter(membership=OuterRef("membership"), kind=OuterRef("kind"), about=OuterRef("about"))
    Waiting.objects.filter(Exists(same)).exclude(about="").delete()
    return found.update(read_at=at)


def _create(to: Membership, kind: str, about: str, fresh: Mapping[str, object]) -> Notification:
    return Notification.objects.create(
        community_id=to.community_id, membership=to, kind=kind, about=about, **fresh
    )


def _is_switched_off(member: Membership, kind: str) -> bool:
    out = OptOut.objects.filter(membership=member, channel=OptOut.Channel.PAGE, kind__in=["", kind])
    return out.exists()
