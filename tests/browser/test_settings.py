"""What an owner sets: the community's words and clock, and keys for programs."""

import json
import urllib.request
from urllib.error import HTTPError

import pytest

from communities.models import ApiKey
from tests import make

pytestmark = pytest.mark.browser


def test_the_community_gets_other_words_and_another_clock(visit):
    owner = make.person()
    community = make.community(owner=owner)
    keeper = visit(owner)
    page = keeper.page
    keeper.open(f"/c/{community.slug}/desk/settings/")
    page.fill("[name=name]", "Lantern & Friends")
    page.select_option("[name=timezone]", "Asia/Shanghai")
    keeper.press("Save")
    page.get_by_text("The settings are saved.").wait_for()
    assert page.locator(".rail-id strong").inner_text() == "Lantern & Friends"
    community.refresh_from_db()
    assert (community.name, community.timezone) == ("Lantern & Friends", "Asia/Shanghai")
    keeper.open(f"/c/{community.slug}/desk/settings/audit/")
    entry = page.locator("tbody tr").first
    assert entry.locator("td b").inner_text() == "Changed the settings"
    assert entry.locator("del").all_inner_texts() == ["Lantern", "UTC"]
    assert "Lantern & Friends" in entry.inner_text() and "Asia/Shanghai" in entry.inner_text()


def ask(address, key):
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {key}"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
        return json.load(answer)


def test_a_key_is_shown_once_and_works_until_it_is_ended(visit):
    owner = make.person()
    community = make.community(owner=owner)
    keeper = visit(owner)
    page = keeper.page
    keys = f"/c/{community.slug}/desk/settings/keys/"
    keeper.open(keys)
    page.fill("[name=name]", "Night job")
    keeper.press("Make the key")
    secret = page.locator("#secret").inner_text()
    keeper.open(keys)
    assert secret not in page.content()
    assert secret.startswith(ApiKey.objects.get(community=community).prefix)

    address = f"{keeper.address}/api/v1/communities/{community.slug}/"
    assert ask(address, secret)["name"] == "Lantern"
    page.get_by_role("button", name="End Night job").click()
    page.get_by_text("The key Night job has ended.").wait_for()
    with pytest.raises(HTTPError) as refused:
        ask(address, secret)
    with refused.value as answer:
        assert answer.code == 401
