"""The same product where no script runs: every form is a form, every picture has its table."""

import pytest

from communities.models import Community
from members.models import Membership
from tests import make
from tests.browser.visitor import PHONE

pytestmark = pytest.mark.browser


def test_one_founds_and_another_joins(visit):
    founder = visit(make.person(name="Ada"), width=PHONE, script=False)
    founder.open("/c/new/")
    founder.page.check("input[value=product]")
    founder.page.fill("[name=name]", "Quiet Product")
    founder.press("Found it")
    assert founder.page.url == f"{founder.address}/c/quiet-product/desk/"
    community = Community.objects.get(slug="quiet-product")

    person = make.person(name="Bo")
    joiner = visit(person, width=PHONE, script=False)
    joiner.open("/c/quiet-product/join/")
    joiner.press("Join", within="main form")
    assert joiner.heading() == "Hello, Bo"
    assert Membership.objects.get(community=community, user=person).status == "active"

    joiner.follow(joiner.page.locator(".topbar form button", has_text="中文"))
    assert joiner.page.locator("html").get_attribute("lang") == "zh-Hans"


def test_members_are_filtered_and_figures_are_read(visit, living):
    keeper = visit(living.owner, script=False)
    page = keeper.page
    desk = f"/c/{living.community.slug}/desk"
    keeper.open(f"{desk}/members/")
    city = Membership.objects.of(living.community.pk).exclude(city="").values_list("city", flat=True)[0]
    count = Membership.objects.of(living.community.pk).filter(city=city).count()
    page.fill("input[type=search]", city)
    page.keyboard.press("Enter")
    page.wait_for_url("**q=*")
    assert page.locator(".table-head .total").inner_text() == f"{count:,} members"

    keeper.open(f"{desk}/figures/active_members/?grain=month")
    page.locator(".chart-foot summary").click()
    rows = page.locator(".chart-foot tbody tr")
    assert rows.count() >= 12
    assert rows.last.is_visible()

    keeper.open(f"{desk}/settings/imports/")
    rows = "member,joined_at,name\nq1,2026-03-01,Quy\n"
    page.set_input_files("[name=file]", {"name": "one.csv", "mimeType": "text/csv", "buffer": rows.encode()})
    page.locator("[name=kind][value=members]").check()
    assert page.locator("main form button.primary").is_enabled()
