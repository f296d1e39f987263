"""Activities from a file: every row once, whoever is named known, staff as they were then."""

import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from communities.models import Circle
from engagement.imports import Activities
from engagement.models import Fact
from members.models import Membership
from tests import make
from tests.members.imports.files import counts, problems, send

pytestmark = pytest.mark.django_db

REAL = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "quantum-stackexchange"
HEADER = "member,verb,occurred_at,target,object,circle,value,id\n"
MEMBERS = "member,joined_at,role\na,2026-01-01T00:00Z,\nb,2026-01-01T00:00Z,\n"


@pytest.fixture
def community():
    made = make.community(timezone="Asia/Shanghai")
    send(made, MEMBERS)
    return made


def load(community, text, **how):
    return send(community, text, kind="activities", **how)


def facts(community):
    return Fact.objects.of(community.id).valid().exclude(verb="joined").order_by("occurred_at", "member")


def test_a_whole_row_is_kept(community):
    circle = Circle.objects.of(community.id).first()
    run = load(
        community, HEADER + f"a,posted,2026-03-02T10:00:00.250,b,post:7:1,{circle.name.upper()},12.50,x1\n"
    )
    fact = facts(community).get()
    assert counts(run) == (1, 0, 0, 0)
    assert (fact.member, fact.verb, fact.target, fact.circle_id) == (2, "posted", 3, circle.pk)
    assert (fact.object_kind, fact.object_id, fact.value, fact.staff) == (
        "post",
        "7:1",
        Decimal("12.5"),
        False,
    )
    assert fact.occurred_at == datetime(2026, 3, 2, 2, 0, 0, 250_000, tzinfo=UTC)
    assert fact.batch == run.id


def test_twice_changes_nothing_however_it_is_written(community):
    first = load(
        community,
        HEADER
        + "a,posted,2026-01-02T00:00:00Z,,post:1,,1.50,\na,posted,2026-01-03,b,,,,x1\nb,read,2026-01-03,,,,,\n",
    )
    second = load(
        community,
        "id,value,object,target,circle,occurred_at,verb,member\n"
        ",1.5,post:1,,,2026-01-02T00:00:00.000+00:00,posted,a\n"
        "x1,,,,,2026-05-05,read,b\n"
        ",,,,,2026-01-02T16:00:00Z,READ,b\n",
    )
    assert (counts(first), counts(second)) == ((3, 0, 0, 0), (0, 0, 3, 0))
    assert facts(community).count() == 3


def test_the_same_row_twice_in_a_file_is_one(community):
    run = load(
        community, HEADER + "a,posted,2026-01-02,,,,,\na,posted,2026-01-02,,,,,\na,posted,2026-01-02,b,,,,\n"
    )
    assert counts(run) == (2, 0, 1, 0)


def test_an_id_is_never_the_name_of_something_that_happened_here(community):
    assert counts(load(community, HEADER + "a,posted,2026-01-02,,,,,joined:2\n")) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (",posted,2026-03-02,,,,,", ("member", "needed")),
        ("a,,2026-03-02,,,,,", ("verb", "needed")),
        ("a,posted,,,,,,", ("occurred_at", "needed")),
        ("z,posted,2026-03-02,,,,,", ("member", "unknown_member")),
        ("a,posted,2026-03-02,z,,,,", ("target", "unknown_member")),
        ("a,danced,2026-03-02,,,,,", ("verb", "choice")),
        ("a,joined,2026-03-02,,,,,", ("verb", "of_members")),
        ("a,posted,2026-03-02T99:00,,,,,", ("occurred_at", "time")),
        ("a,posted,2026-06-02T12:00:01Z,,,,,", ("occurred_at", "future")),
        ("a,posted,0203-06-02,,,,,", ("occurred_at", "too_old")),
        ("a,posted,2026-03-02,,post,,,", ("object", "object")),
        ("a,posted,2026-03-02,,:7,,,", ("object", "object")),
        ("a,posted,2026-03-02,,,,much,", ("value", "number")),
        (f"a,posted,2026-03-02,,,{'c' * 81},,", ("circle", "too_long")),
        (f"a,posted,2026-03-02,,,,,{'i' * 121}", ("id", "too_long")),
    ],
)
def test_a_bad_row_is_rejected_with_line_column_and_reason_and_stops_no_other(community, row, problem):
    run = load(community, HEADER + f"a,posted,2026-01-02,,,,,\n{row}\nb,posted,2026-06-02T12:00:00Z,b,,,,\n")
    assert counts(run) == (2, 0, 0, 1)
    assert problems(run) == [(3, *problem)]
    assert facts(community).count() == 2


