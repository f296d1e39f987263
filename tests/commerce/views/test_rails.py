"""Ways to pay at the desk."""

import pytest
from django.test import Client

from commerce.models import ProviderAccount
from commerce.services import accounts
from tests import make

pytestmark = pytest.mark.django_db
ROOM = "/c/lantern/desk/settings/ways-to-pay/"


def test_an_account_is_opened_and_offered_by_two_buttons(sandbox_peer):
    owner = make.person("ada@example.org", name="Ada")
    community = make.community("lantern", owner=owner, currency="EUR")
    desk = Client()
    desk.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    assert "currencies, EUR among them" in desk.get(ROOM).content.decode()
    assert 'value="open"' in desk.get(f"{ROOM}sandbox/").content.decode()
    opened = desk.post(f"{ROOM}sandbox/act/", {"act": "open"}, follow=True).content.decode()
    assert "It works. Offer it to your members" in opened and f"{sandbox_peer.url}/control/" in opened
    assert 'value="open"' not in opened
    desk.post(f"{ROOM}sandbox/act/", {"act": "enable"})
    assert accounts.offered(community) == [ProviderAccount.objects.get()]

    assert 'value="open"' not in desk.get(f"{ROOM}stripe/").content.decode()
    assert (
        "No account can be opened"
        in desk.post(f"{ROOM}stripe/act/", {"act": "open"}, follow=True).content.decode()
    )
    assert desk.post(f"{ROOM}sandbox/act/", {"act": "open"}).status_code == 404
    assert desk.post(f"{ROOM}nowhere/act/", {"act": "test"}).status_code == 404
