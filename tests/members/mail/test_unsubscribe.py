"""One click and no more of them (RFC 8058): without cookies, and never by looking alone."""

import re
from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.test import Client

from members.models import Membership, Message, OptOut
from members.services import delivery, letters, mail
from tests import make

pytestmark = pytest.mark.django_db
AT = make.EARLY + timedelta(days=60)


@pytest.fixture
def letter():
    """A welcome as it arrived, and whom it welcomed."""
    member = make.member(make.community("lantern", visibility="private"))
    delivery.deliver_due(now=lambda: AT, budget=timedelta(seconds=5))
    return member, outbox.outbox[-1]


def path(letter) -> str:
    found = re.fullmatch(
        r"<http://127\.0\.0\.1:8000(/unsubscribe/[^>]+/)>", letter.extra_headers["List-Unsubscribe"]
    )
    return found[1]


def browser() -> Client:
    return Client(enforce_csrf_checks=True)


def test_a_mail_program_posts_once_and_nothing_more_comes(letter):
    member, arrived = letter
    assert arrived.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for _ in range(2):
        answer = browser().post(
            path(arrived), "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
        )
        assert answer.status_code == 200
    out = OptOut.objects.get()
    assert (out.membership, out.kind, out.channel) == (member, "member.welcome", "mail")
    again = mail.send(kind="member.welcome", to=member, community=member.community, words={}, at=AT)
    assert (again.state, again.reason) == ("suppressed", "switched_off")


def test_looking_changes_nothing_and_shows_the_button(letter):
    _member, arrived = letter
    client = browser()
    for method in ("get", "head"):
        answer = getattr(client, method)(path(arrived))
        assert answer.status_code == 200
        assert answer["Referrer-Policy"] == "strict-origin"
    page = client.get(path(arrived)).content.decode()
    assert '<button class="button primary large" name="List-Unsubscribe"' in page
    assert OptOut.objects.count() == 0


def test_a_person_may_take_it_back(letter):
    _member, arrived = letter
    browser().post(path(arrived), {"List-Unsubscribe": "One-Click"})
    answer = browser().post(path(arrived), {"again": "1"})
    assert (answer.status_code, OptOut.objects.count()) == (200, 0)


@pytest.mark.parametrize("token", ["x", "a:b:c", "e30:1abc:xxxx"])
def test_a_made_up_address_is_none(token):
    answer = browser().post(f"/unsubscribe/{token}/", {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, OptOut.objects.count()) == (404, 0)


def test_a_changed_token_is_none(letter):
    _member, arrived = letter
    assert browser().post(path(arrived)[:-4] + "abc/").status_code == 404


def test_a_reader_who_is_no_member_is_named_by_the_address():
    community = make.community()
    message = Message(
        community=community, kind="member.welcome", address="Guest@example.org", language="en", created_at=AT
    )
    url = letters.unsubscribe_url(message).removeprefix("http://127.0.0.1:8000")
    assert browser().post(url).status_code == browser().post(url).status_code == 200
    assert OptOut.objects.get().address == "guest@example.org"
    held = mail.send(kind="member.welcome", to="guest@EXAMPLE.org", community=community, words={}, at=AT)
    assert held.reason == "switched_off"
    other = mail.send(
        kind="member.welcome", to="guest@example.org", community=make.community(), words={}, at=AT
    )
    assert other.state == "queued"


def test_what_must_reach_cannot_be_switched_off(letter):
    member, _arrived = letter
    mail.send(kind="member.removed", to=member, community=member.community, words={"reason": "x"}, at=AT)
    delivery.deliver_due(now=lambda: AT, budget=timedelta(seconds=5))
    headers = outbox.outbox[-1].extra_headers
    assert "List-Unsubscribe" not in headers and "List-Unsubscribe-Post" not in headers


def test_a_reader_who_is_gone_is_no_reader(letter):
    member, arrived = letter
    Membership.objects.filter(pk=member.pk).delete()
    assert browser().post(path(arrived)).status_code == 404


def test_the_whole_letter_reads_as_text_and_as_html_and_its_sender_is_the_community(letter):
    member, arrived = letter
    ((html, kind),) = arrived.alternatives
    assert (kind, arrived.from_email) == ("text/html", "Lantern <no-reply@localhost>")
    assert "prefers-color-scheme: dark" in html and "width=device-width" in html
    assert f"number {member.number}" in arrived.body and f"number {member.number}" in html
    assert "/unsubscribe/" in html and "/unsubscribe/" in arrived.body
    assert not re.search(r"<script|<img|\sstyle=|\son\w+=", html)
    raw = arrived.message().as_bytes()
    assert raw.count(b"\nMessage-ID: ") == 1 and b"Auto-Submitted: auto-generated" in raw


def test_no_community_s_name_writes_a_header():
    community = make.community(name='Lan"tern, <b>, 灯')
    type(community).objects.filter(pk=community.pk).update(name="Lantern\r\nBcc: all@example.org")
    community.refresh_from_db()
    make.member(community, name="Eve\nBcc: all@example.org")
    delivery.deliver_due(now=lambda: AT, budget=timedelta(seconds=5))
    arrived = outbox.outbox[-1].message()
    assert arrived["Bcc"] is None and outbox.outbox[-1].recipients() == outbox.outbox[-1].to
    assert "\n" not in str(arrived["From"]) and "\n" not in str(arrived["Subject"])
