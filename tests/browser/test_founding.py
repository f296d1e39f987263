"""From nobody to the founder of a community: an account, one short form, and a desk that says how to begin."""

import re

import pytest

from communities.blueprints import blueprints
from communities.models import Community
from members.models import User
from tests import make
from tests.browser.visitor import DESK, PHONE, said

pytestmark = pytest.mark.browser

PASSWORD = "four words that hold"


@pytest.mark.parametrize(
    ("type", "width", "language", "name", "address"),
    [
        ("product", DESK, "en", "Night Readers", "night-readers"),
        ("interest", PHONE, "zh-hans", "晨光 跑团", "chen-guang-pao-tuan"),
        ("brand", PHONE, "en", "Hill Tea", "hill-tea"),
        ("knowledge", DESK, "zh-hans", "一起学证明", "yi-qi-xue-zheng-ming"),
        ("tool", PHONE, "zh-hans", "表格工坊", "biao-ge-gong-fang"),
    ],
)
def test_a_newcomer_signs_up_and_founds(visit, type, width, language, name, address):
    founder = visit(width=width, language=language)
    page, email = founder.page, f"{type}@example.org"

    founder.open("/")
    founder.press("Found a community")
    founder.follow(page.locator("main a[href^='/accounts/signup/']"))
    page.fill("[name=name]", "Mei Lin")
    page.fill("[name=email]", email)
    page.fill("[name=password1]", PASSWORD)
    founder.press("Make an account")

    assert founder.heading() == said("Look into your mail", language)
    assert not User.objects.get(email=email).emailaddress_set.filter(verified=True).exists()
    page.fill("[name=code]", founder.code_from_mail(email))
    founder.press("Confirm")

    # Where they wanted to go before they had an account.
    assert founder.heading() == said("Found a community", language)
    assert page.url == f"{founder.address}/c/new/"
    assert User.objects.get(email=email).emailaddress_set.filter(verified=True).count() == 1
    assert page.locator("input[name=type]").count() == len(list(blueprints)) == 5
    page.check(f"input[name=type][value={type}]")
    page.fill("[name=name]", name)
    assert founder.overflow() == 0
    # Beside the bell and the person, both languages can still be read whole.
    assert page.eval_on_selector(".topbar .segments", "strip => strip.scrollWidth - strip.clientWidth") == 0
    founder.press("Found it")

    assert page.url == f"{founder.address}/c/{address}/desk/"
    assert founder.heading() == said("Nobody is here yet. Bring your members in.", language)
    act = page.locator(".page-head a.button.primary")
    assert act.inner_text().strip() == said("Import a file", language)
    assert act.get_attribute("href") == f"/c/{address}/desk/settings/imports/"
    # Nothing is known yet, and each figure says why instead of showing a nought.
    values = page.locator(".tile .tile-value")
    assert set(values.all_inner_texts()) == {"–"}
    assert values.count() == len(blueprints.get(type).dashboard)
    assert page.locator("html").get_attribute("data-type") == type
    assert founder.overflow() == 0

    made = Community.objects.get(slug=address)
    assert (made.type, made.name, made.language) == (type, name, language)
    rooms = [str(circle.name) for circle in made.circles.order_by("position")]
    founder.open(f"/c/{address}/")
    assert page.locator("main .list-card strong").all_inner_texts()[: len(rooms)] == rooms


@pytest.mark.parametrize(
    ("language", "zone", "offered"),
    [
        ("en", "America/Sao_Paulo", "America/Sao_Paulo"),
        ("en", "UTC", "UTC"),
        ("zh-hans", "UTC", "Asia/Shanghai"),
    ],
)
def test_the_browser_s_own_time_zone_is_offered_and_a_choice_is_kept(visit, language, zone, offered):
    founder = visit(make.person(name="Ada"), language=language, zone=zone)
    founder.open("/c/new/")
    field = founder.page.locator("[name=timezone]")
    assert field.input_value() == offered
    field.select_option("Asia/Tokyo")
    founder.page.check("input[value=tool]")
    founder.page.fill("[name=name]", "!!!")
    founder.press("Found it")
    assert founder.page.locator(".errorlist").count() == 1
    assert field.input_value() == "Asia/Tokyo"


def test_an_address_is_asked_for_where_none_can_be_made(visit):
    founder = visit(make.person(name="Ada"))
    founder.open("/c/new/")
    founder.page.check("input[value=tool]")
    founder.page.fill("[name=name]", "!!!")
    founder.press("Found it")
    assert founder.page.url == f"{founder.address}/c/new/"
    assert founder.page.locator(".errorlist").inner_text() == (
        "No address can be made from this name: please choose one."
    )
    assert not Community.objects.filter(name="!!!").exists()


def test_signing_in_and_out_and_the_language_of_a_person(visit):
    make.person("lin@example.org", name="Lin", password=PASSWORD)
    visitor = visit(width=PHONE)
    page = visitor.page
    visitor.open("/accounts/login/")
    page.fill("[name=login]", "lin@example.org")
    page.fill("[name=password]", "not the password")
    visitor.press("Sign in")
    assert page.locator("[role=alert]:visible").inner_text().strip() == (
        "The address and the password do not fit together."
    )
    page.fill("[name=password]", PASSWORD)
    visitor.press("Sign in")
    assert page.url == f"{visitor.address}/"

    visitor.follow(page.get_by_role("button", name="中文").first)
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    assert visitor.heading() == said("Communities that run by themselves", "zh-hans")
    # It goes along to every other page, and back again.
    visitor.open("/me/")
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    visitor.follow(page.get_by_role("button", name="English").first)
    assert page.locator("html").get_attribute("lang") == "en"

    page.locator(".topbar summary").click()
    visitor.press("Sign out", within=".topbar")
    assert page.get_by_role("link", name=re.compile("Sign in")).count() == 1
    visitor.open("/me/")
    assert page.url == f"{visitor.address}/accounts/login/?next=/me/"
