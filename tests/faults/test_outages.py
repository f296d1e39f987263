"""Scenario 11: the provider is away, the broker forgets everything, the database is restarted; nothing is lost, and what had
to wait is done."""

import os
import signal

import pytest
from django.db import connection
from redis import Redis

from commerce.models import Invoice, Payment, PaymentAttempt
from commerce.services import inbox
from crowdecon.celery import app
from kernel.clock import now
from tests import make, services
from tests.commerce import paying
from tests.commerce.dues import guard, invoice, plan
from tests.faults.sizes import times
from tests.faults.sweeps import all_handled, brought_to, owing, until, where_it_is_noon

SWEEPS = ("commerce.tick", "commerce.ask_providers", "commerce.handle_events")


@pytest.fixture
def community(transactional_db):
    return paying.community(timezone=where_it_is_noon())


def all_paid(bills):
    return not Invoice.objects.filter(pk__in=[bill.pk for bill in bills], status="open").exists()


def test_11_without_provider_broker_or_database_nothing_is_lost(
    community, account, sandbox, sandbox_peer, celery_worker_process
):
    many, of = times(3, 60), plan(community)
    taken = [owing(community, account, of, sandbox) for _n in range(many)]
    clicked = [paying.begun(invoice(make.member(community)), account, at=now()) for _n in range(many)]
    for attempt in clicked:
        sandbox.pay(attempt.reference)
    messages = sandbox.messages()[-many:]

    # The broker loses what was sent while the worker stood still.
    os.killpg(celery_worker_process.process.pid, signal.SIGSTOP)
    for message in messages:
        inbox.take(account, *message, at=now())
    app.send_task("commerce.tick")
    Redis.from_url(os.environ["REDIS_URL"]).flushall()
    os.killpg(celery_worker_process.process.pid, signal.SIGCONT)

    # The provider is away while all are to be charged, and the database goes while that is being found out.
    with sandbox_peer.away():
        app.send_task("commerce.tick")
        until(PaymentAttempt.objects.filter(state="unknown").exists)
        connection.close()
        with services.servers.without_database():
            for sweep in SWEEPS:
                app.send_task(sweep)
        # Written they are all, also the one that was being told to the provider when the database went.
        written = PaymentAttempt.objects.filter(kind="off_session", state__in=PaymentAttempt.LIVE)
        brought_to(lambda: written.count() == many, "commerce.tick")

    bills = [one.invoices.latest("id") for one in taken] + [attempt.invoice for attempt in clicked]
    brought_to(lambda: all_paid(bills) and all_handled(), *SWEEPS)
    references = [reference for reference, _idem, _amount in sandbox.charges()]
    assert len(references) == len(set(references)) == Payment.objects.count() == 3 * many
    assert Payment.objects.filter(surplus=True).count() == 0
    guard(community)
