"""What was paid ahead is earned by the day: once, to the last unit, whatever became of it meanwhile."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.models import F, Sum

from commerce.models import Deferral, Entry, InvoiceLine, Payment, RecognitionDay, Subscription, Transaction
from commerce.periods import Period
from commerce.services import invoices, payments, recognition
from commerce.services.invoices import NewLine
from tests import make
from tests.commerce.dues import AT, SITE, balances, guard, invoice, plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return make.community(currency="CNY", timezone="Asia/Shanghai")


@pytest.fixture
def member(community):
    return make.member(community)


def pay(asked, at=AT):
    return payments.receive(
        invoice=asked,
        community=asked.community,
        money=asked.due,
        method=Payment.Method.BANK,
        paid_at=at,
        at=at,
        by=SITE,
    )


def noon(day):
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def recognise(community, day):
    return recognition.recognise(community=community, at=noon(day))


def earned(community):
    rows = RecognitionDay.objects.filter(community=community).order_by("day")
    return [(str(one.day), one.revenue, one.discount) for one in rows]


def whole(community):
    """Of each line recognised, credited and still deferred is all of it, and the ledger says the same of their sum."""
    lines = Deferral.objects.filter(community=community)
    assert not lines.filter(amount__gt=0, amount__lt=F("recognised") + F("released")).exists()
    assert not lines.filter(amount__lt=0, amount__gt=F("recognised") + F("released")).exists()
    void = lines.filter(line__invoice__status="void")
    assert not void.exclude(recognised=0).exists()
    open_lines = lines.exclude(line__invoice__status="void")
    left = open_lines.aggregate(sum=Sum(F("amount") - F("recognised") - F("released")))["sum"] or 0
    assert -balances(community).get("deferred", 0) == left
    guard(community)


def test_a_month_is_earned_by_the_day_and_adds_up(community, member):
    pay(invoice(member, 10_000))
    assert recognise(community, date(2026, 3, 3)) == 1
    # Paid on the 2nd: both days so far are earned on it.
    assert earned(community) == [("2026-03-02", 645, 0)]
    posting = Transaction.objects.get(kind="recognition")
    assert (posting.source_type, str(posting.day)) == ("recognition_day", "2026-03-02")
    assert recognise(community, date(2026, 3, 6)) == 3
    assert earned(community)[1:] == [("2026-03-03", 322, 0), ("2026-03-04", 323, 0), ("2026-03-05", 322, 0)]
    assert recognise(community, date(2026, 4, 20)) == 26
    assert earned(community)[-1][0] == "2026-03-31"
    assert balances(community) == {"bank": 10_000, "revenue": -10_000}
    assert list(Deferral.objects.values_list("recognised", "closed")) == [(10_000, True)]
    whole(community)


def test_a_day_is_posted_once(community, member):
    pay(invoice(member))
    assert recognise(community, date(2026, 3, 9)) == 7
    before = Entry.objects.count()
    assert recognise(community, date(2026, 3, 9)) == 0
    # Paid late in the day whose posting stands: caught up with on the next.
    pay(invoice(make.member(community)), at=noon(date(2026, 3, 8)))
    assert recognise(community, date(2026, 3, 9)) == 0
    assert Entry.objects.exclude(transaction__kind__in=("invoice", "payment")).count() == before - 4
    assert recognise(community, date(2026, 3, 10)) == 1
    assert earned(community)[-1] == ("2026-03-09", 387 + 12_000 * 9 // 31, 0)
    whole(community)


def test_nothing_is_earned_of_what_is_not_paid_or_was_taken_back(community, member):
    asked = invoice(member)
    assert recognise(community, date(2026, 3, 20)) == 0
    invoices.void(invoice=asked, community=community, reason="Wrong", at=AT, by=SITE)
    assert recognise(community, date(2026, 4, 20)) == 0
    assert balances(community) == {}


def test_what_a_coupon_takes_off_is_earned_beside_it(community, member):
    days = Period(date(2026, 3, 2), date(2026, 3, 6))
    lines = [
        NewLine(InvoiceLine.Kind.DUES, "Dues", 1_000, days=days),
        NewLine(InvoiceLine.Kind.COUPON, "SPRING", -400, days=days),
    ]
    pay(invoice(member, lines=lines))
    recognise(community, date(2026, 3, 4))
    assert earned(community) == [("2026-03-02", 250, 100), ("2026-03-03", 250, 100)]
    assert balances(community) == {"bank": 600, "deferred": -300, "discount": 200, "revenue": -500}
    whole(community)


def test_a_pause_earns_nothing(community, member):
    taken = Subscription.objects.create(
        community=community,
        membership=member,
        plan=plan(community),
        status="active",
        amount=12_000,
        currency="CNY",
        anchor=date(2026, 3, 1),
        period_start=date(2026, 3, 1),
        period_end=date(2026, 4, 1),
        started_at=AT,
        paused_on=date(2026, 3, 11),
    )
    pay(invoice(member, 3_100, subscription=taken))
    recognise(community, date(2026, 3, 20))
    assert (sum(row[1] for row in earned(community)), earned(community)[-1][0]) == (1_000, "2026-03-10")
    whole(community)


def test_after_any_mix_of_what_happens_the_books_and_the_lines_say_the_same(community):
    chance = random.Random(5)
    people = [make.member(community) for _n in range(4)]
    asked = []
    start = date(2026, 3, 1)
    for n in range(30):
        day = start + timedelta(days=n)
        begins = day + timedelta(days=chance.randint(-20, 20))
        days = Period(begins, begins + timedelta(days=chance.choice((1, 7, 31, 90))))
        gross = chance.randint(1, 9_999)
        lines = [NewLine(InvoiceLine.Kind.DUES, "Dues", gross, tax_rate=600, days=days)]
        if chance.random() < 0.4:
            lines.append(NewLine(InvoiceLine.Kind.COUPON, "OFF", -chance.randint(1, gross), 600, days=days))
        asked.append(invoice(chance.choice(people), lines=lines, at=noon(day)))
        for one in chance.sample(asked, min(2, len(asked))):
            one.refresh_from_db()
            if one.status == "open" and chance.random() < 0.7:
                pay(one, at=noon(day))
            elif one.status == "open":
                invoices.void(invoice=one, community=community, reason="Wrong", at=noon(day), by=SITE)
        if chance.random() < 0.4:
            recognise(community, day)
            whole(community)
    recognise(community, date(2026, 12, 31))
    whole(community)
    paid = Deferral.objects.filter(community=community, line__invoice__status="paid")
    assert list(paid.exclude(amount=F("recognised"))) == []
    by_kind = {
        kind: sum(paid.filter(line__kind=kind).values_list("amount", flat=True))
        for kind in ("dues", "coupon")
    }
    stands = balances(community)
    assert (-stands["revenue"], -stands["discount"]) == (by_kind["dues"], by_kind["coupon"])


def test_a_credit_ends_it_early(community, member):
    pay(invoice(member, 3_100))
    recognise(community, date(2026, 3, 11))
    # Half of what is left is credited: what was earned stays, and the rest is earned by the end.
    Deferral.objects.update(released=1_050)
    recognise(community, date(2026, 3, 12))
    assert Deferral.objects.get().recognised == 1_000
    recognise(community, date(2026, 5, 1))
    assert list(Deferral.objects.values_list("recognised", "closed")) == [(2_050, True)]


def test_every_community_is_looked_after(community, member):
    other = make.member(make.community(timezone="America/Los_Angeles", currency="CNY"))
    for one in (member, other):
        pay(invoice(one))
    # 8 March, 04:00 UTC: in Los Angeles it is still the 7th.
    assert recognition.recognise_all(at=noon(date(2026, 3, 8))) == 6 + 5
    assert recognition.recognise_all(at=noon(date(2026, 3, 8))) == 0
