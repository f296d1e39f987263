"""Writing letters: once, to the right address, in the reader's language, or held back with the reason."""

from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.db import transaction

from kernel import mails
from kernel.mails import MailKind
from members.models import Message, Notification, OptOut
from members.services import bounces, delivery, mail, memberships
from tests import make

pytestmark = pytest.mark.django_db
AT = make.EARLY + timedelta(days=60)


@pytest.fixture
def kind(monkeypatch):
    """A kind of this test's own."""
    entries = dict(mails.kinds._entries)
    monkeypatch.setattr(mails.kinds, "_entries", entries)
    mails.add(
        MailKind(
            "test.hello",
            label="Hello",
            subject="{community}: hello {member}",
            body="Dear {member},\n\n{said}\n\n[Look]({url})",
            placeholders={"said": "what was said"},
            notice="{member} was greeted.",
        )
    )
    return "test.hello"


def deliver(at=AT):
    return delivery.deliver_due(now=lambda: at, budget=timedelta(seconds=5))


def test_a_letter_is_a_row_first_and_goes_out_when_a_worker_comes(kind):
    community = make.community("lantern")
    member = make.member(community, name="Li Lei", email="lilei@example.org")
    Message.objects.all().delete()
    written = mail.send(
        kind=kind, to=member, community=community, words={"said": "Good day"}, at=AT, url="/c/lantern/"
    )
    assert (written.state, outbox.outbox) == ("queued", [])
    deliver()
    written.refresh_from_db()
    assert (written.state, written.attempts, written.text, written.html) == ("sent", 1, "", "")
    (letter,) = outbox.outbox
    assert (letter.to, letter.subject) == (["lilei@example.org"], "Lantern: hello Li Lei")
    assert "Dear Li Lei,\n\nGood day\n\nLook: http://127.0.0.1:8000/c/lantern/" in letter.body
    assert [notice.kind for notice in Notification.objects.filter(membership=member, kind=kind)] == [kind]


def test_what_is_undone_was_never_written(kind):
    community = make.community()
    member = make.member(community)
    Message.objects.all().delete()
    with pytest.raises(RuntimeError), transaction.atomic():
        mail.send(kind=kind, to=member, community=community, words={}, at=AT)
        raise RuntimeError
    assert Message.objects.count() == 0


def test_one_name_is_written_and_told_once(kind):
    community = make.community()
    member = make.member(community)
    for _ in range(2):
        mail.send(kind=kind, to=member, community=community, words={}, at=AT, dedupe="hello:1")
    assert Message.objects.filter(kind=kind).count() == 1
    assert Notification.objects.filter(kind=kind).values_list("times", flat=True).get() == 1


def test_it_speaks_the_language_of_its_reader_else_the_community_s():
    community = make.community(language="zh-hans")
    english = make.person(name="Ann")
    english.language = "en"
    english.save()
    for user in (english, make.person(name="明")):
        memberships.enrol(community=community, user=user, at=AT, by=make.SITE)
    written = Message.objects.order_by("membership__number").values_list("language", "subject")
    assert list(written) == [("en", "Welcome to Lantern"), ("zh-hans", "欢迎加入 Lantern")]


def test_what_is_switched_off_bounced_or_without_address_is_held_back_with_the_reason(kind):
    community = make.community()
    off, dead = make.member(community), make.member(community)
    OptOut.objects.create(community=community, membership=off, kind=kind, at=AT)
    bounces.suppress(community_id=community.pk, address=dead.user.email.upper(), detail="550", at=AT)
    for to, reason in ((off, "switched_off"), (dead, "bounced"), ("", "no_address")):
        written = mail.send(kind=kind, to=to, community=community, words={}, at=AT)
        assert (written.state, written.reason, written.text) == ("suppressed", reason, "")
    deliver()
    assert [letter.to for letter in outbox.outbox if "hello" in letter.subject] == []


def test_another_community_s_bounces_and_wishes_hold_nothing_back(kind):
    one, other = make.community(), make.community()
    member = make.member(one)
    bounces.suppress(community_id=other.pk, address=member.user.email, detail="550", at=AT)
    assert mail.send(kind=kind, to=member, community=one, words={}, at=AT).state == "queued"


def test_nothing_is_written_while_letters_are_withheld(kind):
    community = make.community()
    Message.objects.all().delete()
    with mail.withheld():
        make.member(community)
    assert Message.objects.count() == Notification.objects.count() == 0


def test_a_young_community_s_letters_wait_beyond_its_quota_and_what_must_reach_goes(kind, settings):
    settings.MAIL_PER_DAY_YOUNG = 2
    community = make.community(at=AT)
    member = make.member(community)
    Message.objects.all().delete()
    for _ in range(11):
        mail.send(kind=kind, to=member, community=community, words={}, at=AT)
    mail.send(kind="member.removed", to=member, community=community, words={"reason": "x"}, at=AT)
    assert Message.objects.filter(reason="quota").count() == 1
    deliver()
    assert sorted(Message.objects.filter(state="sent").values_list("kind", flat=True)) == [
        "member.removed",
        kind,
        kind,
    ]
    tomorrow = AT + timedelta(days=1, hours=2)
    deliver(tomorrow)
    assert Message.objects.filter(state="sent", kind=kind).count() == 4
