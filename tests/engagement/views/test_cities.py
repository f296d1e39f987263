"""The desk's map of cities: what the figure tells, and nothing of fewer than five."""

from datetime import timedelta

import pytest
from django.test import Client

from engagement.services import refresh
from gatherings.services import chapters
from kernel.clock import now
from members.models import Membership
from members.roles import Role
from tests import make

pytestmark = pytest.mark.django_db
CITIES = "/c/lantern/desk/events/cities/"


@pytest.fixture
def community():
    return make.community("lantern", at=now() - timedelta(days=120))


def living(community, city, many):
    members = [make.member(community, at=now() - timedelta(days=60)) for _n in range(many)]
    Membership.objects.filter(pk__in=[one.pk for one in members]).update(city=city)


def seen(community, role=Role.OWNER):
    refresh.refresh(community_id=community.pk, at=now())
    client = Client()
    client.force_login(make.member(community, role=role).user)
    return client.get(CITIES)


def bubbles(page):
    return [(one.spot.name, one.spot.count, one.spot.mark) for one in page.context["views"][0].bubbles]


def test_cities_of_five_stand_on_the_map_and_smaller_ones_do_not(community):
    living(community, "Basel", 7), living(community, "Genève", 5)
    # Of a few together nothing is told either: the smallest that is told would join them.
    living(community, "Chur", 4), living(community, "Lugano", 3)
    chapters.found(community=community, city="Genève", at=now() - timedelta(days=3), by=make.SITE)
    page = seen(community)
    assert bubbles(page) == [("Basel", 7, "suggested"), ("Genève", 5, "")]
    body = page.content.decode()
    assert "Chur" not in body and "7 members" in body and "There could be a chapter." in body
    assert 'href="/c/lantern/desk/events/chapters/"' in body and "Elsewhere" in body


def test_who_sees_figures_and_founds_nothing_is_led_nowhere(community):
    living(community, "Basel", 5)
    page = seen(community, Role.TREASURER)
    assert bubbles(page) == [("Basel", 5, "suggested")]
    assert "desk/events/chapters/" not in page.content.decode()
    assert seen(community, Role.MEMBER).status_code == 403


def test_without_cities_it_says_what_will_be_here(community):
    page = seen(community)
    assert (
        page.context["views"] == [] and "Cities with five members or more stand here" in page.content.decode()
    )
