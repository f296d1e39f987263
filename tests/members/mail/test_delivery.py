"""Letters on their way: one attempt at a time, bounded, and never a second letter where one may have arrived."""

import smtplib
import threading
from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, transaction

from kernel import tasks
from members import tasks as jobs
from members.models import AuditEntry, DeadAddress, Message
from members.services import delivery, mail, mail_removal, preferences
from tests import make
from tests.security.races import Session, together

AT = make.EARLY + timedelta(days=60)
SECOND = timedelta(seconds=1)


class Server(EmailBackend):
    """A mail server that answers as it is told: what `opening` and `sending` hold is raised."""

    opening: Exception | None = None
    sending: Exception | None = None

    def open(self):
        if Server.opening:
            raise Server.opening
        return True

    def send_messages(self, messages):
        if Server.sending:
            raise Server.sending
        return super().send_messages(messages)


@pytest.fixture
def server(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Server"
    Server.opening = Server.sending = None
    yield Server
    Server.opening = Server.sending = None


def write(count: int = 1) -> list[Message]:
    """So many letters, and no others."""
    community = make.community()
    members = [make.member(community) for _ in range(count)]
    Message.objects.all().delete()
    return [
        mail.send(kind="member.removed", to=member, community=community, words={"reason": "x"}, at=AT)
        for member in members
    ]


def deliver(at=AT):
    return delivery.deliver_due(now=lambda: at, budget=timedelta(minutes=1))


def state(message):
    message.refresh_from_db()
    return message.state, message.reason, message.attempts


@pytest.mark.django_db
def test_a_server_that_is_away_is_asked_again_at_growing_intervals_and_then_no_more(server):
    (message,) = write()
    server.opening = ConnectionRefusedError()
    at = AT
    for attempt, wait in enumerate(delivery.WAITS, 1):
        deliver(at)
        assert state(message) == ("queued", "unreached", attempt)
        assert message.next_at == at + wait
        deliver(at + wait - SECOND)
        assert message.attempts == attempt
        at += wait
    deliver(at)
    assert state(message) == ("failed", "unreached", len(delivery.WAITS) + 1)
    server.opening = None
    deliver(at + timedelta(days=30))
    assert outbox.outbox == []


@pytest.mark.django_db
def test_while_the_server_is_away_the_other_letters_lose_no_attempt(server):
    messages = write(3)
    server.opening = TimeoutError()
    assert deliver() is False
    assert sorted(state(message)[2] for message in messages) == [0, 0, 1]
    server.opening = None
    deliver(AT + timedelta(minutes=2))
    assert {state(message)[0] for message in messages} == {"sent"}


@pytest.mark.django_db
def test_a_no_for_now_is_tried_again_and_a_no_for_good_is_not(server):
    (message,) = write()
    server.sending = smtplib.SMTPRecipientsRefused({message.address: (450, b"4.2.0 Greylisted")})
    deliver()
    assert state(message) == ("queued", "refused", 1)
    server.sending = smtplib.SMTPDataError(554, b"5.7.1 This looks like spam")
    deliver(AT + timedelta(hours=1))
    assert state(message) == ("failed", "refused", 2)
    assert message.detail == "554 5.7.1 This looks like spam"
    assert DeadAddress.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "said", "dead"),
    [(550, b"5.1.1 No such user", True), (550, b"No such user", True), (550, b"5.7.1 Not liked", False)],
)
def test_an_address_that_is_none_is_given_up(server, code, said, dead):
    (message,) = write()
    server.sending = smtplib.SMTPRecipientsRefused({message.address: (code, said)})
    deliver()
    assert state(message)[0] == "failed"
    assert DeadAddress.objects.filter(address=message.address).exists() is dead


@pytest.mark.django_db
def test_where_the_answer_was_lost_it_may_have_arrived_and_is_not_sent_again(server):
    (message,) = write()
    server.sending = smtplib.SMTPServerDisconnected("gone")
    deliver()
    assert state(message) == ("unsure", "cut_off", 1)
    server.sending = None
    delivery.sweep(at=AT + timedelta(days=1))
    deliver(AT + timedelta(days=1))
    assert (state(message)[0], outbox.outbox) == ("unsure", [])


@pytest.mark.django_db
def test_a_worker_killed_before_it_reached_the_server_loses_nothing(server):
    (message,) = write()
    assert delivery._claim(at=AT) == message
    deliver(AT + SECOND)
    assert state(message)[0] == "sending"
    assert delivery.sweep(at=AT + timedelta(minutes=9)) == 0
    assert delivery.sweep(at=AT + timedelta(minutes=11)) == 1
    deliver(AT + timedelta(minutes=11))
    assert state(message) == ("sent", "", 2)
    assert len(outbox.outbox) == 1


@pytest.mark.django_db
def test_a_worker_killed_while_it_sent_leaves_a_letter_that_may_have_arrived(server):
    (message,) = write()
    claimed = delivery._claim(at=AT)
    assert delivery._hand_over(claimed, at=AT)
    late = AT + timedelta(minutes=11)
    assert delivery.sweep(at=late) == 1
    deliver(late)
    assert state(message) == ("unsure", "cut_off", 1)
    assert outbox.outbox == []
    # And should it have been slow and not dead, its word is taken.
    delivery._settle(claimed, Message.State.SENT, at=late)
    assert state(message)[0] == "sent"


