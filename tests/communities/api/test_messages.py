"""Messages by the API: for people who are signed in; a key is nobody, and reads none."""

import pytest

from communities.models import Block, DirectMessage, MessageReport
from communities.services import message_reports, messages
from members.models import AuditEntry
from members.roles import Role
from tests import api, make
from tests.communities.api.test_talk import ROOT, Browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return make.community("lantern")


@pytest.fixture
def ada(community):
    return make.member(community, name="Ada")


@pytest.fixture
def bo(community):
    return make.member(community, name="Bo")


def results(browser, path):
    return browser.client.get(ROOT + path).json()["results"]


def test_two_people_write_to_one_another(ada, bo):
    me, other = Browser(ada), Browser(bo)
    made = me.send("post", f"conversations/{bo.number}/messages/", {"body": "Hi *Bo*"})
    message = DirectMessage.objects.get()
    told = {"id": str(message.key), "author": ada.number, "body": "Hi *Bo*", "removed_at": None}
    assert (made.status_code, made.json() | told) == (201, made.json())
    (line,) = results(other, "conversations/")
    assert line == {"number": ada.number, "name": "Ada", "unread": 1, "last_at": line["last_at"]}
    assert [one["id"] for one in results(other, f"conversations/{ada.number}/messages/")] == [told["id"]]
    assert other.send("post", f"conversations/{ada.number}/read/").status_code == 204
    assert results(other, "conversations/")[0]["unread"] == 0
    assert me.send("delete", f"direct-messages/{message.key}/").status_code == 204
    assert results(other, f"conversations/{ada.number}/messages/")[0]["body"] == ""


def test_a_key_is_nobody(community, ada, bo):
    message = messages.write(author=ada, to=bo, body="Psst", at=make.EARLY)
    report = message_reports.report(message=message, by=bo, reason="spam", at=make.EARLY)
    program = api.Program(community)
    answers = [program.get("conversations/"), program.get(f"conversations/{bo.number}/messages/")]
    answers += [program.post(f"conversations/{bo.number}/messages/", {"body": "Buy!"})]
    answers += [program.get(f"message-reports/{report.key}/evidence/")]
    assert [(one.status_code, one.json()["code"]) for one in answers] == [(403, "person_needed")] * 4
    assert "Psst" not in program.get("message-reports/").content.decode()
    assert (
        DirectMessage.objects.count(),
        AuditEntry.objects.filter(action="message_report.read").count(),
    ) == (1, 0)


def test_wishes_and_blocks(ada, bo):
    me = Browser(ada)
    assert me.send("put", "message-wish/", {"who": "nobody"}).json() == {"who": "nobody", "blocked": []}
    refused = Browser(bo).send("post", f"conversations/{ada.number}/messages/", {"body": "Hi"})
    assert (refused.status_code, refused.json()["code"]) == (422, "closed")
    assert me.send("put", f"conversations/{bo.number}/block/").status_code == 204
    assert me.client.get(f"{ROOT}message-wish/").json()["blocked"] == [bo.number]
    assert me.send("delete", f"conversations/{bo.number}/block/").status_code == 204
    assert not Block.objects.exists()


def test_a_report_from_the_reader_to_its_end(community, ada, bo):
    message = messages.write(author=ada, to=bo, body="Psst", at=make.EARLY)
    made = Browser(bo).send("post", f"direct-messages/{message.key}/report/", {"reason": "spam"})
    report = MessageReport.objects.get()
    assert (made.status_code, made.json()["id"], "Psst" in made.content.decode()) == (
        201,
        str(report.key),
        False,
    )
    staff = Browser(make.member(community, role=Role.MODERATOR))
    place = f"message-reports/{report.key}/"
    evidence = staff.client.get(f"{ROOT}{place}evidence/").json()
    assert evidence == {"messages": [{"by": ada.number, "at": make.EARLY.isoformat(), "body": "Psst"}]}
    assert AuditEntry.objects.filter(action="message_report.read").count() == 1
    settled = staff.send("post", f"{place}settle/", {"outcome": "seen_to", "note": "Talked"})
    assert (settled.status_code, settled.json()["outcome"]) == (200, "seen_to")
    again = staff.send("post", f"{place}settle/", {"outcome": "nothing"})
    assert (again.status_code, again.json()["code"]) == (422, "settled")
    assert [one["id"] for one in results(staff, "message-reports/?settled=true")] == [str(report.key)]


def test_nobody_else_knows_of_a_message(community, ada, bo):
    message = messages.write(author=ada, to=bo, body="Psst", at=make.EARLY)
    staff = Browser(make.member(community, role=Role.OWNER))
    assert staff.send("delete", f"direct-messages/{message.key}/").status_code == 404
    assert staff.send("post", f"direct-messages/{message.key}/report/", {"reason": "spam"}).status_code == 404
    assert results(staff, f"conversations/{bo.number}/messages/") == []
