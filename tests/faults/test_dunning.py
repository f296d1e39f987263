"""Scenario 9: ladders of late dues, with means that are declined in every way and paid in every way meanwhile."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from commerce.models import Invoice, Payment, PaymentAttempt, Subscription
from commerce.providers.base import Surface
from commerce.services import asking, attempts, clock, payments, subscriptions
from tests import make
from tests.commerce import paying
from tests.commerce.dues import AT, SITE, guard, plan
from tests.faults.sizes import times

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Kiritimati")
#: A year after the first payment, which came at 9:00 UTC on 2 March: still that day everywhere, but in Kiritimati the next.
BEGUN, DUE, STEP = AT.replace(year=2025), date(2026, 3, 2), timedelta(minutes=30)


@dataclass(frozen=True)
class Ladder:
    """What the bank says to every charge, and how and when its owner pays: "" for never."""

    zone: ZoneInfo
    says: str
    pays: str
    after: timedelta

    @property
    def due(self) -> date:
        return DUE + timedelta(days=BEGUN.astimezone(self.zone).day - BEGUN.day)

    def on(self, days, hour=0):
        """The instant of a local hour, so many days after they were due."""
        local = datetime.combine(self.due + timedelta(days=days), time(hour), self.zone)
        return local.astimezone(UTC)

    @property
    def paid_at(self):
        return self.on(0) + self.after if self.pays else datetime.max.replace(tzinfo=UTC)

    def charges(self):
        """When it is charged: said once more here, and in other words than the product's."""
        rungs = (0, 1, 3, 7, 14) if self.says == "soft_decline" else (0,)
        return [self.on(days, 9) for days in rungs if self.on(days, 9) < self.paid_at]

    def standing(self, at):
        if at >= self.paid_at or at < self.on(14):
            return "active"
        return "lapsed" if at >= self.on(30) else "suspended"


def drawn(chance):
    return Ladder(
        ZoneInfo(chance.choice(ZONES)),
        chance.choice(["soft_decline", "hard_decline", "requires_action"]),
        chance.choice(["", "link", "new card", "bank"]),
        STEP * chance.randrange(1, 29 * 48),
    )


@pytest.fixture
def houses(transactional_db, sandbox_peer):
    """A community in each zone, with an account of its own at the sandbox and a plan by the year."""
    made = {}

    def house(zone):
        if zone.key not in made:
            community, peer = paying.community(timezone=zone.key), sandbox_peer.open_account()
            account = paying.connected(community, peer)
            made[zone.key] = community, peer, account, plan(community, interval="year")
        return made[zone.key]

    yield house
    for community, *_rest in made.values():
        guard(community)


def begun(ladder, house):
    """A member who paid for a year and left their card."""
    community, peer, account, of = house
    peer.set_clock(BEGUN)
    member = make.member(community, at=BEGUN - timedelta(days=1))
    taken = subscriptions.subscribe(membership=member, plan=of, at=BEGUN, by=SITE)
    attempt = paying.begun(taken.invoices.get(), account, at=BEGUN, save_mandate=True)
    peer.pay(attempt.reference)
    attempts.refresh(attempt, at=BEGUN, by=SITE)
    return Subscription.objects.get(pk=taken.pk)


def pay(ladder, invoice, house, at):
    community, peer, account, _plan = house
    if ladder.pays == "bank":
        given = {"community": community, "money": invoice.due, "method": Payment.Method.BANK}
        payments.receive(invoice=invoice, paid_at=at, at=at, by=SITE, **given)
        return
    # Their new card, or the money on the old one.
    peer.fault(ladder.says, 0)
    attempt = paying.begun(
        invoice, account, at=at, surface=Surface.PHONE, save_mandate=ladder.pays == "new card"
    )
    peer.pay(attempt.reference)
    attempts.refresh(attempt, at=at, by=SITE)


def climb(ladder, taken, house):
    """Half-hour by half-hour; those in which nothing is due are left out, as the clock would find nothing in them."""
    _community, peer, _account, _plan = house
    now, over = ladder.on(-1), ladder.on(33)
    edges = {ladder.on(days) + early for days in (14, 30) for early in (-STEP, timedelta())}
    invoice = None
    while now < over:
        if invoice is not None and now >= ladder.paid_at and invoice.status == "open":
            peer.set_clock(now)
            pay(ladder, invoice, house, now)
        peer.set_clock(now)
        clock.tick(at=now)
        asking.ask_due(at=now, by=SITE)
        invoice = Invoice.objects.filter(subscription=taken, due_on=ladder.due).first()
        taken.membership.refresh_from_db()
        assert (now, taken.membership.status) == (now, ladder.standing(now))
        waits = [
            *Subscription.objects.filter(pk=taken.pk).values_list("next_at", flat=True),
            *Invoice.objects.filter(subscription=taken).values_list("next_at", flat=True),
            *PaymentAttempt.objects.filter(invoice__subscription=taken).values_list("next_ask_at", flat=True),
            *edges,
            ladder.paid_at,
            over,
        ]
        soonest = min(one for one in waits if one is not None and one > now)
        now += max(-((now - soonest) // STEP), 1) * STEP
    return invoice


def test_9_never_charged_after_paying_and_access_ends_when_it_was_said(houses):
    chance = random.Random(9)
    for _n in range(times(8, 200)):
        ladder = drawn(chance)
        house = houses(ladder.zone)
        taken = begun(ladder, house)
        peer = house[1]
        peer.fault(ladder.says, times=None)
        before = len(peer.charges())
        invoice = climb(ladder, taken, house)
        peer.fault(ladder.says, 0)

        tried = invoice.attempts.filter(kind="off_session").order_by("made_at")
        assert list(tried.values_list("made_at", flat=True)) == ladder.charges()
        assert len(peer.charges()) - before == (ladder.pays in ("link", "new card"))
        assert invoice.status == ("paid" if ladder.pays else "void")
        taken.refresh_from_db()
        assert (taken.status, taken.cause) == (("active", "") if ladder.pays else ("ended", "payment_failed"))
