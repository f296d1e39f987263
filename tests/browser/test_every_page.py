"""Every address of the product, seen by everyone it may meet: nothing serious for axe, no complaint of the browser.

The walk reads the URLconf: a new page is walked without a word here, or fails until it is told what stands in
its address.
"""

import re
from itertools import product

import pytest
from playwright.sync_api import Error

from tests import make
from tests.browser.living import PASSWORD
from tests.browser.visitor import DESK, PHONE
from tests.contracts import addresses
from tests.sampled import one_in, sample, those

pytestmark = pytest.mark.browser

#: Django's own pages, and addresses that programs read.
NOT_OURS = ("admin/", "api/", "hooks/", "i18n/")
#: A picture by itself: the browser draws a page around it, and says that ours lets no style of its own be.
PICTURE = "<uuid:picture_key>"
PAGES = [
    address
    for address, _view in addresses.views()
    if not address.startswith(NOT_OURS) and PICTURE not in address
]
PART = re.compile(r"<(?:\w+:)?(\w+)>")
#: Addresses written as patterns, with an example of each.
WRITTEN = {
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": [
        "accounts/password/reset/key/1-set/"
    ]
}


def paths(address, arguments):
    """The addresses that a pattern stands for; none when an argument has no example there."""
    if address in WRITTEN:
        return WRITTEN[address]
    names = PART.findall(address)
    if any(name not in arguments for name in names):
        return []
    found = []
    for values in product(*(arguments[name] for name in names)):
        given = iter(values)
        found.append(PART.sub(lambda _part, given=given: str(next(given)), address))
    return found


def is_page(visitor, path):
    """Open the address; whether a whole page answers right there.

    Not a file, a fragment, or one that leads on: where to has its own turn.
    """
    try:
        answer = visitor.open(path)
    except Error:
        # A file, for which a browser stays where it is; what it does about it must not meet the next page.
        visitor.start_anew()
        answer = visitor.context.request.get(visitor.address + path)
        assert answer.status == 200
        assert answer.headers["content-disposition"].startswith("attachment"), path
        return False
    assert answer.status in (200, 404, 405), (path, answer.status)
    assert forms_are_taken(visitor, answer), path
    whole = visitor.page.locator("html[lang] h1").count() > 0
    return whole and visitor.page.url == visitor.address + path


def look(visitor, path, *widths, axe=True):
    """What is wrong with the open page at these widths; axe reads it at the first of them."""
    wrong = []
    for width in widths:
        visitor.page.set_viewport_size({"width": width, "height": 844})
        too_wide = visitor.overflow()
        wrong += [f"{path} at {width}: {too_wide} px too wide"] * (too_wide > 0)
        wrong += [
            f"{path} at {width}: {line}"
            for line in (visitor.violations() if axe and width == widths[0] else ())
        ]
    assert visitor.page.locator("h1").count() == 1, path
    return wrong


def forms_are_taken(visitor, answer):
    """Where a page tells no origin at all, whatever is sent from it is refused as if it came from elsewhere."""
    told = answer.headers.get("referrer-policy")
    return told != "no-referrer" or visitor.page.locator("input[name=csrfmiddlewaretoken]").count() == 0


@pytest.mark.parametrize("address", sample(PAGES, one_in(8)))
def test_the_keeper_of_a_living_community_sees(address, keeper, living):
    walked = paths(address, living.arguments)
    assert walked, f"tests/browser/living.py has no example for {PART.findall(address)}"
    # Of the pages at one address axe reads two: they are built alike.
    wrong = [
        look(keeper, f"/{path}", DESK, PHONE, axe=n < 2)
        for n, path in enumerate(walked)
        if is_page(keeper, f"/{path}")
    ]
    assert sum(wrong, []) == []


@pytest.fixture(scope="package")
def empty(platform):
    """The founder of a community that was made a moment ago, and what stands in its addresses."""
    founder = make.person("fresh@example.org", name="Fresh", password=PASSWORD)
    community = make.community("fresh", owner=founder, type="tool")
    return founder, {"community_slug": [community.slug], "number": [1], "kind": ["members"]}


# axe has read the same pages with more in them, and English words are the longer ones.
@pytest.mark.parametrize("folder", sample(["accounts/", "me/", "c/"], those("me/")))
def test_the_founder_of_an_empty_community_sees(folder, visit, empty):
    founder, arguments = empty
    visitor = visit(founder, width=PHONE)
    wrong = [
        look(visitor, f"/{path}", PHONE, axe=False)
        for path in _in(folder, arguments)
        if is_page(visitor, f"/{path}")
    ]
    assert sum(wrong, []) == []


@pytest.mark.exhaustive
def test_somebody_who_is_not_signed_in_sees(visit, living):
    anybody = visit(width=PHONE)
    wrong = []
    for path in sum((_in(folder, living.arguments) for folder in ("accounts/", "c/", "")), []):
        if "/desk/" in path or not is_page(anybody, f"/{path}"):
            continue
        wrong += look(anybody, f"/{path}", PHONE)
    assert wrong == []


def _in(folder, arguments):
    """The addresses of a folder; the empty one is all that no other folder holds."""
    here = [one for one in PAGES if one.startswith(folder) and (folder or "/" not in one)]
    return sum((paths(address, arguments) for address in here), [])


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_what_is_not_there_or_not_theirs(visit, living, width):
    member = make.person(name="Lan")
    make.member(living.community, email=member.email)
    visitor = visit(member, width=width)
    gone = f"/c/{living.community.slug}/desk/members/999999/"
    assert visitor.open("/no/such/page/").status == 404
    assert look(visitor, "/no/such/page/", width) == []
    refused = f"/c/{living.community.slug}/desk/"
    assert visitor.open(refused).status == 403
    assert look(visitor, refused, width) == []
    keeper = visit(living.owner, width=width)
    assert keeper.open(gone).status == 404
    assert look(keeper, gone, width) == []


@pytest.mark.parametrize("path", ["/api/docs/", "/api/docs/members/"])
def test_the_pages_of_the_api_are_readable_too(path, visit):
    reader = visit()
    assert is_page(reader, path)
    assert look(reader, path, PHONE) == []
