"""Roles by the API: given by a key that may write, and by owners alone in the browser."""

import json

import pytest

from members.models import AuditEntry, Membership
from members.services import standing
from tests import api, make
from tests.api import where

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return make.community()


@pytest.fixture
def program(community) -> api.Program:
    return api.Program(community)


def role(number: int) -> str:
    return Membership.objects.get(number=number).role


def changes() -> list[tuple[dict, dict]]:
    found = AuditEntry.objects.filter(action="member.role_changed").order_by("id")
    return [(entry.before, entry.after) for entry in found]


def test_a_role_is_given_and_taken(community, program):
    member = make.member(community, name="Bo")
    address = f"members/{member.number}/"
    given = program.post(f"{address}role/", {"role": "host"})
    assert (given.status_code, given.json()) == (200, program.get(address).json())
    assert (given.json()["role"], given["ETag"]) == ("host", program.get(address)["ETag"])
    assert program.post(f"{address}role/?fields=role", {"role": "host"}).json() == {"role": "host"}
    assert program.post(f"{address}role/", {"role": "member"}).json()["role"] == "member"
    assert changes() == [
        ({"role": "member"}, {"role": "host"}),
        ({"role": "host"}, {"role": "member"}),
    ]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({}, ("#/role", "required")),
        ({"role": "king"}, ("#/role", "invalid_choice")),
        ({"role": None}, ("#/role", "null")),
        ({"role": "host", "reason": "x"}, ("#/reason", "unknown_field")),
    ],
)
def test_what_is_no_role_changes_nothing(community, program, body, fault):
    make.member(community)
    answer = program.post("members/2/role/", body)
    assert (answer.status_code, where(answer), role(2), changes()) == (400, [fault], "member", [])


def test_somebody_stays_to_run_the_community(program):
    answer = program.post("members/1/role/", {"role": "member"})
    assert (answer.status_code, answer.json()["code"], role(1)) == (422, "last_owner", "owner")
    assert program.post("members/99/role/", {"role": "member"}).status_code == 404


def test_who_is_no_member_any_more_is_given_none(community, program):
    gone = make.member(community)
    standing.act("leave", membership=gone, at=make.EARLY, by=make.SITE)
    answer = program.post("members/2/role/", {"role": "owner"})
    assert (answer.status_code, answer.json()["code"], role(2)) == (422, "not_now", "member")


def test_a_manager_gives_no_role_to_anybody(community):
    manager = make.member(community, role="manager")
    client = api.browser(manager.user)
    client.get(f"/c/{community.slug}/desk/")
    headers = {"X-CSRFToken": client.cookies["csrftoken"].value} if "csrftoken" in client.cookies else {}
    address = f"/api/v1/communities/{community.slug}/members/{manager.number}/role/"
    answer = client.post(address, json.dumps({"role": "owner"}), "application/json", headers=headers)
    assert (answer.status_code, role(2)) == (403, "manager")


def test_a_key_that_only_reads_gives_none(community):
    make.member(community)
    answer = api.Program(community, "read").post("members/2/role/", {"role": "host"})
    assert (answer.status_code, answer.json()["code"], role(2)) == (403, "missing_scope", "member")
