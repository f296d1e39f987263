from collections import Counter
from datetime import date, timedelta
from random import Random

import numpy as np
import pytest

from engagement.selectors import loading
from engagement.selectors.doings import ALWAYS, FOR_EVER, NOTHING
from engagement.selectors.history import History, microseconds
from engagement.services import refresh
from kernel.activity import ACTS, VERBS
from kernel.metrics import metrics
from members.models import Membership
from members.services import memberships, standing
from tests import make, once
from tests.engagement import stream
from tests.engagement.metrics.records import Fact, Member, RowRecords
from tests.engagement.stream import NOW, at

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def lived(django_db_setup, django_db_blocker):
    with once.made(django_db_blocker):
        yield a_life()


def a_life():
    """A community, and its people and facts as they were told."""
    random = Random(5)
    community = make.community(timezone="America/New_York", at=at("01-01 09:00"))
    stream.people(community, range(2, 30), at("01-05 09:00"))
    told = [
        Fact(random.randint(1, 29), random.choice(sorted(VERBS)), at("01-10 00:00") + timedelta(minutes=n * 37),
             random.choice([None, random.randint(1, 31)]), random.choice(["", "post:1", "post:2", "post:3"]))
        for n in range(2000)
    ]  # fmt: skip
    rows = [
        stream.Row(f.member, f.verb, f.at, f.target, *(f.object.split(":") if f.object else ("", "")))
        for f in random.sample(told, len(told))
    ]
    stream.load(community, *rows)
    refresh.refresh(community_id=community.pk, at=NOW)
    facts = [*told, Fact(1, "joined", at("01-01 09:00"))]
    people = [
        Member(m.number, m.joined_at, m.external_id or "", staffed=((None, None),) if m.is_staff else ())
        for m in Membership.objects.of(community.pk)
    ]
    return community, people, facts


@pytest.fixture
def both(lived):
    """The same community from the stored roll-ups and from raw rows in memory."""
    community, people, facts = lived
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


def test_the_pairs_of_each_day(both):
    stored, raw = both
    first = date(2026, 1, 10).toordinal()
    for store in both:
        assert [day for day, _rows in store.daily_pairs(first, first + 5)] == list(range(first, first + 6))
    ours = {day: whole(rows) for day, rows in stored.daily_pairs(None, first + 500)}
    theirs = {
        day: [row for row in whole(rows) if row[0][0] != row[0][1]]
        for day, rows in raw.daily_pairs(None, first + 500)
    }
    assert ours == theirs


@pytest.mark.parametrize("among", [None, np.array([3, 17])])
def test_interactions_one_by_one(both, among):
    since, until = (microseconds(at(when)) for when in ("01-12 00:00", "02-20 00:00"))
    ours, theirs = (
        sorted(row for part in store.doings.contacts(since, until, among) for row in zip(*part, strict=True))
        for store in both
    )
    assert ours == theirs
    assert len(ours) > (10 if among is None else 1)


def test_facts_one_by_one(both):
    since, until = (microseconds(at(when)) for when in ("01-12 00:00", "02-20 00:00"))
    for verbs in (frozenset({"posted", "hosted"}), ACTS):
        ours, theirs = (store.doings.of(verbs, since, until) for store in both)
        assert sorted(zip(*ours[1:], strict=True)) == sorted(zip(*theirs[1:], strict=True))
        sizes = [Counter(store.object.tolist()) for store in (ours, theirs)]
        assert sorted(sizes[0].values()) == sorted(sizes[1].values())
        assert sizes[0][NOTHING] == sizes[1][NOTHING]
    assert len(both[0].doings.of(ACTS, ALWAYS, until).at) > len(ours.at)


@pytest.mark.parametrize("key", ["self_organisation", "reproduction", "ties", "bridges"])
def test_figures_of_single_facts_are_the_same_from_both(both, key):
    for as_of in (date(2026, 2, 20), date(2026, 3, 2), date(2026, 5, 20)):
        ours, theirs = (
            metrics.get(key).compute(History(zone=both[1].zone, as_of=as_of, records=each)) for each in both
        )
        assert ours == theirs


def test_who_was_of_the_staff_when():
    owner, founded = make.person(), at("01-01 09:00")
    community = make.community(owner=owner, at=founded)
    host = make.member(community, at=at("01-02 09:00"), role="host")
    later = make.member(community, at=at("01-03 09:00"))
    make.member(community, at=at("01-04 09:00"))
    for member, role, when in ((later, "moderator", "01-10 09:00"), (later, "member", "01-20 09:00"),
                               (host, "member", "01-15 09:00")):  # fmt: skip
        memberships.change_role(membership=member, role=role, at=at(when), by=make.SITE)
    spans = loading.Stored(community.pk).doings.staffed
    told = sorted(zip(*(column.tolist() for column in spans), strict=True))
    tenth, fifteenth, twentieth = (microseconds(at(f"01-{day} 09:00")) for day in (10, 15, 20))
    assert told == [(1, ALWAYS, FOR_EVER), (2, ALWAYS, fifteenth), (3, tenth, twentieth)]


def test_facts_of_a_merged_record_are_told_of_who_is_kept(both):
    community_id = both[0].community_id
    kept, other = (Membership.objects.get(community_id=community_id, number=number) for number in (3, 4))
    Membership.objects.filter(pk=other.pk).update(merged_into=kept)
    since, until = (microseconds(at(when)) for when in ("01-12 00:00", "02-20 00:00"))
    merged = loading.Stored(community_id).doings
    as_one = {4: 3}
    raw = [
        (as_one.get(one, one), as_one.get(towards, towards), when)
        for part in both[1].doings.contacts(since, until)
        for one, towards, when in zip(*(column.tolist() for column in part), strict=True)
    ]
    expected = sorted(row for row in raw if row[0] != row[1])
    parts = list(merged.contacts(since, until))
    assert sorted(row for part in parts for row in zip(*(c.tolist() for c in part), strict=True)) == expected
    among = [row for part in merged.contacts(since, until, np.array([3])) for row in zip(*part, strict=True)]
    assert sorted(among) == [row for row in expected if 3 in row[:2]]
    assert 4 not in merged.of(ACTS, since, until).member


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
