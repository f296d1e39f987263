"""Who gets in: keys by community and scope, people by membership and role, nobody else."""

from datetime import timedelta

import pytest

from communities.models import ApiKey
from communities.services import api_keys
from kernel.clock import now
from members.roles import Role
from tests import api, make

pytestmark = pytest.mark.django_db


def test_without_credentials_it_is_401_whether_or_not_the_community_exists(client):
    community = make.community(visibility="private")
    for slug in (community.slug, "nowhere"):
        answer = client.get(f"/api/v1/communities/{slug}/")
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == 'Bearer realm="crowdecon"'
        assert answer.json()["code"] == "not_authenticated"


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer", "Basic abc", "Bearer é", "Bearer cd_\x7f"])
def test_a_wrong_key_is_401(client, header):
    community = make.community()
    answer = client.get(f"/api/v1/communities/{community.slug}/", headers={"Authorization": header})
    assert answer.status_code == 401


def test_an_ended_and_an_expired_key_are_401():
    community = make.community()
    program = api.Program(community)
    key = ApiKey.objects.get()
    assert program.get("").status_code == 200
    ApiKey.objects.update(expires_at=now() - timedelta(seconds=1))
    assert program.get("").status_code == 401
    ApiKey.objects.update(expires_at=None)
    api_keys.revoke(key=key, at=now(), by=make.SITE)
    assert program.get("").status_code == 401


def test_a_key_opens_its_own_community_only():
    mine, other = make.community(), make.community()
    key = api.secret(mine)
    assert api.Program(other, key=key).get("").status_code == 404
    listed = api.Program(mine, key=key).client.get("/api/v1/communities/").json()
    assert [one["slug"] for one in listed["results"]] == [mine.slug]


def test_a_key_that_reads_does_not_write():
    community = make.community()
    answer = api.Program(community, "read").patch("", {"tagline": "no"})
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
    answer = api.Program(community, "write").get("")
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")


def test_a_person_sees_the_communities_they_are_in():
    person = make.person()
    mine, other = make.community(owner=person), make.community()
    client = api.browser(person)
    listed = client.get("/api/v1/communities/").json()
    assert [one["slug"] for one in listed["results"]] == [mine.slug]
    assert client.get(f"/api/v1/communities/{mine.slug}/").status_code == 200
    assert client.get(f"/api/v1/communities/{other.slug}/").status_code == 404


@pytest.mark.parametrize(("role", "expected"), [(Role.MEMBER, 403), (Role.HOST, 200), (Role.OWNER, 200)])
def test_members_are_shown_to_staff(role, expected):
    community = make.community()
    member = make.member(community, role=role)
    answer = api.browser(member.user).get(f"/api/v1/communities/{community.slug}/members/")
    assert answer.status_code == expected


def test_a_browser_must_show_the_token_against_forged_requests():
    person = make.person()
    community = make.community(owner=person)
    client = api.browser(person)
    address = f"/api/v1/communities/{community.slug}/"
    body = {"tagline": "Light for all"}
    answer = client.patch(address, body, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    client.cookies["csrftoken"] = "a" * 32
    answer = client.patch(address, body, content_type="application/json", headers={"X-CSRFToken": "a" * 32})
    assert (answer.status_code, answer.json()["tagline"]) == (200, "Light for all")


def test_a_key_speaks_for_itself_even_beside_a_cookie():
    stranger = make.person()
    community = make.community()
    client = api.browser(stranger)
    key = api.secret(community, "read")
    answer = client.get(
        f"/api/v1/communities/{community.slug}/members/", headers={"Authorization": f"Bearer {key}"}
    )
    assert answer.status_code == 200


def test_the_last_use_of_a_key_is_told():
    community = make.community()
    api.Program(community).get("")
    assert now() - ApiKey.objects.get().last_used_at < timedelta(minutes=1)
