"""Who brought whom, from what is stored: as it was known on a day, with corrections, merges and erasures."""

from datetime import date, timedelta

import numpy as np
import pytest

from engagement.selectors import loading
from engagement.services import refresh
from members.actors import Actor
from members.models import Membership
from members.roles import Role
from members.services import erasure, invitation_mail, inviters, memberships, merging
from tests import make
from tests.engagement.stream import NOW, at, load, row
from tests.make import SITE
from tests.members.imports.files import send

pytestmark = pytest.mark.django_db
MEMBERS = "member,joined_at,role,invited_by\n"
TODAY = date(2026, 3, 9)


@pytest.fixture
def place():
    return make.community("lantern", timezone="Asia/Shanghai", at=at("01-01 09:00"))


def whole(values):
    return np.array(values, np.int64)


def past(place, as_of=TODAY):
    return loading.history(community=place, as_of=as_of)


def brought(place, as_of=TODAY):
    """By number of each who has one, the number of their inviter."""
    history = past(place, as_of)
    above = history.forest.above
    numbers = history.number.tolist()
    return {numbers[one]: numbers[up] for one, up in enumerate(above.tolist()) if up >= 0}


def refreshed(place):
    refresh.refresh(community_id=place.pk, at=NOW)
    return past(place)


def joined(place, when, **more):
    return memberships.add(community=place, at=at(when), by=SITE, **more)


def test_a_correction_holds_from_its_day_on(place):
    one, two = joined(place, "01-02 09:00"), joined(place, "01-03 09:00")
    three = joined(place, "01-04 09:00", invited_by=one)
    four = joined(place, "01-05 09:00")
    by = Actor.person(None, Membership.objects.get(community=place, role=Role.OWNER))
    inviters.correct(membership=three, inviter=two, reason="so", at=at("02-01 09:00"), by=by)
    inviters.correct(membership=four, inviter=three, reason="so", at=at("02-02 09:00"), by=by)
    inviters.correct(membership=three, inviter=None, reason="so", at=at("02-03 09:00"), by=by)
    assert brought(place, date(2026, 1, 31)) == {three.number: one.number}
    assert brought(place, date(2026, 2, 1)) == {three.number: two.number}
    assert brought(place, date(2026, 2, 2)) == {three.number: two.number, four.number: three.number}
    assert brought(place) == {four.number: three.number}
    # Who has not joined yet has brought nobody.
    assert brought(place, date(2026, 1, 1)) == {}


def test_erasing_in_the_middle_changes_nothing(place):
    send(place, MEMBERS + "a,2026-01-05,,\nb,2026-01-06,,a\nc,2026-01-07,,b\nd,2026-01-08,,a\n")
    named = {one.external_id: one for one in Membership.objects.of(place.pk).exclude(external_id=None)}
    by = Actor.person(None, Membership.objects.get(community=place, role=Role.OWNER))
    inviters.correct(membership=named["d"], inviter=named["b"], reason="so", at=at("02-01 09:00"), by=by)
    days = (date(2026, 1, 20), TODAY)
    before = [brought(place, day) for day in days]
    assert before[1] == {
        named["b"].number: named["a"].number,
        named["c"].number: named["b"].number,
        named["d"].number: named["b"].number,
    }
    erasure.erase(membership=named["b"], at=at("03-01 09:00"), by=SITE)
    erasure.erase(membership=named["a"], at=at("03-01 09:00"), by=SITE)
    assert [brought(place, day) for day in days] == before


def test_who_was_merged_has_brought_nobody(place):
    one, two = joined(place, "01-02 09:00", name="Ada"), joined(place, "01-03 09:00", name="Ada")
    three = joined(place, "01-04 09:00", invited_by=two)
    two_s = joined(place, "01-01 10:00")
    inviters.correct(membership=two, inviter=two_s, reason="so", at=at("01-20 09:00"), by=SITE)
    merging.merge(kept=one, merged=two, at=at("02-01 09:00"), by=SITE, choices={"inviter": "merged"})
    expected = {one.number: two_s.number, three.number: one.number}
    assert brought(place) == expected
    assert brought(place, date(2026, 1, 25)) == expected


