"""What the desk sets about joining, by the API: the same rules, the same entries in the log."""

import pytest

from communities.models import Community, JoinQuestion
from communities.services import letters
from members.models import AuditEntry
from tests import api, make

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    community = make.community("lantern")
    JoinQuestion.objects.all().delete()
    return api.Program(community)


def texts(program) -> list[str]:
    return [one["text"] for one in program.get("join-questions/").json()["results"]]


def test_questions_are_asked_put_in_order_changed_and_deleted(program):
    why = program.post("join-questions/", {"text": "Why?", "required": True})
    assert (why.status_code, why.json()["kind"], why.json()["required"]) == (201, "text", True)
    program.post("join-questions/", {"text": "When?", "kind": "choice", "options": ["Dawn", "Dusk"]})
    first = program.post("join-questions/", {"text": "Who?", "position": 0}).json()
    assert texts(program) == ["Who?", "Why?", "When?"]
    address = f"join-questions/{first['id']}/"
    moved = program.patch(address, {"position": 40, "text": "Who are you?"})
    assert (moved.status_code, moved.json()["position"]) == (200, 2)
    assert texts(program) == ["Why?", "When?", "Who are you?"]
    assert program.client.delete(program.root + address).status_code == 204
    assert program.get(address).status_code == 404
    logged = AuditEntry.objects.filter(object_kind="question").order_by("id").values_list("action", flat=True)
    assert [action.removeprefix("question.") for action in logged] == [
        "created", "created", "created", "moved", "changed", "moved", "deleted",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"text": "When?", "kind": "choice", "options": ["Dawn"]}, ("#/options", "invalid")),
        ({"text": "When?", "kind": "wish"}, ("#/kind", "invalid_choice")),
        ({"kind": "text"}, ("#/text", "required")),
        ({"text": "Why?", "position": -1}, ("#/position", "min_value")),
    ],
)
def test_what_does_not_fit_is_refused_as_on_the_page(program, body, fault):
    answer = program.post("join-questions/", body)
    assert (answer.status_code in (400, 422), api.where(answer)) == (True, [fault])
    assert texts(program) == []


def test_a_stale_tag_changes_nothing(program):
    made = program.post("join-questions/", {"text": "Why?"}).json()
    address = f"join-questions/{made['id']}/"
    stale = program.get(address)["ETag"]
    program.patch(address, {"text": "Why here?"})
    answer = program.patch(address, {"text": "Mine"}, **{"If-Match": stale})
    assert (answer.status_code, texts(program)) == (412, ["Why here?"])


def test_the_rules_of_joining_are_settings(program):
    answer = program.patch("", {"join_policy": "application", "references_asked": 2, "dues_first": True})
    assert [answer.json()[key] for key in ("join_policy", "references_asked", "dues_first")] == [
        "application", 2, True,
    ]  # fmt: skip
    assert api.where(program.patch("", {"references_asked": 6})) == [("#/references_asked", "max_value")]
    entry = AuditEntry.objects.get(action="community.settings_changed")
    assert entry.after == {"join_policy": "application", "references_asked": 2, "dues_first": True}


def test_decisions_are_told_in_the_community_s_own_words_or_the_usual(program):
    every = program.get("decision-letters/").json()["letters"]
    assert len(every) == 8 and {one["own"] for one in every} == {False}
    address = "decision-letters/reject/en/"
    usual = program.get(address).json()["text"]
    assert usual == letters.own_words("reject", "en")
    told = program.patch(address, {"text": "{name}, not this year. {reason}"}).json()
    assert (told["text"], told["own"]) == ("{name}, not this year. {reason}", True)
    community = Community.objects.get(slug="lantern")
    assert letters.text(community, "reject", "en") == "{name}, not this year. {reason}"
    assert api.where(program.patch(address, {"text": "{password}"})) == [("#/text", "unknown")]
    back = program.patch(address, {"text": usual}).json()
    assert (back["text"], back["own"]) == (usual, False)
    # What is as it was is not written down.
    assert program.patch(address, {"text": ""}).status_code == 200
    assert AuditEntry.objects.filter(action="community.letter_changed").count() == 2
    for wrong in ("decision-letters/marry/en/", "decision-letters/reject/fr/"):
        assert program.get(wrong).status_code == 404
