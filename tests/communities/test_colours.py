"""The palette made of one colour, and the style sheet that serves it."""

import re

import pytest
from django.conf import settings
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from communities import colours
from communities.colours import contrast, mixed, rgb
from communities.services import settings as community_settings
from tests import make

COLOURS = st.tuples(*[st.integers(0, 255)] * 3).map(colours.written)
TOKENS = (settings.ROOT / "crowdecon/static/css/tokens.css").read_text()
INK = "#211e1a"


def token(name: str, *, dark: bool) -> str:
    """The value of a token in the sheet: light values come first, the dark ones repeat."""
    found = re.findall(rf"--{name}: (#[0-9a-f]{{6}})", TOKENS)
    return found[-1 if dark else 0]


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#0c7383", "#0c7383", 1.0)],
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert round(contrast(rgb(one), rgb(other)), 2) == ratio


@pytest.mark.parametrize(("grounds", "dark"), [(colours.DAY, False), (colours.NIGHT, True)])
def test_the_grounds_are_those_of_the_tokens(grounds, dark):
    assert {name: colours.written(one) for name, one in grounds.items()} == {
        name: token(name, dark=dark) for name in grounds
    }
    assert colours.written(colours.NIGHT_INK) == token("ink", dark=True)
    assert token("ink", dark=False) == INK


@given(COLOURS)
def test_whatever_is_chosen_can_be_read_by_day_and_by_night(chosen):
    for tokens, grounds, ink in (
        (colours.by_day(chosen), colours.DAY, rgb(INK)),
        (colours.by_night(chosen), colours.NIGHT, colours.NIGHT_INK),
    ):
        worn = {name: rgb(value) for name, value in tokens.items()}
        pairs = [
            *((worn[name], ground) for name in ("accent", "accent-ink") for ground in grounds.values()),
            *((worn["on-accent"], worn[name]) for name in ("accent", "accent-hover")),
            (worn["accent-ink"], worn["accent-soft"]),
            (ink, worn["accent-soft"]),
            (ink, mixed(grounds["surface"], worn["accent"], 0.45)),
        ]
        assert min(contrast(*pair) for pair in pairs) >= 4.5


def test_a_colour_that_can_be_read_stays_as_it_is():
    assert colours.by_day("#0c7383")["accent"] == "#0c7383"
    assert colours.by_night("#66cddb")["accent"] == "#66cddb"


@pytest.mark.django_db
def test_the_sheet_of_a_community_with_a_colour(client):
    lantern = wearing("#8a1c4b")
    answer = client.get("/colours/lantern.css?v=8a1c4b")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert answer["Cache-Control"] == "private, max-age=31536000"
    assert answer.content.decode() == colours.stylesheet(slug="lantern", colour="#8a1c4b")
    assert '[data-community="lantern"] { --accent: #8a1c4b;' in answer.content.decode()
    assert client.get("/colours/lantern.css?v=old")["Cache-Control"] == "private, max-age=0"
    assert client.post("/colours/lantern.css").status_code == 405
    assert lantern.colour == "#8a1c4b"


@pytest.mark.django_db
def test_without_a_colour_or_the_right_to_see_it_there_is_no_sheet(client):
    make.community("plain")
    private = wearing("#8a1c4b")
    community_settings.update(community=private, at=make.EARLY, by=make.SITE, visibility="private")
    client.force_login(make.person())
    found = [client.get(f"/colours/{slug}.css").status_code for slug in ("plain", "lantern", "nobody")]
    assert found == [404, 404, 404]
    assert Client().get("/colours/lantern.css").status_code == 302


@pytest.mark.django_db
def test_pages_wear_it(client):
    wearing("#8a1c4b")
    make.community("plain")
    link = '<link rel="stylesheet" href="/colours/lantern.css?v=8a1c4b">'
    assert {path: client.get(path).content.decode().count(link) for path in ("/", "/c/lantern/", "/c/plain/")} == {
        "/": 1, "/c/lantern/": 1, "/c/plain/": 0,
    }  # fmt: skip
    assert (
        '<html lang="en" data-type="product" data-community="lantern">'
        in client.get("/c/lantern/").content.decode()
    )


def wearing(colour: str):
    return community_settings.update(
        community=make.community("lantern"), at=make.EARLY, by=make.SITE, colour=colour
    )
