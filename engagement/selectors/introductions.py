"""Who may be brought together now, why, and what followed from those who were."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from communities.models import Block, Community, Conversation, Measure
from engagement.models import Fact, Introduction
from engagement.selectors.belonging import open_q
from kernel.activity import ACTS
from kernel.clock import local_day
from members.access import listed_q
from members.models import Membership
from members.models.membership import MembershipQuerySet
from members.selectors import merged

#: Whether two turned to one another is looked at on so many local days after they were introduced.
DAYS = 28
#: Two who turned to one another in so long need nobody to introduce them.
LATELY = timedelta(days=90)


@dataclass(frozen=True)
class Pair:
    """Two who may be brought together, and what they have in common that either may be told. `between` are some of whom both
    are in touch with, who may be named themselves; `members` are the two numbers in the figure's order."""

    one: Membership
    other: Membership
    score: float = 0
    shared: int = 0
    interests: Sequence[str] = ()
    city: str = ""
    between: Sequence[Membership] = field(default_factory=list)
    members: Sequence[int] = ()

    @property
    def key(self) -> str:
        return f"{self.one.number}-{self.other.number}"


@dataclass(frozen=True)
class Told:
    """An introduction with its two, as they are now; `by` is who of the staff did it, None for programs and who is gone."""

    row: Introduction
    one: Membership | None
    other: Membership | None
    by: Membership | None
    followed: str


# --- who may be brought together ---------------------------------------------------------------------


def open_to(community: Community, *, at: datetime) -> MembershipQuerySet:
    """The members who may be brought together with others: in the directory, able to answer, and with an ear for everybody."""
    muted = Measure.objects.standing().filter(
        membership=OuterRef("pk"), kind=Measure.Kind.MUTED, until__gt=at
    )
    here = Membership.objects.of(community.pk).filter(listed_q() & open_q())
    return here.exclude(Exists(muted))


def pairs(community: Community, data: Any, *, at: datetime) -> list[Pair]:
    """The figure's pairs that still are such, in its order: whoever has left the directory, closed themselves to the other,
    begun to write to them, or was introduced or set aside since is left out. What two have in common is told as both show it
    now. In five queries, however many they are."""
    rows = data["pairs"] if data else []
    stands_for = merged.numbers(community.pk) if rows else {}
    numbers = {number for row in rows for number in (*row["members"], *row["neighbours"])}
    kept = {number: stands_for.get(number, number) for number in numbers}
    named = listed_q() & Q(number__in=set(kept.values()))
    people = {one.number: one for one in Membership.objects.of(community.pk).filter(named)}
    ready = set(open_to(community, at=at).filter(number__in=people).values_list("number", flat=True))
    apart = _apart(community, [people[number] for number in ready])
    found = []
    for row in rows:
        both = [kept[number] for number in row["members"]]
        low, high = sorted(both)
        if low == high or not {low, high} <= ready or (low, high) in apart:
            continue
        between = [people[kept[number]] for number in row["neighbours"] if kept[number] in people]
        pair = told(people[low], people[high], row, between=between)
        if pair.shared or pair.interests or pair.city:
            found.append(replace(pair, members=both))
    return found


def told(one: Membership, other: Membership, row: Any, *, between: Sequence[Membership] = ()) -> Pair:
    """The two with what they have in common, in words that both show."""
    tells_city = row["same_city"] and "city" in one.shown and "city" in other.shown
    return Pair(
        one,
        other,
        score=row["score"],
        shared=row["shared_neighbours"],
        interests=shared_interests(one, other),
        city=one.city if tells_city else "",
        between=between,
    )


def shared_interests(one: Membership, other: Membership) -> list[str]:
    """The interests that both have and show, as the first of them writes them."""
    if "interests" not in one.shown or "interests" not in other.shown:
        return []
    theirs = {word.strip().casefold() for word in other.interests}
    return [word for word in one.interests if word.strip().casefold() in theirs]


def shared_city(one: Membership, other: Membership) -> str:
    """The city that both live in and show; "" where there is none."""
    same = one.city.strip().casefold() == other.city.strip().casefold()
    return one.city if same and "city" in one.shown and "city" in other.shown else ""


def nameable(community: Community, two: Iterable[tuple[int, int]], *, at: datetime) -> set[tuple[int, int]]:
    """Of pairs of numbers that were written down once those that may still be told together: both open to others, neither
    closed to the other, and not set aside. In four queries, however many they are."""
    told = set(two)
    stands_for = merged.numbers(community.pk) if told else {}
    kept = {pair: _ordered(*(stands_for.get(number, number) for number in pair)) for pair in told}
    numbers = {number for pair in kept.values() for number in pair}
    keys = dict(open_to(community, at=at).filter(number__in=numbers).values_list("number", "pk"))
    number_of = {pk: number for number, pk in keys.items()}
    blocks = Block.objects.filter(by__in=number_of, whom__in=number_of).values_list("by", "whom")
    apart = {_ordered(number_of[one], number_of[other]) for one, other in blocks}
    aside = Introduction.objects.of(community.pk).filter(state=Introduction.State.SET_ASIDE)
    for low, high in aside.values_list("low", "high"):
        apart.add(_ordered(stands_for.get(low, low), stands_for.get(high, high)))
    return {pair for pair, now in kept.items() if set(now) <= keys.keys() and now not in apart}


