"""What takes place between a worker and what it depends on: dues that are owed, and sweeps that are sent until all is done."""

from datetime import timedelta

from commerce.models import PaymentAttempt, ProviderEvent
from commerce.services import attempts, subscriptions
from crowdecon.celery import app
from crowdecon.embedded import process
from kernel.clock import now
from tests import make
from tests.commerce import paying
from tests.commerce.dues import SITE


def where_it_is_noon():
    """A time zone in which today's charges, which are made at nine, are due now."""
    east = 12 - now().hour
    # The sign of these names is the other way round.
    return f"Etc/GMT{-east:+d}" if east else "Etc/GMT"


def owing(community, account, of, sandbox):
    """A member whose month has just ended, with a means that is to be charged."""
    then = now() - timedelta(days=32)
    sandbox.set_clock(then)
    member = make.member(community, at=then)
    taken = subscriptions.subscribe(membership=member, plan=of, at=then, by=SITE)
    attempt = paying.begun(taken.invoices.get(), account, at=then, save_mandate=True)
    sandbox.pay(attempt.reference)
    attempts.refresh(attempt, at=then, by=SITE)
    sandbox.set_clock(None)
    return taken


def until(true):
    assert process.wait_until(true, seconds=60, pause=0.05)


def again(*tasks):
    """What was put off until later is due now, and the scheduler says so."""
    PaymentAttempt.objects.exclude(next_ask_at=None).update(next_ask_at=now())
    ProviderEvent.objects.filter(handled_at=None).update(next_try_at=now())
    for task in tasks:
        app.send_task(task)


def settled(bill):
    bill.refresh_from_db()
    return bill.status == "paid"


def all_handled():
    return not ProviderEvent.objects.filter(handled_at=None).exists()


def brought_to(settle, *tasks):
    """Say it until it is so: a task that is lost with its worker is no fault, a row that is lost is one."""
    for _again in range(20):
        again(*tasks)
        if process.wait_until(settle, seconds=5, pause=0.05):
            return
    raise AssertionError("It was never settled.")
