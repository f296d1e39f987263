"""Maps: windows that hold what they are for, bubbles that never touch, boxes that survive an address."""

import random
from itertools import combinations
from math import hypot

import pytest

from kernel import maps, mercator
from kernel.maps import Says, Spot
from kernel.mercator import Box


def spot(north, east, count=1, name="Basel", **more):
    return Spot(north, east, count, name, Box(north, east, north, east), **more)


def say(one):
    return Says(f"{one.name} {one.count}", "#")


CITIES = {
    "one city": [(47.5, 7.6)],
    "a country": [(53.5, 10), (48.1, 11.6), (52.5, 13.4)],
    "across the date line": [(-36.8, 174.8), (-18.1, 178.4), (-13.8, -171.8), (21.3, -157.9)],
    "all over": [(47.5, 7.6), (35.7, 139.7), (-33.9, 151.2), (40.7, -74), (-34.6, -58.4), (19.4, -99.1)],
    "both poles": [(78.2, 15.6), (-77.8, 166.7)],
}


@pytest.mark.parametrize("points", CITIES.values(), ids=list(CITIES))
def test_every_point_is_in_the_window(points):
    boxes = [Box(north, east, north, east) for north, east in points]
    for aspect in (1.0, 2.0):
        window = mercator.around(boxes, aspect=aspect, least=900)
        for north, east in points:
            across, down = window.place(north, east)
            assert 0 <= across <= 1 and 0 <= down <= 1
        if window.width < 360:
            assert window.width / window.height == pytest.approx(aspect, rel=0.01)


def test_one_city_is_shown_with_the_country_around_it():
    window = mercator.around([Box(47.5, 7.6, 47.5, 7.6)], aspect=2, least=900)
    middle = (window.west + window.east) / 2
    assert middle == pytest.approx(7.6, abs=0.01)
    assert window.width * 111.195 * 0.6756 == pytest.approx(900, rel=0.01)


def test_the_pacific_is_no_end_of_the_world():
    boxes = [Box(north, east, north, east) for north, east in CITIES["across the date line"]]
    window = mercator.around(boxes, aspect=1, least=900)
    assert window.width < 90 and (window.east > 180 or window.west < -180)


def test_bubbles_never_touch_and_lose_nobody():
    chance = random.Random(7)
    spots = [
        spot(chance.gauss(51, 2), chance.gauss(10, 3), chance.choice([1, 1, 2, 5, 40]), f"City {n % 90}")
        for n in range(800)
    ]
    shown = maps.windows([one.box for one in spots])
    for view, sheet in zip(maps.views(spots, shown, say), maps.SHEETS, strict=True):
        assert sum(one.spot.count for one in view.bubbles) == sum(one.count for one in spots)
        height = sheet.width * view.units[1] / view.units[0]
        placed = [(one.x / 100 * sheet.width, one.y / 100 * height, one.r) for one in view.bubbles]
        assert len(placed) > 5
        for one, other in combinations(placed, 2):
            assert hypot(one[0] - other[0], one[1] - other[1]) > one[2] + other[2]
        # Whatever a bubble counts lies in its box.
        assert all(one.spot.box.south <= one.spot.latitude <= one.spot.box.north for one in view.bubbles)


def test_what_is_joined_is_called_as_the_largest_and_adds_up():
    both = maps.joined(
        [
            spot(47, 7, 2, "Bern", tells={"n": 1}, days=(1, 4)),
            spot(49, 9, 6, "Basel", tells={"n": 3}, days=(2, 3)),
        ]
    )
    assert (both.name, both.count, both.others, both.tells) == ("Basel", 8, 1, {"n": 4})
    assert (both.latitude, both.longitude, both.days) == (48.5, 8.5, (1, 4))
    east = maps.joined([spot(-17, 179), spot(-17, -179)])
    assert (abs(east.longitude), east.box.west, east.box.east) == (180, 179, -179)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1,2,3",
        "x,1,2,3",
        "nan,0,1,1",
        "0,0,1,inf",
        "91,0,92,1",
        "2,0,1,1",
        "0,0,1,400",
        "\x00",
        "1,1,1,1,1",
    ],
)
def test_what_is_no_box_is_none(text):
    assert maps.box_of(text) is None


def test_a_box_that_went_through_an_address_holds_what_it_held():
    box = Box(-17.12345, 178.98765, -17.00001, -179.12345)
    again = maps.box_of(maps.rounded(box))
    assert again == Box(-17.124, 178.987, -17.0, -179.123)
    assert maps.is_within(box, again) and not maps.is_within(again, box)
    assert maps.is_within(box, maps.wider(box)) and not maps.is_within(maps.wider(box), box)
    assert not maps.is_within(Box(-17.1, 0, -17.1, 0), again)
