"""Messages between two members: who may write to whom, what is told of it, and what becomes of the words."""

from datetime import timedelta

import pytest

from communities.models import Block, Circle, Conversation, DirectMessage, MessageReport, Side
from communities.selectors import messages as seen
from communities.services import circles, message_blocks, message_reports, messages
from engagement.models import Fact
from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry, Membership, Message, Notification
from members.roles import Role
from members.services import erasure, mail, merging, standing
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db
LATER = EARLY + timedelta(days=30)


@pytest.fixture
def community():
    community = make.community("lantern")
    Circle.objects.of(community.pk).delete()
    return community


@pytest.fixture
def ada(community):
    return make.member(community, name="Ada")


@pytest.fixture
def bo(community):
    return make.member(community, name="Bo")


def write(author, to, body="Hello", at=LATER):
    return messages.write(author=author, to=to, body=body, at=at)


def refused(act, **told):
    with pytest.raises(Refused) as refusal:
        act(at=LATER, **told)
    return refusal.value.code


def refuses(author, to):
    before = DirectMessage.objects.count()
    code = refused(messages.write, author=author, to=to, body="x")
    assert DirectMessage.objects.count() == before
    return code


def said(one, other):
    found = seen.messages(one, seen.between(one, other))
    return [(shown.mine, shown.message.body) for shown in found.shown]


def test_two_members_have_one_conversation_and_each_message_is_a_fact(ada, bo):
    write(ada, bo, "Hello **Bo**")
    write(bo, ada, "Ada!", at=LATER + timedelta(hours=1))
    conversation = Conversation.objects.get()
    assert (conversation.opened_by, conversation.answered_at) == (ada, LATER + timedelta(hours=1))
    assert said(ada, bo) == [(True, "Hello **Bo**"), (False, "Ada!")]
    rows = Fact.objects.filter(verb="messaged").order_by("occurred_at")
    told = list(rows.values_list("member", "target", "object_id", "circle_id"))
    assert told == [(ada.number, bo.number, "", None), (bo.number, ada.number, "", None)]


@pytest.mark.parametrize("body", ["", " \n", "a" * 5_001, "a\x00"])
def test_a_message_is_neither_empty_nor_endless(ada, bo, body):
    assert refused(messages.write, author=ada, to=bo, body=body) == "length"
    assert not Conversation.objects.exists()


def test_one_letter_until_it_is_read_and_one_notice_that_counts(ada, bo):
    for n in range(3):
        write(ada, bo, "Secret", at=LATER + timedelta(minutes=n))
    letter, notice = (
        Message.objects.get(kind="message.received"),
        Notification.objects.get(kind="message.received"),
    )
    assert (letter.membership, "Secret" in letter.text) == (bo, False)
    assert (notice.times, notice.words["who"], seen.unread(bo), seen.unread(ada)) == (3, "Ada", 1, 0)
    messages.read(conversation=Conversation.objects.get(), by=bo, at=LATER)
    notice.refresh_from_db()
    assert (notice.read_at, seen.unread(bo)) == (LATER, 0)
    write(bo, ada, at=LATER + timedelta(hours=1))
    write(ada, bo, at=LATER + timedelta(hours=2))
    rows = Message.objects.filter(kind="message.received").order_by("created_at")
    assert [message.membership for message in rows] == [bo, ada, bo]


def test_what_is_made_up_is_told_to_nobody(ada, bo):
    with mail.withheld():
        write(ada, bo)
        write(ada, bo)
    told = [rows.objects.filter(kind="message.received").count() for rows in (Message, Notification)]
    assert told == [0, 0]


def test_taking_back_takes_the_words_and_leaves_the_place(ada, bo):
    message = write(ada, bo)
    assert refused(messages.take_back, message=message, author=bo) == "not_yours"
    messages.take_back(message=message, author=ada, at=LATER)
    messages.take_back(message=message, author=ada, at=LATER + timedelta(days=1))
    message.refresh_from_db()
    assert (message.body, message.removed_at) == ("", LATER)
    assert Fact.objects.filter(verb="messaged").count() == 1


