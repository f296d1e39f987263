"""Scenario 8: five years of dues by the hour: each period is asked for once, whoever was away, and no day drifts."""

import heapq
import itertools
import random
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

import pytest

from commerce.models import Invoice, Payment, Subscription
from commerce.services import attempts, clock, payments, subscriptions
from tests import make
from tests.commerce import paying
from tests.commerce.dues import SITE, guard, plan
from tests.faults.sizes import times
from tests.sampled import one_in, sample

HOUR = timedelta(hours=1)
BEGIN, END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2020 + times(2, 5), 4, 1, tzinfo=UTC)
#: The days that a calendar is worst at come often.
JOINED = [date(2020, 1, 31), date(2020, 2, 29), date(2020, 3, 29), date(2020, 1, 30), date(2020, 3, 31)]
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Shanghai")
MONTHS = {"month": 1, "quarter": 3, "year": 12, "lifetime": None}
#: What the members take, one after another, and what they pay it by.
TAKEN = "month quarter year year quarter year lifetime".split()
BY = "card transfer link card transfer card transfer link card transfer".split()
OUTAGE, OUTAGES = timedelta(hours=72), times(4, 12)


def months_on(day, months):
    """So many months later: the same day, or the last of a month that has none."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


class House:
    """A community in its zone, its account at the sandbox, and a plan an interval."""

    def __init__(self, zone, peer):
        self.community, self.peer = paying.community(timezone=zone), peer
        self.account = paying.connected(self.community, peer)
        self.plans = {interval: plan(self.community, interval=interval) for interval in MONTHS}

    def pay(self, invoice, by, at):
        if by == "transfer":
            given = {"community": self.community, "money": invoice.due, "method": Payment.Method.BANK}
            payments.receive(invoice=invoice, paid_at=at, at=at, by=SITE, **given)
            return
        self.peer.set_clock(at)
        attempt = paying.begun(invoice, self.account, at=at, save_mandate=by == "card")
        self.peer.pay(attempt.reference)
        attempts.refresh(attempt, at=at, by=SITE)


class Years:
    """The hours, those who come and pay in them, and the workers who are away for some."""

    def __init__(self, house, members, chance):
        self.house, self.chance, self.every_hour = house, chance, times(0, 1)
        self.payers, self.asked, self.known = {}, [], 0
        turn = itertools.count()
        self.coming = [
            (self.hour_of(chance.choice(JOINED), chance.randrange(7, 20)), next(turn))
            for _n in range(members)
        ]
        heapq.heapify(self.coming)
        span = int((END - BEGIN - OUTAGE) / HOUR)
        self.away = sorted(BEGIN + HOUR * chance.randrange(2_400, span) for _n in range(OUTAGES))

    def hour_of(self, day, hour):
        return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)

    def run(self):
        now = BEGIN
        while now < END:
            while self.coming and self.coming[0][0] <= now:
                self.join(heapq.heappop(self.coming)[1], now)
            self.pay(now)
            if not any(begun <= now < begun + OUTAGE for begun in self.away):
                self.tick(now)
                self.pay(now)
            now += HOUR if self.every_hour else self.quiet(now)

    def quiet(self, now):
        """How long nothing at all is due: hours in which the clock finds nothing."""
        waits = [self.coming[0][0] if self.coming else END, self.asked[0][0] if self.asked else END, END]
        for model in (Subscription, Invoice):
            waits += (
                model.objects.exclude(next_at=None).order_by("next_at").values_list("next_at", flat=True)[:1]
            )
        return max(-((now - min(waits)) // HOUR), 1) * HOUR

    def join(self, n, now):
        house = self.house
        by, interval = BY[n % len(BY)], TAKEN[n % len(TAKEN)]
        member = make.member(house.community, at=now - HOUR)
        taken = subscriptions.subscribe(membership=member, plan=house.plans[interval], at=now, by=SITE)
        self.payers[taken.pk] = by
        house.pay(taken.invoices.get(), by, now)
        self.known = Invoice.objects.latest("pk").pk

    def tick(self, now):
        if self.due(now):
            self.house.peer.set_clock(now)
        if not clock.tick(at=now):
            return
        fresh = Invoice.objects.filter(pk__gt=self.known).order_by("pk")
        for pk, subscription in fresh.values_list("pk", "subscription_id"):
            self.known = pk
            if self.payers[subscription] != "card":
                # A few days later, within the grace; some at once.
                heapq.heappush(self.asked, (now + HOUR * self.chance.randrange(0, 24 * 12), pk))

    def due(self, now):
        return any(model.objects.filter(next_at__lte=now).exists() for model in (Subscription, Invoice))

    def pay(self, now):
        while self.asked and self.asked[0][0] <= now:
            invoice = Invoice.objects.get(pk=heapq.heappop(self.asked)[1])
            self.house.pay(invoice, self.payers[invoice.subscription_id], now)


def expected(anchor, interval):
    """The periods that have begun by the end, and how many that are: told by the calendar alone."""
    months = MONTHS[interval]
    if months is None:
        return [(anchor, None)]
    starts = (months_on(anchor, months * k) for k in itertools.count())
    begun = itertools.takewhile(lambda start: start < END.date() - timedelta(days=20), starts)
    return [(start, months_on(anchor, months * (k + 1))) for k, start in enumerate(begun)]


@pytest.mark.parametrize("zone", sample(ZONES, one_in(3)), ids=lambda zone: zone.partition("/")[2].lower())
def test_8_years_ask_for_each_period_once_and_drift_by_no_day(zone, transactional_db, sandbox_peer):
    house = House(zone, sandbox_peer.open_account())
    # Together five hundred.
    members = times(1, 166 + 2 * (zone == ZONES[0]))
    Years(house, members, random.Random(f"8 {zone}")).run()
    found = Subscription.objects.select_related("plan", "membership").prefetch_related("invoices__payments")
    assert len(found) == members
    for one in found:
        bills = sorted(one.invoices.all(), key=lambda bill: bill.period_start)
        periods = [(bill.period_start, bill.period_end) for bill in bills]
        whole = expected(one.anchor, one.plan.interval)
        assert periods[: len(whole)] == whole and len(periods) - len(whole) in (0, 1)
        assert all(
            [payment.amount for payment in bill.payments.all()] == [12_000] for bill in bills[: len(whole)]
        )
        assert (one.status, one.membership.status) in (("active", "active"), ("past_due", "active"))
    references = [reference for reference, _idem, _amount in house.peer.charges()]
    assert len(references) == len(set(references))
    assert len(references) == Payment.objects.filter(account=house.account).count()
    guard(house.community)
