from datetime import date, timedelta
from random import Random

import numpy as np
import pytest

from engagement.selectors import loading
from engagement.selectors.history import History
from engagement.services import refresh
from kernel.activity import ACTS, VERBS
from members.models import Membership
from members.services import standing
from tests import make
from tests.engagement import stream
from tests.engagement.metrics.records import Fact, Member, RowRecords
from tests.engagement.stream import NOW, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def both():
    """The same community from the stored roll-ups and from raw rows in memory."""
    random = Random(5)
    community = make.community(timezone="America/New_York", at=at("01-01 09:00"))
    stream.people(community, range(2, 30), at("01-05 09:00"))
    told = [
        Fact(random.randint(1, 29), random.choice(sorted(VERBS)), at("01-10 00:00") + timedelta(minutes=n * 37),
             random.choice([None, random.randint(1, 31)]))
        for n in range(2000)
    ]  # fmt: skip
    rows = [stream.Row(f.member, f.verb, f.at, f.target) for f in random.sample(told, len(told))]
    stream.load(community, *rows)
    refresh.refresh(community_id=community.pk, at=NOW)
    facts = [*told, Fact(1, "joined", at("01-01 09:00"))]
    people = [Member(m.number, m.joined_at, m.external_id or "") for m in Membership.objects.of(community.pk)]
    return loading.Stored(community.pk), RowRecords(community.zone, people, facts)


def whole(columns):
    """Rows with their counts added up, in order: the two may come in any."""
    *keys, n = columns
    found: dict[tuple[int, ...], int] = {}
    for *key, times in zip(*(column.tolist() for column in (*keys, n)), strict=True):
        found[tuple(key)] = found.get(tuple(key), 0) + times
    return sorted(found.items())


def firsts(columns):
    found: dict[tuple[int, int], int] = {}
    for member, other, when in zip(*(column.tolist() for column in columns), strict=True):
        found[member, other] = min(when, found.get((member, other), when))
    return found


@pytest.mark.parametrize("days", [(None, 60), (10, 20), (0, 0), (500, 600)])
def test_counts_and_pairs_of_any_days(both, days):
    stored, raw = both
    first = date(2026, 1, 10).toordinal()
    start, end = (None if days[0] is None else first + days[0]), first + days[1]
    assert whole(stored.counts(start, end)) == whole(raw.counts(start, end))
    expected = {key: n for key, n in whole(raw.pairs(start, end)) if key[0] != key[1]}
    assert dict(whole(stored.pairs(start, end))) == expected


def test_the_bitmaps(both):
    stored, raw = both
    assert dict(stored.active_days) == raw.active_days


@pytest.mark.parametrize("verbs", [ACTS, frozenset({"asked", "answered"}), frozenset({"paid"})])
def test_the_first_of_some_verbs(both, verbs):
    stored, raw = both
    assert firsts(stored.first_acts(verbs)) == firsts(raw.first_acts(verbs))


def test_the_first_received(both):
    stored, raw = both
    assert firsts(stored.first_received()) == firsts(raw.first_received())


def test_members_and_their_order(both):
    stored, raw = both
    as_of = date(2026, 3, 9)
    ours, theirs = (History(zone=raw.zone, as_of=as_of, records=each) for each in (stored, raw))
    assert np.array_equal(ours.number, theirs.number)
    assert np.array_equal(ours.joined_at, theirs.joined_at)


def test_statuses_are_told_only_of_those_who_were_not_always_active():
    community = make.community(at=at("01-01 09:00"))
    steady = make.member(community, at=at("01-02 09:00"))
    gone = make.member(community, at=at("01-03 09:00"))
    standing.act("leave", membership=gone, at=at("02-01 09:00"), by=make.SITE)
    imported = Membership.objects.create(
        community=community, number=50, status="applied", joined_at=at("01-04 09:00")
    )
    known = loading.Stored(community.pk).statuses
    told = list(zip(known.number.tolist(), known.status, strict=True))
    assert told == [(imported.number, "applied"), (gone.number, "active"), (gone.number, "left")]
    assert steady.number not in known.number


def test_reading_takes_few_queries_however_many_days(both, django_assert_max_num_queries):
    community_id = both[0].community_id
    with django_assert_max_num_queries(13):
        stored = loading.Stored(community_id)
        assert len(stored.members.number) == 29 and len(stored.statuses.number) == 0 and stored.active_days
        stored.counts(None, date(2027, 1, 1).toordinal())
        stored.pairs(None, date(2027, 1, 1).toordinal())
        stored.first_acts(ACTS)
