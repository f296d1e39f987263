"""The money of a community at a glance: at one count of queries, one currency at a time, and for who may see it."""

from datetime import timedelta

import pytest

from engagement.services import refresh
from kernel.clock import now
from tests import make
from tests.commerce.dues import plan
from tests.engagement.selectors.test_treasury import taken

pytestmark = pytest.mark.django_db
PAGE = "/c/lantern/desk/money/"


@pytest.fixture
def desk(client, settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    owner = make.person(name="Ada")
    community = make.community("lantern", owner=owner)
    client.force_login(owner)
    client.get(PAGE)  # the day's first visit is written down
    return client, community


def test_a_community_without_plans_is_led_to_making_one(desk):
    client, _community = desk
    page = client.get(PAGE)
    assert page.context["purses"] == []
    assert 'href="/c/lantern/desk/settings/plans/"' in page.content.decode()


def test_it_costs_the_same_for_one_and_for_three(desk, django_assert_num_queries):
    client, community = desk
    offered = plan(community, 1_200, currency="EUR")
    at = now() - timedelta(days=70)
    taken(community, offered, at)
    refresh.refresh(community_id=community.pk, at=now())
    with django_assert_num_queries(11):
        page = client.get(PAGE)
    assert page.context["purse"].mrr.amount == 1_200
    for _n in range(2):
        taken(community, offered, at)
    refresh.refresh(community_id=community.pk, at=now())
    with django_assert_num_queries(11):
        page = client.get(PAGE)
    assert page.context["purse"].mrr.amount == 3_600
    assert "€36.00 a month is contracted with 3 members" in page.content.decode()


def test_one_currency_at_a_time_and_the_community_s_own_first(desk):
    client, community = desk
    taken(community, plan(community, 1_200, currency="EUR"), now() - timedelta(days=70))
    taken(community, plan(community, 900, currency="JPY", name="Yen"), now() - timedelta(days=70))
    refresh.refresh(community_id=community.pk, at=now())
    assert client.get(PAGE).context["purse"].currency == "EUR"
    page = client.get(f"{PAGE}?currency=JPY")
    assert {row["currency"] for row in page.context["mrr"]["months"]} == {"JPY"}
    assert str(page.context["purse"].mrr) == "900"
    assert client.get(f"{PAGE}?currency=nonsense").context["purse"].currency == "EUR"


def test_only_for_who_sees_the_money(desk):
    client, community = desk
    for role, status in (("treasurer", 200), ("manager", 200), ("host", 403)):
        member = make.member(community, role=role)
        client.force_login(member.user)
        assert client.get(PAGE).status_code == status
