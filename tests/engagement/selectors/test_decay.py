"""Scores that go on from kept sums are those of adding up every fact again, to the last bit."""

import math
from datetime import date, timedelta
from random import Random

import numpy as np
import pytest

from communities.models import Community
from engagement.metrics.score import scores
from engagement.models import DecayedDay
from engagement.selectors import decay, loading
from engagement.services import bases, refresh
from kernel.activity import VERBS
from members.models import Membership
from tests import make, once
from tests.engagement import stream
from tests.engagement.stream import NOW, at, row

pytestmark = pytest.mark.django_db

AS_OF = date(2026, 3, 9)
BASE = date.fromordinal(decay.base_day(AS_OF.toordinal()))


@pytest.fixture(scope="module")
def facts():
    random = Random(3)
    start = at("03-09 23:00") - timedelta(days=250)
    return [
        stream.Row(
            random.randint(1, 12), random.choice(sorted(VERBS)), start + timedelta(minutes=n * 240), None
        )
        for n in range(1500)
    ]


@pytest.fixture(scope="module")
def lived(facts, django_db_setup, django_db_blocker):
    with once.made(django_db_blocker):
        yield a_life(facts)


@pytest.fixture
def community(lived):
    return Community.objects.get(pk=lived.pk)


def a_life(facts):
    community = make.community(at=at("01-01 09:00"))
    stream.people(community, range(2, 13), at("01-05 09:00"))
    stream.load(community, *facts)
    refresh.refresh(community_id=community.pk, at=NOW)
    return community


def kept(community):
    return list(
        DecayedDay.objects.filter(community_id=community.pk).order_by("day").values_list("day", flat=True)
    )


def both(community, as_of=AS_OF):
    """The scores as they are, and as they are when nothing is kept."""
    ours = scores(loading.history(community=community, as_of=as_of))
    DecayedDay.objects.filter(community_id=community.pk).delete()
    return ours, scores(loading.history(community=community, as_of=as_of))


def assert_identical(ours, theirs):
    assert len(ours.place)
    for one, other in zip(ours, theirs, strict=True):
        assert one.tobytes() == other.tobytes()


def test_the_last_two_ends_of_blocks_are_kept(community):
    assert kept(community) == [BASE - timedelta(days=28), BASE]
    assert BASE <= AS_OF < BASE + timedelta(days=28)


@pytest.mark.parametrize("back", [0, 1, 9, 27, 28, 29, 57, 60])
def test_scores_of_any_day_are_those_of_adding_up_again(community, back):
    assert_identical(*both(community, AS_OF - timedelta(days=back)))


def test_sums_carried_on_for_blocks_are_those_of_adding_up_again(community):
    """A base of five blocks ago, and each since then made from the one before."""
    DecayedDay.objects.filter(community_id=community.pk).delete()
    for blocks in range(5, -1, -1):
        bases.keep(records=loading.Stored(community.pk), as_of=BASE - timedelta(days=28 * blocks))
    assert len(kept(community)) == 2
    assert_identical(*both(community))


def test_scores_are_what_the_formula_says(community, facts):
    past = loading.history(community=community, as_of=AS_OF)
    found = scores(past)
    expected = [0.0] * len(past.number)
    for fact in facts:
        if fact.verb == "posted" and fact.at.date() <= AS_OF:
            place = past.number.tolist().index(fact.member)
            expected[place] += 5 * 2 ** (-(AS_OF - fact.at.date()).days / 28)
    posted = found.verb == list(VERBS).index("posted")
    points = dict(zip(found.place[posted].tolist(), found.points[posted].tolist(), strict=True))
    assert len(points) == 12
    for place, value in enumerate(expected):
        assert math.isclose(points[place], value, rel_tol=1e-12)


def test_a_late_fact_takes_back_what_was_kept_of_its_day_and_after(community):
    late = BASE - timedelta(days=3)
    before = both(community)[1]
    bases.keep(records=loading.Stored(community.pk), as_of=AS_OF)
    stream.load(community, row(2, "hosted", f"{late:%m-%d} 10:00"))
    refresh.refresh(community_id=community.pk, at=NOW)
    assert kept(community) == [BASE - timedelta(days=28), BASE]
    ours, theirs = both(community)
    assert_identical(ours, theirs)
    assert ours.total.sum() == pytest.approx(before.total.sum() + 10 * 2 ** (-(AS_OF - late).days / 28))


def test_a_day_after_the_base_leaves_it_standing(community):
    DecayedDay.objects.filter(community_id=community.pk, day=BASE).update(totals=b"")
    stream.load(community, row(2, "hosted", "03-10 10:00"))
    refresh.refresh(community_id=community.pk, at=NOW)
    assert bytes(DecayedDay.objects.get(community_id=community.pk, day=BASE).totals) == b""


def test_whoever_comes_to_exist_later_has_their_old_facts_counted(community):
    """What is kept is kept of everybody who has facts, members or not."""
    stream.load(community, row(40, "posted", "01-20 10:00"))
    refresh.refresh(community_id=community.pk, at=NOW)
    stream.people(community, range(40, 41), at("01-05 09:00"))
    past = loading.history(community=community, as_of=AS_OF)
    place = past.number.tolist().index(40)
    assert scores(past).total[place] == pytest.approx(5 * 2 ** (-(AS_OF - date(2026, 1, 20)).days / 28))
    assert_identical(*both(community))


def test_a_change_of_joining_by_hand_is_seen_at_once(community):
    Membership.objects.filter(community=community, number=5).update(joined_at=at("03-20 09:00"))
    Membership.objects.filter(community=community, number=6).update(joined_at=at("01-02 09:00"))
    Membership.objects.filter(community=community, number=7).update(status="applied")
    past = loading.history(community=community, as_of=AS_OF)
    assert past.number.tolist() == [1, 6, 2, 3, 4, 8, 9, 10, 11, 12]


def test_equal_instants_stand_by_own_id_and_those_without_one_first(community):
    for number, own_id in ((2, "z"), (3, "Z"), (4, "ä"), (5, "a")):
        Membership.objects.filter(community=community, number=number).update(external_id=own_id)
    past = loading.history(community=community, as_of=AS_OF)
    assert past.number.tolist() == [1, 6, 7, 8, 9, 10, 11, 12, 3, 5, 2, 4]
    assert past.external_id[8:] == ["Z", "a", "z", "ä"]
    assert past.external_ids(np.array([9, 0])) == ["a", ""]


def test_an_empty_community_has_no_scores():
    community = make.community()
    refresh.refresh(community_id=community.pk, at=NOW)
    Membership.objects.of(community.pk).delete()
    assert len(scores(loading.history(community=community, as_of=AS_OF)).total) == 0
