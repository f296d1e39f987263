"""Activities by the API, judged as a file's rows are."""

import json
from decimal import Decimal

import pytest

from engagement.models import Fact
from members.services import memberships
from tests import api, make
from tests.api import where

pytestmark = pytest.mark.django_db
AT = "2026-01-06T10:00:00Z"


@pytest.fixture
def program() -> api.Program:
    community = make.community(timezone="Asia/Shanghai")
    for name in ("a", "b"):
        memberships.add(community=community, at=make.EARLY, by=make.SITE, external_id=name)
    return api.Program(community)


def acts() -> list[Fact]:
    return list(Fact.objects.exclude(verb="joined").order_by("occurred_at", "dedupe"))


def counts(answer) -> tuple[int, int, list[tuple[int, str, str]]]:
    assert answer.status_code == 200
    found = answer.json()
    rejected = [(one["index"], one["column"], one["code"]) for one in found["rejected"]]
    return found["accepted"], found["duplicate"], rejected


def test_one_activity_in_full(program):
    body = {
        "member": "a",
        "verb": "paid",
        "occurred_at": "2026-01-06T18:00:00",
        "target": "b",
        "object": "order:17",
        "circle": "ideas",
        "value": 12.5,
        "id": 4711,
    }
    assert counts(program.post("activities/", body)) == (1, 0, [])
    [fact] = acts()
    assert (fact.member, fact.target, fact.verb, fact.value) == (2, 3, "paid", Decimal("12.5"))
    assert (fact.object_kind, fact.object_id) == ("order", "17")
    assert fact.occurred_at.isoformat() == "2026-01-06T10:00:00+00:00"
    assert counts(program.post("activities/", body)) == (0, 1, [])


def test_a_wrong_row_stops_no_other(program):
    good = {"member": "a", "verb": "posted", "occurred_at": AT}
    rows = [
        good,
        good,
        5,
        {"member": "a"},
        {"member": "a", "verb": "danced", "occurred_at": AT},
        {"member": "zz", "verb": "posted", "occurred_at": AT},
        {"member": "a", "verb": "posted", "occurred_at": "2099-01-01"},
        {"member": "a", "verb": "posted", "occurred_at": AT, "mood": "fine"},
        {"member": "a", "verb": "posted", "occurred_at": AT, "object": "x\x00:y"},
        {"member": "a", "verb": ["posted"], "occurred_at": AT},
        {"member": "a", "verb": "posted", "occurred_at": AT, "value": 1e300},
        {"member": "a", "verb": "posted", "occurred_at": AT, "value": 10**400},
        {"member": "\ud800", "verb": "posted", "occurred_at": AT},
        good | {"target": "b"},
        good | {"value": None, "circle": ""},
    ]
    assert counts(program.post("activities/", rows)) == (
        2,
        2,
        [
            (2, "", "not_object"),
            (3, "verb", "needed"),
            (4, "verb", "choice"),
            (5, "member", "unknown_member"),
            (6, "occurred_at", "future"),
            (7, "", "unknown_column"),
            (8, "object", "nul"),
            (9, "verb", "not_text"),
            (10, "value", "number"),
            (11, "value", "number"),
            (12, "member", "encoding"),
        ],
    )
    assert len(acts()) == 2


def test_lines_of_json(program):
    good = json.dumps({"member": "a", "verb": "posted", "occurred_at": AT})
    body = f'{good}\n\n{{"member": \n\r\n{good.replace("posted", "asked")}\r\n'
    answer = program.client.post(program.root + "activities/", body, content_type="application/x-ndjson")
    assert counts(answer) == (2, 0, [(1, "", "not_json")])


def test_ten_thousand_and_no_more(program):
    rows = [
        {"member": "a", "verb": "visited", "occurred_at": AT, "id": str(n)} if n % 2 else {}
        for n in range(10_000)
    ]
    accepted, duplicate, rejected = counts(program.post("activities/", rows))
    assert accepted + duplicate + len(rejected) == 10_000
    answer = program.post("activities/", [*rows, {}])
    assert (answer.status_code, where(answer)) == (400, [("#", "too_many")])


@pytest.mark.parametrize("body", ["null", '"text"', "5", "true"])
def test_what_is_no_list_of_activities_is_400(program, body):
    answer = program.post("activities/", body)
    assert (answer.status_code, where(answer)) == (400, [("#", "invalid")])


def test_reasons_are_in_the_reader_s_language(program):
    english = program.post("activities/", [{}]).json()["rejected"][0]["reason"]
    assert english == "This cell is needed and empty."
