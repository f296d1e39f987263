"""The outlines of land, from a package that comes along (Natural Earth, public domain, as TopoJSON): coasts alone, no borders.

They are there in three scales. The one that fits what is shown is read when it is first asked, unpacked once, and cut to the
window for each map; nothing is asked of anybody outside.
"""

import json
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from kernel.mercator import Window, northing

Points = NDArray[np.float64]
#: From how many degrees across on each scale is fine enough.
SCALES = ((150.0, "110m"), (6.0, "50m"), (0.0, "10m"))
#: Rings that are smaller than this many units of the drawing, both ways, are left out.
SPECK = 1.5
#: Land is drawn so much further than the window, as a share of it, that its cut edges lie outside.
BEYOND = 0.02


class Land(NamedTuple):
    """Rings of longitude and latitude, each closed without its first point again, and the box around each: west, south,
    east, north."""

    rings: list[Points]
    boxes: Points


@lru_cache(maxsize=128)
def path(window: Window, width: int) -> str:
    """The land in the window as the data of an SVG path, in whole units, of which the window is `width` wide. Empty where
    the outlines are not installed: a map without land is a map still."""
    if not (settings.MAPS_DIR / "land-110m.json").is_file():
        return ""
    scale = next(name for least, name in SCALES if window.width >= least)
    units = width / window.width
    room = (window.width * BEYOND, (window.north - window.south) * BEYOND)
    drawn = []
    for turn in (-360.0, 0.0, 360.0):
        west, east = window.west - room[0] - turn, window.east + room[0] - turn
        south, north = window.south - room[1], window.north + room[1]
        for ring in _within(_land(scale), west, south, east, north):
            x = (ring[:, 0] + turn - window.west) * units
            y = (northing(window.north) - northing(ring[:, 1])) * units
            drawn.append(_written(np.stack([x, y], axis=1)))
    return "".join(drawn)


def read(topology: dict[str, Any]) -> list[Points]:
    """The rings of all polygons of a topology (TopoJSON 1.0, quantized or not), in degrees."""
    move = topology.get("transform")
    arcs = []
    for arc in topology["arcs"]:
        points = np.array(arc, np.float64)[:, :2]
        if move:
            points = np.cumsum(points, axis=0) * move["scale"] + move["translate"]
        arcs.append(points)
    found = []
    for geometry in topology["objects"].values():
        for ring in _rings(geometry):
            parts = [arcs[n] if n >= 0 else arcs[~n][::-1] for n in ring]
            # Each arc begins where the one before it ends, and the last ends where the first begins.
            found.append(_flat(np.concatenate([part[:-1] for part in parts])))
    return found


def _flat(ring: Points) -> Points:
    """The ring of a globe on a plane: across the date line its degrees go on, and one around a pole goes by that pole."""
    turns = np.zeros(len(ring))
    turns[1:] = np.cumsum(np.rint(np.diff(ring[:, 0]) / 360))
    east = ring[:, 0] - turns * 360
    east -= np.rint((east.min() + east.max()) / 720) * 360
    flat = np.stack([east, ring[:, 1]], axis=1)
    if abs(flat[-1, 0] - flat[0, 0]) < 180:
        return flat
    pole = 90.0 if ring[:, 1].mean() > 0 else -90.0
    over = flat[0, 0] + np.copysign(360.0, flat[-1, 0] - flat[0, 0])
    return np.vstack([flat, [[over, flat[0, 1]], [over, pole], [flat[0, 0], pole]]])


def _rings(geometry: dict[str, Any]) -> Iterable[list[int]]:
    kind = geometry["type"]
    if kind == "GeometryCollection":
        for one in geometry["geometries"]:
            yield from _rings(one)
    elif kind == "Polygon":
        yield from geometry["arcs"]
    elif kind == "MultiPolygon":
        for polygon in geometry["arcs"]:
            yield from polygon


@cache
def _land(scale: str) -> Land:
    rings = read(json.loads((settings.MAPS_DIR / f"land-{scale}.json").read_text()))
    boxes = np.array([[*ring.min(axis=0), *ring.max(axis=0)] for ring in rings])
    return Land(rings, boxes)


def _within(land: Land, west: float, south: float, east: float, north: float) -> Iterable[Points]:
    boxes = land.boxes
    apart = (boxes[:, 2] <= west) | (boxes[:, 0] >= east) | (boxes[:, 3] <= south) | (boxes[:, 1] >= north)
    for n in np.flatnonzero(~apart).tolist():
        ring = land.rings[n]
        for axis, bound, sign in ((0, west, 1), (0, east, -1), (1, south, 1), (1, north, -1)):
            ring = _cut(ring, axis, bound, sign)
        if len(ring) > 2:
            yield ring


def _cut(ring: Points, axis: int, bound: float, sign: int) -> Points:
    """What of the ring lies on one side of a line (Sutherland and Hodgman, 1974), its cut ends joined along the line."""
    if not len(ring):
        return ring
    here = (ring[:, axis] - bound) * sign >= 0
    if here.all():
        return ring
    after, there = np.roll(ring, -1, axis=0), np.roll(here, -1)
    crosses = here != there
    step = after[:, axis] - ring[:, axis]
    part = np.divide(bound - ring[:, axis], step, out=np.zeros(len(ring)), where=crosses)
    met = ring + part[:, None] * (after - ring)
    met[:, axis] = bound
    both = np.stack([met, after], axis=1)
    return both[np.stack([crosses, there], axis=1)]


def _written(points: Points) -> str:
    if (points.max(axis=0) - points.min(axis=0)).max() < SPECK:
        return ""
    whole = np.rint(points).astype(np.int64)
    steps = np.diff(whole, axis=0)
    steps = steps[steps.any(axis=1)]
    if len(steps) < 2:
        return ""
    first = whole[0].tolist()
    return f"M{first[0]} {first[1]}l" + " ".join(f"{x} {y}" for x, y in steps.tolist()) + "z"
