"""Members by the API: listed, narrowed, entered, changed, ended."""

from datetime import UTC, datetime

import pytest

from members.models import AuditEntry, CustomField, Membership
from members.services import memberships, standing
from tests import api, make
from tests.api import where

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return make.community(timezone="Asia/Shanghai")


@pytest.fixture
def program(community) -> api.Program:
    return api.Program(community)


def add(community, **fields) -> Membership:
    return memberships.add(community=community, at=make.EARLY, by=make.SITE, **fields)


def names(answer) -> list[str]:
    return [one["name"] for one in answer.json()["results"]]


def test_a_member_in_full(community, program):
    member = add(
        community,
        external_id="u7",
        name="李雷",
        email="lilei@example.org",
        joined_at=datetime(2026, 1, 2, 3, 4, 5, 60, tzinfo=UTC),
        city="杭州",
        country="CN",
        latitude=30.25,
        longitude=120.17,
        interests=["birds"],
        tags=["core"],
        custom={"shoe": 43},
        invited_by=Membership.objects.get(),
    )
    assert program.get(f"members/{member.number}/").json() == {
        "number": 2,
        "member": "u7",
        "name": "李雷",
        "email": "lilei@example.org",
        "status": "active",
        "role": "member",
        "tier": "user",
        "joined_at": "2026-01-02T03:04:05.000060Z",
        "left_at": None,
        "invited_by": 1,
        "city": "杭州",
        "country": "CN",
        "latitude": 30.25,
        "longitude": 120.17,
        "interests": ["birds"],
        "tags": ["core"],
        "custom": {"shoe": 43},
        "stage": None,
        "at_risk": None,
        "score": None,
        "active_days": None,
        "last_active": None,
        "plan": None,
        "paid_until": None,
        "dues": "none",
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("search=杭", ["Ann"]),
        ("search=ANN", ["Ann"]),
        ("city=杭州", ["Ann"]),
        ("tag=core", ["Bo"]),
        ("member=b", ["Bo"]),
        ("tier=maker", ["Bo"]),
        ("status=left", ["Cy"]),
        ("role=member", ["Ann", "Bo", "Cy"]),
        ("joined_after=2026-01-03&ordering=joined_at&role=member", ["Bo", "Cy"]),
        ("joined_before=2026-01-03", ["Ann"]),
        ("joined_before=0001-01-01", []),
        ("joined_after=9999-12-31", []),
        ("stage=core", []),
        ("ordering=-name&role=member", ["Cy", "Bo", "Ann"]),
        ("ordering=left_at&role=member", ["Cy", "Ann", "Bo"]),
        ("ordering=-score&role=member", ["Cy", "Bo", "Ann"]),
    ],
)
def test_filters_and_orders(community, program, query, expected):
    maker = community.tiers.get(key="maker")
    add(community, name="Ann", city="杭州", joined_at=datetime(2026, 1, 2, 15, tzinfo=UTC))
    # 00:30 on 3 January by the community's clock.
    add(
        community,
        name="Bo",
        external_id="b",
        tags=["core"],
        tier=maker,
        joined_at=datetime(2026, 1, 2, 16, 30, tzinfo=UTC),
    )
    cy = add(community, name="Cy", joined_at=datetime(2026, 1, 4, tzinfo=UTC))
    standing.act("leave", membership=cy, at=make.EARLY, by=make.SITE)
    assert names(program.get(f"members/?{query}")) == expected


@pytest.mark.parametrize("ordering", ["number", "-number", "name", "-joined_at", "left_at", "-score"])
def test_pages_follow_one_another_there_and_back(community, program, ordering):
    for n in range(5):
        add(community, name=f"m{n % 2}")
    first = program.get(f"members/?limit=2&fields=number&ordering={ordering}").json()
    second = program.client.get(first["next"]).json()
    third = program.client.get(second["next"]).json()
    whole = program.get(f"members/?fields=number&ordering={ordering}").json()
    assert first["results"] + second["results"] + third["results"] == whole["results"]
    assert (first["previous"], third["next"], whole["next"]) == (None, None, None)
    assert program.client.get(third["previous"]).json()["results"] == second["results"]
    assert program.client.get(second["previous"]).json()["results"] == first["results"]


