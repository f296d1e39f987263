"""Maps: points in a window, those that would lie upon one another as one, drawn by the page itself.

A map is drawn twice, for a wide page and for a phone: what lies apart on the one lies upon one another on the other. The page
shows the one that fits. Places on it are shares of its size, radii are pixels, so that it needs no script.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import ceil, floor, hypot, log2

from kernel import gazetteer, mercator, outlines, words
from kernel.mercator import Box, Window

#: Radii in pixels: of one, how much each doubling adds, and of the most.
SMALLEST, DOUBLED, LARGEST = 11.0, 2.6, 30.0
#: Pixels between two bubbles, at the least.
BETWEEN = 3.0
#: So many are called by their names on the map, as far as there is room.
NAMED = 14
#: Pixels of a line of letters, of one letter, and of one as wide as it is high.
LINE, LETTER, BROAD = 16.0, 7.4, 13.0
#: Kilometres that a map shows across at the least: by itself, and where somebody looks closer.
LEAST, CLOSE = 900.0, 120.0


@dataclass(frozen=True)
class Spot:
    """Something at a place, or several of it near each other: how many, by what name, in which box, from when to when, and
    whatever else is counted of them (`tells`: of spots that are joined it is added up)."""

    latitude: float
    longitude: float
    count: int
    name: str
    box: Box
    others: int = 0
    days: tuple[datetime, datetime] | None = None
    tells: dict[str, int] = field(default_factory=dict)
    mark: str = ""


@dataclass(frozen=True)
class Says:
    """What a bubble says to who cannot see it or points at it, where it leads, and whether it is what is looked at."""

    words: str
    href: str = ""
    is_current: bool = False


@dataclass(frozen=True)
class Bubble:
    """A spot on the map: `x` and `y` in percent of its size, `r` in pixels, `label` where there is room for its name, `down`
    how many pixels below its middle that stands."""

    spot: Spot
    says: Says
    x: float
    y: float
    r: float
    label: str = ""
    down: float = 0.0


Say = Callable[[Spot], Says]


@dataclass(frozen=True)
class View:
    """One drawing of a map: its window, the land in it as a path of so many units, and the bubbles."""

    name: str
    units: tuple[int, int]
    land: str
    bubbles: list[Bubble]


@dataclass(frozen=True)
class Sheet:
    """The size for which a map is drawn: it is shown in this size or larger."""

    name: str
    width: float
    aspect: float
    units: int


SHEETS = (Sheet("wide", 720.0, 2.2, 1400), Sheet("narrow", 330.0, 1.0, 680))


def windows(boxes: Iterable[Box], *, least: float = LEAST) -> dict[str, Window]:
    """What each sheet shows, so that all the boxes are on it."""
    found = list(boxes)
    return {sheet.name: mercator.around(found, aspect=sheet.aspect, least=least) for sheet in SHEETS}


def views(spots: Sequence[Spot], shown: dict[str, Window], say: Say) -> list[View]:
    """The map, on each sheet."""
    return [_view(sheet, shown[sheet.name], spots, say) for sheet in SHEETS]


def _view(sheet: Sheet, window: Window, spots: Sequence[Spot], say: Say) -> View:
    aspect = window.width / window.height
    size = (sheet.width, sheet.width / aspect)
    here = [spot for spot in spots if _is_inside(spot, window)]
    bubbles = [_bubble(spot, window, size, say) for spot in _apart(here, window, size)]
    bubbles = _named([one for one in bubbles if 0 <= one.x <= 100 and 0 <= one.y <= 100], size)
    units = (sheet.units, round(sheet.units / aspect))
    return View(sheet.name, units, outlines.path(window, sheet.units), bubbles)


def radius(count: int) -> float:
    return min(LARGEST, SMALLEST + DOUBLED * log2(max(1, count)))


def is_within(box: Box, other: Box) -> bool:
    """Whether all of the one box lies in the other."""
    west, wide = other.west, (other.east - other.west) % 360
    start, end = (box.west - west) % 360, (box.east - west) % 360
    return other.south <= box.south and box.north <= other.north and start <= end <= wide


def across(box: Box) -> float:
    """Kilometres from one corner of the box to the other."""
    return gazetteer.distance(box.south, box.west, box.north, box.east)


def wider(box: Box) -> Box:
    """The box, three times as wide and as high, or a hundred kilometres at the least; the same where that is the world."""
    high = max(box.north - box.south, 0.5)
    wide = max((box.east - box.west) % 360, 0.5)
    if wide * 3 >= 360:
        return box
    west, east = ((at + 180) % 360 - 180 for at in (box.west - wide, box.east + wide))
    return Box(max(-90.0, box.south - high), west, min(90.0, box.north + high), east)


def rounded(box: Box) -> str:
    """The box as an address says it: a little larger, so that its points are inside."""
    south, west = (floor(degrees * 1000) / 1000 for degrees in (box.south, box.west))
    north, east = (ceil(degrees * 1000) / 1000 for degrees in (box.north, box.east))
    return ",".join(f"{degrees:.3f}" for degrees in (south, west, north, east))


def box_of(text: str) -> Box | None:
    """The box that an address says; None for what is none."""
    try:
        south, west, north, east = (float(part) for part in text.split(","))
    except ValueError:
        return None
    if not (-90 <= south <= north <= 90 and all(-181 <= one <= 181 for one in (west, east))):
        return None
    return Box(south, west, north, east)


def joined(spots: Sequence[Spot]) -> Spot:
    """Spots as one, called as the largest of them, at the middle of all that they count."""
    if len(spots) == 1:
        return spots[0]
    largest = max(spots, key=lambda one: (one.count, one.name))
    count = sum(one.count for one in spots)
    base = largest.longitude
    # Across the date line a longitude is reckoned from that of the largest.
    turned = [base + (one.longitude - base + 180) % 360 - 180 for one in spots]
    east = sum(one.count * at for one, at in zip(spots, turned, strict=True)) / max(1, count)
    names = {one.name for one in spots}
    days = [one.days for one in spots if one.days]
    return Spot(
        sum(one.count * one.latitude for one in spots) / max(1, count),
        (east + 180) % 360 - 180,
        count,
        largest.name,
        mercator.hull([one.box for one in spots]),
        len(names) - 1 + sum(one.others for one in spots),
        (min(one[0] for one in days), max(one[1] for one in days)) if days else None,
        {name: sum(one.tells.get(name, 0) for one in spots) for name in largest.tells},
        next((one.mark for one in spots if one.mark), ""),
    )


def _apart(spots: Sequence[Spot], window: Window, size: tuple[float, float]) -> list[Spot]:
    """Spots of which no two touch: those that would are one."""
    cells: dict[tuple[int, int], list[Spot]] = {}
    for spot in spots:
        x, y = _pixels(spot, window, size)
        cells.setdefault((int(x / SMALLEST), int(y / SMALLEST)), []).append(spot)
    found = [joined(cell) for cell in cells.values()]
    while True:
        groups: list[tuple[float, float, float, list[Spot]]] = []
        for spot in sorted(found, key=lambda one: (-one.count, one.name, one.latitude, one.longitude)):
            x, y = _pixels(spot, window, size)
            reach = radius(spot.count) + BETWEEN
            near = (
                g for g in groups if abs(g[0] - x) < g[2] + reach and hypot(g[0] - x, g[1] - y) < g[2] + reach
            )
            touched = next(near, None)
            if touched is None:
                groups.append((x, y, radius(spot.count), [spot]))
            else:
                touched[3].append(spot)
        if len(groups) == len(found):
            return found
        found = [joined(group[3]) for group in groups]


def _bubble(spot: Spot, window: Window, size: tuple[float, float], say: Say) -> Bubble:
    x, y = _pixels(spot, window, size)
    x, y = round(x / size[0] * 100, 2), round(y / size[1] * 100, 2)
    return Bubble(spot, say(spot), x, y, round(radius(spot.count), 1))


def _pixels(spot: Spot, window: Window, size: tuple[float, float]) -> tuple[float, float]:
    across, down = window.place(spot.latitude, spot.longitude)
    return across * size[0], down * size[1]


def _is_inside(spot: Spot, window: Window) -> bool:
    across, down = window.place(spot.latitude, spot.longitude)
    return 0 <= across <= 1 and 0 <= down <= 1


def _named(bubbles: list[Bubble], size: tuple[float, float]) -> list[Bubble]:
    """The bubbles, the largest of them with their names, where these stand clear of all else."""
    taken = [_frame(one, size) for one in bubbles]
    found = []
    for n, one in enumerate(bubbles):
        label = words.one_line(one.spot.name)
        label = label if len(label) <= 24 else label[:23] + "…"
        if label and one.spot.others:
            # What is counted is more than what the name says.
            label += f" +{words.number(one.spot.others)}"
        wide = sum(BROAD if ord(letter) > 0x2E7F else LETTER for letter in label)
        x, y = one.x / 100 * size[0], one.y / 100 * size[1]
        for down in (one.r + LINE * 0.8, -one.r - LINE * 0.35):
            frame = (x - wide / 2, y + down - LINE * 0.8, x + wide / 2, y + down + LINE * 0.2)
            inside = frame[0] >= 2 and frame[2] <= size[0] - 2 and frame[1] >= 2 and frame[3] <= size[1] - 2
            if n < NAMED and label and inside and not any(_meet(frame, other) for other in taken):
                taken.append(frame)
                one = replace(one, label=label, down=round(down, 1))
                break
        found.append(one)
    return found


def _frame(one: Bubble, size: tuple[float, float]) -> tuple[float, float, float, float]:
    x, y = one.x / 100 * size[0], one.y / 100 * size[1]
    return x - one.r, y - one.r, x + one.r, y + one.r


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
