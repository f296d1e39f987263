"""The door for providers' word: proven, kept once, acted on by what the provider says then; all else changes nothing."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from commerce.models import Payment, ProviderEvent
from commerce.services import accounts, inbox
from crowdecon.sandbox.events import signed
from tests import make
from tests.commerce import paying
from tests.commerce.dues import AT, SITE, balances, guard, invoice

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return paying.community()


@pytest.fixture
def account(community, sandbox, monkeypatch):
    monkeypatch.setattr("commerce.views.hooks.now", lambda: AT)
    return paying.connected(community, sandbox)


@pytest.fixture
def attempt(account, community):
    return paying.begun(invoice(make.member(community)), account)


def post(account, headers, body, **fields):
    names = {name.replace("-", "_").upper(): value for name, value in headers.items()}
    http = {f"HTTP_{name}": value for name, value in names.items()}
    address = accounts.hook(account).removeprefix("http://127.0.0.1:8000")
    given = {"data": body, "content_type": "application/json", **fields}
    return Client(enforce_csrf_checks=True, raise_request_exception=False).post(address, **given, **http)


def paid(sandbox, attempt):
    sandbox.pay(attempt.reference)
    return sandbox.messages()[-1]


def forged(sandbox, attempt, at=AT, **claims):
    """A message with the account's own signature and other claims."""
    _headers, body = paid(sandbox, attempt)
    said = json.loads(body)
    said["data"].update(claims)
    body = json.dumps(said).encode()
    return signed(sandbox.keys["webhook_secret"], said["id"], at, body), body


def test_a_word_is_kept_once_and_acted_on_once(account, attempt, community, sandbox):
    message = paid(sandbox, attempt)
    for _delivery in range(3):
        answer = post(account, *message)
        assert (answer.status_code, answer.content) == (200, b"ok")
    assert (ProviderEvent.objects.count(), Payment.objects.count()) == (1, 0)
    assert [inbox.handle_due(at=AT, by=SITE) for _run in range(2)] == [1, 0]
    attempt.refresh_from_db()
    assert (attempt.state, Payment.objects.count()) == ("succeeded", 1)
    assert balances(community)["deferred"] == -12_000
    guard(community)


def test_a_provider_that_is_away_is_asked_later(account, attempt, sandbox):
    post(account, *paid(sandbox, attempt))
    sandbox.fault("error_before", times=1, operation="fetch")
    inbox.handle_due(at=AT, by=SITE)
    event = ProviderEvent.objects.get()
    assert (event.handled_at, event.problem, event.next_try_at) == (
        None,
        "ProviderDown",
        AT + timedelta(minutes=1),
    )
    later = AT + timedelta(minutes=2)
    assert inbox.handle_due(at=later, by=SITE) == 1
    event.refresh_from_db()
    assert (event.handled_at, event.problem) == (later, "")


def test_a_word_about_nothing_of_ours_is_acknowledged_and_changes_nothing(account, attempt, sandbox):
    message = forged(sandbox, attempt, reference="somebody-elses", provider_reference="pay_elsewhere")
    assert post(account, *message).status_code == 200
    inbox.handle_due(at=AT, by=SITE)
    assert (ProviderEvent.objects.get().problem, Payment.objects.exists()) == (inbox.NOT_OURS, False)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda headers, body: ({}, body), 401),
        (lambda headers, body: (headers, body + b" "), 401),
        (lambda headers, body: (headers | {"webhook-signature": "v1,AAAA"}, body), 401),
        (lambda headers, body: (headers, b"\xff\x00"), 401),
        (lambda headers, body: (headers, b""), 401),
        (lambda headers, body: (headers, b"x" * (256 * 1024 + 1)), 413),
    ],
)
def test_what_the_provider_did_not_send_is_refused(account, attempt, sandbox, change, status):
    assert post(account, *change(*paid(sandbox, attempt))).status_code == status
    assert not ProviderEvent.objects.exists()


def test_what_is_stale_or_claimed_wrongly_is_refused(account, attempt, sandbox):
    for message, status in (
        (forged(sandbox, attempt, at=AT - timedelta(seconds=301)), 401),
        (forged(sandbox, attempt, at=AT + timedelta(seconds=301)), 401),
        (forged(sandbox, attempt, amount=11_999), 422),
        (forged(sandbox, attempt, amount=12_001), 422),
        (forged(sandbox, attempt, currency="USD"), 422),
    ):
        assert post(account, *message).status_code == status
    assert not ProviderEvent.objects.exists()


def test_another_accounts_payment_and_nobodys_account_are_refused(account, attempt, sandbox, sandbox_peer):
    other_peer = sandbox_peer.open_account()
    elsewhere = paying.connected(paying.community(), other_peer)
    _headers, body = paid(sandbox, attempt)
    assert post(elsewhere, _headers, body).status_code == 401
    said = json.loads(body) | {"account": other_peer.keys["account"]}
    body = json.dumps(said).encode()
    message = signed(other_peer.keys["webhook_secret"], said["id"], AT, body), body
    assert post(elsewhere, *message).status_code == 422
    accounts.disconnect(elsewhere, at=AT, by=SITE)
    assert post(elsewhere, *message).status_code == 404
    account.provider = "wechatpay"
    assert post(account, *message).status_code == 404
    assert not ProviderEvent.objects.exists()


def test_only_a_post_comes_in(account):
    assert Client().get(f"/hooks/sandbox/{account.key}/").status_code == 405
