"""Windows on the world in Mercator's projection, which keeps shapes at every size: what a map shows, and where on it."""

from collections.abc import Iterable
from math import asinh, atan, cos, degrees, radians, sinh, tan
from typing import Any, NamedTuple

import numpy as np

from kernel import words

#: Kilometres of a degree along the equator.
DEGREE = 111.195
#: The world of people: from Cape Horn to the north of Norway it is twice as wide as high.
WORLD_SOUTH, WORLD_NORTH = -56.0, 74.0
#: Where the world is cut open, by the language of the reader: in the Bering Strait, or in the Atlantic.
CUT, CUTS = -168.5, {"zh": -30.0}
#: What is wider than this many degrees is the world.
WIDE = 180.0
#: The poles lie infinitely far away here.
MOST_NORTH = 84.0


class Box(NamedTuple):
    """Degrees from south and west to north and east; one whose west is more than its east lies across the date line."""

    south: float
    west: float
    north: float
    east: float


class Window(NamedTuple):
    """What a map shows, in degrees: `east` is more than `west`, and one of them beyond 180 where the date line lies between."""

    south: float
    west: float
    north: float
    east: float

    @property
    def width(self) -> float:
        return self.east - self.west

    @property
    def height(self) -> float:
        """In degrees of the equator, as `width`."""
        return float(northing(self.north) - northing(self.south))

    def place(self, latitude: float, longitude: float) -> tuple[float, float]:
        """Where a point is, in shares of the width from the left and of the height from the top."""
        across = (longitude - self.west) % 360.0
        down = northing(self.north) - northing(max(-MOST_NORTH, min(MOST_NORTH, latitude)))
        return across / self.width, float(down) / self.height


def northing(latitude: Any) -> Any:
    """How far north of the equator a latitude lies, in degrees of the equator; of a number or an array."""
    return np.degrees(np.arcsinh(np.tan(np.radians(latitude))))


def around(boxes: Iterable[Box], *, aspect: float, least: float) -> Window:
    """A window on all the boxes, `aspect` times as wide as high and `least` kilometres across at the least; on the world
    where they lie all over it, or where there are none."""
    found = [box._replace(east=box.east if box.east >= box.west else box.east + 360) for box in boxes]
    if not found:
        return world()
    west, east = _shortest([(box.west, box.east) for box in found])
    south = min(max(-MOST_NORTH, box.south) for box in found)
    north = max(min(MOST_NORTH, box.north) for box in found)
    if east - west > WIDE:
        return world(south, north)
    low, high = _north(south), _north(north)
    middle = (low + high) / 2
    far = least / (DEGREE * cos(radians(_latitude(middle))))
    height = max((high - low) * 1.4, far / aspect)
    width = max((east - west) * 1.3, height * aspect, far)
    if width > WIDE * 1.3:
        return world(south, north)
    height = width / aspect
    # The edge of the world moves the window, not its size.
    edge = _north(MOST_NORTH + 0.5)
    middle = max(-edge + height / 2, min(edge - height / 2, middle))
    left = (west + east - width) / 2
    return Window(
        round(_latitude(middle - height / 2), 4),
        round(left, 4),
        round(_latitude(middle + height / 2), 4),
        round(left + width, 4),
    )


def hull(boxes: Iterable[Box]) -> Box:
    """The smallest box around all of them, the shorter way around the globe."""
    found = list(boxes)
    west, east = _shortest([(box.west, box.east + 360 * (box.east < box.west)) for box in found])
    west, east = ((at + 180) % 360 - 180 for at in (west, east))
    return Box(min(box.south for box in found), west, max(box.north for box in found), east)


def world(south: float = 0.0, north: float = 0.0) -> Window:
    """All of it that people live on, and what lies further south or north where it is asked for."""
    west = CUTS.get(words.locale().language, CUT)
    low = WORLD_SOUTH if south > WORLD_SOUTH else south - 2
    high = WORLD_NORTH if north < WORLD_NORTH else min(north + 2, MOST_NORTH + 0.5)
    return Window(low, west, high, west + 360.0)


def _shortest(arcs: list[tuple[float, float]]) -> tuple[float, float]:
    """The shortest way around the globe, eastwards, that has all of the arcs on it."""
    order = sorted(arcs)
    west, reached = order[0][0], order[0][1]
    gaps = []
    for start, end in order[1:]:
        if start > reached:
            gaps.append((start - reached, start, reached))
        reached = max(reached, end)
    gaps.append((west + 360 - reached, west + 360, reached))
    gap, _start, end = max(gaps)
    if gap <= 0:
        return west, west + 360
    # Turned around the globe a degree is not what it was, in its last digits.
    length = 360 - gap
    return end - length, end


def _north(latitude: float) -> float:
    return degrees(asinh(tan(radians(latitude))))


def _latitude(northing: float) -> float:
    return degrees(atan(sinh(radians(northing))))
