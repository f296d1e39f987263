from datetime import UTC, date, datetime

import pytest

from communities.blueprints import blueprints
from crowdecon.demo import simulation
from crowdecon.demo.profiles import PROFILES
from kernel.activity import ACTS

UNTIL = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module", params=PROFILES, ids=lambda profile: profile.slug)
def profile(request):
    return request.param


@pytest.fixture(scope="module")
def year(profile):
    return simulation.live(profile, first_day=date(2025, 3, 1), until=UNTIL, seed=1)


def test_there_is_one_of_each_type():
    assert [profile.type for profile in PROFILES] == blueprints.keys()


def test_the_same_seed_lives_the_same_year(profile, year):
    assert simulation.live(profile, first_day=date(2025, 3, 1), until=UNTIL, seed=1) == year
    assert simulation.live(profile, first_day=date(2025, 3, 1), until=UNTIL, seed=2) != year


def test_nobody_acts_before_joining_after_leaving_or_in_the_future(year):
    people = {person.index: person for person in year.people}
    for act in year.acts:
        person = people[act.member]
        assert person.joined_at <= act.at <= UNTIL
        assert person.left_at is None or act.at <= person.left_at


def test_people_are_numbered_in_the_order_of_joining_and_invited_by_who_was_there(year):
    instants = [person.joined_at for person in year.people]
    assert instants == sorted(instants) and len(set(instants)) == len(instants)
    for person in year.people:
        assert person.inviter is None or year.people[person.inviter].joined_at < person.joined_at


def test_it_says_enough_for_every_chart(profile, year):
    assert {act.verb for act in year.acts} <= ACTS
    assert set(profile.contributions) | set(profile.responses) <= {act.verb for act in year.acts} | {"hosted"}
    assert len(year.people) > 150
    assert len(year.acts) > 2500
    assert sum(person.inviter is not None for person in year.people) > 10
