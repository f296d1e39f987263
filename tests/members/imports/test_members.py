"""Members from a file: every row created, updated, unchanged or rejected, and twice is once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engagement.models import Fact
from members.actors import Actor
from members.models import AuditEntry, Membership, MembershipChange, User
from members.roles import Role
from members.services import standing
from tests import make
from tests.members.imports.files import AT, counts, problems, send

pytestmark = pytest.mark.django_db

DAY = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def community():
    return make.community(timezone="Asia/Shanghai")


def member(community, external_id: str) -> Membership:
    return Membership.objects.of(community.id).get(external_id=external_id)


def history(membership: Membership, kind: str = "status") -> list[tuple[str, str, datetime]]:
    return list(
        membership.changes.filter(kind=kind).order_by("at", "id").values_list("before", "after", "at")
    )


def facts(community, *verbs: str) -> list[tuple[int, str, datetime, int | None, bool]]:
    rows = Fact.objects.of(community.id).valid().filter(verb__in=verbs).order_by("occurred_at", "member")
    owner = 1
    return list(rows.exclude(member=owner).values_list("member", "verb", "occurred_at", "target", "staff"))


def test_a_whole_row_is_kept(community):
    run = send(
        community,
        "member,joined_at,name,email,tier,role,status,city,country,latitude,longitude,interests,tags,Shoe size,left_at\n"
        "u1,2026-03-02,李雷,lei@example.org,,moderator,,杭州,CN,30.25,120.17,tea; go,vip,43,\n",
        keep_unknown=True,
    )
    found = member(community, "u1")
    assert counts(run) == (1, 0, 0, 0)
    assert (found.name, found.email, found.city, found.country) == ("李雷", "lei@example.org", "杭州", "CN")
    assert (found.latitude, found.longitude) == (30.25, 120.17)
    assert (found.interests, found.tags, found.custom) == (["tea", "go"], ["vip"], {"Shoe size": "43"})
    assert (found.role, found.status, found.user, found.number) == ("moderator", "active", None, 2)
    assert found.joined_at == datetime(2026, 3, 1, 16, tzinfo=UTC)
    assert found.tier.is_default
    assert list(Membership.objects.of(community.id).search("李雷 杭州")) == [found]


def test_twice_changes_nothing(community):
    text = (
        "member,joined_at,name,invited_by,status,left_at,interests\n"
        "u1,2026-01-01,Ada,u2,,2026-02-01,tea\n"
        "u2,2026-01-01,Bea,,paused,,\n"
        "u2,2026-01-02,,,,,go\n"
        "u3,2026-01-01,Cai,u4,,,\n"
        "u4,2026-01-02,Dan,u3,,,\n"
    )
    first = send(community, text)
    before = (
        list(Membership.objects.values()),
        list(MembershipChange.objects.values()),
        list(Fact.objects.values()),
    )
    second = send(community, text)
    after = (
        list(Membership.objects.values()),
        list(MembershipChange.objects.values()),
        list(Fact.objects.values()),
    )
    assert counts(first) == (3, 1, 0, 1)
    assert counts(second) == (0, 0, 4, 1)
    assert problems(first) == problems(second) == [(5, "invited_by", "loop")]
    assert before == after


def test_unknown_columns_are_named_when_not_kept(community):
    run = send(community, "member,joined_at,Shoe size,name\nu1,2026-03-02,43,Ada\n")
    assert run.ignored == ["Shoe size"]
    assert member(community, "u1").custom == {}


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (",2026-03-02,,,,,,,,,", ("member", "needed")),
        ("u1,,,,,,,,,,", ("joined_at", "needed")),
        ("u1,soon,,,,,,,,,", ("joined_at", "time")),
        ("u1,2026-07-01,,,,,,,,,", ("joined_at", "future")),
        ("u1,1026-07-01,,,,,,,,,", ("joined_at", "too_old")),
        (f"{'u' * 121},2026-03-02,,,,,,,,,", ("member", "too_long")),
        (f"u1,2026-03-02,{'n' * 121},,,,,,,,", ("name", "too_long")),
        ("u1,2026-03-02,,nobody,,,,,,,", ("email", "email")),
        ("u1,2026-03-02,,,u9,,,,,,", ("invited_by", "unknown_inviter")),
        ("u1,2026-03-02,,,,gold,,,,,", ("tier", "choice")),
        ("u1,2026-03-02,,,,,boss,,,,", ("role", "choice")),
        ("u1,2026-03-02,,,,,,happy,,,", ("status", "choice")),
        ("u1,2026-03-02,,,,,,,91,0,", ("latitude", "range")),
        ("u1,2026-03-02,,,,,,,0,181,", ("longitude", "range")),
        ("u1,2026-03-02,,,,,,,0,,", ("longitude", "half_a_place")),
        ("u1,2026-03-02,,,,,,,,,2026-03-01", ("left_at", "left_before_joining")),
        ("u1,2026-03-02,,,,,,active,,,2026-03-03", ("status", "status_disagrees")),
        ("u1,2026-03-02", ("", "cells")),
        ("u1,2026-03-02,,,,,,,,,,x", ("", "cells")),
        ("u\x00,2026-03-02,,,,,,,,,", ("", "nul")),
    ],
)
def test_a_bad_row_is_rejected_with_line_column_and_reason_and_stops_no_other(community, row, problem):
    header = "member,joined_at,name,email,invited_by,tier,role,status,latitude,longitude,left_at\n"
    run = send(community, f"{header}a,2026-03-02,,,,,,,,,\n{row}\nb,2026-03-02,,,a,,,,,,\n")
    assert counts(run) == (2, 0, 0, 1)
    assert problems(run) == [(3, *problem)]
    assert set(
        Membership.objects.of(community.id).exclude(external_id=None).values_list("external_id", flat=True)
    ) == {
        "a",
        "b",
    }


def test_numbers_are_dense_in_the_order_of_the_file(community):
    send(community, "member,joined_at\nc,2026-03-03\nx,never\na,2026-03-01\nb,2026-03-02\n")
    rows = Membership.objects.of(community.id).exclude(external_id=None).order_by("number")
    assert list(rows.values_list("number", "external_id")) == [(2, "c"), (3, "a"), (4, "b")]


def test_status_and_role_hold_from_joining_and_left_from_leaving(community):
    send(
        community,
        "member,joined_at,role,status,left_at\n"
        "a,2026-01-01T00:00Z,host,,2026-02-01T00:00Z\n"
        "b,2026-01-01T00:00Z,,banned,2026-02-01T00:00Z\n"
        "c,2026-01-01T00:00Z,,left,\n"
        "d,2026-01-01T00:00Z,,grace,\n"
        "e,2026-01-01T00:00Z,,applied,\n",
    )
    joined, left = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    assert history(member(community, "a")) == [("", "active", joined), ("active", "left", left)]
    assert history(member(community, "a"), "role") == [("", "host", joined)]
    assert history(member(community, "b")) == [("", "active", joined), ("active", "banned", left)]
    assert history(member(community, "c")) == [("", "left", joined)]
    assert history(member(community, "d")) == [("", "active", joined)]
    assert facts(community, "joined", "left") == [
        (2, "joined", joined, None, True),
        (3, "joined", joined, None, False),
        (4, "joined", joined, None, False),
        (5, "joined", joined, None, False),
        (2, "left", left, None, True),
        (3, "left", left, None, False),
    ]


def test_tiers_by_key_and_by_name(community):
    tiers = list(community.tiers.all())
    send(
        community,
        f"member,joined_at,tier\na,2026-03-02,{tiers[-1].key}\nb,2026-03-02,{tiers[-1].name.upper()}\n",
    )
    assert [member(community, name).tier for name in "ab"] == [tiers[-1], tiers[-1]]


def test_changed_rows_update_and_leave_a_trace(community):
    send(community, "member,joined_at,name,city\na,2026-03-02,Ada,Hangzhou\nb,2026-03-02,Bea,\n")
    run = send(community, "member,joined_at,name,city\na,2026-03-02,Ada,Suzhou\nb,2026-03-02,,\n")
    assert counts(run) == (0, 1, 1, 0)
    assert (member(community, "a").city, member(community, "b").name) == ("Suzhou", "Bea")
    entry = AuditEntry.objects.get(action="member.changed")
    assert (entry.object_id, entry.before) == ("2", {"city": "Hangzhou"})
    assert entry.after == {"city": "Suzhou", "import": str(run.id)}
    assert list(Membership.objects.of(community.id).search("suzhou")) == [member(community, "a")]


def test_one_changed_row_and_thirty_take_the_same_queries(community):
    def rows(many, city):
        return "member,joined_at,name,city\n" + "".join(f"m{n},2026-03-02,N{n},{city}\n" for n in range(many))

    send(community, rows(30, "Ulm"))
    taken = []
    for many, city in ((1, "Bonn"), (30, "Kiel")):
        with CaptureQueriesContext(connection) as queries:
            run = send(community, rows(many, city))
        assert counts(run) == (0, many, 0, 0)
        taken.append(len(queries))
    assert taken[0] == taken[1]


def test_a_changed_joining_moves_its_fact_and_history(community):
    send(community, "member,joined_at\na,2026-03-02T00:00Z\n")
    run = send(community, "member,joined_at\na,2026-02-02T00:00Z\n")
    earlier = datetime(2026, 2, 2, tzinfo=UTC)
    assert counts(run) == (0, 1, 0, 0)
    assert facts(community, "joined") == [(2, "joined", earlier, None, False)]
    assert Fact.objects.of(community.id).exclude(retracted_at=None).count() == 1
    assert history(member(community, "a"))[0] == ("", "active", earlier)
    back = send(community, "member,joined_at\na,2026-03-02T00:00Z\n")
    assert counts(back) == (0, 1, 0, 0)
    assert facts(community, "joined") == [(2, "joined", DAY, None, False)]


def test_leaving_later_than_was_thought(community):
    send(community, "member,joined_at,left_at\na,2026-01-01T00:00Z,2026-02-01T00:00Z\n")
    send(community, "member,joined_at,left_at\na,2026-01-01T00:00Z,2026-03-02T00:00Z\n")
    assert history(member(community, "a"))[1:] == [
        ("active", "left", datetime(2026, 2, 1, tzinfo=UTC)),
        ("left", "active", datetime(2026, 2, 1, tzinfo=UTC)),
        ("active", "left", DAY),
    ]
    assert facts(community, "left") == [(2, "left", DAY, None, False)]


def test_a_status_that_changed_without_a_time_holds_from_the_import_on(community):
    send(community, "member,joined_at,status\na,2026-01-01T00:00Z,active\nb,2026-01-01T00:00Z,left\n")
    run = send(community, "member,joined_at,status\na,2026-01-01T00:00Z,left\nb,2026-01-01T00:00Z,active\n")
    assert counts(run) == (0, 2, 0, 0)
    assert history(member(community, "a"))[1:] == [("active", "left", AT)]
    assert history(member(community, "b"))[1:] == [("left", "active", AT)]
    assert facts(community, "left", "resumed") == [
        (2, "left", AT, None, False),
        (3, "resumed", AT, None, False),
    ]


def test_an_import_never_touches_a_person_who_signs_in(community):
    person = make.person("ada@example.org", name="Ada")
    users = list(User.objects.values())
    send(community, "member,joined_at,name,email\nu1,2026-03-02,Other,ada@example.org\n")
    assert member(community, "u1").user is None
    assert list(User.objects.values()) == users
    assert not Membership.objects.filter(user=person).exists()


def test_only_who_may_give_roles_can_give_them_by_a_file(community):
    manager = make.member(community, role=Role.MANAGER)
    text = "member,joined_at,role\na,2026-03-02,owner\nb,2026-03-02,member\n"
    run = send(community, text, by=Actor.person(manager.user, manager))
    assert problems(run) == [(2, "role", "roles_are_owners")]
    owner = Membership.objects.of(community.id).get(number=1)
    assert counts(send(community, text, by=Actor.person(owner.user, owner))) == (1, 0, 1, 0)


def test_a_file_does_not_take_a_role_from_staff_who_sign_in(community):
    owner = Membership.objects.of(community.id).get(number=1)
    owner.external_id = "boss"
    owner.save()
    run = send(
        community, "member,joined_at,role,status\nboss,2026-01-05T09:00Z,member,\nboss2,2026-03-02,,\n"
    )
    assert problems(run) == [(2, "role", "staff_claimed")]
    owner.refresh_from_db()
    assert owner.role == Role.OWNER


def test_the_end_that_is_known_already_is_no_end_of_staff(community):
    host = make.member(community, role=Role.HOST)
    Membership.objects.filter(pk=host.pk).update(external_id="host")
    standing.act("leave", membership=host, at=make.EARLY + timedelta(days=9), by=make.SITE)
    row = f"host,{host.joined_at.isoformat()},{(make.EARLY + timedelta(days=9)).isoformat()}\n"
    assert counts(send(community, "member,joined_at,left_at\n" + row)) == (0, 0, 1, 0)