def test_an_unknown_circle_is_opened_once_and_only_for_rows_that_are_taken(community, monkeypatch):
    monkeypatch.setattr(Activities, "chunk", 2)
    before = Circle.objects.of(community.id).count()
    run = load(
        community,
        HEADER
        + "a,posted,2026-01-02,,,Tea & go,,\nz,posted,2026-01-02,,,Ghosts,,\nb,posted,2026-01-02,,,TEA & GO,,\n"
        + "b,posted,2026-01-02,,,tea-go,,\nb,read,2026-01-02,,,李雷,,\n",
    )
    opened = Circle.objects.of(community.id).order_by("id")[before:]
    assert counts(run) == (3, 0, 1, 1)
    assert [(circle.name, circle.slug, circle.kind) for circle in opened] == [
        ("Tea & go", "tea-go", "open"),
        ("李雷", "李雷", "open"),
    ]
    assert set(facts(community).values_list("circle_id", flat=True)) == {circle.pk for circle in opened}


def test_staff_is_who_was_staff_then(community):
    send(community, "member,joined_at,role\nh,2026-02-01T00:00Z,host\n")
    send(
        community, "member,joined_at,role\nh,2026-02-01T00:00Z,member\n", at=datetime(2026, 4, 1, tzinfo=UTC)
    )
    load(
        community,
        HEADER
        + "h,posted,2026-01-15T00:00Z,,,,,\nh,posted,2026-03-15T00:00Z,,,,,\n"
        + "h,posted,2026-04-15T00:00Z,,,,,\na,posted,2026-03-15T00:00Z,,,,,\n",
    )
    assert list(facts(community).values_list("member", "staff")) == [
        (4, True),
        (2, False),
        (4, True),
        (4, False),
    ]


def test_visits_are_one_a_member_and_local_day(community):
    rows = "a,visited,2026-02-01T08:00Z,,,,,v1\na,visited,2026-02-01T19:00Z,,,,,v2\na,visited,2026-02-02T08:00Z,,,,,v3\n"
    assert counts(load(community, HEADER + rows)) == (2, 0, 1, 0)
    assert counts(load(community, HEADER + rows)) == (0, 0, 3, 0)


@pytest.mark.skipif(
    not REAL.exists() and os.environ.get("CI") != "true",
    reason="The real communities' data are not beside the project.",
)
def test_a_real_community_goes_in_whole_and_twice_is_once():
    community = make.community()
    members, activities = (REAL / "members.csv").read_bytes(), (REAL / "activities.csv").read_bytes()
    assert counts(send(community, members)) == (3460, 0, 0, 0)
    assert counts(load(community, activities)) == (5471, 0, 0, 0)
    assert counts(send(community, members)) == (0, 0, 3460, 0)
    assert counts(load(community, activities)) == (0, 0, 5471, 0)
    stored = facts(community)
    by_verb = {
        verb: stored.filter(verb=verb).count() for verb in ("asked", "answered", "commented", "accepted")
    }
    assert by_verb == {"asked": 611, "answered": 1059, "commented": 3412, "accepted": 389}
    aimed = list(stored.exclude(target=None).values_list("member", "target"))
    assert (len(aimed), sum(member == target for member, target in aimed)) == (4851, 1191)
    joined = dict(Membership.objects.of(community.id).values_list("number", "joined_at"))
    assert sum(at < joined[member] for member, at in stored.values_list("member", "occurred_at")) == 35