def test_who_is_blocked_is_not_told_so(ada, bo):
    write(ada, bo)
    write(bo, ada)
    for _twice in range(2):
        message_blocks.block(by=bo, whom=ada, at=LATER)
    assert (refuses(ada, bo), refuses(bo, ada), Block.objects.count()) == ("closed", "you_blocked", 1)
    message_blocks.lift(by=bo, whom=ada)
    write(ada, bo)


def test_a_block_holds_against_staff_too_and_a_wish_does_not(community, ada):
    staff = make.member(community, role=Role.MODERATOR)
    messages.wish(member=ada, who="nobody")
    write(staff, ada)
    message_blocks.block(by=ada, whom=staff, at=LATER)
    assert refuses(staff, ada) == "closed"


def test_who_wants_to_be_written_to_by_nobody_hears_answers(community, ada, bo):
    messages.wish(member=ada, who="nobody")
    assert refuses(bo, ada) == "closed"
    write(ada, bo)
    write(bo, ada)


def test_who_wants_to_be_written_to_by_members_of_their_circles(community, ada, bo):
    messages.wish(member=ada, who="circles")
    assert refuses(bo, ada) == "closed"
    circle = circles.create(community=community, name="Owls", at=EARLY, by=SITE)
    for member in (ada, bo):
        circles.put_in(circle=circle, membership=member, at=EARLY, by=SITE)
    write(bo, ada)
    assert refused(lambda at, **told: messages.wish(**told), member=ada, who="x") == "unknown"


def test_what_began_is_over_once_the_other_has_wished_so_unanswered(ada, bo):
    write(ada, bo)
    messages.wish(member=bo, who="nobody")
    assert refuses(ada, bo) == "closed"


@pytest.mark.parametrize(("act", "reason"), [("pause", ""), ("suspend", ""), ("restrict", "x")])
def test_who_may_only_read_writes_to_nobody_and_hears_staff_alone(community, ada, bo, act, reason):
    standing.act(act, membership=ada, at=EARLY, by=SITE, reason=reason)
    assert (refuses(ada, bo), refuses(bo, ada)) == ("not_active", "closed")
    write(make.member(community, role=Role.MODERATOR), ada)


@pytest.mark.parametrize("act", ["remove", "ban"])
def test_nobody_writes_to_who_is_gone(community, ada, bo, act):
    write(ada, bo)
    standing.act(act, membership=bo, at=EARLY, by=SITE, reason="x")
    assert refuses(ada, bo) == refuses(make.member(community, role=Role.MODERATOR), bo) == "closed"
    assert said(ada, bo) == [(True, "Hello")]


def test_three_messages_until_the_other_answers(ada, bo):
    for _n in range(3):
        write(ada, bo)
    assert refuses(ada, bo) == "waiting"
    write(bo, ada)
    for _n in range(4):
        write(ada, bo)


@pytest.mark.parametrize(("joined", "most"), [(EARLY, 10), (LATER - timedelta(days=6), 3)])
def test_a_few_new_people_a_day_and_fewer_for_newcomers(community, joined, most):
    author = make.member(community, at=joined)
    for _n in range(most):
        write(author, make.member(community))
    assert refuses(author, make.member(community)) == "too_many_people"
    write(author, make.member(community), at=LATER + timedelta(days=1, minutes=1))


def test_a_program_is_too_quick(monkeypatch, ada, bo):
    write(ada, bo)
    write(bo, ada)
    monkeypatch.setattr(messages, "PER_HOUR", 2)
    write(ada, bo)
    assert refuses(ada, bo) == "too_many"


def report(by, message, **told):
    return message_reports.report(message=message, by=by, at=LATER, **{"reason": "unkind"} | told)


