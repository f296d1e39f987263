"""Scenarios 16 and 17: a crowd wants the last place, and the last fifty, over HTTP against two web servers, with the sandbox
taking the money and a worker sending it back. The peer's own books say who was charged."""

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest

from commerce.models import Order, Payment, PaymentAttempt
from commerce.services import ending_orders
from crowdecon.celery import app
from crowdecon.embedded import process
from gatherings.models import Ticket, TicketKind, Waiting
from gatherings.services import waitlist
from kernel.clock import now
from tests.commerce import paying
from tests.commerce.dues import guard
from tests.conftest import start_worker
from tests.faults import crowd
from tests.faults.sizes import in_full_only, times
from tests.gatherings import holding
from tests.security.test_races_of_places import as_owner

PRICE = 5_000
#: When holds have lapsed, even those that were prolonged because the provider does not answer.
LATE = timedelta(hours=1)


@pytest.fixture
def account(community, sandbox):
    made = paying.connected(community, sandbox)
    sandbox.set_clock(None)
    return made


@pytest.fixture(scope="module")
def addresses(django_db_setup, sandbox_peer, tmp_path_factory):
    with crowd.servers(tmp_path_factory.mktemp("web")) as addresses:
        yield addresses


@pytest.fixture(scope="module")
def worker(django_db_setup, sandbox_peer, tmp_path_factory):
    started = start_worker(tmp_path_factory.mktemp("worker"))
    yield started
    process.stop(started.process, grace=10)


def gathering(community, places):
    begins = now() + timedelta(days=7)
    made = holding.event(
        community, places=places, at=now(), starts_at=begins, ends_at=begins + timedelta(hours=2)
    )
    TicketKind.objects.filter(event=made).update(price=PRICE)
    return TicketKind.objects.select_related("event__community").get(event=made)


def kept(people):
    return [one for one in people if one.token]


def pay(one, account, sandbox):
    sandbox.pay(one.choose(account))
    one.back()


def begin(people, account):
    """They choose how to pay, and are not heard of for a while; how the provider knows them."""
    return {one: one.choose(account) for one in people}


def time_is_over(sandbox):
    """The provider closes nothing in time, so whoever began can still pay there, until they have (`come_late`)."""
    sandbox.fault("error_before", operation="cancel", times=None)
    ending_orders.end_due(at=now() + LATE)


def come_late(begun, sandbox):
    for one, reference in begun.items():
        sandbox.pay(reference)
        one.back()
    sandbox.fault("error_before", value=0)


def all_sent(sandbox):
    """Whether whatever is owed back has gone, by the peer's own count."""
    if Order.objects.exclude(refund_due_at=None).exists():
        app.send_task("commerce.end_orders")
        return False
    owed = Payment.objects.filter(refunding__gt=0).exists()
    if owed:
        app.send_task("commerce.ask_providers")
    return not owed


def judged(kind, places, sandbox):
    """As many as there are have a place and have paid for it; whoever else paid was paid back in full, by the peer's books."""
    assert process.wait_until(lambda: all_sent(sandbox), seconds=90, pause=0.3)
    seated = Ticket.objects.filter(event=kind.event, state=Ticket.State.VALID)
    assert Ticket.objects.live().filter(event=kind.event).count() == seated.count() == places
    theirs = set(
        Payment.objects.filter(invoice__order__key__in=seated.values("order")).values_list(
            "invoice__membership", flat=True
        )
    )
    tries = PaymentAttempt.objects.filter(invoice__order__subject=kind.key).select_related("invoice")
    mine = {one.reference: one.invoice.membership_id for one in tries}
    state = sandbox.state()
    mine |= {row["id"]: mine[row["reference"]] for row in state["payments"] if row["reference"] in mine}
    charged, sent = Counter(), Counter()
    for charge in state["charges"]:
        charged[mine.get(charge["reference"])] += charge["amount"]
    for refund in state["refunds"]:
        assert refund["state"] == "succeeded", refund
        sent[mine.get(refund["payment"])] += refund["amount"]
    del charged[None], sent[None]
    assert {who for who in charged if charged[who] > sent[who]} == theirs
    assert {charged[who] - sent[who] for who in theirs} == {PRICE}
    assert all(charged[who] == sent[who] for who in charged if who not in theirs)
    return len(charged), len(theirs)


