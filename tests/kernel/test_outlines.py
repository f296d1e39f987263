"""The outlines of land: read as the format says, and cut to a window without a coast lost or added."""

import json
import re
from math import asinh, cos, degrees, radians, tan

import numpy as np
import pytest
from django.conf import settings
from django.utils import translation

from kernel import mercator, outlines
from kernel.mercator import Box

#: A square that is cut in two along its middle, written by hand after the specification: what both have in common is one
#: arc, which the second goes along backwards.
HALVES = {
    "type": "Topology",
    "transform": {"scale": [0.5, 2.0], "translate": [10.0, 20.0]},
    "arcs": [[[2, 0], [0, 2]], [[2, 2], [-2, 0], [0, -2], [2, 0]], [[2, 0], [2, 0], [0, 2], [-2, 0]]],
    "objects": {
        "land": {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "Polygon", "arcs": [[0, 1]]},
                {"type": "MultiPolygon", "arcs": [[[2, -1]]]},
            ],
        }
    },
}


def test_arcs_are_put_together_forwards_and_backwards():
    west, east = outlines.read(HALVES)
    assert west.tolist() == [[11, 20], [11, 24], [10, 24], [10, 20]]
    assert east.tolist() == [[11, 20], [12, 20], [12, 24], [11, 24]]


@pytest.mark.parametrize("scale", ["110m", "50m", "10m"])
def test_all_land_of_the_earth_is_there(scale):
    """149 million square kilometres (CIA World Factbook: 148.94), by Green's theorem on the sphere."""
    topology = json.loads((settings.MAPS_DIR / f"land-{scale}.json").read_text())
    total = 0.0
    for ring in outlines.read(topology):
        after = np.roll(ring, -1, axis=0)
        total += np.sum(
            np.radians(after[:, 0] - ring[:, 0]) * (2 + np.sin(np.radians(ring[:, 1])) + np.sin(np.radians(after[:, 1])))
        )  # fmt: skip
    assert abs(total) / 2 * 6371.0088**2 == pytest.approx(148.9e6, rel=0.02)


def drawn(window, width):
    """The rings of the path, in units."""
    found = []
    for start, steps in re.findall(r"M(-?\d+ -?\d+)l([^z]+)z", outlines.path(window, width)):
        numbers = np.array(steps.split(), int).reshape(-1, 2)
        found.append(np.cumsum(np.vstack([np.array(start.split(), int), numbers]), axis=0))
    return found


def is_inside(x, y, rings):
    """By how often a ray to the right meets an edge."""
    meets = 0
    for ring in rings:
        a, b = ring, np.roll(ring, -1, axis=0)
        spans = (a[:, 1] > y) != (b[:, 1] > y)
        a, b = a[spans], b[spans]
        meets += np.sum(x < a[:, 0] + (y - a[:, 1]) / (b[:, 1] - a[:, 1]) * (b[:, 0] - a[:, 0]))
    return bool(meets % 2)


LAND = {
    "Basel": (47.56, 7.59),
    "成都": (30.66, 104.06),
    "Suva": (-17.9, 178.1),
    "Quito": (-0.2, -78.5),
    "Uluru": (-25.3, 131),
}
SEA = {
    "Biscay": (45.5, -5),
    "Bass": (-39.6, 146),
    "Bengal": (15, 88),
    "Fiji east": (-18, -179),
    "Hudson": (60, -86),
}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("least", [0, 2_000])
def test_what_is_land_is_land_in_every_window(language, least):
    for places, wanted in ((LAND, True), (SEA, False)):
        for name, (north, east) in places.items():
            with translation.override(language):
                around = [Box(north, east, north, east)] if least else []
                window = mercator.around(around, aspect=2, least=least)
            across, down = window.place(north, east)
            height = 2000 * window.height / window.width
            assert is_inside(across * 2000, down * height, drawn(window, 2000)) is wanted, name


def test_a_window_is_light_and_one_on_the_open_sea_is_empty():
    assert len(outlines.path(mercator.world(), 1400)) < 30_000
    europe = mercator.around([Box(36, -9, 60, 25)], aspect=2, least=900)
    assert 5_000 < len(outlines.path(europe, 1400)) < 40_000
    assert outlines.path(mercator.around([Box(0, -140, 0, -140)], aspect=2, least=300), 1400) == ""


def test_without_the_outlines_there_is_a_map_without_land(settings, tmp_path):
    settings.MAPS_DIR = tmp_path
    assert outlines.path(mercator.Window(1, 2, 3, 4.5), 900) == ""


def test_the_projection_is_mercators():
    for latitude in (-71.5, 0.0, 12.25, 60.0):
        assert mercator.northing(latitude) == pytest.approx(degrees(asinh(tan(radians(latitude)))))
    # It keeps shapes: a small step north is as long as one east that is as far on the ground.
    step = mercator.northing(50.001) - mercator.northing(50)
    assert step * cos(radians(50)) == pytest.approx(0.001, rel=1e-4)
