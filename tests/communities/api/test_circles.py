"""Circles by the API: the same rule for keys, staff and members."""

import json

import pytest

from communities.models import Circle
from communities.services import circles
from communities.services import settings as community_settings
from members.actors import Actor
from members.models import Membership, Tier
from members.roles import Role
from tests import api, make

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    community = make.community("lantern")
    Circle.objects.of(community.pk).delete()
    return community


@pytest.fixture
def secret(community):
    insider = make.member(community, role=Role.MANAGER)
    by = Actor.person(insider.user, insider)
    circles.create(community=community, name="Hush", at=make.EARLY, by=by, kind="secret")
    return insider


def send(client, path, body=None):
    client.get("/c/lantern/me/")
    token = client.cookies["csrftoken"].value if "csrftoken" in client.cookies else ""
    return client.post(
        f"/api/v1/communities/lantern/{path}", json.dumps(body or {}), content_type="application/json",
        headers={"X-CSRFToken": token},
    )  # fmt: skip


def test_a_program_opens_changes_archives_and_reads(community):
    Tier.objects.create(community=community, key="gold", name="Gold", rank=90)
    program = api.Program(community)
    made = program.post("circles/", {"name": "Night owls", "minimum_tier": "gold"})
    assert (made.status_code, made["Location"]) == (
        201,
        "http://testserver/api/v1/communities/lantern/circles/night-owls/",
    )
    expected = {
        "slug": "night-owls", "name": "Night owls", "description": "", "kind": "open",
        "minimum_tier": "gold", "position": 0, "members": 0, "hosts": [], "archived_at": None,
    }  # fmt: skip
    assert made.json() == expected == program.get("circles/night-owls/").json()
    changed = program.patch("circles/night-owls/", {"minimum_tier": None, "archived": True}).json()
    assert changed["minimum_tier"] is None and changed["archived_at"]
    assert program.get("circles/").json()["results"] == []
    assert [one["slug"] for one in program.get("circles/?archived=true").json()["results"]] == ["night-owls"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "X", "minimum_tier": "none"}, ("#/minimum_tier", "unknown")),
        ({"name": "X", "kind": "secret"}, ("#/kind", "secret")),
        ({"name": "owls"}, ("#/name", "taken")),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(community, body, code):
    circles.create(community=community, name="Owls", at=make.EARLY, by=make.SITE)
    answer = api.Program(community).post("circles/", body)
    assert (answer.status_code, api.where(answer)) == (422, [code])
    assert Circle.objects.of(community.pk).count() == 1


def test_a_secret_circle_is_found_by_its_members_only(community, secret):
    owner = Membership.objects.get(number=1)
    for ask in (
        api.Program(community).get,
        lambda path: api.browser(owner.user).get(f"/api/v1/communities/lantern/{path}"),
    ):
        assert ask("circles/hush/").status_code == 404
    inside = api.browser(secret.user)
    assert inside.get("/api/v1/communities/lantern/circles/hush/").json()["kind"] == "secret"
    assert [one["slug"] for one in inside.get("/api/v1/communities/lantern/circles/").json()["results"]] == [
        "hush"
    ]
    assert api.Program(community).patch("circles/hush/", {"name": "Loud"}).status_code == 404


def test_members_are_brought_in_and_taken_out(community):
    circle = circles.create(community=community, name="Owls", kind="closed", at=make.EARLY, by=make.SITE)
    member, program = make.member(community), api.Program(community)
    for _twice in range(2):
        assert program.post("circles/owls/members/", {"number": member.number}).json()["members"] == 1
    assert api.where(program.post("circles/owls/members/", {"number": 99})) == [("#/number", "unknown")]
    assert program.client.delete(f"{program.root}circles/owls/members/{member.number}/").status_code == 204
    assert program.client.delete(f"{program.root}circles/owls/members/99/").status_code == 404
    assert circle.circle_memberships.count() == 0


def test_a_member_joins_and_leaves_and_a_key_does_neither(community):
    circle = circles.create(community=community, name="Owls", at=make.EARLY, by=make.SITE)
    client = api.browser(make.member(community).user)
    assert send(client, "circles/owls/join/").status_code == 204
    assert circle.circle_memberships.count() == 1
    assert send(client, "circles/owls/leave/").status_code == 204
    assert circle.circle_memberships.count() == 0
    assert api.Program(community).post("circles/owls/join/").status_code == 403


def test_members_do_not_keep_circles(community):
    client = api.browser(make.member(community).user)
    assert send(client, "circles/", {"name": "Mine"}).status_code == 422
    assert send(client, "circles/mine/members/", {"number": 1}).status_code == 403
    assert not Circle.objects.of(community.pk).exists()


def test_members_open_circles_of_their_own_where_they_may(community):
    ada = make.member(community)
    client = api.browser(ada.user)
    refused = send(client, "circles/", {"name": "Owls"})
    assert (refused.status_code, refused.json()["code"]) == (422, "staff_only")
    community_settings.update(community=community, at=make.EARLY, by=make.SITE, members_open_circles=True)
    higher = send(client, "circles/", {"name": "Owls", "minimum_tier": community.tiers.first().key})
    assert (higher.status_code, higher.json()["code"]) == (422, "staff_only")
    made = send(client, "circles/", {"name": "Owls", "minimum_tier": None})
    assert (made.status_code, made.json()["hosts"], made.json()["members"]) == (201, [ada.number], 1)


def test_a_program_makes_hosts_of_who_is_in_a_circle(community):
    program, bo = api.Program(community), make.member(community)
    program.post("circles/", {"name": "Owls"})
    for number, code in ((99, "unknown"), (bo.number, "not_in_it")):
        refused = program.post("circles/owls/hosts/", {"number": number})
        assert (refused.status_code, refused.json()["code"]) == (422, code)
    program.post("circles/owls/members/", {"number": bo.number})
    assert program.post("circles/owls/hosts/", {"number": bo.number}).json()["hosts"] == [bo.number]
    assert program.client.delete(f"{program.root}circles/owls/hosts/{bo.number}/").status_code == 204
    assert program.get("circles/owls/").json()["hosts"] == []
