"""The pages that matter most, in both themes, both languages and both widths: pictures to look at.

They lie in `.cache/pictures/`. What a test can see of a picture is asserted; the rest is for eyes.
"""

from itertools import product
from pathlib import Path

import pytest

from tests.browser.visitor import DESK, PHONE
from tests.sampled import sample, those

pytestmark = pytest.mark.browser

FOLDER = Path(__file__).resolve().parents[2] / ".cache" / "pictures"
PAGES = {
    "directory": "/",
    "found": "/c/new/",
    "face": "/c/{slug}/",
    "today": "/c/{slug}/desk/",
    "members": "/c/{slug}/desk/members/",
    "member": "/c/{slug}/desk/members/{number}/",
    "figures": "/c/{slug}/desk/figures/",
    "trend": "/c/{slug}/desk/figures/active_members/",
    "cohorts": "/c/{slug}/desk/figures/retention/",
    "settings": "/c/{slug}/desk/settings/",
}
STRANGER = {"face"}
CHARTS = {"trend"}
#: How many different colours a drawing has; 1 is an empty sheet.
COLOURS = """() => [...document.querySelectorAll('.chart-canvas canvas')].map((canvas) => {
  const pixels = new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer);
  return new Set(pixels).size;
})"""


@pytest.mark.parametrize(
    ("width", "dark", "language"),
    sample(
        list(product([PHONE, DESK], [False, True], ["en", "zh-hans"])),
        those((PHONE, True, "zh-hans"), (DESK, False, "en")),
    ),
)
def test_the_pages_that_matter_most(visit, living, width, dark, language):
    FOLDER.mkdir(parents=True, exist_ok=True)
    settings = {"width": width, "dark": dark, "language": language}
    keeper, stranger = visit(living.owner, **settings), visit(**settings)
    theme = "dark" if dark else "light"
    given = {"slug": living.community.slug, "number": living.arguments["number"][0]}
    for name, address in PAGES.items():
        visitor = stranger if name in STRANGER else keeper
        visitor.open(address.format(**given))
        if name in CHARTS:
            visitor.page.locator(".chart-canvas canvas").first.wait_for()
            assert min(visitor.page.evaluate(COLOURS)) > 5, name
        assert visitor.page.locator("h1").is_visible(), name
        assert visitor.overflow() == 0, name
        picture = FOLDER / f"{name}-{width}-{theme}-{language}.jpeg"
        visitor.page.screenshot(path=picture, full_page=name != "members", quality=85)


def test_a_drawing_for_a_wider_window_does_not_widen_the_page(visit, living):
    keeper = visit(living.owner, width=PHONE)
    keeper.open(PAGES["trend"].format(slug=living.community.slug))
    drawing = keeper.page.locator(".chart-canvas > div").first
    drawing.wait_for()
    drawing.evaluate("(drawing) => { drawing.style.width = '1280px'; }")
    assert drawing.bounding_box()["width"] == 1280
    assert keeper.overflow() == 0
