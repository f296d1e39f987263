"""Letters that come later, and then as one: at the end of quiet hours, and once a day for who wants it so."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import ngettext

from kernel import mails, sweeps
from kernel.locks import held
from kernel.mails import Line, Section
from members.mail_kinds import MEANWHILE
from members.models import LetterName, Membership, Message, Notification, OptOut, Waiting
from members.services import mail

#: How many things one letter names; of the others it says how many they are.
NAMED = 30


def write_due(*, now: Callable[[], datetime], budget: timedelta) -> int:
    """Write what is due, a letter for each reader, until nothing is or the budget is used up; how many were written. Each is
    a transaction: a worker that is lost in the middle has written it and taken away what waited, or neither."""
    until, written, last = now() + budget, 0, 0
    while now() < until:
        rows = Waiting.objects.filter(due_at__lte=now(), membership__gt=last).order_by("membership")
        reader = rows.values_list("membership", flat=True).first()
        if reader is None:
            return written
        written += sweeps.alone("Reader", reader, lambda reader: _write(reader, at=now()))
        last = reader
    return written


@transaction.atomic
def _write(reader: int, *, at: datetime) -> bool:
    """One letter of all that is due for the reader; False where another worker has written it, or none is wanted any more."""
    held(Membership.objects.filter(pk=reader)).get()
    member = Membership.objects.select_related("community", "user").get(pk=reader)
    # Notices before what waits, as whoever tells or reads holds them.
    notices = Notification.objects.filter(membership=member).unread().exclude(about="").order_by("pk")
    list(notices.select_for_update(of=("self",)).values_list("pk"))
    due = Waiting.objects.filter(membership=member, due_at__lte=at).order_by("at", "pk")
    rows = list(due.select_for_update(of=("self",)))
    off = OptOut.objects.filter(membership=member, channel=OptOut.Channel.MAIL).values_list("kind", flat=True)
    unwanted = set(off)
    wanted = [row for row in rows if row.kind in mails.kinds and not unwanted & {"", row.kind}]
    letter = _letter(member, wanted, at=at) if wanted else None
    for row in wanted:
        if row.about and letter is not None:
            told = Notification.objects.filter(membership=member, kind=row.kind, about=row.about)
            told.unread().update(letter=letter.pk)
    LetterName.objects.bulk_create(
        (LetterName(name=row.dedupe, at=at) for row in rows if row.dedupe), ignore_conflicts=True
    )
    Waiting.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return letter is not None


def _letter(member: Membership, rows: Sequence[Waiting], *, at: datetime) -> Message | None:
    told: dict[str, Any] = {"to": member, "community": member.community, "at": at}
    told["dedupe"] = f"waited:{rows[0].pk}"
    with translation.override(mail.language_of(member, member.community)):
        if len(rows) == 1:
            words = mails.gathered(rows[0].words, len(rows[0].actors) - 1)
            return mail.post(kind=rows[0].kind, words=words, url=rows[0].url, **told)
        sections = {"news": _sections(member, rows)}
    words = {"member": member.display_name}
    return mail.post(kind=MEANWHILE, words=words, url=reverse("members:notices"), sections=sections, **told)


def _sections(member: Membership, rows: Sequence[Waiting]) -> list[Section]:
    """A line for each thing, by what it is about."""
    groups: dict[mails.Group, list[Line]] = {}
    for row in rows[:NAMED]:
        kind = mails.get(row.kind)
        words = {"community": str(member.community), **mails.gathered(row.words, len(row.actors) - 1)}
        line = Line(mails.sentence(str(kind.notice), words), mail.whole(row.url) if row.url else "")
        groups.setdefault(kind.group, []).append(line)
    if len(rows) > NAMED:
        more = len(rows) - NAMED
        rest = ngettext("and %(n)d more", "and %(n)d more", more) % {"n": more}
        groups[max(groups)].append(Line(rest))
    return [Section(str(group.label), tuple(groups[group])) for group in sorted(groups)]
