"""Many for few places at once: as many as there are have one, everybody else is told, and the control oversells."""

from functools import partial

import pytest
from django.db import connection

from crowdecon.embedded import postgres
from gatherings.models import Ticket
from gatherings.services import seats
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


def test_without_the_locks_more_are_sold_than_there_are(monkeypatch):
    """The control: neither the service's lock nor the database's, and this test's own question fails."""
    monkeypatch.setattr(seats, "locked", lambda rows: rows)
    as_owner("ALTER TABLE gatherings_ticket DISABLE TRIGGER ticket_has_a_place")
    try:
        assert any(rush(1) != ["full"] * (TAKERS - 1) + ["valid"] for _round in range(20))
    finally:
        as_owner("ALTER TABLE gatherings_ticket ENABLE TRIGGER ticket_has_a_place")
