"""Gatherings on a map: where there are how many, counted by the database, and which of them lie in a box.

A gathering lies where its coordinates say, else in the middle of its city, as the list of places that comes along knows it.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Aggregate, Avg, Count, Exists, F, Max, Min, OuterRef, Q, Value
from django.db.models.fields import CharField
from django.db.models.functions import Coalesce, Concat, Floor, NullIf

from gatherings.models import Room
from gatherings.models.event import EventQuerySet
from kernel import gazetteer, maps
from kernel.maps import Spot
from kernel.mercator import Box, Window

#: Degrees of the cells by which it is found out how far the points reach, and how many cells lie across a window then.
FAR, ACROSS = 2.0, 40
_BETWEEN = "\x1f"
_PLACED = Q(latitude__isnull=False, longitude__isnull=False)

Way = tuple[str, str]


class Commonest(Aggregate):
    """The value that is there most often."""

    name = "Commonest"
    template = "MODE() WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = CharField()


@dataclass(frozen=True)
class OnMap:
    """The spots in the windows, how many gatherings are at a place that nobody can find, and where the cities lie that
    others are in."""

    windows: dict[str, Window]
    spots: list[Spot]
    unplaced: int
    cities: dict[Way, tuple[float, float]]


def at_places(rows: EventQuerySet) -> EventQuerySet:
    """Of the rows those that stand and to which people come at a place; of what was, without what is told not to have
    taken place."""
    there = Exists(Room.objects.filter(event=OuterRef("pk"), way=Room.Way.IN_PERSON))
    return rows.standing().filter(there).exclude(told_held=False)


def found(rows: EventQuerySet, box: Box | None) -> OnMap:
    """The rows on a map of the box, or of all of them: three queries, however many there are."""
    bare = rows.order_by()
    cities, in_cities, unplaced = _in_cities(bare)
    if box is not None:
        windows = maps.windows([box], least=maps.CLOSE)
    else:
        windows = maps.windows([*_extent(bare), *(spot.box for spot in in_cities)])
    return OnMap(windows, [*in_cities, *_in_cells(bare, windows)], unplaced, cities)


def inside(rows: EventQuerySet, box: Box, cities: dict[Way, tuple[float, float]]) -> EventQuerySet:
    """Of the rows those in the box, by their coordinates or their cities."""
    here = [
        _BETWEEN.join(way)
        for way, (north, east) in cities.items()
        if maps.is_within(Box(north, east, north, east), box)
    ]
    written = Concat("city", Value(_BETWEEN), "country", output_field=CharField())
    in_cities = ~_PLACED & Q(written__in=here)
    return rows.alias(written=written).filter((_PLACED & _lies_in(box)) | in_cities)


def _lies_in(box: Box) -> Q:
    across = Q(longitude__gte=box.west), Q(longitude__lte=box.east)
    lies = across[0] & across[1] if box.west <= box.east else across[0] | across[1]
    return Q(latitude__range=(box.south, box.north)) & lies


def _in_cities(rows: Any) -> tuple[dict[Way, tuple[float, float]], list[Spot], int]:
    cities: dict[Way, tuple[float, float]] = {}
    spots: dict[int, list[Spot]] = {}
    unplaced = 0
    ways = rows.exclude(_PLACED).values_list("city", "country")
    told = ways.annotate(many=Count("pk"), first=Min("starts_at"), last=Max("starts_at"))
    for city, country, many, *days in told.order_by("-many", "city", "country"):
        known = gazetteer.find(city, country) if city else None
        if known is None:
            unplaced += many
            continue
        cities[city, country] = (known.latitude, known.longitude)
        box = Box(known.latitude, known.longitude, known.latitude, known.longitude)
        # However it is written, it is one city, called as most call it.
        name = spots[known.id][0].name if known.id in spots else city
        one = Spot(known.latitude, known.longitude, many, name, box, days=(days[0], days[1]))
        spots.setdefault(known.id, []).append(one)
    return cities, [maps.joined(same) for same in spots.values()], unplaced


def _extent(rows: Any) -> list[Box]:
    """Boxes on all rows that have coordinates."""
    cells = rows.filter(_PLACED).values_list(Floor(F("latitude") / FAR), Floor(F("longitude") / FAR))
    edges = cells.annotate(
        south=Min("latitude"), west=Min("longitude"), north=Max("latitude"), east=Max("longitude")
    )
    return [Box(*edge) for _row, _column, *edge in edges]


def _in_cells(rows: Any, windows: dict[str, Window]) -> list[Spot]:
    """Rows that have coordinates, by the cells of a grid over the windows."""
    wide, *_others = windows.values()
    down, step = (wide.north - wide.south) / ACROSS * 2, wide.width / ACROSS
    south, north = min(one.south for one in windows.values()), max(one.north for one in windows.values())
    here = Q(latitude__range=(south, north))
    if wide.width < 360:
        west, east = ((at + 180) % 360 - 180 for at in (wide.west, wide.east))
        here = _lies_in(Box(south, west, north, east))
    named = Coalesce(NullIf("city", Value("")), "venue")
    cells = rows.filter(_PLACED, here).values_list(Floor(F("latitude") / down), Floor(F("longitude") / step))
    told = cells.annotate(
        many=Count("pk"), called=Commonest(named), names=Count(named, distinct=True),
        first=Min("starts_at"), last=Max("starts_at"),
        north=Avg("latitude"), east=Avg("longitude"), edge_south=Min("latitude"), edge_west=Min("longitude"),
        edge_north=Max("latitude"), edge_east=Max("longitude"),
    )  # fmt: skip
    return [
        Spot(north, east, many, called, Box(*edges), names - 1, (first, last))
        for _row, _column, many, called, names, first, last, north, east, *edges in told
    ]