def closed(one: Membership, other: Membership) -> bool:
    """Whether one of the two wants to hear nothing of the other."""
    pair = [one.pk, other.pk]
    return Block.objects.filter(by__in=pair, whom__in=pair).exists()


def in_touch(community: Community, one: Membership, other: Membership, *, at: datetime) -> bool:
    """Whether one of the two turned to the other in the last 90 days."""
    mine, theirs = ([each.number, *merged.numbers_of(each)] for each in (one, other))
    lately = (at - LATELY).date()
    facts = Fact.objects.of(community.pk).filter(utc_day__gte=lately, verb__in=ACTS, retracted_at=None)
    either = Q(member__in=mine, target__in=theirs) | Q(member__in=theirs, target__in=mine)
    return facts.filter(either).exists()


def _apart(community: Community, members: Iterable[Membership]) -> set[tuple[int, int]]:
    """Pairs of these, low before high, of whom one wants to hear nothing from the other, who have begun to write to one
    another, or of whom staff have said already what they think."""
    number = {one.pk: one.number for one in members}
    told = Block.objects.filter(by__in=number, whom__in=number).values_list("by", "whom")
    talks = Conversation.objects.filter(
        community_id=community.pk, low__in=number, high__in=number, merged_into=None
    ).values_list("low", "high")
    found = {_ordered(number[one], number[other]) for one, other in [*told, *talks]}
    rows = list(Introduction.objects.of(community.pk).values_list("low", "high"))
    stands_for = merged.numbers(community.pk) if rows else {}
    return found | {_ordered(stands_for.get(low, low), stands_for.get(high, high)) for low, high in rows}


def _ordered(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)


# --- those who were ----------------------------------------------------------------------------------


def rows(community: Community) -> QuerySet[Introduction]:
    """All of them, the latest first."""
    return Introduction.objects.of(community.pk)


def find(community: Community, key: UUID) -> Introduction | None:
    return rows(community).filter(key=key).first()


def of_pair(community: Community, one: Membership, other: Membership) -> Introduction | None:
    """What staff have said of these two, whichever of their records it named."""
    mine, theirs = ([each.number, *merged.numbers_of(each)] for each in (one, other))
    either = Q(low__in=mine, high__in=theirs) | Q(low__in=theirs, high__in=mine)
    return rows(community).filter(either).first()


def between(community: Community, numbers: Collection[int]) -> dict[frozenset[int], Introduction]:
    """What staff have said of any two of these members, by their numbers, whichever of their records it named."""
    stands_for = merged.numbers(community.pk)
    records = {*numbers, *(record for record, kept in stands_for.items() if kept in numbers)}
    found = rows(community).filter(low__in=records, high__in=records)
    return {frozenset(stands_for.get(one, one) for one in (row.low, row.high)): row for row in found}


def with_people(community: Community, found: Sequence[Introduction], *, at: datetime) -> Iterator[Told]:
    """Each with its two as they are now. Who was merged is the one who is kept."""
    stands_for = merged.numbers(community.pk)
    numbers = {number for row in found for number in (row.low, row.high, row.by) if number is not None}
    kept = {number: stands_for.get(number, number) for number in numbers}
    here = Membership.objects.of(community.pk).filter(number__in=set(kept.values()))
    people = {one.number: one for one in here.select_related("user")}
    for row in found:
        one, other = (people.get(kept[number]) for number in (row.low, row.high))
        by = people.get(kept[row.by]) if row.by is not None else None
        yield Told(row, one, other, by, followed(row, community, at=at))


def followed(row: Introduction, community: Community, *, at: datetime) -> str:
    """What was seen of the two since, in words; "" for those who were not brought together."""
    if row.state != Introduction.State.MADE:
        return ""
    began = local_day(row.at, community.zone)
    if row.met_on is not None:
        days = (row.met_on - began).days
        if days == 0:
            return _("In touch on the same day.")
        return (
            _("In touch, %(days)d days later.") % {"days": days} if days > 1 else _("In touch, a day later.")
        )
    left = (began + timedelta(days=DAYS) - local_day(at, community.zone)).days
    return _("Not in touch within 28 days.") if left < 0 else _("Not in touch yet.")


def outcome(community: Community) -> tuple[int, int]:
    """Of the introductions that were made, how many there are, and how many of these two came to be in touch."""
    made = Introduction.objects.of(community.pk).made()
    return made.count(), made.exclude(met_on=None).count()
