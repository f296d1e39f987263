"""How often one may ask."""

import pytest
from django.core.cache import cache

from crowdecon.settings import base
from tests import api, make

pytestmark = pytest.mark.django_db
DEAD = {"default": base.cache("redis://127.0.0.1:1/0")}


@pytest.fixture(autouse=True)
def _fresh():
    cache.clear()


def test_every_answer_tells_what_is_left(settings):
    settings.API_RATE_LIMITS = {"default": (2, 3600)}
    program = api.Program(make.community())
    first, second, third = program.get(""), program.get(""), program.get("")
    assert [one.status_code for one in (first, second, third)] == [200, 200, 429]
    assert [one["RateLimit-Policy"] for one in (first, third)] == ['"default";q=2;w=3600'] * 2
    assert [one["RateLimit"].partition(";t=")[0] for one in (first, second, third)] == [
        '"default";r=1',
        '"default";r=0',
        '"default";r=0',
    ]
    assert third["Retry-After"] == third["RateLimit"].partition(";t=")[2]
    assert third.json()["code"] == "throttled"


def test_callers_are_counted_apart(settings):
    settings.API_RATE_LIMITS = {"default": (1, 3600)}
    community = make.community()
    assert api.Program(community).get("").status_code == 200
    assert api.Program(community).get("").status_code == 200


def test_wrong_keys_are_counted_by_address(settings, client):
    settings.API_RATE_LIMITS = {"anonymous": (1, 3600)}
    address = "/api/v1/communities/"
    header = {"Authorization": "Bearer wrong"}
    assert client.get(address, headers=header).status_code == 401
    assert client.get(address, headers=header).status_code == 429
    assert client.get(address).status_code == 429
    assert api.Program(make.community()).get("").status_code == 200


def test_without_a_cache_nobody_is_turned_away(settings):
    settings.CACHES = DEAD
    answer = api.Program(make.community()).get("")
    assert answer.status_code == 200
    assert "RateLimit" not in answer


def test_without_a_cache_a_signed_in_person_goes_on(settings):
    person = make.person()
    community = make.community(owner=person)
    client = api.browser(person)
    settings.CACHES = DEAD
    assert client.get(f"/api/v1/communities/{community.slug}/").status_code == 200
