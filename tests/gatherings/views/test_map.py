"""The map of gatherings: where they are, as far as whoever looks may know of them, and which at each place."""

from datetime import timedelta

import pytest
from django.test import Client

from communities.models import Circle, CircleMembership
from gatherings.models import Event
from kernel.clock import now
from members.models import Tier
from members.roles import Role
from tests import make
from tests.gatherings import holding

pytestmark = pytest.mark.django_db
MAP = "/c/lantern/events/map/"


@pytest.fixture
def community():
    return make.community("lantern", at=now() - timedelta(days=120))


def at(community, city="Basel", *, days=2, **fields):
    begins = now() + timedelta(days=days)
    made = holding.event(
        community, at=now(), starts_at=now() + timedelta(days=2), ends_at=None, city=city, **fields
    )
    Event.objects.filter(pk=made.pk).update(starts_at=begins)
    return made


def signed_in(member):
    client = Client()
    client.force_login(member.user)
    return client


def shown(page):
    """The places of the table behind the map."""
    return [(place["name"], place["count"]) for place in page.context["places"]]


def test_gatherings_stand_at_their_city_or_their_own_place(community):
    (
        at(community, "Basel", title="One"),
        at(community, "Basel", title="Two"),
        at(community, "Bâle", title="Three"),
    )
    at(community, "Lausanne", latitude=46.519, longitude=6.632, title="Lakeside")
    at(community, "Nowhere at all", title="Lost")
    at(community, "Basel", title="Online", rooms={"online": None})
    page = signed_in(community.memberships.get()).get(MAP)
    assert shown(page) == [("Basel", 3), ("Lausanne", 1)]
    body = page.content.decode()
    assert "1 gathering takes place where the map knows no city" in body and "Online" not in body
    assert (
        body.count("<svg") >= 4
        and 'viewBox="0 0 1400 ' in body
        and 'aria-label="Lausanne: 1 gathering, the next on' in body
    )
    # Nothing on the page needs a script or a style of its own to stand where it stands.
    assert "style=" not in body.partition('class="map"')[2].partition("</figure>")[0]


def test_a_place_leads_to_its_gatherings(community):
    at(community, "Basel", title="One"), at(community, "Zürich", title="Far off")
    client = signed_in(community.memberships.get())
    (basel, zurich) = client.get(MAP).context["places"]
    assert (basel["name"], zurich["name"]) == ("Basel", "Zürich")
    page = client.get(MAP + basel["href"])
    assert [event.title for day in page.context["days"] for event in day.events] == ["One"]
    assert page.context["here"] == "Basel" and "All places" in page.content.decode()
    assert basel["href"].endswith("#gatherings")
    wider = client.get(MAP, {"box": page.context["wider"]})
    assert wider.status_code == 200
    empty = client.get(MAP, {"box": "1,1,2,2"})
    assert "Nothing in this part of the map" in empty.content.decode()


def test_points_near_each_other_are_one_with_a_count_until_one_looks_closer(community):
    for n in range(3):
        at(community, "Basel", title=f"Quarter {n}", latitude=47.5 + n * 0.1, longitude=7.6)
    client = signed_in(community.memberships.get())
    (all_of_them,) = client.get(MAP).context["places"]
    assert (all_of_them["name"], all_of_them["count"]) == ("Basel", 3)
    closer = client.get(MAP + all_of_them["href"])
    assert [place["count"] for place in closer.context["places"]] == [1, 1, 1]


def test_what_was_and_what_a_circle_holds(community):
    circle = Circle.objects.create(community=community, name="Cooks", slug="cooks")
    at(community, "Basel", title="Over", days=-3), at(community, "Bern", title="To come")
    at(community, "Genève", title="Cooks' own", circle=circle)
    cancelled = at(community, "Chur", title="Off")
    Event.objects.filter(pk=cancelled.pk).update(state="cancelled")
    client = signed_in(community.memberships.get())
    assert shown(client.get(MAP)) == [("Bern", 1), ("Genève", 1)]
    assert shown(client.get(MAP, {"show": "past"})) == [("Basel", 1)]
    page = client.get(MAP, {"circle": "cooks"})
    assert shown(page) == [("Genève", 1)] and "circle=cooks" in page.context["places"][0]["href"]
    assert client.get(MAP, {"circle": "nobody"}).status_code == 404


def test_every_point_is_one_that_whoever_looks_may_know_of(community):
    """Drafts, secret circles, tiers and members' own: neither counted nor named to who does not see them in the list."""
    secret = Circle.objects.create(community=community, name="Few", slug="few", kind=Circle.Kind.SECRET)
    closed = Circle.objects.create(community=community, name="Some", slug="some", kind=Circle.Kind.CLOSED)
    gold = Tier.objects.create(community=community, key="gold", name="Gold", rank=99)
    insider, plain = make.member(community), make.member(community)
    CircleMembership.objects.bulk_create(
        CircleMembership(circle=circle, membership=insider, joined_at=now()) for circle in (secret, closed)
    )
    at(community, "Basel", audience="public"), at(community, "Bern")
    at(community, "Genève", circle=secret), at(community, "Lugano", circle=closed)
    at(community, "Chur", minimum_tier=gold), at(community, "Zürich", announced=False)
    everywhere = {"Basel", "Bern", "Genève", "Lugano", "Chur", "Zürich"}

    def seen(client):
        page = client.get(MAP)
        body = page.content.decode()
        named = {name for name, _many in shown(page)}
        assert {city for city in everywhere if city in body} == named
        return named

    assert seen(Client()) == {"Basel"}
    assert seen(signed_in(plain)) == {"Basel", "Bern"}
    assert seen(signed_in(insider)) == {"Basel", "Bern", "Genève", "Lugano"}
    # Staff know of no secret circle either; a draft is on nobody's map.
    assert seen(signed_in(make.member(community, role=Role.MANAGER))) == {"Basel", "Bern", "Lugano", "Chur"}
    assert seen(signed_in(make.community("other").memberships.get())) == {"Basel"}


def test_the_map_asks_as_often_for_many_as_for_one(community, django_assert_num_queries):
    client = signed_in(community.memberships.get())
    at(community), client.get(MAP)
    for more in (1, 6):
        for n in range(more):
            at(community, "Basel"), at(community, "Bern", latitude=46.9 + n, longitude=7.4)
        with django_assert_num_queries(11):
            client.get(MAP)
        with django_assert_num_queries(10):
            client.get(MAP, {"box": "46,7,48,8"})


def test_a_community_without_gatherings_has_an_empty_map(community):
    page = signed_in(community.memberships.get()).get(MAP)
    assert (
        "Nothing is planned at a place" in page.content.decode()
        and 'class="map"' not in page.content.decode()
    )
