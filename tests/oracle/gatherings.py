"""One gathering, counted by hand from raw rows, straight from the written definitions. Nothing of the product is imported.

Rows are those of `meetings`, with these besides: `person` is the person that a record is of (two records of one person are
one), `guest` says of a record that it is a guest's. A gathering's `readers`, `tickets` and `waiting` are lists of records, of
tickets with their states too.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

from .meetings import events
from .money import end_of

Row = dict[str, Any]
ACTS = frozenset(
    "visited read posted commented asked answered proposed shared hosted published helped reacted voted rsvped attended "
    "messaged mentioned accepted completed used endorsed".split()
)


def figures(
    gathering: Row, attendances: list[Row], people: list[Row], acts: list[Row], *, person: Callable[[Any], Any],
    guests: set[Any], zone: ZoneInfo, at: datetime,
) -> Row:  # fmt: skip
    """What is known of the gathering at the instant `at`."""
    members = {
        one["member"]: one for one in people if one["joined"] < end_of(at.astimezone(zone).date(), zone)
    }
    rows: dict[Any, Row] = {}
    for row in attendances:
        if row["event"] == gathering["id"] and person(row["member"]) in members:
            who = person(row["member"])
            rows[who] = _as_one(rows.get(who), row | {"member": who})
    came = [who for who, row in rows.items() if row["came"] is not None]
    guests_came = [
        row for row in attendances
        if row["event"] == gathering["id"] and row["member"] in guests and row["came"] is not None
    ]  # fmt: skip
    answered = [
        person(row["member"])
        for row in attendances
        if row["event"] == gathering["id"] and (row["answer"] or row["came"])
    ]
    touched = [person(one) for one in gathering["readers"]] + [
        person(one) for one, _state in gathering["tickets"]
    ]
    reached = {one for one in [*answered, *touched, *map(person, gathering["waiting"])] if one in members}
    first = [
        who for who in came
        if not any(
            person(row["member"]) == who and row["event"] != gathering["id"] and row["came"] is not None
            and row["came"] < rows[who]["came"]
            for row in attendances
        )
    ]  # fmt: skip
    found = {
        "reached": len(reached),
        "audience": sum(
            one["joined"] < gathering["begins"]
            and (one["left"] is None or one["left"] >= gathering["begins"])
            for one in members.values()
        ),
        "taken": sum(state == "valid" for _one, state in gathering["tickets"]),
        "came": len(came),
        "guests": len(guests_came),
        "first_timers": len(first),
    }
    return (
        found
        | _ties(gathering, came, len(guests_came), acts, person, at)
        | _community(gathering, rows, people, acts, zone, at, person)
    )


def _as_one(one: Row | None, other: Row) -> Row:
    """What two records of one person tell: the better answer, and the earlier coming."""
    if one is None:
        return other
    best = min(one, other, key=lambda row: ("yes", "waiting", "maybe", "no", "").index(row["answer"]))
    came = min((row["came"] for row in (one, other) if row["came"]), default=None)
    return best | {"came": came}


def _ties(
    gathering: Row, came: list[Any], guests: int, acts: list[Row], person: Callable[[Any], Any], at: datetime
) -> Row:
    until = gathering["over"] + timedelta(days=28)
    if not 2 <= len(came) + guests <= 30 or len(came) < 2 or until > at:
        return {"pairs": None, "pairs_before": None, "ties_begun": None}
    before = begun = 0
    for one, other in combinations(came, 2):
        times = [
            act["at"] for act in acts
            if act["verb"] in ACTS and act["target"] is not None
            and {person(act["member"]), person(act["target"])} == {one, other}
            and not (act["verb"] == "attended" and act["object"] == gathering["id"])
        ]  # fmt: skip
        if times and min(times) <= gathering["begins"]:
            before += 1
        elif times and min(times) <= until:
            begun += 1
    return {"pairs": len(came) * (len(came) - 1) // 2, "pairs_before": before, "ties_begun": begun}


def _community(
    gathering: Row, rows: dict[Any, Row], people: list[Row], acts: list[Row], zone: ZoneInfo, at: datetime,
    person: Callable[[Any], Any],
) -> Row:  # fmt: skip
    """As if the community had held nothing else: yes, show rate and what came afterwards are those of `events`."""
    by_person = [act | {"member": person(act["member"])} for act in acts]
    last: date = at.astimezone(zone).date() - timedelta(days=1)
    held = gathering | {"told": True, "cancelled": None}
    told = events([held], list(rows.values()), people, by_person, zone=zone, as_of=last)
    ripe = told["afterwards"]
    return {"yes": told["rsvps"], "show_rate": told["show_rate"], "afterwards": ripe}
