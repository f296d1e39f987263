"""The product without a mouse."""

import pytest

from tests import make
from tests.browser.visitor import DESK, PHONE

pytestmark = pytest.mark.browser

FOCUSED = """() => {
  const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
  const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  const seen = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight;
  return {name: at.textContent.trim() || at.getAttribute('aria-label') || at.name || '', ring, seen, tag: at.tagName};
}"""


#: Whether the row one stands on is covered by nothing: what is at its corners is of it.
SEEN_WHOLE = """() => {
  const row = document.querySelector("tr.here"), box = row.getBoundingClientRect();
  const of = (x, y) => row.contains(document.elementFromPoint(x, y));
  return of(box.left + 8, box.top + 4) && of(box.left + 8, box.bottom - 4);
}"""


def tab_to(visitor, selector, limit=40):
    """Press Tab until the element has the focus; gives what was passed, in order."""
    passed = []
    for _ in range(limit):
        visitor.page.keyboard.press("Tab")
        passed.append(visitor.page.evaluate(FOCUSED))
        if visitor.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return passed
    raise AssertionError([one["name"] for one in passed])


def test_the_first_tab_offers_to_skip_to_the_content(visit, living):
    visitor = visit(living.owner)
    visitor.open(f"/c/{living.community.slug}/desk/members/")
    visitor.page.keyboard.press("Tab")
    first = visitor.page.evaluate(FOCUSED)
    assert (first["name"], first["ring"], first["seen"]) == ("Skip to the content", True, True)
    visitor.page.keyboard.press("Enter")
    assert visitor.page.evaluate("document.activeElement.id") == "main"
    visitor.page.keyboard.press("Tab")
    assert visitor.page.evaluate("document.activeElement.closest('main') !== null")


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize(
    ("address", "act"),
    [
        ("/", "a[href='/c/new/']"),
        ("/c/new/", "main form button.primary"),
        ("/c/{slug}/desk/", ".page-head a.button.primary"),
        ("/c/{slug}/desk/members/", "a.button.primary[href$='/members/new/']"),
    ],
)
def test_tab_reaches_the_one_primary_act_and_shows_where_it_is(visit, living, address, act, width):
    visitor = visit(living.owner, width=width)
    visitor.open(address.format(slug=living.community.slug))
    passed = tab_to(visitor, act)
    assert [one for one in passed if not one["ring"]] == []
    assert passed[-1]["seen"]


def test_a_type_is_chosen_with_the_arrows(visit):
    visitor = visit(make.person())
    visitor.open("/c/new/")
    tab_to(visitor, "input[name=type]")
    visitor.page.keyboard.press("ArrowDown")
    chosen = visitor.page.locator("input[name=type]:checked")
    assert chosen.get_attribute("value") == "interest"


def test_escape_closes_a_menu_and_gives_the_focus_back(visit, living):
    visitor = visit(living.owner, width=PHONE)
    visitor.open(f"/c/{living.community.slug}/desk/")
    menu = visitor.page.locator(".bottombar details")
    menu.locator("summary").focus()
    visitor.page.keyboard.press("Enter")
    assert menu.get_attribute("open") is not None
    visitor.page.keyboard.press("Tab")
    visitor.page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    assert visitor.page.evaluate("document.activeElement.matches('.bottombar summary')")


def test_a_slash_goes_to_the_search(visit, living):
    visitor = visit(living.owner)
    visitor.open(f"/c/{living.community.slug}/desk/members/")
    visitor.page.keyboard.press("/")
    assert visitor.page.evaluate("document.activeElement.type") == "search"


STANDS = "() => document.querySelector('tr.here')?.dataset.row ?? ''"


def test_the_member_table_without_a_mouse(visit, living):
    visitor = visit(living.owner)
    page, press = visitor.page, visitor.page.keyboard.press
    desk = f"/c/{living.community.slug}/desk/members/"
    visitor.open(desk)
    numbers = page.eval_on_selector_all("tr[data-row]", "rows => rows.map(row => row.dataset.row)")

    for key, place in [("k", 0), ("j", 1), ("j", 2), ("k", 1)]:
        press(key)
        assert page.evaluate(STANDS) == numbers[place], key
    assert page.evaluate("document.activeElement.closest('tr').dataset.row") == numbers[1]

    opened = page.locator("tr.open-row")
    press("Enter")
    opened.wait_for()
    assert opened.get_attribute("data-opened") == numbers[1]
    assert (
        page.evaluate("document.querySelector('tr.open-row').previousElementSibling.dataset.row")
        == numbers[1]
    )
    press("Enter")
    assert opened.count() == 0

    press("x")
    press("j")
    press("x")
    press("k")
    picked = page.locator("input[name=pick]:checked")
    assert sorted(box.get_attribute("value") for box in picked.all()) == sorted(numbers[1:3])
    assert page.locator("[data-bulk-count]").inner_text() == "2"
    press("x")
    assert picked.count() == 1

    # Far down, the row where one stands is seen whole: neither under the head nor under the bar of acts.
    for _ in range(30):
        press("j")
    for key in ("j", *["k"] * 25):
        press(key)
        seen = page.evaluate(SEEN_WHOLE)
        assert seen, (key, page.evaluate(STANDS))

    # Who types is not walking; what is found is walked anew.
    press("/")
    page.keyboard.type("jkxo?")
    assert page.locator("input[type=search]").input_value().endswith("jkxo?")
    # What was looked for has been found, and then everybody again, before one goes on.
    page.wait_for_url("**q=jkxo*")
    page.fill("input[type=search]", "")
    page.wait_for_url(lambda url: "q=j" not in url)
    page.locator("tr[data-row]").nth(3).wait_for()
    page.evaluate("document.activeElement.blur()")
    press("?")
    assert page.locator("dialog#keys[open]").count() == 1
    press("j")
    press("Escape")
    assert page.locator("dialog#keys[open]").count() == 0
    press("j")
    here = page.evaluate(STANDS)
    assert here in numbers
    press("o")
    page.wait_for_url(f"**{desk}{here}/")
