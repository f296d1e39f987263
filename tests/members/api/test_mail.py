"""Letters by the API: their words, one sent once more, an address written to again."""

from datetime import timedelta

import pytest

from members.models import AuditEntry, DeadAddress, MailTemplate, Message
from members.services import bounces, mail
from tests import api, make
from tests.api import where

pytestmark = pytest.mark.django_db
AT = make.EARLY + timedelta(days=60)
WELCOME = "mail-templates/member.welcome/en/"
USUAL = {
    "subject": "Welcome to {community}",
    "body": (
        "Hello {member},\n\nyou are a member of {community} now: number {number}.\n\n"
        "[See who and what is there]({url})\n\nGood that you are here."
    ),
}


@pytest.fixture
def community():
    return make.community()


@pytest.fixture
def program(community) -> api.Program:
    return api.Program(community)


def words(answer) -> dict[str, str]:
    return {name: answer.json()[name] for name in ("subject", "body")}


def log(*actions: str) -> list[str]:
    return list(AuditEntry.objects.filter(action__in=actions).order_by("id").values_list("action", flat=True))


# --- the words ----------------------------------------------------------------------------------------


def test_the_words_of_a_letter_in_full(program):
    answer = program.get(WELCOME)
    assert answer.json() == {
        "kind": "member.welcome",
        "language": "en",
        "label": "Welcome",
        **USUAL,
        "own": False,
        "placeholders": [
            {"name": "member", "meaning": "what the member is called"},
            {"name": "community", "meaning": "the community's name"},
            {"name": "community_url", "meaning": "the community's address"},
            {"name": "url", "meaning": "the address that the letter is about"},
            {"name": "number", "meaning": "the member's number"},
        ],
    }
    assert program.get(WELCOME, **{"If-None-Match": answer["ETag"]}).status_code == 304


