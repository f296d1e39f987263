"""Scenario 3: a worker is killed outright, by kill -9, at each of six points; then it is there again, and the janitor comes."""

from contextlib import contextmanager
from functools import partial

import pytest

from commerce.models import Subscription, Transaction
from commerce.services import inbox
from crowdecon.celery import app
from crowdecon.embedded import process
from kernel.clock import now
from tests import make
from tests.commerce import paying
from tests.commerce.dues import guard, invoice, plan
from tests.conftest import start_worker
from tests.faults.sizes import in_full_only, times
from tests.faults.sweeps import all_handled, brought_to, owing, settled, until, where_it_is_noon
from tests.sampled import one_in, sample

POINTS = ("written", "called", "acted", "posting", "applied")


@pytest.fixture
def community(transactional_db):
    return paying.community(timezone=where_it_is_noon())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("faults")


@pytest.fixture(scope="module")
def worker(django_db_setup, sandbox_peer, folder):
    started = start_worker(folder, app="tests.faults.worker", FAULTS_FOLDER=str(folder))
    yield started
    process.stop(started.process, grace=10)


@pytest.fixture
def dues(community):
    return plan(community)


def charged(sandbox, bill):
    references = [attempt.reference for attempt in bill.attempts.all()]
    return len([charge for charge in sandbox.charges() if charge[0] in references])


@contextmanager
def killing(folder, point, task):
    """What is made inside is acted on by a worker that is killed at the point. That waits for it before there is anything to
    do: a task that was given out again by the kill before may be quicker than this one."""
    (folder / point).touch()
    yield
    app.send_task(task)
    until(lambda: not (folder / point).exists())


def posted(bill):
    payments = [payment.pk for payment in bill.payments.all()]
    return Transaction.objects.filter(source_type="payment", source_id__in=payments, kind="payment").count()


@in_full_only
def test_3_without_the_one_key_a_killed_worker_charges_twice(
    community, account, dues, sandbox, folder, _empty_queue, tmp_path
):
    # Before the module's own worker is begun, which would do half of the work with the key.
    keyless = start_worker(
        tmp_path, app="tests.faults.worker", FAULTS_FOLDER=str(folder), FAULTS_KEYLESS="yes"
    )
    try:
        with killing(folder, "acted", "commerce.tick"):
            taken = owing(community, account, dues, sandbox)
        bill = taken.invoices.latest("id")
        brought_to(partial(settled, bill), "commerce.ask_providers")
        assert charged(sandbox, bill) == 2
    finally:
        process.stop(keyless.process, grace=10)


@pytest.mark.parametrize("point", sample(POINTS, one_in(3)))
def test_3_killed_while_charging_it_is_charged_once(
    point, community, account, dues, sandbox, worker, folder, _empty_queue
):
    for _n in range(times(1, 50)):
        with killing(folder, point, "commerce.tick"):
            taken = owing(community, account, dues, sandbox)
        bill = taken.invoices.latest("id")
        brought_to(partial(settled, bill), "commerce.ask_providers", "commerce.tick")
        assert (charged(sandbox, bill), posted(bill), bill.payments.count()) == (1, 1, 1)
        assert Subscription.objects.get(pk=taken.pk).status == "active"
    guard(community)


def test_3_killed_while_acting_on_word_it_is_acted_on_once(
    community, account, sandbox, worker, folder, _empty_queue
):
    for _n in range(times(1, 50)):
        sandbox.set_clock(None)
        attempt = paying.begun(invoice(make.member(community)), account, at=now())
        sandbox.pay(attempt.reference)
        with killing(folder, "told", "commerce.handle_events"):
            inbox.take(account, *sandbox.messages()[-1], at=now())
        brought_to(all_handled, "commerce.handle_events")
        bill = attempt.invoice
        assert settled(bill) and (charged(sandbox, bill), posted(bill)) == (1, 1)
    guard(community)