def test_a_field_of_the_community_s_own_is_an_order_where_there_is_one(community, program):
    CustomField.objects.create(community=community, key="Shoe", name="Shoe", kind="number")
    CustomField.objects.create(
        community=community, key="Skills", name="Skills", kind="several", choices=["a"]
    )
    CustomField.objects.create(community=make.community(), key="Secret", name="Secret", kind="text")
    for name, shoe in [("Ann", 44), ("Bo", 9), ("Cy", 43.5)]:
        add(community, name=name, custom={"Shoe": shoe})
    first = program.get("members/?ordering=-custom.Shoe&limit=2")
    assert names(first) == ["Ann", "Cy"]
    assert names(program.client.get(first.json()["next"])) == ["Bo", ""]
    for key in ("Secret", "Skills", "None", "Shoe%00", "x" * 81):
        answer = program.get(f"members/?ordering=custom.{key}")
        assert (answer.status_code, where(answer)[0][0]) == (400, "ordering"), key


def test_a_cursor_of_another_order_is_refused(community, program):
    add(community, name="x")
    cursor = program.get("members/?limit=1").json()["next"].partition("cursor=")[2].partition("&")[0]
    assert program.get(f"members/?ordering=name&cursor={cursor}").status_code == 400


def test_the_list_takes_the_same_queries_with_one_row_and_with_three(
    community, program, django_assert_num_queries
):
    program.get("")
    with django_assert_num_queries(3):
        assert len(program.get("members/").json()["results"]) == 1
    inviter = add(community, name="a", external_id="a")
    add(community, name="b", invited_by=inviter)
    with django_assert_num_queries(3):
        assert len(program.get("members/").json()["results"]) == 3


def test_a_member_is_entered(community, program):
    body = {
        "member": "u1",
        "name": " 李雷 ",
        "email": "lilei@example.org",
        "joined_at": "2026-01-02T03:04:05",
        "tier": "maker",
        "invited_by": 1,
        "tags": ["a", "a", "b"],
        "custom": {"x": None},
    }
    answer = program.post("members/", body)
    assert answer.status_code == 201
    assert answer["Location"] == f"http://testserver{program.root}members/2/"
    assert answer.json() == program.get("members/2/").json()
    assert answer["ETag"] == program.get("members/2/")["ETag"]
    member = Membership.objects.get(number=2)
    assert (member.name, member.tags, member.custom) == ("李雷", ["a", "b"], {"x": None})
    assert member.joined_at == datetime(2026, 1, 1, 19, 4, 5, tzinfo=UTC)
    assert (member.tier.key, member.invited_by.number) == ("maker", 1)
    assert AuditEntry.objects.filter(action="member.added").count() == 1


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"member": "u1"}, ("#/member", "taken")),
        ({"tier": "gold"}, ("#/tier", "unknown")),
        ({"invited_by": 99}, ("#/invited_by", "unknown")),
        ({"joined_at": "2099-01-01T00:00:00Z"}, ("#/joined_at", "future")),
    ],
)
def test_what_is_understood_and_refused_is_422_and_enters_nobody(community, program, body, fault):
    add(community, external_id="u1")
    answer = program.post("members/", {"name": "x"} | body)
    assert (answer.status_code, where(answer)) == (422, [fault])
    assert Membership.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"email": "no"}, ("#/email", "email")),
        ({"latitude": 91}, ("#/latitude", "max_value")),
        ({"latitude": "30"}, ("#/latitude", "invalid")),
        ({"tags": "a"}, ("#/tags", "not_a_list")),
        ({"tags": ["a", 5]}, ("#/tags/1", "invalid")),
        ({"custom": {"a": {"b": 1}}}, ("#/custom", "invalid")),
        ({"custom": {"a": "\x00"}}, ("#/custom", "invalid")),
        ({"custom": {str(n): n for n in range(51)}}, ("#/custom", "too_much")),
        ({"joined_at": "yesterday"}, ("#/joined_at", "invalid")),
        ({"joined_at": "0001-01-01T00:00:00Z"}, ("#/joined_at", "range")),
        ({"joined_at": "9999-12-31T23:59:59-23:00"}, ("#/joined_at", "range")),
        ({"invited_by": 2**40}, ("#/invited_by", "max_value")),
        ({"invited_by": 1.5}, ("#/invited_by", "invalid")),
        ({"number": 5}, ("#/number", "unknown_field")),
    ],
)
def test_what_does_not_fit_is_400_and_enters_nobody(program, body, fault):
    answer = program.post("members/", body)
    assert (answer.status_code, where(answer)) == (400, [fault])
    assert Membership.objects.count() == 1


