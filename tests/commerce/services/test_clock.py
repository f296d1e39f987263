"""The clock of dues: each period is asked for once, whatever workers do; what is late goes up its ladder and no further."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from commerce.models import Invoice, Mandate, Payment, PaymentAttempt, ProviderAccount, Subscription
from commerce.periods import Interval, nth
from commerce.services import billing, clock, invoices, lateness, payments, subscriptions
from kernel.errors import Refused
from members.models import AuditEntry, Message
from members.services import standing
from tests import make
from tests.commerce.dues import AT, SITE, guard, plan

pytestmark = pytest.mark.django_db


class Rail:
    """A rail that charges what it is told to, in the product's place of asking a provider: `says` by membership."""

    def __init__(self):
        self.says, self.charged, self.at = {}, Counter(), []

    def intend(self, *, invoice, mandate, at):
        invoice.refresh_from_db()
        if invoice.status != Invoice.Status.OPEN:
            raise Refused("Paid meanwhile", code="not_open")
        return SimpleNamespace(invoice=invoice, account=mandate.account)

    def charge(self, attempt, *, at, by):
        invoice = attempt.invoice
        said = self.says.get(invoice.membership_id, "paid")
        self.at.append((invoice.membership_id, at))
        told = {"community": invoice.community, "at": at, "by": by}
        if said == "paid":
            self.charged[invoice.pk] += 1
            receive(invoice, at, account=attempt.account)
        elif said in ("soft", "hard"):
            lateness.declined(attempt=SimpleNamespace(invoice=invoice, hard=said == "hard"), **told)
        elif said == "confirm":
            lateness.to_confirm(attempt=attempt, **told)


def receive(bill, at, **fields):
    method = Payment.Method.PROVIDER if fields else Payment.Method.BANK
    payments.receive(
        invoice=bill,
        community=bill.community,
        money=bill.due,
        method=method,
        paid_at=at,
        at=at,
        by=SITE,
        **fields,
    )


@pytest.fixture
def rail(monkeypatch):
    rail = Rail()
    monkeypatch.setattr(clock.attempts, "intend", rail.intend)
    monkeypatch.setattr(clock.attempts, "ask_to_charge", rail.charge)
    return rail


@pytest.fixture
def community():
    return make.community(currency="CNY")


def card(member):
    """Leave a means that can be charged."""
    account, _new = ProviderAccount.objects.get_or_create(
        community=member.community, provider="sandbox", defaults={"made_at": AT, "enabled": True}
    )
    return Mandate.objects.create(
        membership=member, account=account, reference=f"card-{member.pk}", made_at=AT
    )


def taken(community, at=AT, *, means=True, of=None, **fields):
    """A member who has paid for the first period."""
    member = make.member(community, at=at - timedelta(days=1))
    if means:
        card(member)
    found = subscriptions.subscribe(membership=member, plan=of or plan(community, **fields), at=at, by=SITE)
    for bill in found.invoices.filter(status=Invoice.Status.OPEN):
        receive(bill, at)
    return Subscription.objects.get(pk=found.pk)


def run(since, until):
    """Let the clock run, waking whenever something is due."""
    now = since
    while True:
        waits = [
            model.objects.filter(next_at__isnull=False, next_at__lte=until)
            .order_by("next_at")
            .values_list("next_at", flat=True)
            .first()
            for model in (Subscription, Invoice)
        ]
        due = [one for one in waits if one is not None]
        if not due:
            return
        now = max(now, min(due))
        clock.tick(at=now)


def day(n, hour=9):
    return datetime(2026, 4, 2, hour, tzinfo=UTC) + timedelta(days=n)


def kinds(member):
    found = Message.objects.filter(membership=member).order_by("created_at").values_list("kind", flat=True)
    return [kind for kind in found if kind.startswith("dues.")]


def statuses(subscription):
    subscription.refresh_from_db()
    subscription.membership.refresh_from_db()
    return subscription.status, subscription.membership.status


def test_a_saved_means_is_charged_on_the_day(community, rail):
    found = taken(community)
    run(AT, day(0))
    assert statuses(found) == ("active", "active")
    assert (found.period_start, found.period_end) == (date(2026, 4, 2), date(2026, 5, 2))
    assert (rail.at, found.invoices.count()) == ([(found.membership_id, day(0))], 2)
    guard(community)