def test_invitations_are_those_that_were_sent(place):
    owner = Membership.objects.select_related("community").get(community=place, role=Role.OWNER)
    send(place, MEMBERS + "a,2026-01-05,manager,\nb,2026-01-06,,a\nc,2026-01-07,,a\n")
    rows = "a,2026-01-05T18:00:00,email,b,i1\na,2026-01-06,WeChat,,i2\n"
    send(place, "inviter,sent_at,channel,accepted_by,id\n" + rows, kind="invitations")
    invitation_mail.send(
        community=place, inviter=owner, email="mei@example.org", at=at("02-02 09:00"),
        by=Actor.person(owner.user, owner), campaign="spring/tea",
    )  # fmt: skip
    named = dict(
        Membership.objects.of(place.pk).exclude(external_id=None).values_list("external_id", "number")
    )
    # A program tells of one of its own, later than the day that is looked at of another.
    load(place, row(named["c"], "invited", "02-20 10:00"), row(named["c"], "invited", "03-10 10:00"))
    history = refreshed(place)
    ways = history.records.referrals.ways
    numbers = history.number.tolist()
    sent = history.invitations
    told = [
        (numbers[member], ways[way], numbers[came] if came >= 0 else None)
        for member, _at, way, came in zip(*(column.tolist() for column in sent), strict=True)
    ]
    assert told == [
        (named["a"], ("email", ""), named["b"]),
        (named["a"], ("wechat", ""), None),
        (owner.number, ("email", "spring/tea"), None),
        (named["c"], ("", ""), None),
    ]
    came = {numbers[one]: ways[way] for one, way in enumerate(history.way.tolist()) if way >= 0}
    assert came == {named["b"]: ("email", "")}
    assert len(past(place, date(2026, 1, 5)).invitations.at) == 1


def test_who_was_of_the_staff_when(place):
    manager = make.member(place, role=Role.MANAGER, at=at("01-02 09:00"))
    plain = make.member(place, at=at("01-03 09:00"))
    memberships.change_role(membership=manager, role=Role.MEMBER, at=at("02-01 09:00"), by=SITE)
    memberships.change_role(membership=plain, role=Role.HOST, at=at("02-02 09:00"), by=SITE)
    history = past(place)
    asked = [(manager, "01-02 09:00"), (manager, "02-01 08:59"), (manager, "02-01 09:00"), (plain, "02-01 09:00"),
             (plain, "02-02 09:00"), (plain, "01-03 09:00"), (plain, "03-02 09:00"), (manager, "01-01 09:00")]  # fmt: skip
    places = history.places(whole([one.number for one, _when in asked]))
    instants = whole([round(at(when).timestamp() * 1_000_000) for _one, when in asked])
    told = history.were_staff(places, instants).tolist()
    assert told == [True, True, False, False, True, False, True, False]


def test_reading_takes_as_many_queries_with_a_hundred_members(place, django_assert_num_queries):
    first = joined(place, "01-02 09:00")
    for n in range(3):
        joined(place, f"01-0{n + 3} 09:00", invited_by=first)
    refreshed(place)
    for _again in range(2):
        stored = loading.Stored(place.pk).referrals
        with django_assert_num_queries(7):
            assert len(stored.inviters.member) >= 3
            assert stored.invitations.at.size == stored.arrivals.member.size == 0
            assert stored.roles.staff.tolist() == [1]
        rows = [
            Membership(community=place, number=500 + n, status="active", joined_at=at("01-09 09:00") + timedelta(n),
                       invited_by=first)
            for n in range(30)
        ]  # fmt: skip
        Membership.objects.filter(number__gte=500).delete()
        Membership.objects.bulk_create(rows)
