"""What a phone at the door carries along, so that it can judge a ticket without a network: who is on the list, and their
tickets by what their codes hash to. Nobody reads a code from it, and no ticket is made of it."""

import hashlib
from collections import defaultdict
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery

from gatherings.models import Attendance, Event, Ticket, Waiting
from members.models import Membership

#: People told at a time; the phone asks until there are no more.
PAGE = 1000


def page(event: Event, *, after: int = 0, size: int = PAGE) -> dict[str, Any]:
    """So many people of the list, those with a ticket that is not valid too, from one on: `people`, each with `number`,
    `name`, `way`, `came_at`, `by` and `tickets` (hash and state), and what to ask for `next`; None for no more."""
    theirs = {"event": event, "membership": OuterRef("pk")}
    row, ticket = Attendance.objects.filter(**theirs), Ticket.objects.filter(**theirs)
    turn = Waiting.objects.filter(**theirs, state__in=Waiting.LIVE)
    rows = (
        Membership.objects.of(event.community_id)
        .filter(Q(Exists(row)) | Q(Exists(ticket)) | Q(Exists(turn)), pk__gt=after)
        .annotate(
            came_at=Subquery(row.values("came_at")[:1]),
            seen_by=Subquery(row.values("seen_by__name")[:1]),
            way=Subquery(ticket.filter(state=Ticket.State.VALID).values("room__way")[:1]),
        )
        .order_by("pk")
    )
    found: list[Any] = list(rows[: size + 1])
    shown = found[:size]
    tickets: dict[int, list[list[str]]] = defaultdict(list)
    of_them = Ticket.objects.filter(event=event, membership__in=[one.pk for one in shown]).order_by("pk")
    for member, code, state in of_them.values_list("membership", "code", "state"):
        tickets[member].append([hashed(code), state])
    people = [
        {
            "number": one.number,
            "name": one.display_name,
            "way": one.way or "",
            "came_at": _instant(one.came_at),
            "by": one.seen_by or "",
            "tickets": tickets[one.pk],
        }
        for one in shown
    ]
    return {"people": people, "next": shown[-1].pk if len(found) > size else None}


def hashed(code: str) -> str:
    """What stands for a code: some 98 bits went in, so nobody finds it by trying."""
    return hashlib.sha256(code.encode()).hexdigest()


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