def test_what_is_reported_is_kept_as_it_was_with_the_few_before_it(community, ada, bo):
    write(bo, ada, "0")
    for n in range(1, 8):
        last = write((ada, bo)[n % 2], (bo, ada)[n % 2], f"Word {n}", at=LATER + timedelta(minutes=n))
    write(ada, bo, "after", at=LATER + timedelta(hours=1))
    made = report(ada, last, words="Unkind")
    assert report(ada, last, reason="spam") == made
    messages.take_back(message=last, author=bo, at=LATER)
    made.refresh_from_db()
    assert [line["body"] for line in made.evidence] == [f"Word {n}" for n in range(2, 8)]
    told = Message.objects.filter(kind="message.reported")
    owner = Membership.objects.of(community.pk).get(role=Role.OWNER)
    assert ([one.membership for one in told], "Word 7" in told[0].text) == ([owner], False)


def test_one_reports_what_one_has_received(ada, bo):
    message = write(ada, bo)
    assert refused(message_reports.report, message=message, by=ada, reason="spam") == "own"
    assert refused(message_reports.report, message=message, by=bo, reason="x") == "unknown"
    messages.take_back(message=message, author=ada, at=LATER)
    assert refused(message_reports.report, message=message, by=bo, reason="spam") == "removed"
    assert not MessageReport.objects.exists()


def test_every_reading_is_written_down_and_a_report_is_settled_once(community, ada, bo):
    made = report(bo, write(ada, bo))
    staff = make.member(community, role=Role.MODERATOR)
    by = Actor.person(staff.user, staff)
    assert message_reports.read(report=made, at=LATER, by=by)[-1]["body"] == "Hello"
    message_reports.settle(report=made, outcome="seen_to", note="Talked", at=LATER, by=by)
    assert refused(message_reports.settle, report=made, outcome="nothing", by=by) == "settled"
    rows = AuditEntry.objects.filter(object_kind="message_report").order_by("pk")
    assert [row.action for row in rows] == ["message_report.read", "message_report.settled"]
    assert Message.objects.get(kind="message.report_settled").membership == bo


def test_who_was_reported_or_keeps_no_order_reads_nothing(community, bo):
    staff = make.member(community, role=Role.MODERATOR)
    made = report(bo, write(staff, bo))
    for member, code in ((staff, "own"), (bo, "no_longer_allowed")):
        by = Actor.person(member.user, member)
        assert refused(message_reports.read, report=made, by=by) == code
        assert refused(message_reports.settle, report=made, outcome="nothing", by=by) == code
    assert not AuditEntry.objects.filter(object_kind="message_report").exists()


def test_two_records_of_one_person_have_one_conversation_with_each(community, bo):
    old, kept = make.member(community), make.member(community)
    cy = make.member(community)
    write(old, bo, "1")
    write(kept, bo, "2", at=LATER + timedelta(hours=1))
    write(bo, old, "3", at=LATER + timedelta(hours=2))
    write(cy, old, "4")
    write(old, kept, "5")
    Membership.objects.filter(pk=old.pk).update(user=None)
    old.refresh_from_db()
    one = merging.merge(kept=kept, merged=old, at=LATER, by=SITE)
    assert said(kept, bo) == [(True, "1"), (True, "2"), (False, "3")]
    assert (said(kept, cy), seen.partner(bo, old.number)) == ([(False, "4")], kept)
    assert [line.unread for line in seen.lines(bo, seen.page(bo).rows)] == [2]
    assert len(seen.page(kept).rows) == 2
    write(bo, kept, "6", at=LATER + timedelta(hours=3))
    merging.undo(merge=one, at=LATER, by=SITE)
    assert (said(old, bo), said(kept, bo)) == (
        [(True, "1"), (False, "3")],
        [(True, "2"), (False, "6")],
    )
    assert (said(old, cy), said(old, kept)) == ([(False, "4")], [(True, "5")])
    assert Side.objects.count() == 8


def test_who_is_erased_leaves_no_word(community, ada, bo):
    write(bo, ada, "Secret")
    reported = report(bo, write(ada, bo, "Hers"), words="Mine")
    message_blocks.block(by=bo, whom=ada, at=LATER)
    erasure.erase(membership=bo, at=LATER, by=SITE)
    reported.refresh_from_db()
    assert ([line["body"] for line in reported.evidence], reported.words) == (["", "Hers"], "")
    assert (said(ada, bo), Block.objects.count()) == ([(False, ""), (True, "Hers")], 0)
