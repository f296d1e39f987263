from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from pyroaring import BitMap

from engagement import packing
from engagement.models import ActiveDay, MemberDay, PairDay
from engagement.selectors.history import microseconds
from engagement.services import facts, rollup
from tests import make
from tests.engagement import stream
from tests.engagement.stream import at, row

pytestmark = pytest.mark.django_db
BATCH = UUID("12345678-1234-5678-1234-567812345678")


@pytest.fixture
def community():
    return make.community()


def roll(community, *days, zone="UTC"):
    chosen = [date(2026, int(day[:2]), int(day[3:])) for day in days]
    rollup.roll(community_id=community.pk, days=chosen, zone=ZoneInfo(zone))


def counts(community, day):
    """(member, verb, n, instant of the first) of a day, as stored."""
    found = MemberDay.objects.filter(community_id=community.pk, day=f"2026-{day}").first()
    if found is None:
        return None
    member, verb, n = packing.unpack(found.counts)
    first = packing.unpack(found.firsts)[0]
    return [
        (who, found.verbs[code], times, when)
        for who, code, times, when in zip(*(each.tolist() for each in (member, verb, n, first)), strict=True)
    ]


def pairs(community, day):
    found = PairDay.objects.get(community_id=community.pk, day=f"2026-{day}")
    columns = [*packing.unpack(found.pairs), *packing.unpack(found.firsts)]
    return list(zip(*(column.tolist() for column in columns), strict=True))


def active(community):
    rows = ActiveDay.objects.filter(community_id=community.pk).order_by("day")
    return {str(row.day)[5:]: BitMap.deserialize(bytes(row.members)) for row in rows}


def test_a_day_is_counted_by_member_and_verb_of_every_class(community):
    stream.load(
        community,
        row(2, "read", "03-02 10:00"),
        row(1, "read", "03-02 23:59"),
        row(1, "read", "03-02 08:00"),
        row(1, "paid", "03-02 09:00"),
        row(3, "left", "03-02 00:00"),
        row(3, "read", "03-03 00:00"),
    )
    roll(community, "03-02", "03-03")
    assert counts(community, "03-02") == [
        (1, "read", 2, microseconds(at("03-02 08:00"))),
        (2, "read", 1, microseconds(at("03-02 10:00"))),
        (3, "left", 1, microseconds(at("03-02 00:00"))),
        (1, "paid", 1, microseconds(at("03-02 09:00"))),
    ]
    assert active(community) == {"03-02": BitMap([1, 2]), "03-03": BitMap([3])}


def test_interactions_are_acts_whose_target_is_another(community):
    stream.load(
        community,
        row(2, "read", "03-02 10:00", 1),
        row(1, "commented", "03-02 11:00", 2),
        row(1, "reacted", "03-02 09:00", 2),
        row(1, "posted", "03-02 09:00", 1),
        row(1, "posted", "03-02 09:30"),
        row(4, "invited", "03-02 09:00", 1),
    )
    roll(community, "03-02")
    assert pairs(community, "03-02") == [
        (1, 2, 2, microseconds(at("03-02 09:00"))),
        (2, 1, 1, microseconds(at("03-02 10:00"))),
    ]
    assert active(community) == {"03-02": BitMap([1, 2])}


@pytest.mark.parametrize(
    ("zone", "day", "first", "last", "outside"),
    [
        ("Asia/Shanghai", "03-02", "03-01 16:00", "03-02 15:59", ["03-01 15:59", "03-02 16:00"]),
        (
            "America/New_York",
            "03-08",
            "03-08 05:00",
            "03-09 03:59",
            ["03-08 04:59", "03-09 04:00"],
        ),  # 23 hours
        (
            "America/New_York",
            "11-01",
            "11-01 04:00",
            "11-02 04:59",
            ["11-01 03:59", "11-02 05:00"],
        ),  # 25 hours
        ("Asia/Kathmandu", "03-02", "03-01 18:15", "03-02 18:14", ["03-01 18:14", "03-02 18:15"]),
        ("Pacific/Kiritimati", "03-02", "03-01 10:00", "03-02 09:59", ["03-01 09:59", "03-02 10:00"]),
    ],
)
def test_a_day_is_the_community_s_own(community, zone, day, first, last, outside):
    rows = [row(1, "read", first), row(2, "read", last), *(row(3, "read", when) for when in outside)]
    facts.load(community_id=community.pk, rows=rows, at=at("12-31 00:00"))
    roll(community, day, zone=zone)
    assert active(community) == {day: BitMap([1, 2])}


def test_rolling_up_again_gives_the_same_and_forgets_what_is_gone(community):
    stream.load(community, row(1, "read", "03-02 10:00", 2), batch=BATCH)
    stream.load(community, row(1, "posted", "03-03 10:00", 2))
    roll(community, "03-02", "03-03")
    before = (active(community), pairs(community, "03-03"))
    roll(community, "03-02", "03-03")
    assert (active(community), pairs(community, "03-03")) == before
    facts.retract(community_id=community.pk, batch=BATCH, by=make.SITE, at=stream.NOW)
    roll(community, "03-02")
    assert active(community) == {"03-03": BitMap([1])}
    assert counts(community, "03-02") is None
    assert not PairDay.objects.filter(community_id=community.pk, day="2026-03-02").exists()


def test_only_the_days_named_are_touched(community):
    stream.load(
        community, row(1, "read", "03-02 10:00"), row(1, "read", "03-03 10:00"), row(1, "read", "03-05 10:00")
    )
    roll(community, "03-05", "03-02")
    assert list(active(community)) == ["03-02", "03-05"]


def test_rounds_of_few_facts_give_the_same_days(community, monkeypatch):
    rows = [row(n, "read", f"03-{n:02} {n:02}:00", n + 1) for n in range(1, 10)]
    stream.load(community, *rows, row(1, "read", "03-05 10:00"))
    days = [f"03-{n:02}" for n in range(1, 10)]
    roll(community, *days, zone="Asia/Shanghai")
    whole = active(community)
    monkeypatch.setattr(rollup, "ROUND", 1)
    roll(community, *days, zone="Asia/Shanghai")
    assert active(community) == whole
    assert sum(map(len, whole.values())) == 10


def test_another_community_s_facts_are_not_seen(community):
    stream.load(make.community(), row(1, "read", "03-02 10:00"))
    roll(community, "03-02")
    assert active(community) == {}


def test_actors_without_a_membership_are_counted_as_numbers(community):
    stream.load(community, row(99_999, "read", "03-02 10:00"))
    roll(community, "03-02")
    assert active(community) == {"03-02": BitMap([99_999])}
