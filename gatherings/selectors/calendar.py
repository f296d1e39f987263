"""What stands in a person's own calendar, and in a community's month."""

from calendar import Calendar
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber, TruncDate

from gatherings import access as rules
from gatherings.models import Attendance, Event, EventHost, Ticket
from gatherings.selectors import seen
from kernel.tenancy import TenantRequest
from members.models import Membership, User

Answer = Attendance.Answer
#: How far back a feed tells of what was, and how many events it holds at most.
BACK, MOST = timedelta(days=90), 1000
#: Events that one day of a month names; of the others it says how many they are.
NAMED = 3


@dataclass(frozen=True)
class Known:
    """An event in somebody's calendar: whether they come for certain, and may know where it takes place online."""

    event: Event
    is_certain: bool


def of_person(user: User, at: datetime) -> list[Known]:
    """What the person comes to, thinks about, waits for or holds, in all their communities, and what of it was cancelled:
    by the beginning. A place that is theirs stands there whatever became of their membership."""
    mine = Membership.objects.filter(user=user, merged_into=None)
    ticket = Exists(
        Ticket.objects.filter(event=OuterRef("pk"), membership__in=mine, state=Ticket.State.VALID)
    )
    wanted = Q(ticket)
    for membership in mine.select_related("tier"):
        if membership.is_admitted:
            wanted |= rules.visible_q(membership) & _said_by(membership)
    rows = Event.objects.told().filter(wanted, starts_at__gte=at - BACK)
    hosted = Exists(EventHost.objects.filter(event=OuterRef("pk"), membership__in=mine))
    said_yes = Exists(Attendance.objects.filter(event=OuterRef("pk"), membership__in=mine, answer=Answer.YES))
    rows = rows.annotate(has_place=ticket, is_hosted=hosted, said_yes=said_yes).select_related("community")
    found: Any = rows.order_by("starts_at", "id")[:MOST]
    return [Known(one, one.has_place or one.is_hosted or one.said_yes) for one in found]


def _said_by(membership: Membership) -> Q:
    own = {"event": OuterRef("pk"), "membership": membership}
    answers = [Answer.YES, Answer.MAYBE, Answer.WAITING]
    return Q(Exists(Attendance.objects.filter(**own, answer__in=answers))) | Q(
        Exists(EventHost.objects.filter(**own))
    )


@dataclass
class Day:
    """A day of a month's sheet: the first of its events, and how many more there are."""

    day: date
    is_inside: bool
    events: list[Any] = field(default_factory=list)
    count: int = 0

    @property
    def more(self) -> int:
        return self.count - len(self.events)


def month(request: TenantRequest, first: date) -> list[list[Day]]:
    """The weeks that hold the month, Monday to Sunday, by the community's clock: two queries, however many events."""
    weeks = Calendar().monthdatescalendar(first.year, first.month)
    zone: ZoneInfo = request.community.zone
    begins = datetime.combine(weeks[0][0], time.min, tzinfo=zone)
    ends = datetime.combine(weeks[-1][-1] + timedelta(days=1), time.min, tzinfo=zone)
    sheet = [[Day(day, day.month == first.month) for day in week] for week in weeks]
    days = {one.day: one for week in sheet for one in week}
    rows: QuerySet[Any] = seen.shown(request).told().beginning(begins, ends)
    rows = rows.annotate(day=TruncDate("starts_at", tzinfo=zone))
    for day, count in rows.order_by().values_list("day").annotate(n=Count("pk")):
        days[day].count = count
    nth = Window(RowNumber(), partition_by=F("day"), order_by=[F("starts_at"), F("id")])
    for event in rows.annotate(nth=nth).filter(nth__lte=NAMED).order_by("starts_at", "id"):
        event.hour = event.starts_at.astimezone(zone)
        days[event.day].events.append(event)
    return sheet
