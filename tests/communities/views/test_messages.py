"""Messages as members write and read them, and what those see who keep order."""

import pytest
from django.test import Client

from communities.models import Block, DirectMessage, MessageReport, MessageWish
from communities.selectors import messages as seen
from communities.services import message_reports, messages
from members.models import AuditEntry, Membership
from members.roles import Role
from members.services import standing
from tests import make

pytestmark = pytest.mark.django_db

ROOT = "/c/lantern/"


@pytest.fixture
def community(settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    return make.community("lantern")


@pytest.fixture
def ada(community):
    return make.member(community, name="Ada")


@pytest.fixture
def bo(community):
    return make.member(community, name="Bo")


def visitor(member: Membership) -> Client:
    client = Client()
    client.force_login(member.user)
    client.get(f"{ROOT}circles/")  # the day's first visit is written down; what is counted comes after it
    return client


def place(other: Membership) -> str:
    return f"{ROOT}messages/with/{other.number}/"


def words(answer) -> str:
    return answer.content.decode()


def write(author, to, body="Hello"):
    return messages.write(author=author, to=to, body=body, at=make.EARLY)


def test_from_the_first_word_to_the_answer(ada, bo):
    client, other = visitor(ada), visitor(bo)
    person = words(client.get(f"{ROOT}people/{bo.number}/"))
    assert f'href="{place(bo)}#write"' in person
    answer = client.post(place(bo), {"body": "Hello **Bo**"})
    assert (answer.status_code, answer["Location"]) == (302, f"{place(bo)}#write")
    assert "Hello <strong>Bo</strong>" in words(client.get(place(bo)))
    listed = words(other.get(f"{ROOT}messages/"))
    assert ("Hello Bo" in listed, "data-unread" in listed) == (True, True)
    other.get(place(ada))
    assert (seen.unread(bo), "data-unread" in words(other.get(f"{ROOT}messages/"))) == (0, False)
    other.post(place(ada), {"body": "Ada!"})
    assert [message.body for message in DirectMessage.objects.order_by("pk")] == ["Hello **Bo**", "Ada!"]


def test_what_is_refused_keeps_its_words(ada, bo):
    standing.act("restrict", membership=ada, at=make.EARLY, by=make.SITE, reason="x")
    answer = words(visitor(ada).post(place(bo), {"body": "My words"}))
    assert ("My words" in answer, "you can read" in answer) == (True, True)
    assert not DirectMessage.objects.exists()


def test_what_comes_while_it_is_open_and_what_was_before(ada, bo, monkeypatch):
    monkeypatch.setattr(seen, "MESSAGES", 2)
    write(bo, ada, "Oldest")
    for n in range(2):
        last = write(bo, ada, f"Later {n}")
    client, live = visitor(ada), {"HX-Request": "true"}
    page = client.get(place(bo))
    found = page.context["found"]
    assert [one.message.body for one in found.shown] == ["Later 0", "Later 1"]
    older = words(client.get(place(bo), {"at": found.older}, headers=live))
    assert ("Oldest" in older, "Later" in older, "since=" in older) == (True, False, False)
    since = {"since": str(last.key)}
    assert client.get(place(bo), since, headers=live).status_code == 204
    write(ada, bo, "Answer")
    fresh = words(client.get(place(bo), since, headers=live))
    assert ("Answer" in fresh, "Later" in fresh, fresh.count("since=")) == (True, False, 1)
    assert client.get(place(bo), {"since": "x"}, headers=live).status_code == 204


def test_who_is_not_to_be_known_is_not_there(community, ada, bo):
    Membership.objects.filter(pk=bo.pk).update(listed=False)
    client = visitor(ada)
    for number in (bo.number, ada.number, 999, 2**31):
        assert client.get(f"{ROOT}messages/with/{number}/").status_code == 404
    write(bo, ada)
    assert client.get(place(bo)).status_code == 200


def test_blocking_lifting_and_wishing(ada, bo):
    client, other = visitor(ada), visitor(bo)
    client.post(f"{place(bo)}block/", {"act": "block"})
    assert "You have blocked Bo" in words(client.get(place(bo)))
    told = words(other.get(place(ada)))
    assert (
        "Ada cannot be written to at the moment." in told,
        "block" in told.lower().replace("/block/", ""),
    ) == (
        True,
        True,  # the button by which Bo may block Ada
    )
    assert "Bo" in words(client.get(f"{ROOT}messages/"))
    client.post(f"{place(bo)}block/", {"act": "lift"})
    assert not Block.objects.exists()
    client.post(f"{ROOT}messages/", {"who": "circles"})
    client.post(f"{ROOT}messages/", {"who": "x"})
    assert MessageWish.objects.get().who == "circles"


def test_a_message_is_taken_back_by_its_author_and_reported_by_its_reader(community, ada, bo):
    message = write(ada, bo)
    act = f"{ROOT}messages/{message.key}/act/"
    visitor(bo).post(act, {"act": "remove"})
    assert visitor(make.member(community)).post(act, {"act": "report"}).status_code == 404
    visitor(bo).post(act, {"act": "report", "reason": "x"})
    assert not MessageReport.objects.exists()
    visitor(bo).post(act, {"act": "report", "reason": "spam", "words": "Again"})
    visitor(ada).post(act, {"act": "remove"})
    message.refresh_from_db()
    report = MessageReport.objects.get()
    assert (message.body, report.by, report.evidence[0]["body"]) == ("", bo, "Hello")


def test_staff_read_what_was_reported_and_that_is_written_down(community, ada, bo):
    report = message_reports.report(message=write(ada, bo), by=bo, reason="spam", at=make.EARLY)
    client = visitor(make.member(community, role=Role.MODERATOR))
    one = f"{ROOT}desk/message-reports/{report.key}/"
    assert "Bo about Ada" in words(client.get(f"{ROOT}desk/message-reports/"))
    assert "Hello" not in words(client.get(one))
    assert not AuditEntry.objects.filter(action="message_report.read").exists()
    assert "<p>Hello</p>" in words(client.post(one, {"act": "read"}))
    assert AuditEntry.objects.filter(action="message_report.read").count() == 1
    assert client.post(one, {"act": "settle", "outcome": "x"}).status_code == 200
    client.post(one, {"act": "settle", "outcome": "nothing"})
    report.refresh_from_db()
    assert report.outcome == "nothing"
    assert client.get(place(ada)).status_code == 200  # their own conversation, which is empty


def test_pages_with_one_and_with_three(community, ada, bo, django_assert_num_queries):
    client = visitor(ada)
    for many in (1, 3):
        while DirectMessage.objects.filter(author=bo).count() < many:
            write(bo, ada)
            other = make.member(community)
            message_reports.report(message=write(other, ada), by=ada, reason="spam", at=make.EARLY)
        client.get(place(bo))
        with django_assert_num_queries(10):
            client.get(place(bo))
        with django_assert_num_queries(6):
            client.get(f"{ROOT}messages/")
    staff = visitor(make.member(community, role=Role.MODERATOR))
    with django_assert_num_queries(4):
        staff.get(f"{ROOT}desk/message-reports/")


def test_words_that_a_page_proposes_stand_in_the_form_and_are_not_sent(ada, bo):
    proposed = {seen.PROPOSED: "<b>Hello</b> " + "x" * 9_999}
    page = visitor(ada).get(f"{ROOT}messages/with/{bo.number}/", proposed)
    body = page.context["form"]["body"].value()
    assert (body[:12], len(body)) == ("<b>Hello</b>", messages.LONGEST)
    assert "&lt;b&gt;Hello&lt;/b&gt;" in page.content.decode()
    assert not DirectMessage.objects.exists()
