"""Chapters as their readers see them, what of them can be counted, and where there could be one more."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import Count, Q, QuerySet

from communities.models import Circle, CircleMembership, Comment, Community
from gatherings.models import Attendance, Chapter, Event, EventHost
from gatherings.models.event import EventQuerySet
from gatherings.selectors import whereabouts
from gatherings.selectors.whereabouts import NEAR, NOWHERE, Chapters, Homes, Town
from kernel import access, gazetteer
from kernel.tenancy import TenantRequest
from members.models import Membership
from members.roles import COUNTED

#: What is counted of a chapter is counted over so many days.
LATELY = timedelta(days=90)
#: So many places are suggested at once, with so many likely hosts each.
SUGGESTED, LIKELY = 10, 3
PAGE = 30


@dataclass(frozen=True)
class Host:
    """Somebody who could look after a chapter, and why: how many gatherings they held and came to, and how many comments
    they wrote."""

    member: Membership
    held: int
    came: int
    wrote: int


@dataclass(frozen=True)
class Suggestion:
    """A town near which enough members live and no chapter is, how many, and who of them could look after it."""

    town: Town
    members: int
    hosts: Sequence[Host] = field(default_factory=list)


def shown(request: TenantRequest) -> QuerySet[Chapter]:
    """The chapters whose circles whoever asks sees, archived ones left out."""
    circles = access.shown(Circle.objects.of(request.community.id), request).filter(archived_at=None)
    return Chapter.objects.filter(community_id=request.community.id, circle__in=circles.values("pk"))


def home(member: Membership | None) -> tuple[float, float] | None:
    """Where a member lives: their own place, else the middle of their city."""
    if member is None:
        return None
    if member.latitude is not None and member.longitude is not None:
        return member.latitude, member.longitude
    city = gazetteer.find(member.city, member.country) if member.city else None
    return (city.latitude, city.longitude) if city else None


def fill(chapters: Sequence[Any], request: TenantRequest, at: datetime) -> None:
    """Give each chapter how many members it has (`people`), its hosts, the gatherings of the last 90 days (`gatherings`), how
    many of its members came to one of them (`came`), its next one that the reader sees (`next`), and how far away it is
    (`km`)."""
    if not chapters:
        return
    circles = [chapter.circle_id for chapter in chapters]
    inside = CircleMembership.objects.filter(circle__in=circles, membership__status__in=COUNTED)
    people = dict(inside.values_list("circle").annotate(n=Count("pk")).order_by())
    hosts: dict[int, list[Membership]] = {}
    for row in inside.filter(is_host=True).select_related("membership").order_by("joined_at", "id"):
        hosts.setdefault(row.circle_id, []).append(row.membership)
    lately = Event.objects.of(request.community.id).standing().filter(circle__in=circles)
    lately = lately.beginning(at - LATELY, at).exclude(told_held=False)
    gatherings = dict(lately.values_list("circle").annotate(n=Count("pk")).order_by())
    came = Counter(
        dict(
            Attendance.objects.filter(event__in=lately, came_at__isnull=False, membership__in=inside.values("membership"))
            .values_list("event__circle").annotate(n=Count("membership", distinct=True)).order_by()
        )
    )  # fmt: skip
    following: dict[int | None, Event] = {}
    seen = _upcoming(request, at)
    for event in (
        seen.filter(circle__in=circles).order_by("circle_id", "starts_at", "id").distinct("circle_id")
    ):
        following[event.circle_id] = event
    point = home(request.membership)
    for chapter in chapters:
        circle = chapter.circle_id
        chapter.people, chapter.hosts = people.get(circle, 0), hosts.get(circle, [])
        chapter.gatherings, chapter.came = gatherings.get(circle, 0), came[circle]
        chapter.next = following.get(circle)
        chapter.km = None
        if point:
            chapter.km = round(gazetteer.distance(*point, chapter.latitude, chapter.longitude))


def near_events(request: TenantRequest, at: datetime, *, most: int = 12) -> list[Any]:
    """The next gatherings at a place near where the reader lives, the soonest first, each with its distance (`km`)."""
    point = home(request.membership)
    if point is None:
        return []
    rows = (
        _upcoming(request, at)
        .filter(rooms__way="in_person")
        .select_related("circle__minimum_tier", "minimum_tier")
    )
    found: list[Any] = []
    places: dict[tuple[str, str], tuple[float, float] | None] = {}
    event: Any
    for event in rows.iterator(chunk_size=500):
        if event.latitude is not None and event.longitude is not None:
            where: tuple[float, float] | None = (event.latitude, event.longitude)
        else:
            way = event.city, event.country
            if way not in places:
                city = gazetteer.find(*way) if event.city else None
                places[way] = (city.latitude, city.longitude) if city else None
            where = places[way]
        if where and (km := gazetteer.distance(*point, *where)) <= NEAR:
            event.km = round(km)
            found.append(event)
            if len(found) == most:
                break
    return found


def _upcoming(request: TenantRequest, at: datetime) -> EventQuerySet:
    rows: EventQuerySet = access.shown(Event.objects.of(request.community.id), request)  # type: ignore[assignment]
    return rows.upcoming(at)


def suggestions(community: Community, at: datetime) -> list[Suggestion]:
    """Where `whereabouts.K` members or more live within 30 km of a town without a chapter, the most first. Of fewer nothing
    is told, neither that they are there nor who they are."""
    homes, towns = _homes(community.pk)
    found = whereabouts.clusters(homes, towns, _chapters(community.pk))[:SUGGESTED]
    numbers = [homes.member[one.homes].tolist() for one in found]
    likely = _likely(community.pk, [number for of_one in numbers for number in of_one], at)
    return [
        Suggestion(one.town, len(here), _first(here, likely))
        for one, here in zip(found, numbers, strict=True)
    ]


def _first(numbers: Sequence[int], likely: dict[int, Host]) -> list[Host]:
    """The likeliest hosts: who held most comes first, then who came most, then who wrote most."""
    hosts = [likely[number] for number in numbers if number in likely]
    return sorted(hosts, key=lambda one: (-one.held, -one.came, -one.wrote, one.member.number))[:LIKELY]


def _homes(community_id: int) -> tuple[Homes, list[Town]]:
    rows = Membership.objects.of(community_id).counted().exclude(city="", latitude=None).order_by("number")
    people = list(rows.values_list("number", "city", "country", "latitude", "longitude"))
    ways = [(city.strip(), country.strip()) for _number, city, country, _north, _east in people]
    towns, known = whereabouts.towns_of(Counter(ways))
    places = []
    for way, (_number, _city, _country, north, east) in zip(ways, people, strict=True):
        if north is not None and east is not None:
            places.append((north, east))
        else:
            town = towns[known[way]] if way in known else None
            places.append((town.latitude, town.longitude) if town else (np.nan, np.nan))
    points = np.array(places, np.float64).reshape(-1, 2)
    homes = Homes(
        np.array([one[0] for one in people], np.int64),
        np.array([known.get(way, NOWHERE) for way in ways], np.int64),
        points[:, 0],
        points[:, 1],
    )
    return homes, towns


def _chapters(community_id: int) -> Chapters:
    rows = list(
        Chapter.objects.filter(community_id=community_id, circle__archived_at=None).values_list(
            "latitude", "longitude"
        )
    )
    points = np.array(rows, np.float64).reshape(-1, 2)
    return Chapters(np.zeros(len(rows), np.int64), points[:, 0], points[:, 1])


def _likely(community_id: int, numbers: Sequence[int], at: datetime) -> dict[int, Host]:
    """Of these members those who have held, come to or written anything."""
    members = Membership.objects.of(community_id).filter(number__in=numbers)
    keys = members.values("pk")
    over = Q(ends_at__lte=at) | Q(ends_at=None, starts_at__lte=at)
    told = Event.objects.of(community_id).standing().filter(over).exclude(told_held=False)

    def counted(rows: Any, by: str) -> dict[int, int]:
        return dict(rows.values_list(by).annotate(n=Count("pk")).order_by())

    held = counted(EventHost.objects.filter(membership__in=keys, event__in=told), "membership")
    came = counted(Attendance.objects.filter(membership__in=keys, came_at__isnull=False), "membership")
    wrote = counted(Comment.objects.of(community_id).filter(author__in=keys), "author")
    return {
        one.number: Host(one, held.get(one.pk, 0), came.get(one.pk, 0), wrote.get(one.pk, 0))
        for one in members.filter(pk__in={*held, *came, *wrote})
    }
