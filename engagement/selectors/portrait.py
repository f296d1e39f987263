"""One member in figures: stage, score with its parts, and the days on which they were active."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Max
from pyroaring import BitMap

from communities.models import Community
from engagement import verbs
from engagement.metrics.score import DEFAULT_WEIGHTS, HALF_LIFE
from engagement.models import ActiveDay, Fact, MemberStanding
from kernel.clock import local_day, week_of
from members.models import Membership

WEEKS = 26


@dataclass(frozen=True)
class Part:
    """What one verb adds to a score: how often, at which weight, how many days ago the last time.

    `share` is its length beside the largest part, 0 to 100.
    """

    name: str
    points: float
    share: int
    weight: float
    times: int
    age: int | None


@dataclass(frozen=True)
class Score:
    """`parts` by their points, the largest first; they sum to `points`."""

    points: float
    half_life: int
    parts: list[Part]


@dataclass(frozen=True)
class Square:
    """One day of the strip: its column (week) and line (Monday is 0)."""

    week: int
    line: int
    day: date
    active: bool


@dataclass(frozen=True)
class Strip:
    """The last 26 weeks, the current one included; `months` are the first days of months by column."""

    squares: list[Square]
    months: list[tuple[int, date]]
    weeks: int

    @property
    def days(self) -> int:
        return len(self.squares)

    @property
    def active(self) -> int:
        return sum(square.active for square in self.squares)


def standing(member: Membership) -> MemberStanding | None:
    return MemberStanding.objects.filter(membership=member).first()


def score(
    *, community: Community, standing: MemberStanding, number: int, also: Sequence[int] = (), today: date
) -> Score:
    """The score as it was computed, with the facts behind each part; `also` as in a timeline."""
    weights = {**DEFAULT_WEIGHTS, **community.score_weights}
    counted = (
        Fact.objects.of(community.id)
        .valid()
        .filter(member__in=[number, *also])
        .order_by()
        .values_list("verb")
        .annotate(times=Count("dedupe"), last=Max("occurred_at"))
    )
    known = {verb: (times, last) for verb, times, last in counted}
    largest = max(standing.parts.values(), default=0) or 1
    parts = []
    for verb, points in sorted(standing.parts.items(), key=lambda part: -part[1]):
        times, last = known.get(verb, (0, None))
        age = max(0, (today - local_day(last, community.zone)).days) if last else None
        parts.append(
            Part(verbs.noun(verb), points, round(points / largest * 100), weights.get(verb, 0), times, age)
        )
    return Score(standing.score, HALF_LIFE, parts)


def strip(*, community: Community, number: int, until: date) -> Strip:
    """On which days of the last 26 weeks, the current one included, the member had an act."""
    first = week_of(until) - timedelta(weeks=WEEKS - 1)
    rows = ActiveDay.objects.filter(community_id=community.id, day__range=(first, until))
    packed = rows.values_list("day", "members")
    active = {day for day, members in packed if number in BitMap.deserialize(bytes(members))}
    days = [first + timedelta(days=n) for n in range((until - first).days + 1)]
    squares = [Square(n // 7, n % 7, day, day in active) for n, day in enumerate(days)]
    # A month's name needs room: one that begins in the last columns is left out.
    months = [
        (square.week, square.day) for square in squares if square.day.day == 1 and square.week < WEEKS - 1
    ]
    return Strip(squares, months, WEEKS)