def test_a_profile_is_changed(community, program):
    member = add(community, name="x", tags=["a"])
    tag = program.get(f"members/{member.number}/")["ETag"]
    answer = program.patch(f"members/{member.number}/", {"city": "Ulm", "tags": []}, **{"If-Match": tag})
    assert (answer.status_code, answer.json()["city"], answer.json()["tags"]) == (200, "Ulm", [])
    assert names(program.get("members/?search=ulm")) == ["x"]
    late = program.patch(f"members/{member.number}/", {"city": "Bonn"}, **{"If-Match": tag})
    assert (late.status_code, late.json()["code"]) == (412, "changed")


def test_memberships_end(community, program):
    one, two = add(community, name="one"), add(community, name="two")
    left = program.post(f"members/{one.number}/leave/", {})
    assert (left.status_code, left.json()["status"]) == (200, "left")
    removed = program.post(f"members/{two.number}/remove/", {"reason": "spam"})
    assert (removed.status_code, removed.json()["status"]) == (200, "removed")
    again = program.post(f"members/{two.number}/leave/", {})
    assert (again.status_code, again.json()["code"]) == (422, "ended")
    owner = program.post("members/1/leave/", {})
    assert (owner.status_code, owner.json()["code"]) == (422, "last_owner")


def test_tiers_by_rank(community, program, django_assert_num_queries):
    with django_assert_num_queries(4):  # the first use of the key is written
        listed = program.get("tiers/?fields=key,rank").json()["results"]
    assert listed == sorted(listed, key=lambda tier: tier["rank"])
    assert [tier["key"] for tier in listed] == ["user", "tester", "maker"]


def test_acts_have_an_address_each(program):
    from members.api.acts import WORDS
    from members.statuses import acts

    assert set(WORDS) == {act.key for act in acts if act.permission}


def test_an_act_moves_or_says_why_not(program, community):
    bob = make.member(community)
    paused = program.post(f"members/{bob.number}/pause/", {"until": "2999-01-01T00:00:00Z"})
    assert (paused.status_code, paused.json()["status"]) == (200, "paused")
    twice = program.post(f"members/{bob.number}/pause/", {})
    assert (twice.status_code, twice.json()["code"]) == (422, "not_now")
    unexplained = program.post(f"members/{bob.number}/ban/", {})
    assert (unexplained.status_code, where(unexplained)) == (400, [("#/reason", "required")])


def test_a_tier_by_its_key(program, community):
    bob = make.member(community)
    tier = community.tiers.exclude(is_default=True).first()
    moved = program.post(f"members/{bob.number}/tier/", {"tier": tier.key})
    assert (moved.status_code, moved.json()["tier"]) == (200, tier.key)
    assert program.post(f"members/{bob.number}/tier/", {"tier": "no-such"}).status_code == 422


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        ({"latitude": 30.25}, "#/longitude"),
        ({"longitude": 0}, "#/latitude"),
        ({"latitude": 30.25, "longitude": None}, "#/longitude"),
        ({"latitude": None, "longitude": 0}, "#/latitude"),
        ({"longitude": None}, "#/latitude"),
    ],
)
def test_half_a_place_on_the_map_is_refused_as_in_a_file(community, program, body, missing):
    for place in ({}, {"latitude": 1.5, "longitude": 2.5}):
        member = add(community, **place)
        before = program.get(f"members/{member.number}/").json()
        for answer in (
            program.post("members/", {"name": "Half", **body}),
            program.patch(f"members/{member.number}/", {"city": "Ulm", **body}),
        ):
            assert (answer.status_code, where(answer)) == (422, [(missing, "half_a_place")])
            said = "Latitude and longitude belong together: one of them is missing."
            assert answer.json()["errors"][0]["detail"] == said
        assert program.get(f"members/{member.number}/").json() == before
    assert not Membership.objects.filter(name="Half").exists()


def test_a_place_is_given_and_taken_as_a_whole(program):
    made = program.post("members/", {"latitude": 0, "longitude": 120.17}).json()
    assert (made["latitude"], made["longitude"]) == (0.0, 120.17)
    address = f"members/{made['number']}/"
    assert program.patch(address, {"city": "Ulm"}).json()["longitude"] == 120.17
    gone = program.patch(address, {"latitude": None, "longitude": None}).json()
    assert (gone["latitude"], gone["longitude"]) == (None, None)