def test_16_many_buyers_for_one_place(community, account, sandbox, addresses, worker, _empty_queue):
    people = crowd.buyers(community, times(16, 200), addresses)
    for n in range(times(3, 20)):
        kind = gathering(community, 1)
        crowd.all_at_once(people, partial(crowd.Buyer.take, kind=kind))
        assert len(kept(people)) == 1
        winner = kept(people)[0]
        if n % 3 == 0:
            pay(winner, account, sandbox)
            paid = 1
        else:
            begun = begin([winner], account)
            time_is_over(sandbox)
            if n % 3 == 1:
                # There is room, and nobody waits: the late one is seated.
                paid = 1
            else:
                crowd.all_at_once(
                    [one for one in people if one is not winner], partial(crowd.Buyer.take, kind=kind)
                )
                quicker = next(one for one in kept(people) if one is not winner)
                pay(quicker, account, sandbox)
                paid = 2
            come_late(begun, sandbox)
        assert judged(kind, 1, sandbox) == (paid, 1)
    guard(community)


@pytest.mark.parametrize("half", ["first", pytest.param("second", marks=in_full_only)])
def test_17_very_many_buyers_for_some_places(
    half, community, account, sandbox, addresses, worker, _empty_queue
):
    many, places = times(24, 500), times(6, 50)
    late, line = places // 3, places // 2
    people = crowd.buyers(community, many, addresses)
    for _n in range(times(1, 10)):
        kind = gathering(community, places)
        crowd.all_at_once(people, partial(crowd.Buyer.take, kind=kind))
        first = kept(people)
        assert len(first) == places
        waits = [one for one in people if not one.token][:line]
        for one in waits:
            one.wait(kind)
        crowd.all_at_once(first[late:], partial(pay, account=account, sandbox=sandbox))
        begun = begin(first[:late], account)
        time_is_over(sandbox)
        # Those who waited longest are asked, and buy; those who pay too late are not before them.
        # By the worker, as soon as a place is free, and by the sweep, whichever is first.
        waitlist.offer(event_id=kind.event_id, at=now())
        come_late(begun, sandbox)
        offered = Waiting.objects.filter(event=kind.event, state="offered").order_by("since", "pk")
        assert [turn.membership_id for turn in offered] == [one.member.pk for one in waits[:late]]
        crowd.all_at_once(waits[:late], partial(crowd.Buyer.take, kind=kind))
        crowd.all_at_once(waits[:late], partial(pay, account=account, sandbox=sandbox))
        assert judged(kind, places, sandbox) == (places + late, places)
        turns = Waiting.objects.filter(event=kind.event).order_by("since", "pk")
        assert [turn.state for turn in turns] == ["seated"] * late + ["waiting"] * (line - late)
    guard(community)


@in_full_only
@pytest.mark.parametrize(("many", "places"), [(200, 1), (500, 50)], ids=["16", "17"])
def test_16_17_without_the_locks_more_are_sold_than_there_are(community, account, many, places, tmp_path):
    """The control: neither the services' locks nor the database's own, and this same crowd oversells."""
    as_owner("ALTER TABLE gatherings_ticket DISABLE TRIGGER ticket_has_a_place")
    try:
        with crowd.servers(tmp_path, FAULTS_UNLOCKED="yes") as addresses:
            people = crowd.buyers(community, many, addresses)
            for _n in range(20):
                kind = gathering(community, places)
                crowd.all_at_once(people, partial(crowd.Buyer.take, kind=kind))
                if len(kept(people)) > places:
                    return
    finally:
        as_owner("ALTER TABLE gatherings_ticket ENABLE TRIGGER ticket_has_a_place")
    raise AssertionError("It never oversold: then this proves nothing.")
