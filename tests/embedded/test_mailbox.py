"""The file mailbox: what would be sent is kept and read, links and all; no name leads out of its folder."""

import stat

import pytest
from django.core.mail import EmailMultiAlternatives, send_mail
from django.urls import reverse

from crowdecon.mailbox import box


def test_mail_is_kept_and_read(mailbox_dir, client):
    send_mail("Grüße 你好", "Follow http://localhost/x?a=1&b=2 now.\nBye", "from@x.example", ["to@x.example"])
    (mail,) = box.newest()
    assert (mail.subject, mail.to, mail.sender) == ("Grüße 你好", "to@x.example", "from@x.example")
    assert mail.pieces == [("Follow ", False), ("http://localhost/x?a=1&b=2", True), (" now.\nBye", False)]
    assert [stat.S_IMODE(path.stat().st_mode) for path in mailbox_dir.iterdir()] == [0o600]
    page = client.get(reverse("mailbox:message", args=[mail.id])).content.decode()
    assert '<a href="http://localhost/x?a=1&amp;b=2">' in page
    assert "Grüße 你好" in client.get("/mailbox/").content.decode()


def test_newest_first_and_hidden_recipients_shown(mailbox_dir):
    for number in range(3):
        EmailMultiAlternatives(
            f"m{number}", "text", "a@x.example", ["b@x.example"], bcc=["c@x.example"]
        ).send()
    assert [mail.subject for mail in box.newest()] == ["m2", "m1", "m0"]
    assert box.newest()[0].to == "b@x.example, c@x.example"


@pytest.mark.parametrize("name", ["nothing", "20260101T000000000000-00000000", "..", "a.eml"])
def test_other_names_are_not_found(mailbox_dir, client, name):
    assert box.read(name) is None
    assert client.get(f"/mailbox/{name}/").status_code == 404
