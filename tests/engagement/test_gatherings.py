"""The figures of one gathering against a plain recount, and the rooms in which they are read."""

from datetime import timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from engagement.services import gatherings, rollup
from gatherings.models import Event
from members.models import Membership
from members.services import erasure
from tests import make
from tests.engagement.gatherings_world import START, ZONE, World
from tests.oracle import gatherings as oracle

pytestmark = pytest.mark.django_db
ALIKE = (
    "reached",
    "audience",
    "taken",
    "yes",
    "came",
    "show_rate",
    "first_timers",
    "pairs",
    "pairs_before",
    "ties_begun",
)


def counted(world):
    """What the product says of each gathering, by its key."""
    found = {}
    for one in world.gatherings:
        event = Event.objects.select_related("community").get(pk=one["row"].pk)
        figures = gatherings.of(event=event, at=world.now)
        told = {name: getattr(figures, name) for name in ALIKE}
        told |= {
            "guests": figures.guests or 0,
            "came": figures.came or 0,
            "first_timers": figures.first_timers or 0,
        }
        found[one["id"]] = told | {"afterwards": figures.afterwards}
    return found


def recounted(world):
    return {
        one["id"]: oracle.figures(
            one, world.attendances, world.people(), world.acts, person=world.person, guests=world.guests - set(world.same),
            zone=ZoneInfo(ZONE), at=world.now,
        )
        for one in world.gatherings
    }  # fmt: skip


def near(plain):
    if isinstance(plain, dict):
        return {key: near(value) for key, value in plain.items()}
    return pytest.approx(plain, rel=1e-9, abs=1e-12) if isinstance(plain, float) else plain


def rolled_up(world):
    """The days of its acts, rolled up as a refresh does it, without the figures of the community."""
    days = [(START + timedelta(days=n)).date() for n in range(-1, (world.now - START).days + 2)]
    rollup.roll(community_id=world.community.pk, days=days, zone=ZoneInfo(ZONE))
    return world


def test_by_chance_against_a_plain_recount():
    seen = []
    for seed in range(2):
        world = rolled_up(World(seed, order=Random(seed + 100)))
        told, plain = counted(world), recounted(world)
        for key, one in plain.items():
            assert told[key] == near(one)
        held = gatherings.held(community=world.community, at=world.now)
        for one in world.gatherings:
            row, mine = held[one["row"].pk], told[one["id"]]
            assert (row.yes, row.came or 0, row.show_rate, row.first_timers or 0) == (
                mine["yes"], mine["came"], mine["show_rate"], mine["first_timers"],
            )  # fmt: skip
        # Who is erased is a bare number: nothing that has been counted changes.
        for number in (100, 104, 105, 117):
            member = Membership.objects.get(community=world.community, number=number)
            erasure.erase(membership=member, at=world.now, by=make.SITE)
        assert counted(rolled_up(world)) == told
        seen += plain.values()
    # The worlds hold what is to be compared.
    for name in ("show_rate", "first_timers", "pairs_before", "ties_begun", "guests"):
        assert any(one[name] for one in seen), name
    assert any(one["afterwards"] and one["afterwards"]["matched"]["n"] for one in seen)
    assert any(one["afterwards"] is None for one in seen) and any(
        one["pairs"] is None and one["came"] for one in seen
    )