def test_who_pays_themselves_is_asked_ahead_and_paid_ahead(community, rail):
    found = taken(community, means=False)
    run(AT, day(-7))
    bill = found.invoices.get(status="open")
    assert (bill.due_on, bill.issued_at) == (date(2026, 4, 2), day(-7))
    receive(bill, day(-6))
    run(day(-6), day(5))
    assert statuses(found) == ("active", "active")
    assert (found.period_end, found.invoices.count()) == (date(2026, 5, 2), 2)
    assert kinds(found.membership) == ["dues.receipt", "dues.invoice", "dues.receipt"]


def test_the_ladder_of_who_never_pays(community, rail):
    found = taken(community, means=False)
    run(AT, day(13, 23))
    assert statuses(found) == ("past_due", "active")
    run(day(13, 23), day(14, 0))
    assert statuses(found) == ("suspended", "suspended")
    run(day(14), day(29, 23))
    assert statuses(found) == ("suspended", "suspended")
    run(day(29), day(40))
    assert statuses(found) == ("ended", "lapsed")
    assert (found.cause, found.invoices.latest("id").status) == ("payment_failed", "void")
    assert kinds(found.membership)[2:] == ["dues.reminder"] * 5
    guard(community)


def test_soft_declines_are_tried_again_and_then_access_ends(community, rail):
    found = taken(community)
    rail.says[found.membership_id] = "soft"
    run(AT, day(60))
    assert [at for _who, at in rail.at] == [day(0), day(1), day(3), day(7), day(14)]
    assert statuses(found) == ("ended", "lapsed")


@pytest.mark.parametrize("said", ["hard", "confirm"])
def test_a_means_that_is_refused_for_good_is_charged_no_more(community, rail, said):
    found = taken(community)
    rail.says[found.membership_id] = said
    run(AT, day(5))
    assert ([at for _who, at in rail.at], statuses(found)) == ([day(0)], ("past_due", "active"))
    receive(found.invoices.get(status="open"), day(6))
    run(day(6), day(20))
    assert (statuses(found), len(rail.at), found.period_start) == (("active", "active"), 1, date(2026, 4, 2))


def test_never_charged_after_paying(community, rail):
    found = taken(community)
    rail.says[found.membership_id] = "soft"
    run(AT, day(2))
    receive(found.invoices.get(status="open"), day(2))
    run(day(2), day(29))
    assert (len(rail.at), statuses(found)) == (2, ("active", "active"))


def test_paying_while_suspended_brings_back(community, rail):
    found = taken(community, means=False)
    run(AT, day(20))
    receive(found.invoices.get(status="open"), day(20))
    assert statuses(found) == ("active", "active")
    assert found.period_end == date(2026, 5, 2)


def test_staff_let_it_wait_or_forgive_it(community, rail):
    found = taken(community, means=False)
    run(AT, day(20))
    bill = lateness.extend(
        invoice=found.invoices.get(status="open"), until=date(2026, 4, 12), at=day(20), by=SITE
    )
    assert statuses(found) == ("past_due", "active")
    run(day(20), day(24, 0))
    assert statuses(found) == ("suspended", "suspended")
    lateness.forgive(invoice=bill, reason="Hard times", at=day(25), by=SITE)
    assert statuses(found) == ("active", "active")
    assert (found.period_end, found.covered_paid) == (date(2026, 5, 2), 0)
    acts = AuditEntry.objects.filter(object_kind="invoice").order_by("id").values_list("action", flat=True)
    assert list(acts) == ["invoice.extended", "invoice.voided", "invoice.forgiven"]


def test_what_staff_take_back_is_asked_for_anew_and_is_late_no_more(community, rail):
    found = taken(community, means=False)
    run(AT, day(20))
    assert statuses(found) == ("suspended", "suspended")
    wrong = found.invoices.get(status="open")
    invoices.void(invoice=wrong, community=community, reason="Wrong price", at=day(20), by=SITE)
    assert statuses(found) == ("active", "active")
    clock.tick(at=day(20))
    anew = found.invoices.get(status="open")
    assert (anew.period_start, anew.due_on) == (wrong.period_start, day(20).date())
    run(day(20), day(33))
    assert statuses(found) == ("past_due", "active")
    receive(anew, day(33))
    assert (statuses(found), found.period_end) == (("active", "active"), date(2026, 5, 2))
    guard(community)


