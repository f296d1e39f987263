"""Pages of what has a time and a UUID, the newest first."""

import uuid
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q, QuerySet
from rest_framework.request import Request

from kernel.api.pages import ApiPage, Marks

OLDER, NEWER = "older", "newer"


def page(
    request: Request, rows: QuerySet[Any], *, at: str, tie: str, limit: int, cursor: str = "", day: str = ""
) -> ApiPage:
    """One page by the instant `at` and, among equals, the UUID `tie`, in one query.

    `day` names a column with the UTC day of the instant, where the index walks the days. Raises
    `BadParameters` for a cursor that is not of this list.
    """
    marks = Marks(request, (at, tie))
    place = marks.read(cursor)
    direction, beyond = _beyond(place, at, tie, day)
    sign = "" if direction == NEWER else "-"
    order = [f"{sign}{name}" for name in (day, at, tie) if name]
    many = list(rows.filter(beyond).order_by(*order)[: limit + 1])
    more, shown = len(many) > limit, many[:limit]
    if direction == NEWER:
        shown.reverse()
    if not shown:
        return ApiPage([], next=None, previous=None)
    older = more if direction == OLDER else True
    newer = bool(place) if direction == OLDER else more
    return ApiPage(
        shown,
        next=marks.address(_place(OLDER, shown[-1], at, tie) if older else ""),
        previous=marks.address(_place(NEWER, shown[0], at, tie) if newer else ""),
    )


def _beyond(place: str, at: str, tie: str, day: str) -> tuple[str, Q]:
    """The direction of reading, and what lies in it beyond the place."""
    if not place:
        return OLDER, Q()
    direction, written, identity = place.split("~")
    instant, last = datetime.fromisoformat(written), uuid.UUID(identity)
    side = "gt" if direction == NEWER else "lt"
    beyond = Q(**{f"{at}__{side}": instant}) | Q(**{at: instant, f"{tie}__{side}": last})
    if day:
        beyond &= Q(**{f"{day}__{side}e": instant.astimezone(UTC).date()})
    return direction, beyond


def _place(direction: str, row: Any, at: str, tie: str) -> str:
    return f"{direction}~{getattr(row, at).isoformat()}~{getattr(row, tie).hex}"
