"""Who answered and who came, row by row: one row says what somebody answered, or that they were there.

A person has one attendance at a gathering, to which both rows of theirs belong. A yes is the fact `rsvped`, a coming the
fact `attended`; without a time they are of the gathering's beginning, and a yes to one that is still to come of the
instant the file was sent. What is a fact stays one, whatever a later file says.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from communities.models import Circle, Community
from gatherings.models import Attendance, Event, EventHost, Ticket
from gatherings.services import event_import, named
from kernel import access, activity, cells, imports
from kernel.activity import Activity
from kernel.imports import CREATED, UNCHANGED, UPDATED, Column, Job, Load, Rejected, Row, Verdict
from kernel.locks import held, locked
from members.models import Membership

COLUMNS = (
    Column("event", _("The gathering's own id"), needed=True),
    Column("member", _("The id of the member, or #12 for the one with that number here"), needed=True),
    Column(
        "status", _("yes, maybe, no or waiting for what they answered; attended for who came"), needed=True
    ),
    Column("at", _("When they answered or came; without it, when the gathering began")),
)
imports.reasons.update(
    {
        "unknown_event": _("There is no gathering “%(value)s” in this community."),
        "not_yet": _("This gathering has not begun yet: nobody can have come."),
        "has_a_place": _("They have a place here, which they give back themselves."),
        "was_cancelled": _("This gathering was called off: nobody can have come."),
    }
)
ATTENDED = "attended"
STATUSES = (*Attendance.Answer.values, ATTENDED)
Answer = Attendance.Answer


class Told(NamedTuple):
    """A row that can be read."""

    event: Event
    member: Membership
    status: str
    at: datetime | None


class AttendanceLoad(Load):
    def __init__(self, job: Job) -> None:
        self.job = job
        self.community = Community.objects.get(pk=job.community.id)
        self.latest = job.at + cells.AHEAD
        #: Who has a place at which of the gatherings in hand: keys of events and members.
        self.placed: set[tuple[int, int]] = set()

    def take(self, rows: Sequence[Row]) -> list[Verdict]:
        members = named.members(self.community.pk, (row.cells.get("member", "") for row in rows))
        events = self._events(rows)
        told: dict[int, Told] = {}
        verdicts: dict[int, Verdict] = {}
        for place, row in enumerate(rows):
            try:
                told[place] = self._told(row, events, members)
            except Rejected as rejected:
                verdicts[place] = Verdict.of(rejected)
        known = self._known(told.values())
        before = {key: (row.answer, row.answered_at, row.came_at) for key, row in known.items()}
        facts: list[Activity] = []
        hosts = self._hosts(told.values())
        for place, one in told.items():
            key = one.event.pk, one.member.pk
            new = key not in known
            known_now = known.setdefault(key, Attendance(event=one.event, membership=one.member))
            changed = _write(one, known_now)
            if changed:
                facts += self._facts(one, known_now, hosts.get(one.event.pk, []))
            verdicts[place] = CREATED if new else UPDATED if changed else UNCHANGED
        Attendance.objects.bulk_create(row for row in known.values() if row.pk is None)
        now_is = {key: (row.answer, row.answered_at, row.came_at) for key, row in known.items()}
        changed_rows = [known[key] for key, was in before.items() if now_is[key] != was]
        Attendance.objects.bulk_update(changed_rows, ["answer", "answered_at", "came_at"], batch_size=1000)
        activity.publish(*facts)
        if changed_rows or len(known) > len(before):
            activity.announce("gatherings.told", community_id=self.community.pk)
        return [verdicts[place] for place in range(len(rows))]

    # --- one row ------------------------------------------------------------------------------------

    def _told(self, row: Row, events: dict[str, Event], members: dict[str, Membership]) -> Told:
        if row.problem:
            raise row.problem
        for column in COLUMNS:
            if column.needed and not row.cells.get(column.name):
                raise Rejected("needed", column=column.name)
        event = events.get(row.cells["event"])
        if event is None:
            raise Rejected("unknown_event", column="event", value=cells.shown(row.cells["event"]))
        member = members.get(row.cells["member"])
        if member is None:
            raise Rejected("unknown_member", column="member", value=cells.shown(row.cells["member"]))
        status = row.cells["status"].lower()
        if status not in STATUSES:
            known = ", ".join(STATUSES)
            raise Rejected("choice", column="status", value=cells.shown(status), known=known)
        at = None
        if text := row.cells.get("at"):
            at = cells.instant(text, zone=self.community.zone, latest=self.latest, column="at")
        if status == ATTENDED:
            if event.state == Event.State.CANCELLED:
                raise Rejected("was_cancelled", column="status")
            if event.starts_at > self.latest:
                raise Rejected("not_yet", column="status")
        elif status != Answer.YES and (event.pk, member.pk) in self.placed:
            raise Rejected("has_a_place", column="status")
        return Told(event, member, status, at)

    # --- what is here -------------------------------------------------------------------------------

    def _events(self, rows: Sequence[Row]) -> dict[str, Event]:
        """The gatherings that rows name and that the sender sees, held, by both of their names; and who has a place there."""
        names = {row.cells["event"] for row in rows if row.cells.get("event")}
        by = self.job.by.membership
        here = event_import.of_names(self.community.pk, names)
        rows_seen = access.visible(here, by) if by else here.exclude(circle__kind=Circle.Kind.SECRET)
        seen = set(rows_seen.values_list("pk", flat=True))
        found: dict[str, Event] = {}
        for event in held(Event.objects.filter(pk__in=seen).order_by("pk")):
            found[str(event.key)] = event
            if event.external_id is not None:
                found[event.external_id] = event
        places = Ticket.objects.live().filter(event__in=seen).values_list("event", "membership")
        self.placed = set(places)
        return found

    def _known(self, told: Collection[Told]) -> dict[tuple[int, int], Attendance]:
        """What is known of these people at these gatherings, locked."""
        found = Attendance.objects.filter(
            event__in={one.event.pk for one in told}, membership__in={one.member.pk for one in told}
        )
        return {(row.event_id, row.membership_id): row for row in locked(found.order_by("pk"))}

    def _hosts(self, told: Collection[Told]) -> dict[int, list[tuple[int, int]]]:
        """The hosts of these gatherings, in their order: keys and numbers of members."""
        events = {one.event.pk for one in told}
        rows = EventHost.objects.filter(event__in=events).order_by("position", "id")
        found: dict[int, list[tuple[int, int]]] = {}
        for event, pk, number in rows.values_list("event", "membership", "membership__number"):
            found.setdefault(event, []).append((pk, number))
        return found

    # --- what is written ----------------------------------------------------------------------------

    def _facts(self, told: Told, row: Attendance, hosts: list[tuple[int, int]]) -> list[Activity]:
        if told.status == ATTENDED:
            # As at the door: whoever comes, comes to the first of the hosts.
            target = next((number for pk, number in hosts if pk != told.member.pk), None)
            return [self._fact("attended", "attended", told, row.came_at, target)]
        if told.status == Answer.YES:
            return [self._fact("rsvped", "rsvp", told, row.answered_at, None)]
        return []

    def _fact(self, verb: str, name: str, told: Told, at: datetime | None, target: int | None) -> Activity:
        event, member = told.event, told.member
        return Activity(
            community_id=self.community.pk,
            member=member.number,
            verb=verb,
            at=at or min(event.starts_at, self.job.at),
            target=target,
            object_kind="event",
            object_id=str(event.key),
            circle_id=event.circle_id,
            staff=member.is_staff,
            dedupe=f"{name}:{event.key}:{member.number}",
        )


def _write(told: Told, row: Attendance) -> bool:
    """Put the row's word into the attendance; whether that changes it."""
    if told.status == ATTENDED:
        # Who was seen at our own door came when they were seen.
        came = row.came_at if row.seen_by_id else told.at or row.came_at or told.event.starts_at
        changed = came != row.came_at
        row.came_at = came
        return changed
    answered = told.at or (row.answered_at if row.answer == told.status else None)
    changed = (row.answer, row.answered_at) != (told.status, answered)
    row.answer, row.answered_at = told.status, answered
    return changed


__all__ = ["COLUMNS", "AttendanceLoad"]
