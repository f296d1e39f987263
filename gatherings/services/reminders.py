"""Who comes to a gathering is reminded of it: once, as long before as the community says, and online an hour before.

A reminder has its moment, so long before the beginning. From then on it is due to whoever answered, and was last reminded,
before that moment: of what was moved to another day one hears again, and who takes a place in between needs no reminder.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import ngettext_lazy

from gatherings import reminder_mail_kinds as mail_kinds
from gatherings.models import Attendance, Event, EventHost, GatheringRules, Room, Ticket
from gatherings.services import notices
from kernel import sweeps
from kernel.locks import held, locked
from kernel.mails import Words
from members.roles import ADMITTED

#: Who comes online hears where so long before the beginning.
ONLINE = timedelta(hours=1)
LONGEST = timedelta(hours=max(GatheringRules.Reminded.values))
#: So many are written to in one transaction, while the gathering stands still.
BATCH = 50


@dataclass(frozen=True)
class Reminder:
    """A kind of letter, and to whom it is due: rows with a `membership`, and the `way` and the `code` of their ticket, ""
    where it is not about one. It leads to the ticket, or to `url`, or to the gathering."""

    kind: str
    due: QuerySet[Any]
    url: str = ""
    told: Mapping[str, Words] = field(default_factory=dict)


def sweep(*, at: datetime) -> int:
    """Remind of all that is near; how many letters. Doing it twice reminds nobody twice."""
    return sweeps.each("Gathering", _near(at), lambda event: _remind(event, at))


def _remind(event: Any, at: datetime) -> int:
    many = 0
    for reminder in _reminders(event, at):
        while done := _batch(event, reminder, at):
            many += done
    return many


def _near(at: datetime) -> Iterator[Any]:
    """Gatherings that may be near enough, each with how many `hours` before its community reminds."""
    near = Event.objects.standing().filter(starts_at__gt=at, starts_at__lte=at + LONGEST)
    said = Coalesce("community__gathering_rules__reminded_hours", GatheringRules.Reminded.A_DAY.value)
    rows = near.annotate(hours=said).filter(hours__gt=0).select_related("community")
    yield from rows.order_by("starts_at", "id").iterator(chunk_size=500)


def _reminders(event: Any, at: datetime) -> Iterator[Reminder]:
    moment, soon = event.starts_at - timedelta(hours=event.hours), event.starts_at - ONLINE
    if at < moment:
        return
    coming = Ticket.objects.filter(event=event, state=Ticket.State.VALID).count()
    places = ngettext_lazy("%(n)d has a place.", "%(n)d have a place.", coming) % {"n": coming}
    people = reverse("gatherings:people", args=[event.community.slug, event.key])
    yield Reminder(mail_kinds.HOLDS, _hosts(event, moment), people, {"coming": places})
    if at >= soon and event.online_url:
        # First, so that nobody who is late for both hears of it twice.
        online = _comes(event, soon).filter(way=Room.Way.ONLINE)
        yield Reminder(mail_kinds.BEGINS, online, told={"online_url": event.online_url})
    yield Reminder(mail_kinds.COMES, _comes(event, moment))
    yield Reminder(mail_kinds.UNDECIDED, _undecided(event, moment))


def _hosts(event: Event, moment: datetime) -> QuerySet[Any]:
    return _without_ticket(EventHost.objects.filter(_not_since(moment), event=event))


def _comes(event: Event, moment: datetime) -> QuerySet[Any]:
    """Who has a place, and does not hold it."""
    ticket = Ticket.objects.filter(event=event, membership=OuterRef("membership"), state=Ticket.State.VALID)
    rows = _answered(event, moment).filter(Exists(ticket))
    return rows.annotate(way=ticket.values("room__way")[:1], code=ticket.values("code")[:1])


def _undecided(event: Event, moment: datetime) -> QuerySet[Any]:
    """Members who said that they might come. Of what a file tells, whoever wrote the file reminds."""
    rows = _answered(event, moment).filter(answer=Attendance.Answer.MAYBE, event__external_id=None)
    return _without_ticket(rows.filter(membership__status__in=sorted(ADMITTED)))


def _answered(event: Event, moment: datetime) -> QuerySet[Any]:
    """Who answered before the moment and was not reminded since; hosts are told as hosts."""
    hosts = EventHost.objects.filter(event=event, membership=OuterRef("membership"))
    return Attendance.objects.filter(_not_since(moment), ~Exists(hosts), event=event, answered_at__lt=moment)


def _not_since(moment: datetime) -> Q:
    return Q(reminded_at=None) | Q(reminded_at__lt=moment)


def _without_ticket(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.annotate(way=Value(""), code=Value(""))


@transaction.atomic
def _batch(event: Event, reminder: Reminder, at: datetime) -> int:
    """Write to some of those to whom it is due; how many. To nobody of a gathering that was moved or cancelled meanwhile."""
    now_is = held(Event.objects.filter(pk=event.pk)).get()
    if not now_is.is_standing or now_is.starts_at != event.starts_at:
        return 0
    due = reminder.due.select_related("membership__user", "membership__merged_into__user")
    rows = list(locked(due.order_by("pk"))[:BATCH])
    for row in rows:
        ticket = reverse("gatherings:ticket", args=[event.community.slug, row.code]) if row.code else ""
        notices.near(
            kind=reminder.kind,
            event=event,
            member=row.membership,
            at=at,
            url=ticket or reminder.url,
            way=row.way,
            told=reminder.told,
        )
    due.model.objects.filter(pk__in=[row.pk for row in rows]).update(reminded_at=at)
    return len(rows)
