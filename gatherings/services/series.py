"""Gatherings that come again: written ahead as events of their own, changed one by one, from one on, or all together.

What was is left as it was: who changes all of a series changes those to come, and what was before becomes a series that has
ended. Lock order: membership, series, events.
"""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from gatherings import recurrence
from gatherings.models import Event, EventHost, EventQuestion, Room, Series, TicketKind
from gatherings.services import events, pictures
from kernel import sweeps
from kernel.errors import Refused
from kernel.locks import locked
from members.actors import Actor
from members.roles import ADMITTED

#: How far ahead events are written, and how many of a series at most stand before us.
AHEAD, MOST = timedelta(days=370), 120
#: What a copy has of its own.
_OWN = frozenset({
    "id", "key", "external_id", "series", "occurrence", "is_apart", "starts_at", "ends_at", "revision", "counted_yes",
    "counted_waiting", "told_held", "cancelled_at", "reason", "state", "published_at", "decided_by",
})  # fmt: skip
State = Event.State


class Scope(TextChoices):
    ONE = "one", pgettext_lazy("which of a series", "This one")
    FOLLOWING = "following", pgettext_lazy("which of a series", "This one and those after it")
    ALL = "all", pgettext_lazy("which of a series", "All that are to come")


@transaction.atomic
def begin(*, event: Event, rule: str, at: datetime, by: Actor) -> Series:
    """Let an event come again by the rule; it is the first. The others are drafts where it is one, else announced, without
    a word to anybody for each.

    Raises `Refused` for what is no rule (`rule`), for an event that the rule does not fit (`first`), for one that is of a
    series already (`series`) or is cancelled (`cancelled`), and for who does not look after it (`not_allowed`).
    """
    event = events.hold(event, events.acting_of(by))
    if event.series_id is not None:
        raise Refused(_("It is one of a series already."), code="series")
    if event.state == State.CANCELLED:
        raise Refused(_("This gathering is cancelled."), code="cancelled")
    read = _rule(rule, event)
    series = Series.objects.create(
        community_id=event.community_id,
        rule=str(read),
        timezone=event.timezone,
        starts_at=event.starts_at,
        written_until=event.starts_at,
    )
    event.series, event.occurrence = series, event.starts_at
    event.save(update_fields=["series", "occurrence"])
    events.record("event.series_begun", event, at=at, by=by, after={"rule": series.rule})
    write_on(series=series, at=at)
    return series


@transaction.atomic
def write_on(*, series: Series, at: datetime) -> int:
    """Write the events up to `AHEAD`, but no more than `MOST` to come, each like the last one that was changed by nobody
    for itself. How many were written. Twice writes nothing twice."""
    series = locked(Series.objects.filter(pk=series.pk)).get()
    until = at + AHEAD
    rows = series.events.filter(is_apart=False).exclude(state__in=[State.CANCELLED, State.DECLINED])
    pattern = rows.order_by("-occurrence").first()
    if pattern is None or series.written_until >= until:
        return 0
    room = MOST - series.events.filter(starts_at__gt=at).count()
    there = set(series.events.values_list("occurrence", flat=True))
    rule, zone = recurrence.read(series.rule), ZoneInfo(series.timezone)
    wanted = [
        one
        for one in rule.beginnings(series.starts_at, zone, until=until, left_out=series.left_out)
        if one > series.written_until and one not in there
    ]
    written = wanted[: max(0, room)]
    for one in written:
        _copy(pattern, one, at)
    # Where there is no room, the next sweep goes on behind the last one.
    series.written_until = until if len(written) == len(wanted) else (written or [series.written_until])[-1]
    series.save(update_fields=["written_until"])
    return len(written)


def write_all_on(*, at: datetime) -> int:
    """`write_on` of every series that was not written on within the last day; how many gatherings were written."""
    due = Series.objects.filter(written_until__lt=at + AHEAD - timedelta(days=1)).order_by("pk")
    return sweeps.each("Series", due.iterator(chunk_size=500), lambda one: write_on(series=one, at=at))


