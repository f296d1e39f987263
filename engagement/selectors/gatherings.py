"""What is known of one gathering besides who answered and came: whom it reached, its places and money, who came for the
first time, and who had to do with whom. Members stand by the number of the record that is kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q

from engagement.models import Fact
from gatherings.models import Attendance, Event, Room, Ticket, TicketKind, Waiting
from kernel.activity import ACTS
from kernel.money import Money
from members.roles import Status
from members.selectors import merged

GUEST = Q(membership__status=Status.GUEST)


class Reached(NamedTuple):
    """Numbers of those whom a gathering reached, and how many guests have or had a place."""

    numbers: list[int]
    guests: int


def reached(event: Event) -> Reached:
    """Who opened its page before it was over, answered, came, had or has a place, or waited for one."""
    with connection.cursor() as cursor:
        cursor.execute(_REACHED, {"event": event.pk, "guest": Status.GUEST})
        rows = cursor.fetchall()
    return Reached([number for number, guest in rows if not guest], sum(guest for _number, guest in rows))


_REACHED = """
    SELECT number, status = %(guest)s FROM members_membership WHERE id IN (
        SELECT membership_id FROM gatherings_eventreader WHERE event_id = %(event)s
        UNION SELECT membership_id FROM gatherings_attendance
            WHERE event_id = %(event)s AND (answer <> '' OR came_at IS NOT NULL)
        UNION SELECT membership_id FROM gatherings_ticket WHERE event_id = %(event)s
        UNION SELECT membership_id FROM gatherings_waiting WHERE event_id = %(event)s
    ) ORDER BY number
"""


@dataclass(frozen=True)
class Sold:
    """A kind of ticket, and how many of it stand where."""

    kind: TicketKind
    capacity: int | None
    taken: int
    held: int
    given_back: int
    expired: int
    cancelled: int
    guests: int


def sold(event: Event) -> list[Sold]:
    """The kinds in their order, withdrawn ones too."""
    State = Ticket.State
    rows: Any = Ticket.objects.filter(event=event).order_by().values("kind").annotate(
        taken=Count("pk", filter=Q(state=State.VALID)),
        held=Count("pk", filter=Q(state=State.HELD)),
        given_back=Count("pk", filter=Q(state=State.GIVEN_BACK)),
        expired=Count("pk", filter=Q(state=State.EXPIRED)),
        cancelled=Count("pk", filter=Q(state=State.CANCELLED)),
        guests=Count("pk", filter=Q(state=State.VALID) & GUEST),
    )  # fmt: skip
    names = ("taken", "held", "given_back", "expired", "cancelled", "guests")
    counts = {row["kind"]: {name: row[name] for name in names} for row in rows}
    nothing = dict.fromkeys(names, 0)
    return [
        Sold(
            kind,
            kind.room.capacity if kind.quantity is None else kind.quantity,
            **counts.get(kind.pk, nothing),
        )
        for kind in TicketKind.objects.filter(event=event).select_related("room").order_by("position", "id")
    ]


def rooms(event: Event) -> list[tuple[Room, int]]:
    """The ways of coming, each with how many places of it are taken."""
    taken = Count("tickets", filter=Q(tickets__state=Ticket.State.VALID))
    return [(room, room.n) for room in Room.objects.filter(event=event).annotate(n=taken).order_by("way")]


def waiting(event: Event) -> dict[str, int]:
    """How many ever waited for a place, how many of them got one, how many wait or think an offer over now."""
    State = Waiting.State
    return Waiting.objects.filter(event=event).aggregate(
        waited=Count("membership", distinct=True),
        seated=Count("membership", distinct=True, filter=Q(state=State.SEATED)),
        waiting=Count("membership", distinct=True, filter=Q(state__in=Waiting.LIVE)),
    )


@dataclass(frozen=True)
class Moved:
    """What the books have of the orders for its tickets, in one currency."""

    collected: Money
    refunded: Money


def money(event: Event) -> list[Moved]:
    """From the ledger itself: what lies with banks and providers is collected, less what was taken back; by currency."""
    with connection.cursor() as cursor:
        cursor.execute(_MONEY, {"community": event.community_id, "event": event.pk})
        rows = cursor.fetchall()
    return [Moved(Money(int(came), currency), Money(int(went), currency)) for currency, came, went in rows]


_MONEY = """
    WITH paid AS (
        SELECT payment.id FROM commerce_payment AS payment
        JOIN commerce_invoice AS invoice ON invoice.id = payment.invoice_id
        JOIN commerce_order AS ordered ON ordered.id = invoice.order_id
        WHERE ordered.community_id = %(community)s AND ordered.key IN (
            SELECT "order" FROM gatherings_ticket WHERE event_id = %(event)s AND "order" IS NOT NULL)
    )
    SELECT entry.currency,
        coalesce(sum(entry.amount) FILTER (WHERE posting.kind <> 'refund'), 0),
        -coalesce(sum(entry.amount) FILTER (WHERE posting.kind = 'refund'), 0)
    FROM commerce_entry AS entry JOIN commerce_transaction AS posting ON posting.id = entry.transaction_id
    JOIN (
        SELECT 'payment' AS source, id FROM paid
        UNION ALL SELECT 'refund', refund.id FROM commerce_refund AS refund JOIN paid ON paid.id = refund.payment_id
    ) AS told ON told.source = posting.source_type AND told.id = posting.source_id
    WHERE entry.account IN ('bank', 'clearing') AND posting.kind IN ('payment', 'payment_back', 'refund')
    GROUP BY entry.currency ORDER BY entry.currency
