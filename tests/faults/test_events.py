"""Scenarios 1 and 2: whatever is delivered, however often and in whatever order, has its effect once."""

import random
from functools import partial

from commerce.models import Payment, ProviderEvent
from commerce.services import inbox
from tests import make
from tests.commerce import paying
from tests.commerce.dues import AT, SITE, balances, guard, invoice
from tests.faults.sizes import times
from tests.security.races import together

SENDERS, PORTION = 8, 80


def deliver(account, messages):
    for message in messages:
        inbox.take(account, *message, at=AT)


def handle():
    while inbox.handle_due(at=AT, by=SITE):
        pass


def test_1_delivered_five_times_by_eight_senders_each_has_one_effect(community, account, sandbox):
    many, chance = times(6, 1_000), random.Random(1)
    for _n in range(many):
        sandbox.pay(paying.begun(invoice(make.member(community)), account).reference)
    messages = [message for message in sandbox.messages() for _delivery in range(5)]
    chance.shuffle(messages)
    for start in range(0, len(messages), PORTION):
        portion = messages[start : start + PORTION]
        parts = [portion[n::SENDERS] for n in range(SENDERS)]
        together(*(partial(deliver, account, part) for part in parts), handle, handle)
    handle()
    assert (ProviderEvent.objects.count(), ProviderEvent.objects.exclude(handled_at=None).count()) == (
        many,
        many,
    )
    assert (Payment.objects.filter(surplus=False).count(), len(sandbox.charges())) == (many, many)
    assert balances(community)["deferred"] == -12_000 * many
    guard(community)


def test_2_in_whatever_order_one_payments_word_comes_the_end_is_the_same(community, account, sandbox):
    """A failure that arrives after the success is among them, and word that comes while the payer is still at it."""
    chance, ends = random.Random(2), set()
    for _n in range(times(4, 200)):
        attempt = paying.begun(invoice(make.member(community)), account)
        before = len(sandbox.messages())
        steps = ["soft_decline", "requires_action", "refuse", "hard_decline", "pay"]
        said = chance.randrange(len(steps) + 1)
        for step in steps[:said]:
            sandbox.pay(attempt.reference, step)
        early = sandbox.messages()[before:]
        chance.shuffle(early)
        deliver(account, early)
        handle()
        for step in steps[said:]:
            sandbox.pay(attempt.reference, step)
        late = sandbox.messages()[before:]
        chance.shuffle(late)
        deliver(account, late)
        handle()
        attempt.refresh_from_db()
        ends.add((attempt.state, attempt.payment.amount, attempt.payment.fee, attempt.payment.surplus))
    assert ends == {("succeeded", 12_000, 348, False)}
    guard(community)
