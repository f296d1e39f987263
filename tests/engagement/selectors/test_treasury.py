"""A treasurer's numbers: each against a plain count of rows, and to the day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.models import Sum

from commerce.models import Deferral, Invoice, Payment, Refund
from commerce.services import clock, payments, refunds, subscriptions
from engagement.selectors import treasury
from engagement.selectors.treasury import Span
from kernel.clock import local_day
from kernel.money import Money
from tests import make
from tests.commerce.dues import SITE, plan
from tests.engagement.metrics.dues_world import World

pytestmark = pytest.mark.django_db
JAN_31 = datetime(2026, 1, 31, 9, tzinfo=UTC)


def taken(community, of, at, **fields):
    member = make.member(community, at=at - timedelta(days=1))
    found = subscriptions.subscribe(membership=member, plan=of, at=at, by=SITE, **fields)
    paid(found, at)
    return subscriptions.live_of(member)


def paid(subscription, at):
    for bill in subscription.invoices.filter(status="open"):
        payments.receive(
            invoice=bill, community=subscription.community, money=bill.due, method=Payment.Method.BANK,
            paid_at=at, at=at, by=SITE,
        )  # fmt: skip


def euros(cents):
    return Money(cents, "EUR")


def test_what_came_is_put_beside_the_same_days_of_last_month():
    assert Span.of(date(2026, 3, 31)) == Span(
        date(2026, 3, 1), date(2026, 3, 31), date(2026, 2, 1), date(2026, 2, 28)
    )
    community = make.community(at=make.EARLY)
    offered = plan(community, 1_000, currency="EUR")
    for day in ("2026-02-03", "2026-02-28", "2026-03-01", "2026-03-15"):
        taken(community, offered, datetime.fromisoformat(f"{day}T09:00+00:00"))
    (purse,) = treasury.purses(community, today=date(2026, 3, 15))
    assert (purse.came, purse.came_before) == (euros(2_000), euros(1_000))
    payment = Payment.objects.of(community.pk).order_by("id").last()
    refunds.ask(
        payment=payment, money=euros(400), reason="Asked", then=Refund.Then.KEEP, by=SITE,
        at=datetime(2026, 3, 16, tzinfo=UTC),
    )  # fmt: skip
    (purse,) = treasury.purses(community, today=date(2026, 3, 31))
    assert (purse.came, purse.back, purse.came_before) == (euros(2_000), euros(400), euros(2_000))


def test_what_will_come_falls_on_the_days_that_dues_are_asked_for():
    community = make.community(at=make.EARLY)
    monthly, cheap = plan(community, 1_000, currency="EUR"), plan(community, 300, currency="EUR", name="Less")
    yearly = plan(community, 9_000, currency="EUR", interval="year", name="Year")
    found = taken(community, monthly, JAN_31)
    taken(community, yearly, JAN_31)
    (purse,) = treasury.purses(community, today=date(2026, 1, 31))
    # 28 February, 31 March, 30 April.
    assert (purse.soon, purse.soon_many, purse.later, purse.later_many) == (euros(1_000), 1, euros(3_000), 3)
    assert treasury.purses(community, today=date(2026, 1, 29))[0].later_many == 2
    subscriptions.change_plan(subscription=found, plan=cheap, at=JAN_31, by=SITE)
    (purse,) = treasury.purses(community, today=date(2026, 1, 31))
    assert (purse.soon, purse.later, purse.mrr) == (euros(300), euros(900), euros(1_750))
    subscriptions.cancel(subscription=subscriptions.live_of(found.membership), at=JAN_31, by=SITE)
    (purse,) = treasury.purses(community, today=date(2026, 1, 31))
    assert (purse.soon_many, purse.later_many, purse.mrr) == (0, 0, euros(1_750))


def test_who_is_late_is_late_and_no_renewal_to_come():
    community = make.community(at=make.EARLY)
    taken(community, plan(community, 1_000, currency="EUR"), JAN_31)
    clock.tick(at=JAN_31 + timedelta(days=22))
    on_the_day = datetime(2026, 2, 28, 10, tzinfo=UTC)
    clock.tick(at=on_the_day)
    (purse,) = treasury.purses(community, today=on_the_day.date())
    assert (purse.late_many, purse.soon_many) == (0, 0)
    (purse,) = treasury.purses(community, today=on_the_day.date() + timedelta(days=1))
    assert (purse.late, purse.late_many, purse.later_many, purse.mrr) == (euros(1_000), 1, 0, euros(1_000))


def test_after_a_life_on_dues_the_numbers_are_those_of_the_rows():
    world = World(17, days=150, people=8)
    today = local_day(world.now, world.community.zone)
    purses = treasury.purses(world.community, today=today)
    assert [purse.currency for purse in purses] == ["EUR", "JPY"]
    for purse in purses:
        mine = {"community": world.community, "currency": purse.currency}
        late = [one for one in Invoice.objects.filter(**mine, status="open") if one.due_on < today]
        assert (purse.late.amount, purse.late_many) == (sum(one.due.amount for one in late), len(late))
        held = Deferral.objects.filter(**mine, begun_at__isnull=False)
        sums = held.aggregate(all=Sum("amount"), earned=Sum("recognised"), back=Sum("released"))
        known = {name: value or 0 for name, value in sums.items()}
        assert purse.prepaid.amount == known["all"] - known["earned"] - known["back"]


def test_nothing_is_asked_of_a_community_without_plans(django_assert_num_queries):
    community = make.community(at=make.EARLY)
    with django_assert_num_queries(6):
        assert treasury.purses(community, today=date(2026, 3, 31)) == []