"""


def guests_who_came(event: Event) -> int:
    return Attendance.objects.filter(GUEST, event=event, came_at__isnull=False).count()


def first_comings(community_id: int, event: int | None = None) -> list[tuple[int, int]]:
    """Gathering and number of who had come to none before that one began for them; of one gathering or of all."""
    rows = Attendance.objects.filter(event__community_id=community_id, came_at__isnull=False)
    if event is not None:
        rows = rows.filter(event=event)
    own = {"membership": OuterRef("membership"), "came_at__lt": OuterRef("came_at")}
    rows = rows.exclude(Exists(Attendance.objects.filter(**own).exclude(event=OuterRef("event"))))
    found = list(rows.order_by().values_list("event", "membership__number"))
    stands_for = merged.numbers(community_id)
    return [(key, stands_for.get(number, number)) for key, number in found]


def first_contacts(event: Event, numbers: Iterable[int], until: datetime) -> dict[tuple[int, int], datetime]:
    """Of the pairs of these members that ever had to do with one another: when for the first time, up to `until`. Their
    coming to this very gathering, which is written down towards its first host, is none."""
    people = set(numbers)
    stands_for = {other: kept for other, kept in merged.numbers(event.community_id).items() if kept in people}
    every = sorted(people | set(stands_for))
    facts = Fact.objects.of(event.community_id).valid()
    first = facts.order_by("utc_day").values_list("utc_day", flat=True).first()
    if first is None or len(people) < 2:
        return {}
    rows = facts.filter(
        # By day and member, as the index lies.
        utc_day__in=_days(first, until.astimezone(UTC).date()), member__in=every, target__in=every,
        verb__in=sorted(ACTS), occurred_at__lte=until,
    ).exclude(verb="attended", object_kind="event", object_id=str(event.key))  # fmt: skip
    found: dict[tuple[int, int], datetime] = {}
    told: Iterable[tuple[int, int, datetime]] = rows.order_by().values_list(  # type: ignore[assignment]
        "member", "target", "occurred_at"
    )
    for actor, target, at in told:
        one, other = sorted((stands_for.get(actor, actor), stands_for.get(target, target)))
        if one != other and at < found.get((one, other), until + timedelta(microseconds=1)):
            found[one, other] = at
    return found


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


__all__ = [
    "Moved", "Reached", "Sold", "first_comings", "first_contacts", "guests_who_came", "money", "reached", "rooms", "sold",
    "waiting",
]  # fmt: skip
