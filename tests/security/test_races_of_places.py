"""Many for few places at once: as many as there are have one, everybody else is told, and the control oversells."""

from functools import partial

import pytest
from django.db import connection
from django.db.models import Count

from crowdecon.embedded import postgres
from gatherings.models import Ticket
from gatherings.services import seats, taking
from gatherings.services.parties import Guest, Place
from tests import make
from tests.gatherings import holding
from tests.make import EARLY
from tests.security.races import together

pytestmark = pytest.mark.django_db(transaction=True)

TAKERS = 8


def as_owner(statement):
    """What the web's role may not do to its tables."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {postgres.OWNER}")
        cursor.execute(statement)
        cursor.execute("RESET ROLE")


def rush(places):
    """What came of everybody's asking at once: "valid", or the code of the refusal."""
    community = make.community()
    kind = holding.kind(holding.event(community, places=places))
    people = [make.member(community) for _n in range(TAKERS)]
    works = [partial(seats.take, kind=kind, member=one, at=EARLY) for one in people]
    return sorted(said if isinstance(said, str) else said.state for said in together(*works))


@pytest.mark.parametrize("places", [1, 5])
def test_the_last_place_is_one_persons(places):
    for _round in range(3):
        assert rush(places) == ["full"] * (TAKERS - places) + ["valid"] * places
        assert Ticket.objects.live().filter(room__capacity=places).count() == places
        Ticket.objects.all().delete()


def test_two_in_one_order_are_two_or_none():
    """Eight of whom each wants two of five places: two orders of two, and the fifth is a single one's."""
    community = make.community()
    kind = holding.kind(holding.event(community, places=5, audience="public"))
    type(kind).objects.filter(pk=kind.pk).update(guest_price=0)
    kind.refresh_from_db()
    people = [make.member(community) for _n in range(TAKERS)]
    friend = Place(kind, Guest("Bea"))
    works = [
        partial(taking.take, kind=kind, who=one, at=EARLY, by=make.SITE, others=[friend]) for one in people
    ]
    said = [one if isinstance(one, str) else one.many for one in together(*works)]
    assert sorted(said, key=str) == [2, 2] + ["full"] * (TAKERS - 2)
    live = Ticket.objects.live().filter(event=kind.event)
    assert sorted(live.values_list("taken_by").annotate(many=Count("pk")).values_list("many", flat=True)) == [
        2,
        2,
    ]
    assert seats.take(kind=kind, member=make.member(community), at=EARLY).state == "valid"
    assert live.count() == 5


def test_without_the_locks_more_are_sold_than_there_are(monkeypatch):
    """The control: neither the service's lock nor the database's, and this test's own question fails."""
    monkeypatch.setattr(seats, "locked", lambda rows: rows)
    as_owner("ALTER TABLE gatherings_ticket DISABLE TRIGGER ticket_has_a_place")
    try:
        assert any(rush(1) != ["full"] * (TAKERS - 1) + ["valid"] for _round in range(20))
    finally:
        as_owner("ALTER TABLE gatherings_ticket ENABLE TRIGGER ticket_has_a_place")
