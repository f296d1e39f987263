"""A person's data, in the browser: gathered, fetched, erased on second thoughts; what a community keeps of them."""

from datetime import timedelta
from functools import partial

import pytest

from kernel.clock import now
from members.actors import Actor
from members.models import ErasureRequest, PersonExport
from members.services import inviters, memberships, person_export, retention, standing
from tests import make
from tests.browser.living import PASSWORD
from tests.browser.visitor import DESK, PHONE

pytestmark = pytest.mark.browser
WAYS = [(PHONE, "en", False), (DESK, "zh-hans", True), (DESK, "en", False), (PHONE, "zh-hans", True)]


def furnished(owner):
    place = make.community(owner=owner, name="Lantern")
    by = Actor(words="Olga Owner", user=owner, membership=owner.memberships.get(), address="10.9.8.7")
    ada, grace = make.member(place, name="Ada Byron"), make.member(place, name="Grace Hopper")
    memberships.update(membership=ada, at=now(), by=by, city="London", tags=["tea", "go"])
    inviters.correct(membership=ada, inviter=grace, reason="She said so", at=now(), by=by)
    standing.act("restrict", membership=ada, at=now(), by=by, reason="Spam in three circles")
    standing.act("leave", membership=grace, at=now() - timedelta(days=90), by=by)
    retention.decide(community=place, at=now(), by=by, after_leaving=2, words="We **never** sell anything.")
    return place


@pytest.mark.parametrize(("width", "language", "dark"), WAYS)
def test_pages_fit_and_are_read_by_everyone(visit, width, language, dark):
    owner = make.person(name="Olga Owner", password=PASSWORD)
    place = furnished(owner)
    person = make.person(name="Ada Lovelace", password=PASSWORD)
    memberships.enrol(community=place, user=person, at=now(), by=make.SITE)
    export = person_export.ask(user=owner, at=now())
    person_export.make(export_id=export.pk, now=now)
    ErasureRequest.objects.create(user=owner, asked_at=now(), due_at=now() + timedelta(days=3))
    visitor = visit(owner, width=width, language=language, dark=dark)
    home = f"/c/{place.slug}/"
    for path in (
        f"{home}desk/settings/audit/",
        f"{home}desk/settings/privacy/",
        f"{home}privacy/",
        "/me/data/",
        "/me/data/erase/",
        f"/me/data/{export.pk}/",
    ):
        visitor.open(path)
        assert (visitor.overflow(), visitor.violations()) == (0, []), path


def test_a_person_takes_their_data_along_and_thinks_better_of_being_erased(visit):
    person = make.person(name="Ada Lovelace", password=PASSWORD)
    memberships.enrol(community=make.community(name="Lantern"), user=person, at=now(), by=make.SITE)
    visitor = visit(person, width=PHONE)
    page = visitor.page
    visitor.open("/me/data/")
    visitor.press("Gather my data")
    page.get_by_text("Gathering your data").wait_for()
    person_export.make(export_id=PersonExport.objects.get(user=person).pk, now=partial(now))
    # The part that waits asks again by itself.
    page.get_by_role("link", name="Fetch the file").wait_for()
    visitor.open("/me/data/erase/")
    page.get_by_text("What is personal in Lantern").click()
    page.fill("[name=typed]", "Ada Lovelace")
    visitor.press("Erase me")
    page.wait_for_load_state()
    if "/accounts/" in page.url:
        page.fill("[name=password]", PASSWORD)
        page.locator("main form button").first.click()
        page.wait_for_url("**/me/data/erase/**")
        visitor.press("Erase me")
    page.get_by_text("You will be erased").wait_for()
    visitor.press("Take it back")
    page.get_by_text("nothing is erased").wait_for()
    assert ErasureRequest.objects.get(user=person).state == "withdrawn"
