"""Bad input: a problem that says what and where, never a 500, never a half-done change."""

import json

import pytest

from kernel.api import problems
from members.models import Membership
from tests import api, make
from tests.api import where

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> api.Program:
    return api.Program(make.community())


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "malformed"),
        (b'{"name": NaN}', "malformed"),
        (b'{"latitude": 1e999}', "malformed"),
        (b'{"name": "a", "name": "b"}', "malformed"),
        (b"[" * 100_000, "malformed"),
        (b'{"name": "\xff"}', "malformed"),
        (b"9" * 5000, "malformed"),
    ],
)
def test_what_is_no_json_is_400(program, body, code):
    answer = program.post("members/", body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ([], [("#", "invalid")]),
        ("x", [("#", "invalid")]),
        (None, [("#", "null")]),
        ({}, [("#/reason", "required")]),
        ({"reason": 5}, [("#/reason", "invalid")]),
        ({"reason": True}, [("#/reason", "invalid")]),
        ({"reason": None}, [("#/reason", "null")]),
        ({"reason": "  "}, [("#/reason", "blank")]),
        ({"reason": "a\x00b"}, [("#/reason", "null_characters_not_allowed")]),
        ({"reason": "x" * 241}, [("#/reason", "max_length")]),
        ({"reason": "x", "why": 1, "a/b": 2}, [("#/why", "unknown_field"), ("#/a~1b", "unknown_field")]),
    ],
)
def test_a_body_that_does_not_fit_names_the_field(program, body, faults):
    answer = program.post("members/1/remove/", json.dumps(body))
    assert (answer.status_code, where(answer)) == (400, faults)
    assert Membership.objects.get(number=1).status == "active"


def test_a_lone_surrogate_is_400(program):
    answer = program.post("members/", b'{"name": "\\ud800"}')
    assert (answer.status_code, where(answer)) == (400, [("#/name", "surrogate_characters_not_allowed")])


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("colour=red", ("colour", "unknown_parameter")),
        ("status=asleep", ("status", "invalid_choice")),
        ("status=active&status=left", ("status", "repeated")),
        ("limit=-1", ("limit", "min_value")),
        ("limit=1e9", ("limit", "invalid")),
        ("limit=" + "9" * 5000, ("limit", "max_string_length")),
        ("cursor=abc", ("cursor", "invalid")),
        ("cursor=%00", ("cursor", "null_characters_not_allowed")),
        ("search=a%00b", ("search", "null_characters_not_allowed")),
        ("joined_after=2026-13-01", ("joined_after", "invalid")),
        ("fields=number,colour", ("fields", "unknown_field")),
        ("ordering=colour", ("ordering", "invalid_choice")),
    ],
)
def test_a_parameter_that_does_not_fit_is_400_and_named(program, query, fault):
    answer = program.get(f"members/?{query}")
    assert (answer.status_code, where(answer)) == (400, [fault])


def test_unreadable_bytes_in_an_address_are_replaced_not_fatal(program):
    assert program.get("members/?search=%ff%fe").status_code == 200


def test_other_media_types_are_415(program):
    answer = program.client.post(program.root + "members/", "a=b", content_type="text/plain")
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("method", ["put", "delete", "options", "trace"])
def test_other_methods_are_405_and_told_which_there_are(program, method):
    answer = getattr(program.client, method)(program.root + "members/")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, POST, HEAD")


def test_a_body_that_is_too_large_is_413_before_it_is_parsed(program):
    body = b"{" * 6 * 1024 * 1024
    answer = program.client.generic("POST", program.root + "members/", body, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "path", ["members/99/", "members/0/", f"members/{2**40}/", "nothing/", "metrics/nope/"]
)
def test_what_is_not_there_is_404(program, path):
    answer = program.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_address_without_its_slash_is_told_and_not_redirected(program, method):
    answer = getattr(program.client, method)(program.root + "members")
    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        f"Addresses end with a slash: {program.root}members/",
    )


def test_errors_outside_the_views_are_problems_too(client):
    answer = client.get("/api/v1/communities/none%00/", headers={"Authorization": "Bearer x"})
    assert (answer.status_code, answer["Content-Type"]) == (401, problems.MEDIA_TYPE)


def test_a_fault_of_ours_is_a_500_problem_that_tells_nothing(program, monkeypatch):
    def broken(**anything):
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr("members.services.memberships.add", broken)
    program.client.raise_request_exception = False
    answer = program.post("members/", {"name": "x"})
    assert (answer.status_code, answer["Content-Type"]) == (500, problems.MEDIA_TYPE)
    assert "secret" not in answer.content.decode()


def test_reasons_are_in_the_language_asked_for(program):
    answer = program.get("members/?limit=0", **{"Accept-Language": "zh-hans"})
    assert answer.json()["errors"][0]["detail"] != "Ensure this value is greater than or equal to 1."


def test_head_is_get_without_a_body(program):
    answer = program.client.head(program.root + "members/1/")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["ETag"] == program.get("members/1/")["ETag"]
