"""A chapter's own figures: who is in it, who was active, what it held and who came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from communities.models import CircleMembership
from gatherings.models import Attendance, Chapter, Event
from gatherings.selectors import chapters, seen
from gatherings.selectors.whereabouts import K
from kernel import actives
from kernel.tenancy import TenantRequest
from members.roles import COUNTED


@dataclass(frozen=True)
class Figures:
    """`members` are in the circle now; `actives` of them had an act on one of the last 28 complete days, None where they
    are fewer than `K` or nobody counts. `held` gatherings were announced, are over and not told not to have taken place;
    `to_come` are those that whoever asks sees. `mean_came` is how many members came to one of those held of which it was
    written down, None where it was of none."""

    members: int
    actives: int | None
    held: int
    to_come: int
    mean_came: float | None


def fill(found: Sequence[Any], request: TenantRequest, at: datetime) -> None:
    """Give each chapter its `figures`, and what `chapters.fill` gives."""
    chapters.fill(found, request, at)
    circles = [chapter.circle_id for chapter in found]
    numbers: dict[int, list[int]] = {circle: [] for circle in circles}
    inside = CircleMembership.objects.filter(circle__in=circles, membership__status__in=COUNTED)
    for circle, number in inside.values_list("circle", "membership__number"):
        numbers[circle].append(number)
    active = actives.of_each(request.community, [numbers[circle] for circle in circles], at)
    over = Q(ends_at__lte=at) | Q(ends_at=None, starts_at__lte=at)
    held = Event.objects.of(request.community.id).standing().filter(over, circle__in=circles)
    held = held.exclude(told_held=False)
    many = dict(held.values_list("circle").annotate(n=Count("pk")).order_by())
    came = Attendance.objects.filter(event__in=held, came_at__isnull=False).order_by()
    means = {
        circle: people / gatherings
        for circle, people, gatherings in came.values_list("event__circle").annotate(
            people=Count("pk"), gatherings=Count("event", distinct=True)
        )
    }
    upcoming = seen.shown(request).upcoming(at).filter(circle__in=circles).order_by()
    to_come = dict(upcoming.values_list("circle").annotate(n=Count("pk")).order_by())
    for n, chapter in enumerate(found):
        circle, people = chapter.circle_id, len(numbers[chapter.circle_id])
        chapter.figures = Figures(
            members=people,
            actives=active[n] if active is not None and people >= K else None,
            held=many.get(circle, 0),
            to_come=to_come.get(circle, 0),
            mean_came=means.get(circle),
        )


def of_one(chapter: Chapter, request: TenantRequest, at: datetime) -> Any:
    """The chapter with its figures."""
    fill([chapter], request, at)
    return chapter
