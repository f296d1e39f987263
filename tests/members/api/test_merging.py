"""Duplicates over the API: suggested, told apart, merged, undone, asked."""

import pytest

from kernel.clock import now
from members.models import Membership, Merge
from members.services import memberships
from tests import api, make

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return make.community("lantern")


@pytest.fixture
def kept(place):
    return make.member(place, name="Li Lei", email="lilei@example.org")


@pytest.fixture
def record(place):
    return memberships.add(
        community=place, at=now(), by=make.SITE, name="李雷", email="lilei@example.org", city="Lyon"
    )


def test_a_duplicate_is_listed_merged_and_undone(place, kept, record):
    program = api.Program(place)
    found = program.get("duplicates/").json()
    assert found == {
        "results": [
            {
                "why": "mailbox",
                "kept": kept.number,
                "merged": record.number,
                "both_sign_in": False,
                "asked": False,
            }
        ],
        "more": False,
    }
    made = program.post(
        "merges/", {"kept": kept.number, "merged": record.number, "choices": {"name": "merged"}}
    )
    assert made.status_code == 201
    body = made.json()
    assert (body["kept"], body["merged"], body["undone_at"]) == (kept.number, record.number, None)
    assert made["Location"].endswith(f"/merges/{body['id']}/")
    assert program.get(f"members/{kept.number}/").json()["name"] == "李雷"
    gone = program.get(f"members/{record.number}/")
    assert (gone.status_code, gone.json()["code"]) == (404, "merged")
    assert gone.json()["detail"] == f"This record was merged into number {kept.number}."
    assert [one["number"] for one in program.get("members/").json()["results"]].count(record.number) == 0
    undone = program.post(f"merges/{body['id']}/undo/")
    assert (undone.status_code, undone.json()["undone_at"] is None) == (200, False)
    again = program.post(f"merges/{body['id']}/undo/")
    assert (again.status_code, again.json()["code"]) == (422, "undone")
    assert program.get(f"members/{record.number}/").status_code == 200


def test_what_is_refused_says_why_and_changes_nothing(place, kept, record):
    program = api.Program(place)
    twin = make.member(place)
    for body, status, code in (
        ({"kept": kept.number, "merged": twin.number}, 422, "both_sign_in"),
        ({"kept": record.number, "merged": kept.number}, 422, "keep_the_other"),
        ({"kept": kept.number, "merged": 999}, 404, "not_found"),
        ({"kept": kept.number, "merged": record.number, "choices": {"role": "merged"}}, 422, "unknown"),
        ({"kept": kept.number, "merged": record.number, "choices": {"name": "mine"}}, 400, "invalid"),
    ):
        answer = program.post("merges/", body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (
        program.post("merge-proposals/", {"kept": kept.number, "merged": record.number}).json()["code"]
        == "staff_alone"
    )
    assert not Merge.objects.exists()


def test_two_are_told_apart(place, kept, record):
    program = api.Program(place)
    for _time in range(2):
        answer = program.post("duplicates/apart/", {"one": record.number, "other": kept.number})
        assert answer.status_code == 204
    assert program.get("duplicates/").json()["results"] == []


def test_two_who_sign_in_say_yes_themselves(place, kept):
    program, twin = api.Program(place), make.member(place)
    asked = program.post("merge-proposals/", {"kept": kept.number, "merged": twin.number}).json()
    answer = f"/api/v1/communities/lantern/merge-proposals/{asked['id']}/answer/"
    assert program.post(f"merge-proposals/{asked['id']}/answer/", {"yes": True}).status_code == 404
    for person, state in ((twin.user, "waiting"), (kept.user, "done")):
        browser = api.browser(person)
        browser.handler.enforce_csrf_checks = False
        said = browser.post(answer, {"yes": True}, content_type="application/json")
        assert (said.status_code, said.json()["state"]) == (200, state)
    assert Membership.objects.get(pk=twin.pk).merged_into == kept
    other = program.post(
        "merge-proposals/", {"kept": kept.number, "merged": make.member(place).number}
    ).json()
    taken = program.post(f"merge-proposals/{other['id']}/withdraw/")
    assert (taken.status_code, taken.json()["state"]) == (200, "withdrawn")