@pytest.mark.django_db
def test_a_slow_worker_may_not_send_what_has_passed_to_another(server):
    (message,) = write()
    slow = delivery._claim(at=AT)
    late = AT + timedelta(minutes=11)
    delivery.sweep(at=late)
    quick = delivery._claim(at=late)
    assert quick == message
    assert not delivery._hand_over(slow, at=late)
    assert delivery._hand_over(quick, at=late)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_letter_once(server):
    messages = write(12)
    ready = threading.Barrier(2)

    def work():
        try:
            ready.wait()
            deliver()
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(letter.to[0] for letter in outbox.outbox) == sorted(message.address for message in messages)
    assert {state(message) for message in messages} == {("sent", "", 1)}


@pytest.mark.django_db(transaction=True)
def test_two_writers_of_one_name_write_one_letter(server):
    community = make.community()
    member = make.member(community)
    Message.objects.all().delete()
    ready = threading.Barrier(2)

    def work():
        try:
            ready.wait()
            mail.send(kind="member.removed", to=member, community=community, words={}, at=AT, dedupe="gone:1")
        finally:
            connection.close()

    writers = [threading.Thread(target=work) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert Message.objects.filter(dedupe="gone:1").count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_a_broker_the_letter_stands_and_the_sweep_delivers_it(server, monkeypatch):
    class Away:
        def send_task(self, *args, **options):
            raise ConnectionError

    monkeypatch.setattr(tasks, "current_app", Away())
    monkeypatch.setattr(tasks, "_away_until", 0.0)
    (message,) = write()
    assert (state(message)[0], outbox.outbox) == ("queued", [])
    jobs.sweep_mail()
    assert state(message) == ("sent", "", 1)


@pytest.mark.django_db(transaction=True)
def test_one_transaction_nudges_the_workers_once(server, monkeypatch):
    sent = []
    monkeypatch.setattr(tasks, "send", lambda task, **given: sent.append(task))
    with transaction.atomic():
        write(3)
        assert sent == []
    assert sent == ["members.deliver_mail"]


@pytest.mark.django_db
def test_what_is_switched_off_after_it_was_written_is_not_sent(server):
    community = make.community()
    member = make.member(community)
    message = Message.objects.get(kind="member.welcome", membership=member)
    preferences.choose(membership=member, wanted={}, at=AT)
    deliver()
    assert state(message)[:2] == ("suppressed", "switched_off")
    assert (message.text, outbox.outbox) == ("", [])


@pytest.mark.django_db
def test_staff_may_send_once_more_what_failed_or_may_have_arrived(server, client):
    (message,) = write()
    server.sending = smtplib.SMTPServerDisconnected("gone")
    deliver()
    manager = make.member(message.community, role="manager")
    Message.objects.exclude(pk=message.pk).delete()
    client.force_login(manager.user, backend="django.contrib.auth.backends.ModelBackend")
    log = f"/c/{message.community.slug}/desk/settings/mail/log/"
    assert "Send it again" in client.get(log).content.decode()
    assert client.post(f"{log}{message.pk}/again/").status_code == 302
    assert state(message) == ("queued", "", 1)
    server.sending = None
    message.next_at = AT
    message.save()
    deliver()
    assert state(message) == ("sent", "", 2)
    client.post(f"{log}{message.pk}/again/")
    assert state(message) == ("sent", "", 2)
    actions = AuditEntry.objects.filter(object_kind="mail").values_list("action", "object_id")
    assert list(actions) == [("mail.sent_again", str(message.pk))]


@pytest.mark.django_db(transaction=True)
def test_workers_together_send_no_more_than_the_day_s_quota(server, settings):
    settings.MAIL_PER_DAY_YOUNG = settings.MAIL_PER_DAY = 3
    community = make.community()
    members = [make.member(community) for _ in range(8)]
    Message.objects.all().delete()
    for member in members:
        mail.send(kind="member.welcome", to=member, community=community, words={}, at=AT)
    together(*[deliver] * 4)
    assert sorted(Message.objects.values_list("state", flat=True)) == ["queued"] * 5 + ["sent"] * 3
    assert len(outbox.outbox) == 3


@pytest.mark.django_db(transaction=True)
def test_a_letter_asked_for_while_its_row_is_removed_is_not_written_again():
    letter = {"kind": "account.erased", "to": "ada@example.org", "community": None, "words": {}, "at": AT}
    mail.send(**letter, dedupe="once")
    Message.objects.update(state="sent", finished_at=AT)
    with transaction.atomic():
        assert mail_removal.remove(Message.objects.all(), most=9, at=AT) == 1
        asking = Session(lambda: mail.send(**letter, dedupe="once"))
        asking.join(0.5)
        assert asking.is_alive()
    assert (asking.finish(), Message.objects.count()) == (None, 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "answer", [None, smtplib.SMTPDataError(554, b"5.7.1 No"), smtplib.SMTPServerDisconnected()]
)
def test_of_a_last_letter_nobody_keeps_whom_it_went_to(server, answer):
    message = mail.send(kind="account.erased", to="ada@example.org", community=None, words={}, at=AT)
    server.sending = answer
    deliver()
    message.refresh_from_db()
    assert message.state in ("sent", "failed", "unsure") and message.handed_at is not None
    assert (message.address, message.text, message.html) == ("", "", "")


@pytest.mark.django_db
def test_of_a_last_letter_whose_worker_was_lost_nobody_keeps_whom_it_went_to():
    message = mail.send(kind="account.erased", to="ada@example.org", community=None, words={}, at=AT)
    Message.objects.filter(pk=message.pk).update(state="sending", claimed_at=AT, handed_at=AT)
    delivery.sweep(at=AT + timedelta(hours=1))
    assert Message.objects.values_list("state", "address", "text").get() == ("unsure", "", "")