def test_a_trial_is_charged_when_it_ends_and_told_before(community, rail):
    found = taken(community, trial_days=14)
    run(AT, AT + timedelta(days=13))
    assert (statuses(found), kinds(found.membership)) == (("trialing", "active"), ["dues.trial_ends"])
    run(AT, AT + timedelta(days=14))
    assert (statuses(found)[0], found.period_start, len(rail.at)) == ("active", date(2026, 3, 16), 1)


def test_what_is_cancelled_and_what_is_bought_once_end(community, rail):
    kept = plan(community)
    left, once = taken(community, of=kept), taken(community, interval="once", length_days=31, name="Once")
    subscriptions.cancel(subscription=left, at=AT, by=SITE)
    run(AT, day(1))
    assert (statuses(left), left.cause) == (("ended", "lapsed"), "cancelled")
    assert (statuses(once), once.cause) == (("ended", "lapsed"), "term_ended")
    assert kinds(once.membership) == ["dues.receipt", "dues.term_ends", "dues.ended"]
    back = subscriptions.subscribe(membership=left.membership, plan=kept, at=day(9), by=SITE)
    receive(back.invoices.get(), day(9))
    assert statuses(back) == ("active", "active")


def test_a_cheaper_plan_takes_over_with_the_next_period(community, rail):
    cheap, found = plan(community, 5_000, name="Cheap"), taken(community)
    subscriptions.change_plan(subscription=found, plan=cheap, at=AT, by=SITE)
    run(AT, day(0))
    found.refresh_from_db()
    assert (found.plan, found.amount, found.next_plan, found.invoices.latest("id").gross) == (
        cheap,
        5_000,
        None,
        5_000,
    )


def test_years_of_renewals_without_drift(rail):
    """Scenario 8, bounded: the last days of months and of February, summer time, and workers that were away for 72 hours."""
    community = make.community(currency="CNY", timezone="Europe/Berlin", at=datetime(2023, 1, 1, tzinfo=UTC))
    monthly = plan(community)
    yearly = plan(community, 120_000, interval="year", name="Year")
    begun = [datetime(2023, 1, 31, 12, tzinfo=UTC), datetime(2023, 10, 31, 1, tzinfo=UTC)]
    found = [taken(community, at, of=monthly) for at in begun]
    found.append(taken(community, datetime(2024, 2, 29, 12, tzinfo=UTC), of=yearly))
    now, until = begun[0], datetime(2025, 3, 15, tzinfo=UTC)
    while now < until:
        clock.tick(at=now)
        now += timedelta(hours=72)
    for one in found:
        one.refresh_from_db()
        starts = list(one.invoices.order_by("period_start").values_list("period_start", flat=True))
        assert starts == [nth(one.anchor, Interval(one.plan.interval), n) for n in range(len(starts))]
        assert one.period_start == starts[-1] <= until.date() < one.period_end
    assert set(rail.charged.values()) == {1}
    guard(community)


def test_who_left_while_a_charge_was_on_its_way_is_charged_no_more(community, rail):
    """The charge comes to nothing after they have gone: nothing is asked of them any more, and nothing is tried again."""
    found = taken(community)
    bill = billing.ask(
        found, billing.next_period(found), community=community, due_on=AT.date(), at=AT, by=SITE
    )
    lateness.watch(bill, found, community=community)
    account = ProviderAccount.objects.get()
    tried = PaymentAttempt.objects.create(
        invoice=bill, account=account, kind="off_session", state="pending", amount=12_000, currency="CNY",
        made_at=AT,
    )  # fmt: skip
    standing.act("leave", membership=found.membership, at=AT, by=SITE)
    found.refresh_from_db()
    bill.refresh_from_db()
    assert (found.status, bill.status) == ("ended", "open")
    PaymentAttempt.objects.filter(pk=tried.pk).update(state="declined")
    lateness.declined(attempt=SimpleNamespace(invoice=bill, hard=False), community=community, at=AT, by=SITE)
    run(AT, AT + timedelta(days=40))
    found.refresh_from_db()
    bill.refresh_from_db()
    assert (bill.status, rail.charged, found.cause, found.status) == ("void", Counter(), "cancelled", "ended")
    assert not Message.objects.filter(kind="dues.failed").exists()
    guard(community)
