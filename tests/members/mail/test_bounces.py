"""Addresses that take no mail: reports read (RFC 3464), shown at the desk, lifted by staff."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry, DeadAddress, Message
from members.services import bounces, delivery
from tests import make

pytestmark = pytest.mark.django_db
AT = make.EARLY + timedelta(days=60)

REPORT = """From: MAILER-DAEMON@mx.example
To: no-reply@localhost
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} said

--b
Content-Type: {returned}

Message-ID: <{id}@127.0.0.1>
Subject: Welcome

--b--
"""


@pytest.fixture
def message():
    """A letter that has gone out."""
    make.member(make.community("lantern"), email="lilei@example.org")
    delivery.deliver_due(now=lambda: AT, budget=timedelta(seconds=5))
    return Message.objects.get()


def report(message, **given):
    fields = {
        "address": message.address,
        "action": "failed",
        "status": "5.1.1",
        "returned": "text/rfc822-headers",
        "id": message.pk,
    } | given
    return REPORT.format(**fields).encode()


@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822"])
def test_a_report_that_there_is_no_such_address_gives_it_up(message, returned):
    for _ in range(2):
        assert bounces.read(report(message, returned=returned), at=AT) == "suppressed"
    dead = DeadAddress.objects.get()
    assert (dead.community, dead.address) == (message.community, "lilei@example.org")
    message.refresh_from_db()
    assert (message.state, message.reason) == ("failed", "refused")
    entry = AuditEntry.objects.get(action="mail.address_suppressed")
    assert (entry.object_id, entry.after["address"]) == (str(dead.pk), "lilei@example.org")


@pytest.mark.parametrize(
    ("given", "became"),
    [
        ({"action": "delayed", "status": "4.4.1"}, "noted"),
        ({"status": "5.7.1"}, "noted"),
        ({"status": "5.2.2"}, "noted"),
        ({"id": "00000000-0000-4000-8000-000000000000"}, "unknown"),
        ({"returned": "text/plain"}, "unknown"),
    ],
)
def test_other_reports_give_no_address_up(message, given, became):
    assert bounces.read(report(message, **given), at=AT) == became
    assert DeadAddress.objects.count() == 0


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"Subject: hi\n\nhello", b"Content-Type: multipart/report\n\n"]
)
def test_what_is_no_report_does_nothing(message, content):
    assert bounces.read(content, at=AT) in ("none", "unknown")
    assert DeadAddress.objects.count() == 0


def test_the_command_reads_files_of_every_sort(message, tmp_path):
    one = tmp_path / "one.eml"
    one.write_bytes(report(message))
    many = tmp_path / "many.mbox"
    many.write_bytes(b"From x Mon Jan  5 09:00:00 2026\n" + report(message, action="delayed") + b"\n")
    out = StringIO()
    call_command("bounces", str(one), str(many), stdout=out)
    assert out.getvalue().startswith("2 read: 1 addresses given up, 1 noted, 0 about")


def test_the_command_reads_folders(message, tmp_path):
    maildir = tmp_path / "box"
    for name in ("new", "cur", "tmp"):
        (maildir / name).mkdir(parents=True)
    (maildir / "new" / "1.host").write_bytes(report(message))
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "hello.eml").write_bytes(b"Subject: hi\n\nhello")
    out = StringIO()
    call_command("bounces", str(maildir), str(plain), stdout=out)
    assert out.getvalue().startswith(
        "2 read: 1 addresses given up, 0 noted, 0 about no letter of ours, 1 that"
    )


def test_staff_see_it_on_the_member_s_page_and_lift_it(client, message):
    bounces.read(report(message), at=AT)
    member = message.membership
    page, lift = (
        f"/c/lantern/desk/members/{member.number}/",
        f"/c/lantern/desk/members/{member.number}/lift-address/",
    )
    manager = make.member(message.community, role="manager")
    client.force_login(manager.user, backend="django.contrib.auth.backends.ModelBackend")
    assert "lilei@example.org refused our mail" in client.get(page).content.decode()
    assert client.post(lift).status_code == 302
    assert DeadAddress.objects.count() == 0
    assert "refused our mail" not in client.get(page).content.decode()
    entry = AuditEntry.objects.get(action="mail.address_lifted")
    assert (entry.object_kind, entry.object_id) == ("member", str(member.number))


def test_who_may_not_change_members_lifts_nothing(client, message):
    bounces.read(report(message), at=AT)
    moderator = make.member(message.community, role="moderator")
    client.force_login(moderator.user, backend="django.contrib.auth.backends.ModelBackend")
    assert (
        client.post(f"/c/lantern/desk/members/{message.membership.number}/lift-address/").status_code == 403
    )
    with pytest.raises(Refused):
        bounces.lift(membership=message.membership, at=AT, by=Actor.person(moderator.user, moderator))
    assert DeadAddress.objects.count() == 1
