"""Paying by the API: what asks a provider runs in no transaction, and happens once all the same."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from commerce.models import PaymentAttempt
from commerce.services import attempts
from communities.models import KeptAnswer
from members.roles import Role
from tests import api, make
from tests.commerce import paying
from tests.commerce.dues import guard, invoice
from tests.security.races import together

pytestmark = pytest.mark.django_db
KEY = {"Idempotency-Key": "pay-7"}
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    """It is the day of the tests here too, as it is at the sandbox."""
    monkeypatch.setattr("commerce.api.attempts.now", lambda: paying.AT)


@pytest.fixture
def community():
    return paying.community()


@pytest.fixture
def account(community, sandbox):
    return paying.connected(community, sandbox)


@pytest.fixture
def asked(community, account):
    return invoice(make.member(community))


@pytest.fixture
def program(community):
    return api.Program(community)


def begun(program, asked, account, **fields):
    headers = fields.pop("headers", KEY)
    body = {"way": str(account.key), "surface": "desk"} | fields
    return program.post(f"invoices/{asked.key}/attempts/", body, **headers)


def at_the_peer(sandbox):
    """The ways to pay that the peer has opened for this account, by its own count."""
    return [one["reference"] for one in sandbox.state()["payments"]]


def test_a_member_pays_by_their_app(program, asked, account, sandbox, community):
    client = api.browser(asked.membership.user)
    client.handler.enforce_csrf_checks = False
    root = f"/api/v1/communities/{community.slug}/"
    (way,) = client.get(f"{root}invoices/{asked.key}/ways-to-pay/").json()["results"]
    assert (way["key"], way["provider"], way["saves_means"]) == (str(account.key), "sandbox", True)
    body = {"way": way["key"], "surface": "phone", "return_url": "https://app.example/paid"}
    made = client.post(f"{root}invoices/{asked.key}/attempts/", body, content_type="application/json")
    told = made.json()
    assert (made.status_code, told["state"], told["presentation"]["kind"]) == (201, "pending", "redirect")
    assert made["Location"].endswith(f"/attempts/{told['key']}/")
    sandbox.pay(PaymentAttempt.objects.get().reference)
    again = client.post(f"{root}attempts/{told['key']}/refresh/").json()
    assert (again["state"], again["presentation"]) == ("succeeded", None)
    assert client.get(f"{root}invoices/{asked.key}/").json()["status"] == "paid"
    guard(community)


def test_the_same_key_twice_is_one_try(program, asked, account, sandbox):
    first, again = begun(program, asked, account), begun(program, asked, account)
    assert (first.status_code, again.status_code, first.json()) == (201, 201, again.json())
    assert again["Idempotency-Replayed"] == "true"
    assert len(at_the_peer(sandbox)) == PaymentAttempt.objects.count() == 1


def test_another_request_with_its_key_is_refused(program, asked, account):
    begun(program, asked, account)
    other = begun(program, asked, account, surface="phone")
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert PaymentAttempt.objects.count() == 1


def test_a_refusal_may_be_corrected_with_the_same_key(program, asked, account):
    wrong = begun(program, asked, account, way="0" * 32)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "not_offered")
    assert KeptAnswer.objects.count() == 0
    assert begun(program, asked, account).status_code == 201


def test_what_is_not_answered_yet_goes_on_with_the_same_key(program, asked, account, sandbox):
    sandbox.fault("drop", operation="checkout")
    waiting = begun(program, asked, account)
    assert (waiting.status_code, waiting.json()["state"], waiting.json()["presentation"]) == (
        202,
        "unknown",
        None,
    )
    assert waiting["Retry-After"] == "60"
    told = begun(program, asked, account)
    assert (told.status_code, told.json()["key"]) == (201, waiting.json()["key"])
    assert len(at_the_peer(sandbox)) == PaymentAttempt.objects.count() == 1


def test_a_fault_of_ours_keeps_the_key_for_its_request(program, asked, account, monkeypatch):
    def lost(*_given, **_named):
        raise RuntimeError

    program.client.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr(attempts, "begin", lost)
        assert begun(program, asked, account).status_code == 500
    assert KeptAnswer.objects.get().status == KeptAnswer.CLAIMED
    assert begun(program, asked, account, surface="phone").json()["code"] == "key_reused"
    assert begun(program, asked, account).status_code == 201


def test_others_pay_for_nobody(asked, account, community):
    root = f"/api/v1/communities/{community.slug}/invoices/{asked.key}/"
    for role, status in ((Role.MEMBER, 404), (Role.MANAGER, 403)):
        client = api.browser(make.member(community, role=role).user)
        client.handler.enforce_csrf_checks = False
        answer = client.post(f"{root}attempts/", {"way": str(account.key)}, content_type="application/json")
        assert (role, answer.status_code) == (role, status)
    assert not PaymentAttempt.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_with_one_key_are_one_try(program, asked, account, sandbox):
    statuses = []

    def ask():
        own = api.Program(account.community, key=program.key)
        statuses.append(begun(own, asked, account).status_code)

    together(*[ask] * 10)
    assert sorted(set(statuses)) in ([201], [201, 409])
    assert len(at_the_peer(sandbox)) == PaymentAttempt.objects.count() == 1
    assert begun(program, asked, account)["Idempotency-Replayed"] == "true"


@pytest.mark.django_db(transaction=True)
def test_beside_its_twin_it_is_told_to_wait(program, asked, account, monkeypatch):
    """The first is at the provider, holds no transaction, and its key is taken."""
    arrived, go = threading.Event(), threading.Event()
    begin = attempts.begin

    def slowly(**given):
        arrived.set()
        go.wait(30)
        return begin(**given)

    monkeypatch.setattr(attempts, "begin", slowly)
    answers = []

    def first():
        answers.append(begun(api.Program(account.community, key=program.key), asked, account))
        connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert arrived.wait(30)
    twin = begun(program, asked, account)
    go.set()
    thread.join()
    assert (twin.status_code, twin.json()["code"]) == (409, "in_progress")
    assert answers[0].status_code == 201


@pytest.mark.django_db(transaction=True)
def test_killed_between_the_provider_and_the_answer_the_same_key_goes_on(program, asked, account, sandbox):
    command = [sys.executable, "-m", "tests.commerce.api.killed"]
    names = [connection.settings_dict["NAME"], program.key, account.community.slug]
    ids = [str(asked.key), str(account.key), KEY["Idempotency-Key"]]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE}
    done = subprocess.run(
        [*command, *names, *ids], cwd=ROOT, env=environment, capture_output=True, timeout=120
    )
    assert done.returncode == -9, done.stderr.decode()[-2000:]
    assert KeptAnswer.objects.get().status == KeptAnswer.CLAIMED
    (attempt,) = PaymentAttempt.objects.all()
    assert (attempt.presentation, len(at_the_peer(sandbox))) == (None, 1)
    told = begun(program, asked, account)
    assert (told.status_code, told.json()["key"], told.json()["state"]) == (201, str(attempt.key), "pending")
    assert len(at_the_peer(sandbox)) == PaymentAttempt.objects.count() == 1
    assert begun(program, asked, account)["Idempotency-Replayed"] == "true"
