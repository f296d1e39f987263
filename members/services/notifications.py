"""What members are told in the page."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from kernel import mails
from members.models import Membership, Notification, OptOut


def tell(
    *, to: Membership, kind: str, words: Mapping[str, str], at: datetime, url: str = "", about: str = ""
) -> Notification | None:
    """Tell a member something in the page, in the caller's transaction; None where they do not want to know.

    `words` are the values of the kind's placeholders; the sentence is made when it is read, in the reader's
    language. While a notice of this kind and `about` is unread, it counts up instead of standing there twice.
    Raises `KeyError` for an unknown kind.
    """
    found = mails.get(kind)
    if found.optional and _is_switched_off(to, kind):
        return None
    kept = {name: mails.one_line(value)[:500] for name, value in words.items() if name in found.known}
    fresh = {"words": kept, "url": url[:500], "at": at}
    if about:
        again = Notification.objects.filter(membership=to, kind=kind, about=about).unread()
        for _attempt in range(2):
            if again.update(times=F("times") + 1, **fresh):
                return again.first()
            try:
                with transaction.atomic():
                    return _create(to, kind, about, fresh)
            except IntegrityError:
                # Somebody else has told it in this very moment: then it counts up.
                continue
        return again.first()
    return _create(to, kind, about, fresh)


def mark_read(*, user_id: int, at: datetime, notification_id: UUID | None = None, slug: str = "") -> int:
    """Mark one notice of the person as read, or all (of one community where `slug` is given); how many were not."""
    unread = Notification.objects.of_person(user_id).unread()
    if notification_id is not None:
        unread = unread.filter(pk=notification_id)
    if slug:
        unread = unread.filter(community__slug=slug)
    return unread.update(read_at=at)


def mark_told(*, membership: Membership, kind: str, about: str, at: datetime) -> None:
    """Mark what a member was told of one thing as read, once they have seen the thing itself."""
    Notification.objects.filter(membership=membership, kind=kind, about=about).unread().update(read_at=at)


def _create(to: Membership, kind: str, about: str, fresh: Mapping[str, object]) -> Notification:
    return Notification.objects.create(
        community_id=to.community_id, membership=to, kind=kind, about=about, **fresh
    )


def _is_switched_off(member: Membership, kind: str) -> bool:
    out = OptOut.objects.filter(membership=member, channel=OptOut.Channel.PAGE, kind__in=["", kind])
    return out.exists()
