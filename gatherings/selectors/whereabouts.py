"""Where people and gatherings are, in columns: towns by their names, who lives near whom, towns of few joined so that nobody
is found in them, and where enough live together for a chapter.

A place is a pair of degrees, not a number (NaN) where it is not known; a town is a number, its place in a list of towns,
`NOWHERE` for none.
"""

from collections import Counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kernel import gazetteer
from kernel.gazetteer import EARTH

Whole = NDArray[np.int64]
Real = NDArray[np.float64]
NOWHERE = -1
#: So many kilometres are near.
NEAR = 30.0
#: Of fewer than so many people nothing is told that says where they live.
K = 5


class Town(NamedTuple):
    """A town by the name that it has most often here, and its middle."""

    name: str
    latitude: float
    longitude: float


class Homes(NamedTuple):
    """Where members live who have said so, and whose own place is not known that of their town."""

    member: Whole
    town: Whole
    latitude: Real
    longitude: Real

    def only(self, keep: NDArray[Any]) -> "Homes":
        """Those rows, as a mask or by their places."""
        return Homes(self.member[keep], self.town[keep], self.latitude[keep], self.longitude[keep])


class Chapters(NamedTuple):
    """Where there are chapters, since when."""

    founded: Whole
    latitude: Real
    longitude: Real

    def only(self, keep: NDArray[Any]) -> "Chapters":
        """Those rows, as a mask or by their places."""
        return Chapters(self.founded[keep], self.latitude[keep], self.longitude[keep])


class Cluster(NamedTuple):
    """A town, and the rows of the homes near it."""

    town: Town
    homes: Whole


def distances(north: Real, east: Real, to_north: float, to_east: float) -> Real:
    """Kilometres from each of the points to the one, along the surface of a sphere (haversine)."""
    a, b = np.radians(north), np.radians(to_north)
    across = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(to_east - east) / 2) ** 2
    return 2 * EARTH * np.arcsin(np.sqrt(np.minimum(across, 1.0)))


def any_near(north: Real, east: Real, to_north: Real, to_east: Real) -> NDArray[np.bool_]:
    """Whether one of the second points is near each of the first. Points that are not known are near nothing."""
    found = np.zeros(len(north), bool)
    points = np.unique(
        np.stack([to_north, to_east], axis=1)[~(np.isnan(to_north) | np.isnan(to_east))], axis=0
    )
    for lat, lon in points.tolist():
        left = np.flatnonzero(~found)
        found[left[distances(north[left], east[left], lat, lon) <= NEAR]] = True
    return found


def together(sizes: dict[int, int]) -> tuple[list[int], list[int]]:
    """Towns that are told by their names, the largest first, and those that are told as one: those of fewer than `K` people,
    and where these are fewer together, the next smallest too."""
    order = sorted(sizes, key=lambda town: (-sizes[town], town))
    shown = [town for town in order if sizes[town] >= K]
    apart = order[len(shown) :]
    while shown and apart and sum(sizes[town] for town in apart) < K:
        apart.insert(0, shown.pop())
    return shown, apart


def clusters(homes: Homes, towns: list[Town], chapters: Chapters) -> list[Cluster]:
    """Towns without a chapter near them near which `K` people or more live, the most first; whoever lives near two is
    counted for the first of them alone."""
    free = ~np.isnan(homes.latitude) & ~np.isnan(homes.longitude)
    free &= ~any_near(homes.latitude, homes.longitude, chapters.latitude, chapters.longitude)
    named = [
        place for place in np.unique(homes.town[free]).tolist()
        if place != NOWHERE and not np.isnan(towns[place].latitude)
    ]  # fmt: skip
    alone = ~any_near(
        np.array([towns[place].latitude for place in named]),
        np.array([towns[place].longitude for place in named]),
        chapters.latitude,
        chapters.longitude,
    )
    near = {
        place: distances(homes.latitude, homes.longitude, towns[place].latitude, towns[place].longitude)
        <= NEAR
        for place, lonely in zip(named, alone.tolist(), strict=True)
        if lonely
    }
    found = []
    while near:
        counts = {place: int((rows & free).sum()) for place, rows in near.items()}
        best = min(counts, key=lambda place: (-counts[place], place))
        if counts[best] < K:
            break
        rows = np.flatnonzero(near.pop(best) & free)
        found.append(Cluster(towns[best], rows))
        free[rows] = False
    return found


def towns_of(written: Counter[tuple[str, str]]) -> tuple[list[Town], dict[tuple[str, str], int]]:
    """Towns, in the order of their names, from ways of writing a city and its country: those that the gazetteer takes for
    one are one, by the name that is written most often."""
    ways: dict[object, list[tuple[str, str]]] = {}
    places: dict[object, tuple[float, float]] = {}
    for way in sorted(written, key=lambda way: (-written[way], way)):
        if not way[0]:
            continue
        city = gazetteer.find(*way)
        key: object = city.id if city else way[0].casefold()
        ways.setdefault(key, []).append(way)
        places[key] = (city.latitude, city.longitude) if city else (np.nan, np.nan)
    order = sorted(ways, key=lambda key: (ways[key][0][0], ways[key][0][1]))
    found = [Town(ways[key][0][0], *places[key]) for key in order]
    return found, {way: place for place, key in enumerate(order) for way in ways[key]}
