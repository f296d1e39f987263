"""Today: the heaviest need leads, the figures come from stored rows, and it costs twelve queries."""

from datetime import timedelta

import pytest
from django.test import Client

from engagement import today
from engagement.services import presence, refresh
from kernel.clock import now
from members.services import memberships
from tests import make

pytestmark = pytest.mark.django_db

ADDRESS = "/c/lantern/desk/"


@pytest.fixture
def desk(client: Client, settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    owner = make.person(name="Ada")
    community = make.community("lantern", owner=owner)
    client.force_login(owner)
    client.get(ADDRESS)  # the day's first visit is written down; what is counted comes after it
    return client, community


def newcomers(community, many):
    for n in range(many):
        at = now() - timedelta(days=1, minutes=n)
        memberships.add(community=community, at=at, by=make.SITE, name=f"New {n}")


def test_an_empty_community_is_told_how_to_begin(desk):
    client, _community = desk
    page = client.get(ADDRESS)
    assert page.context["need"].words == "Nobody is here yet. Bring your members in."
    assert page.context["others"] == []


@pytest.mark.parametrize("many", [1, 3])
def test_newcomers_who_did_nothing_lead(desk, many, django_assert_num_queries):
    client, community = desk
    newcomers(community, many)
    refresh.refresh(community_id=community.pk, at=now())
    with django_assert_num_queries(12):
        page = client.get(ADDRESS)
    expected = {
        1: "1 newcomer has not done anything yet. Say hello?",
        3: "3 newcomers have not done anything yet. Say hello?",
    }
    assert page.context["need"].words == expected[many]
    assert page.content.decode().count("New ") >= many


def test_who_was_active_is_no_quiet_newcomer(desk):
    client, community = desk
    bob = make.member(community, at=now() - timedelta(days=2), name="Bob")
    presence.note_visit(membership=bob, at=now() - timedelta(days=1))
    refresh.refresh(community_id=community.pk, at=now())
    assert "newcomer" not in str(client.get(ADDRESS).context["need"].words)


def test_who_joined_and_came_today_is_no_quiet_newcomer(desk):
    client, community = desk
    bob, carla = (make.member(community, at=now(), name=name) for name in ("Bob", "Carla"))
    presence.note_visit(membership=bob, at=now())
    refresh.refresh(community_id=community.pk, at=now())
    quiet = today.of(client.get(ADDRESS).wsgi_request).quiet
    assert ([member.name for member in quiet.members], quiet.count) == ([carla.name], 1)


def test_it_says_how_current_the_figures_are(desk):
    client, community = desk
    newcomers(community, 1)
    assert "days of facts are being counted" in client.get(ADDRESS).content.decode()
    refresh.refresh(community_id=community.pk, at=now())
    words = client.get(ADDRESS).content.decode()
    assert "Figures as of" in words
    assert "being counted" not in words


def test_a_plain_member_has_no_desk(desk):
    client, community = desk
    client.force_login(make.member(community).user)
    assert client.get(ADDRESS).status_code == 403
