"""What those who come have to hear: that a gathering has another time or place, or is called off.

Whoever changes it writes a row; workers write the letters, some at a time, so that nobody waits for thousands of them. Of
several of a series that were changed or called off together one hears in one letter.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from gatherings import mail_kinds
from gatherings.models import Attendance, Event, News, Ticket, Waiting
from gatherings.services import notices
from kernel import sweeps, tasks
from kernel.locks import locked, try_advisory
from members.models import Membership
from members.services import mail

#: What of a gathering one has to hear of who comes; a better title is none.
MATTERS = frozenset({"starts_at", "ends_at", "timezone", "venue", "address", "city", "country", "online_url"})
#: So many are written to in one transaction.
BATCH = 100
KINDS = {News.What.CHANGED: mail_kinds.CHANGED, News.What.CANCELLED: mail_kinds.CANCELLED}


def changed(*, event: Event, fields: Sequence[str], before: Mapping[str, Any], at: datetime) -> None:
    """Who comes, may come or waits is to hear where and when it is now (`event.changed`); of one that is over nobody."""
    if MATTERS & set(fields) and event.over_at > at:
        _keep(event, News.What.CHANGED, at)


def cancelled(*, event: Event, tickets: Sequence[int], at: datetime) -> None:
    """Who had a place, might have come or waited is to hear that there is nothing to come to (`event.cancelled`)."""
    _keep(event, News.What.CANCELLED, at)


def tell() -> int:
    """Write to all who have not heard; to how many. Several workers at once write to nobody twice."""
    return sweeps.each("News", News.objects.order_by("pk").values_list("pk", flat=True), _all_of)


def _all_of(pk: int) -> int:
    many = 0
    while (told := _some(pk)) is not None:
        many += told
    return many


def _keep(event: Event, what: News.What, at: datetime) -> None:
    """The last news of an event are the only ones: who has not heard of the first hears how it is now."""
    if mail.is_withheld():
        return
    News.objects.filter(event=event).delete()
    News.objects.create(event=event, what=what, at=at)
    tasks.send("gatherings.tell_news")


@transaction.atomic
def _some(pk: int) -> int | None:
    """Write to the next of those whom these news concern, and those of the same series and instant with them; to how many,
    None where nobody is left or another worker is at it."""
    first = News.objects.filter(pk=pk).select_related("event").first()
    if first is None or not try_advisory(name="gatherings.news", key=first.event.community_id):
        return None
    same = Q(event__series=first.event.series_id) if first.event.series_id else Q(pk=pk)
    rows = News.objects.filter(same, what=first.what, at=first.at).select_related("event__community")
    news = list(locked(rows.order_by("event__starts_at", "pk")))
    if not news:
        return None
    readers, theirs = _readers(news)
    for reader in readers:
        concerning = [one.event for one in news if one.event_id in theirs[reader.pk]]
        # Who gave their place back between the two questions is concerned no more.
        if concerning:
            notices.told(kind=KINDS[News.What(first.what)], events=concerning, member=reader, at=first.at)
    told = News.objects.filter(pk__in=[one.pk for one in news])
    if len(readers) < BATCH:
        told.delete()
    else:
        told.update(told_to=readers[-1].pk)
    return len(readers)


def _readers(news: Sequence[News]) -> tuple[list[Membership], dict[int, set[int]]]:
    """The next who have not heard, and which of the events concern each."""
    sources = _concerned(news)
    anybody = Q()
    for source in sources:
        anybody |= Q(pk__in=source.order_by().values("membership"))
    here = Membership.objects.of(news[0].event.community_id).filter(anybody, pk__gt=news[0].told_to)
    readers = list(here.select_related("user").order_by("pk")[:BATCH])
    theirs: dict[int, set[int]] = {reader.pk: set() for reader in readers}
    for source in sources:
        for member, event in source.filter(membership__in=readers).values_list("membership", "event"):
            theirs[member].add(event)
    return readers, theirs


def _concerned(news: Sequence[News]) -> list[QuerySet[Any]]:
    """Who has a place, waits, or answered maybe; of what was called off, who had or did until then."""
    at, events = news[0].at, [one.event_id for one in news]
    tickets, turns = Ticket.objects.filter(event__in=events), Waiting.objects.filter(event__in=events)
    maybe = Attendance.objects.filter(event__in=events, answer=Attendance.Answer.MAYBE, answered_at__lte=at)
    if news[0].what == News.What.CANCELLED:
        had = tickets.filter(state=Ticket.State.CANCELLED, ended_at=at)
        return [had, turns.filter(state=Waiting.State.LEFT, ended_at=at), maybe]
    has = tickets.filter(state__in=Ticket.LIVE, made_at__lte=at)
    return [has, turns.filter(state__in=Waiting.LIVE, since__lte=at), maybe]