@transaction.atomic
def change(*, event: Event, scope: str, at: datetime, by: Actor, **fields: Any) -> list[Event]:
    """`events.change` of this one, of it and those after it, or of all to come. One that was changed by itself is left
    alone, unless it is the one. Which were changed.

    Of several the hour moves, not the day: raises `Refused` (`day`) for another day, which is a matter of the rule. Raises
    it as `events.change` besides, and for an event of no series (`no_series`).
    """
    if Scope(scope) is Scope.ONE:
        changed = events.change(event=event, at=at, by=by, **fields)
        if changed.series_id is not None and not changed.is_apart:
            changed.is_apart = True
            changed.save(update_fields=["is_apart"])
        return [changed]
    series = _from(event, scope, at=at, by=by)
    event.refresh_from_db()
    moves = {"starts_at", "ends_at", "timezone"} & set(fields)
    zone = ZoneInfo(fields.get("timezone", event.timezone))
    starts = fields.get("starts_at", event.starts_at).astimezone(zone)
    ends = fields.get("ends_at", event.ends_at)
    if moves and starts.date() != event.starts_at.astimezone(event.zone).date():
        raise Refused(
            _("Of several, the hour can be moved. For another day, change how they come again."),
            code="day",
            field="starts_at",
        )
    lasts = ends - starts if ends is not None else None
    rest = {name: value for name, value in fields.items() if name not in moves}
    rows = _to_come(series, at).exclude(state=State.CANCELLED).order_by("occurrence")
    changed_ones = []
    for one in [row for row in rows if not row.is_apart or row.pk == event.pk]:
        moved: dict[str, Any] = {}
        if moves:
            begins = _at_hour(one.occurrence or one.starts_at, series.timezone, starts.timetz(), zone)
            moved = {"starts_at": begins, "ends_at": begins + lasts if lasts is not None else None}
            moved["timezone"] = zone.key
        done = events.change(event=one, at=at, by=by, **rest, **moved)
        if moves:
            Event.objects.filter(pk=done.pk).update(occurrence=done.starts_at)
        changed_ones.append(done)
    if moves:
        _move(series, starts.timetz(), zone)
    return changed_ones


@transaction.atomic
def change_rule(*, event: Event, rule: str, at: datetime, by: Actor) -> Series:
    """Let it come again in another way, from this one on. Those that the new rule does not have are cancelled, drafts
    among them are gone; those that were changed by themselves stay.

    Raises `Refused` as `begin`, and for an event of no series (`no_series`).
    """
    series = _from(event, Scope.FOLLOWING, at=at, by=by)
    event.refresh_from_db()
    read = _rule(rule, event)
    until = max(series.written_until, at + AHEAD)
    zone = ZoneInfo(series.timezone)
    kept = set(read.beginnings(series.starts_at, zone, until=until, left_out=series.left_out))
    before = series.rule
    series.rule, series.written_until = str(read), series.starts_at
    series.save(update_fields=["rule", "written_until"])
    for one in _to_come(series, at):
        if one.occurrence not in kept and not one.is_apart:
            _drop(one, "", at=at, by=by)
    events.record(
        "event.series_changed", event, at=at, by=by, before={"rule": before}, after={"rule": series.rule}
    )
    write_on(series=series, at=at)
    return series


@transaction.atomic
def cancel(*, event: Event, scope: str, reason: str = "", at: datetime, by: Actor) -> int:
    """`events.cancel` of this one, of it and those after it, or of all to come, those changed by themselves too; none come
    again after that. Drafts are gone. How many it was. Raises `Refused` as `events.cancel`, and `no_series`."""
    if Scope(scope) is Scope.ONE:
        events.cancel(event=event, reason=reason, at=at, by=by)
        return 1
    series = _from(event, scope, at=at, by=by)
    series.rule = str(recurrence.read(series.rule).ended(series.starts_at + timedelta(seconds=1)))
    series.written_until = max(series.written_until, at + AHEAD)
    series.save(update_fields=["rule", "written_until"])
    rows = list(_to_come(series, at).exclude(state=State.CANCELLED))
    for one in rows:
        _drop(one, reason, at=at, by=by)
    return len(rows)


def published(*, event: Event, at: datetime) -> None:
    """One of a series is announced: those after it that are drafts are too, without a word for each."""
    if event.series_id is not None:
        drafts = Event.objects.filter(series=event.series_id, state__in=[State.DRAFT, State.PROPOSED])
        drafts.filter(starts_at__gt=event.starts_at).update(
            state=State.PUBLISHED, published_at=at, changed_at=at
        )


def _from(event: Event, scope: str, *, at: datetime, by: Actor) -> Series:
    """A series that begins with what is to be changed. Raises `Refused` (`no_series`, `not_allowed`, `over`)."""
    acting = events.acting_of(by)
    if event.series_id is None:
        raise Refused(_("It does not come again."), code="no_series")
    series = locked(Series.objects.filter(pk=event.series_id)).get()
    event = events.hold(event, acting)
    first = event if Scope(scope) is Scope.FOLLOWING else _to_come(series, at).order_by("occurrence").first()
    if first is None or first.starts_at <= at:
        raise Refused(_("It has begun."), code="over")
    return _split(series, first.occurrence or first.starts_at)


