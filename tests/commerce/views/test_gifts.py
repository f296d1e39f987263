"""The pages of gifts: given in three taps, printed as a card, taken by whoever has the code, and listed at the desk."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client

from commerce.models import Gift, Payment, Refund
from commerce.services import money_settings, payments
from communities.models import JoinQuestion
from kernel.clock import now
from members.models import Membership
from members.roles import Role
from tests import make
from tests.commerce.dues import AT, SITE, a_gift, guard, plan
from tests.commerce.services.test_rewards import first_paid

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_counts():
    cache.clear()


@pytest.fixture
def community():
    found = make.community("lantern", name="Lantern", currency="CNY")
    JoinQuestion.objects.filter(community=found).delete()
    return found


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_gift_is_given_paid_printed_and_taken(community):
    yearly = plan(community, 36_500, name="Yearly", interval="year")
    mei = make.member(community, name="Mei")
    client = signed_in(mei.user)
    assert "Yearly" in client.get("/c/lantern/dues/give/").content.decode()
    refused = client.post("/c/lantern/dues/give/", {"plan": yearly.key, "periods": "x", "name": "Jan"})
    assert refused.status_code == 200 and 'value="Jan"' in refused.content.decode()
    sent = client.post(
        "/c/lantern/dues/give/", {"plan": yearly.key, "periods": "1", "name": "Jan", "message": "Hi"}
    )
    gift = Gift.objects.get()
    assert sent["Location"] == f"/pay/{gift.invoice.pay_token}/"
    card, page = f"/c/lantern/dues/gifts/{gift.key}/", f"/c/lantern/gift/{gift.code}/"
    assert (client.get(card).status_code, Client().get(page).status_code) == (404, 404)
    payments.receive(
        invoice=gift.invoice, community=community, money=gift.invoice.due, method=Payment.Method.BANK, paid_at=now(),
        at=now(), by=SITE,
    )  # fmt: skip
    assert (
        gift.code in client.get(card).content.decode()
        and "Can be taken" in client.get("/c/lantern/dues/gifts/").content.decode()
    )
    seen = Client().get(page).content.decode()
    assert "Mei has a gift for you" in seen and "account" in seen
    jan = make.person(name="Jan")
    signed_in(jan).post(page, follow=True)
    assert Membership.objects.get(user=jan).status == "active"
    assert "Somebody has taken this gift already" in Client().get(page).content.decode()
    assert "from Mei" in signed_in(jan).get("/c/lantern/dues/gifts/").content.decode()
    guard(community)


def test_nobody_sees_the_card_of_another(community):
    gift = a_gift(make.member(community))
    assert signed_in(make.member(community).user).get(f"/c/lantern/dues/gifts/{gift.key}/").status_code == 404


def test_staff_see_all_and_take_one_back(community, django_assert_num_queries):
    giver = make.member(community, name="Mei")
    first = a_gift(giver)
    make.member(community, role=Role.TREASURER, email="tom@example.org", password="a long secret")
    client = Client()
    client.post("/accounts/login/", {"login": "tom@example.org", "password": "a long secret"})
    client.get("/c/lantern/desk/money/gifts/")
    with django_assert_num_queries(5):
        client.get("/c/lantern/desk/money/gifts/")
    a_gift(giver)
    a_gift(make.member(community))
    with django_assert_num_queries(5):
        page = client.get("/c/lantern/desk/money/gifts/").content.decode()
    assert page.count("Can be taken</span>") == 3
    client.post(f"/c/lantern/desk/money/gifts/{first.key}/revoke/", {"reason": ""})
    first.refresh_from_db()
    assert first.revoked_at is None
    client.post(f"/c/lantern/desk/money/gifts/{first.key}/revoke/", {"reason": "Asked"})
    for state, many in (
        ("open", 2),
        ("revoked", 1),
        ("taken", 0),
        ("expired", 0),
        ("unpaid", 0),
        ("waits", 0),
        ("x", 3),
    ):
        page = client.get("/c/lantern/desk/money/gifts/", {"state": state}).content.decode()
        assert page.count('class="num nowrap"') == many, state
    guard(community)


def test_rewards_stand_at_the_desk_and_on_one_s_dues(community, django_assert_num_queries):
    money_settings.change(community=community, at=AT, by=SITE, reward_percent=1_000)
    mei = make.member(community, name="Mei")
    first_paid(community, mei)
    client = signed_in(make.member(community, role=Role.TREASURER).user)
    client.get("/c/lantern/desk/money/rewards/")
    with django_assert_num_queries(6):
        client.get("/c/lantern/desk/money/rewards/")
    first_paid(community, mei)
    first_paid(community, mei)
    with django_assert_num_queries(6):
        page = client.get("/c/lantern/desk/money/rewards/").content.decode()
    assert page.count("for bringing Jan") == 3 and "CN¥36.00" in page
    assert "for bringing Jan" in signed_in(mei.user).get("/c/lantern/dues/").content.decode()


def test_who_has_not_proven_lately_who_they_are_sends_no_money_back(community):
    gift = a_gift(make.member(community))
    client = signed_in(make.member(community, role=Role.TREASURER, password="a long secret").user)
    answer = client.post(f"/c/lantern/desk/money/gifts/{gift.key}/revoke/", {"reason": "Too <late>"})
    assert (answer.status_code, "reauthenticate" in answer["Location"]) == (302, True)
    gift.refresh_from_db()
    assert (gift.revoked_at, Refund.objects.count()) == (None, 0)
    page = client.get(parse_qs(urlsplit(answer["Location"]).query)["next"][0]).content.decode()
    assert 'value="Too &lt;late&gt;"' in page and "<details open>" in page
    assert client.get("/c/lantern/desk/money/gifts/?gift=x").status_code == 200