def test_every_kind_that_can_be_worded_is_listed_in_every_language(program, django_assert_num_queries):
    program.get("")  # the first use of a key in a minute is written down
    with django_assert_num_queries(3):
        every = program.get("mail-templates/").json()["templates"]
    kinds = [one["kind"] for one in every]
    assert ("member.welcome" in kinds, "digest" in kinds) == (True, True)
    assert [one["language"] for one in every] == ["en", "zh-hans"] * (len(every) // 2)
    assert {one["own"] for one in every} == {False}
    for one in every:
        assert program.get(f"mail-templates/{one['kind']}/{one['language']}/").json() == one


def test_words_are_changed_and_put_back(community, program):
    other = make.community()
    told = program.patch(WELCOME, {"subject": "Hi {member}"})
    assert (told.status_code, words(told), told.json()["own"]) == (
        200,
        USUAL | {"subject": "Hi {member}"},
        True,
    )
    told = program.patch(WELCOME, {"body": "Come in, {member}."})
    assert words(told) == {"subject": "Hi {member}", "body": "Come in, {member}."}
    assert program.get("mail-templates/member.welcome/zh-hans/").json()["own"] is False
    assert api.Program(other).get(WELCOME).json()["own"] is False
    make.member(community, name="Li Lei")
    assert Message.objects.get(kind="member.welcome", membership__name="Li Lei").subject == "Hi Li Lei"
    for _twice in range(2):
        back = program.post(f"{WELCOME}reset/")
        assert (back.status_code, words(back), back.json()["own"]) == (200, USUAL, False)
    assert MailTemplate.objects.count() == 0
    assert log("mail.words_changed", "mail.words_reset") == [*["mail.words_changed"] * 2, "mail.words_reset"]


def test_to_put_it_as_the_product_does_is_to_have_no_own_words(program):
    program.patch(WELCOME, {"subject": "Hi {member}"})
    assert program.patch(WELCOME, USUAL).json()["own"] is False
    assert program.patch(WELCOME, {}).status_code == 200
    assert (MailTemplate.objects.count(), len(log("mail.words_changed"))) == (0, 2)


def test_words_that_changed_meanwhile_are_left(program):
    stale = program.get(WELCOME)["ETag"]
    program.patch(WELCOME, {"subject": "Theirs"}, **{"If-Match": stale})
    answer = program.patch(WELCOME, {"subject": "Mine"}, **{"If-Match": stale})
    assert (answer.status_code, program.get(WELCOME).json()["subject"]) == (412, "Theirs")


@pytest.mark.parametrize(
    ("body", "status", "fault"),
    [
        ({"subject": ""}, 400, ("#/subject", "blank")),
        ({"subject": "x" * 201}, 400, ("#/subject", "max_length")),
        ({"body": "x" * 20_001}, 400, ("#/body", "max_length")),
        ({"text": "x"}, 400, ("#/text", "unknown_field")),
        ({"subject": "Hi {nobody}"}, 422, ("#/subject", "unknown_placeholder")),
        ({"body": "{settings}"}, 422, ("#/body", "unknown_placeholder")),
    ],
)
def test_words_that_do_not_fit_change_nothing(program, body, status, fault):
    answer = program.patch(WELCOME, body)
    assert (answer.status_code, where(answer)) == (status, [fault])
    assert (MailTemplate.objects.count(), log("mail.words_changed")) == (0, [])


@pytest.mark.parametrize("letter", ["member.nothing/en", "member.welcome/fr", "address.confirm/en"])
def test_there_are_no_other_letters(program, letter):
    address = f"mail-templates/{letter}/"
    found = [program.get(address), program.patch(address, {"subject": "x"}), program.post(f"{address}reset/")]
    assert [answer.status_code for answer in found] == [404, 404, 404]


# --- one letter ---------------------------------------------------------------------------------------


def letter(community, **fields) -> Message:
    """A letter to a new member, as it stands after `fields`."""
    member = make.member(community, email="bo@example.org")
    Message.objects.all().delete()
    given = {"reason": "Not paid"}
    sent = mail.send(kind="member.removed", to=member, community=community, words=given, at=AT)
    Message.objects.filter(pk=sent.pk).update(**fields)
    return Message.objects.get(pk=sent.pk)


@pytest.mark.parametrize("state", ["failed", "unsure"])
def test_a_letter_that_did_not_go_is_sent_once_more(community, program, state):
    sent = letter(community, state=state, reason="cut_off", handed_at=AT, finished_at=AT, attempts=2)
    before = program.get(f"mail/{sent.pk}/").json()
    assert before == {
        "id": str(sent.pk),
        "kind": "member.removed",
        "member": 2,
        "address": "bo@example.org",
        "subject": "Your membership of Lantern has ended",
        "state": state,
        "reason": "cut_off",
        "attempts": 2,
        "created_at": "2026-03-06T09:00:00Z",
        "finished_at": "2026-03-06T09:00:00Z",
    }
    answer = program.post(f"mail/{sent.pk}/again/")
    assert answer.status_code == 200
    assert answer.json() == before | {"state": "queued", "reason": "", "finished_at": None}
    assert program.get(f"mail/{sent.pk}/").json() == answer.json()
    entry = AuditEntry.objects.get(action="mail.sent_again")
    assert (entry.object_id, entry.before) == (str(sent.pk), {"state": state})


@pytest.mark.parametrize("fields", [{"state": "sent"}, {"state": "queued"}, {"state": "failed", "text": ""}])
def test_no_other_letter_is_sent_again(community, program, fields):
    sent = letter(community, **fields)
    answer = program.post(f"mail/{sent.pk}/again/")
    assert (answer.status_code, answer.json()["code"]) == (422, "not_now")
    assert (Message.objects.get().state, log("mail.sent_again")) == (fields["state"], [])


def test_asked_twice_with_one_key_it_is_sent_again_once(community, program):
    sent = letter(community, state="failed", finished_at=AT)
    answers = [program.post(f"mail/{sent.pk}/again/", **{"Idempotency-Key": "k1"}) for _twice in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert log("mail.sent_again") == ["mail.sent_again"]


# --- addresses ----------------------------------------------------------------------------------------


def test_a_dead_address_is_shown_and_lifted(community, program):
    member = make.member(community, email="bo@example.org")
    for place in (community, make.community()):
        bounces.suppress(
            community_id=place.pk, address="Bo@example.org", detail="550 5.1.1 No such user", at=AT
        )
    address = f"members/{member.number}/"
    assert program.get(f"{address}dead-addresses/").json() == {
        "addresses": [
            {"address": "bo@example.org", "detail": "550 5.1.1 No such user", "at": "2026-03-06T09:00:00Z"}
        ]
    }
    for _twice in range(2):
        lifted = program.post(f"{address}lift-address/")
        assert (lifted.status_code, lifted.json()) == (200, {"addresses": []})
    assert program.get(f"{address}dead-addresses/").json() == {"addresses": []}
    # What the other community noted stands.
    assert DeadAddress.objects.exclude(community=community).count() == 1
    assert log("mail.address_lifted") == ["mail.address_lifted"]
    assert program.post("members/99/lift-address/").status_code == 404


def test_a_key_that_only_reads_changes_no_letter(community):
    reader = api.Program(community, "read")
    sent = letter(community, state="failed", finished_at=AT)
    addresses = (f"mail/{sent.pk}/again/", f"{WELCOME}reset/", "members/2/lift-address/")
    assert [reader.post(address).status_code for address in addresses] == [403, 403, 403]
    assert (reader.patch(WELCOME, {"subject": "x"}).status_code, reader.get(WELCOME).status_code) == (
        403,
        200,
    )