def _split(series: Series, since: datetime) -> Series:
    """The series from then on, as one of its own; where nothing was before, it is the one."""
    if since == series.starts_at:
        return series
    rule, zone = recurrence.read(series.rule), ZoneInfo(series.timezone)
    before = sum(1 for one in rule.beginnings(series.starts_at, zone, until=since) if one < since)
    rest = replace(rule, times=rule.times - before) if rule.times is not None else rule
    later = Series.objects.create(
        community_id=series.community_id,
        rule=str(rest),
        timezone=series.timezone,
        starts_at=since,
        left_out=[one for one in series.left_out if one >= since],
        written_until=series.written_until,
    )
    series.events.filter(occurrence__gte=since).update(series=later)
    series.rule, series.left_out = str(rule.ended(since)), [one for one in series.left_out if one < since]
    series.written_until = max(series.written_until, since)
    series.save(update_fields=["rule", "left_out", "written_until"])
    return later


def _move(series: Series, hour: time, zone: ZoneInfo) -> None:
    was = series.timezone
    series.starts_at = _at_hour(series.starts_at, was, hour, zone)
    series.left_out = [_at_hour(one, was, hour, zone) for one in series.left_out]
    series.written_until = _at_hour(series.written_until, was, hour, zone)
    series.timezone = zone.key
    series.save(update_fields=["starts_at", "left_out", "written_until", "timezone"])


def _at_hour(moment: datetime, timezone: str, hour: time, zone: ZoneInfo) -> datetime:
    """That hour of the day on which the moment lies on the wall of `timezone`."""
    day = moment.astimezone(ZoneInfo(timezone)).date()
    return datetime.combine(day, hour.replace(tzinfo=None), tzinfo=zone).astimezone(UTC)


def _to_come(series: Series, at: datetime) -> QuerySet[Event]:
    return Event.objects.filter(series=series, starts_at__gt=at).order_by("pk")


def _drop(event: Event, reason: str, *, at: datetime, by: Actor) -> None:
    """Cancel what was announced; what nobody knows of is gone."""
    if event.state == State.PUBLISHED:
        events.cancel(event=event, reason=reason, at=at, by=by)
    elif event.state != State.CANCELLED:
        pictures.forget(event)
        event.delete()


def _rule(text: str, event: Event) -> recurrence.Rule:
    try:
        rule = recurrence.read(text)
    except recurrence.NoRule as no:
        words = _("This is not a way to come again that we know: %(part)s")
        raise Refused(words % {"part": no.part or text[:40]}, code="rule", field="rule") from None
    if not rule.fits(event.starts_at.astimezone(event.zone).date()):
        raise Refused(
            _("The first one would not be one of them: change its day or the rule."),
            code="first",
            field="rule",
        )
    return rule


def _copy(pattern: Event, occurrence: datetime, at: datetime) -> Event:
    """The event once more, at another time: its rooms, tickets, hosts that are still here, questions and pictures."""
    lasts = pattern.ends_at - pattern.starts_at if pattern.ends_at else None
    is_told = pattern.state == State.PUBLISHED
    names = [field.name for field in Event._meta.concrete_fields if field.name not in _OWN]
    made = Event.objects.create(
        **{name: getattr(pattern, name) for name in names} | {"planned_at": at, "changed_at": at},
        series_id=pattern.series_id,
        occurrence=occurrence,
        starts_at=occurrence,
        ends_at=occurrence + lasts if lasts is not None else None,
        state=State.PUBLISHED if is_told else State.DRAFT,
        published_at=at if is_told else None,
    )
    rooms = {
        room.pk: Room.objects.create(event=made, way=room.way, capacity=room.capacity)
        for room in pattern.rooms.all()
    }
    shift = made.starts_at - pattern.starts_at
    for kind in pattern.kinds.filter(withdrawn_at=None):
        TicketKind.objects.create(
            event=made, room=rooms[kind.room_id], position=kind.position, name=kind.name, price=kind.price,
            guest_price=kind.guest_price, minimum_tier=kind.minimum_tier, quantity=kind.quantity,
            sold_from=kind.sold_from and kind.sold_from + shift, sold_until=kind.sold_until and kind.sold_until + shift,
        )  # fmt: skip
    here = pattern.hosts.filter(membership__status__in=ADMITTED, membership__merged_into=None)
    EventHost.objects.bulk_create(
        EventHost(event=made, membership_id=host.membership_id, position=host.position) for host in here
    )
    EventQuestion.objects.bulk_create(
        EventQuestion(
            event=made,
            position=one.position,
            text=one.text,
            kind=one.kind,
            options=one.options,
            required=one.required,
        )
        for one in pattern.questions.all()
    )
    pictures.copied(pattern.pictures.all(), made)
    return made
