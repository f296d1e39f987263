"""What follows when money goes back: the membership does what was chosen, and what was thought paid is owed again."""

from datetime import date, timedelta

import pytest

from commerce.models import Deferral, Invoice, Payment, Refund, Subscription
from commerce.services import attempts, clock, groups, lateness, payments, recognition, refunds, subscriptions
from communities.models import Application
from engagement.models import Fact
from kernel.money import Money
from members.models import AuditEntry, Message
from members.services import tiers
from tests import make
from tests.commerce import paying
from tests.commerce.dues import AT, SITE, balances, guard, plan
from tests.commerce.services.test_clock import receive, run, statuses, taken
from tests.commerce.services.test_subscriptions import join, of, pay, refusal, ruled, take

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def community():
    return paying.community()


@pytest.fixture
def monthly(community):
    return plan(community)


def paid_of(subscription, n=-1):
    """The payments of it, the last where none is named."""
    return list(Payment.objects.filter(invoice__subscription=subscription).order_by("id"))[n]


def back(payment, then, amount=None, at=AT, **fields):
    money = Money(payment.amount if amount is None else amount, "CNY")
    given = {"money": money, "reason": "Moved away", "then": then, "at": at, "by": SITE}
    return refunds.refund(payment=payment, **(given | fields))


def taken_back(payment, at):
    payments.take_back(payment=payment, community=payment.community, reason="Not ours", at=at, by=SITE)


def letters(member):
    found = (
        Message.objects.filter(membership=member).order_by("created_at", "id").values_list("kind", flat=True)
    )
    return [kind for kind in found if kind.startswith("dues.")]


def again(subscription):
    return Subscription.objects.get(pk=subscription.pk)


def test_kept_it_goes_on_and_is_asked_for_again(community, monthly):
    found = taken(community, means=False, of=monthly)
    back(paid_of(found), "keep", 5_000, at=AT + DAY)
    assert statuses(found) == ("active", "active")
    assert (found.covered_paid, found.period_end) == (7_000, date(2026, 4, 2))
    assert letters(found.membership) == ["dues.receipt", "dues.refunded"]
    run(AT + DAY, AT + timedelta(days=25))
    assert found.invoices.filter(status="open").count() == 1
    guard(community)


def test_ended_now_the_member_goes_and_nothing_more_is_asked(community, monthly):
    found = taken(community, means=False, of=monthly)
    run(AT, AT + timedelta(days=24))
    assert found.invoices.filter(status="open").count() == 1
    at = AT + timedelta(days=25)
    recognition.recognise_all(at=at)
    earned = -balances(community)["revenue"]
    back(paid_of(found), "now", at=at)
    assert statuses(found) == ("ended", "lapsed")
    assert (found.cause, found.ended_on) == ("cancelled", at.date())
    assert not found.invoices.filter(status="open").exists()
    assert Fact.objects.filter(verb="cancelled").count() == Fact.objects.filter(verb="refunded").count() == 1
    assert AuditEntry.objects.get(action="subscription.ended").after["reason"] == "Moved away"
    assert letters(found.membership)[-1] == "dues.refunded"
    # What was not earned is taken first; the rest from revenue: nothing is left of either.
    assert (earned > 0, balances(community)) == (True, {})
    assert Deferral.objects.filter(closed=False).count() == 0
    guard(community)


def test_ended_with_its_period_it_is_there_until_then(community, monthly):
    found = taken(community, means=False, of=monthly)
    back(paid_of(found), "at_end", 6_000, at=AT + DAY)
    assert statuses(found) == ("cancelled", "active")
    assert found.cancel_reason == "Moved away"
    assert letters(found.membership) == ["dues.receipt", "dues.refunded"]
    run(AT + DAY, AT + timedelta(days=60))
    assert statuses(found) == ("ended", "lapsed")
    assert (found.cause, found.ended_on, found.invoices.count()) == ("cancelled", date(2026, 4, 2), 1)
    guard(community)


def test_where_a_tier_costs_nothing_they_go_back_to_it(community):
    free = community.tiers.get(is_default=True)
    dear = tiers.create(community=community, name="Patron", at=AT, by=SITE)
    found = taken(community, means=False, of=plan(community, tier=dear))
    found.membership.refresh_from_db()
    assert found.membership.tier == dear
    back(paid_of(found), "now", at=AT + DAY)
    assert statuses(found) == ("ended", "active")
    assert found.membership.tier == free


def test_a_period_that_was_paid_ahead_and_went_back_is_not_begun(community, monthly):
    found = taken(community, means=False, of=monthly)
    run(AT, AT + timedelta(days=24))
    at = AT + timedelta(days=25)
    receive(found.invoices.get(status="open"), at)
    assert again(found).period_end == date(2026, 5, 2)
    back(paid_of(found), "at_end", at=at)
    assert statuses(found) == ("cancelled", "active")
    assert found.period_end == date(2026, 4, 2)
    assert refusal(subscriptions.resume, subscription=found, at=at, by=SITE) == "not_now"
    run(at, AT + timedelta(days=60))
    assert (statuses(found), found.ended_on) == (("ended", "lapsed"), date(2026, 4, 2))
    guard(community)


def test_an_old_period_going_back_leaves_the_present_one(community, monthly):
    found = taken(community, means=False, of=monthly)
    run(AT, AT + timedelta(days=24))
    receive(found.invoices.get(status="open"), AT + timedelta(days=25))
    at = AT + timedelta(days=40)
    back(paid_of(found, 0), "keep", at=at)
    assert statuses(found) == ("active", "active")
    assert (found.covered_paid, found.period_end) == (12_000, date(2026, 5, 2))


def test_what_has_ended_does_not_end_what_came_after_it(community, monthly):
    found = taken(community, means=False, of=monthly)
    subscriptions.cancel(subscription=found, at=AT, by=SITE)
    run(AT, AT + timedelta(days=40))
    at = AT + timedelta(days=41)
    found.membership.refresh_from_db()
    new = pay(take(found.membership, monthly, at=at), at=at)
    back(paid_of(found), "now", at=at)
    assert statuses(new) == ("active", "active")


def test_for_life_it_ends_now_or_goes_on(community):
    found = taken(community, means=False, interval="lifetime")
    payment = paid_of(found)
    assert refusal(back, payment, "at_end") == "for_life"
    assert not Refund.objects.exists()
    back(payment, "now", at=AT + DAY)
    assert statuses(found) == ("ended", "lapsed")
    assert balances(community) == {}


def test_a_trial_that_was_paid_ahead_ends_as_a_trial(community):
    found = subscriptions.subscribe(
        membership=make.member(community, at=AT - DAY), plan=plan(community, trial_days=14), at=AT, by=SITE
    )
    run(AT, AT + timedelta(days=8))
    at = AT + timedelta(days=9)
    receive(found.invoices.get(status="open"), at)
    back(paid_of(found), "at_end", at=at)
    assert statuses(found)[0] == "cancelled"
    assert found.period_end == date(2026, 3, 16)
    run(at, AT + timedelta(days=40))
    assert (statuses(found)[0], found.ended_on) == ("ended", date(2026, 3, 16))


def test_all_of_a_group_go(community):
    found = pay(take(make.member(community), plan(community, 1_000, group=True), quantity=2))
    person = join(community)
    groups.take(code=found.seats.get(membership=None, ended_at=None).code, membership=person, at=AT, by=SITE)
    assert of(person) == "active"
    back(paid_of(found), "now", at=AT + DAY)
    assert (of(person), of(found.membership)) == ("lapsed", "lapsed")


def test_who_came_by_paying_and_who_has_paid_to_be_read(community, monthly):
    newcomer = join(community)
    back(paid_of(pay(take(newcomer, monthly))), "now", at=AT + DAY)
    assert of(newcomer) == "lapsed"
    community = ruled(community, join_policy="application", dues_first=True)
    applicant = join(community)
    back(paid_of(pay(take(applicant, monthly))), "now", at=AT + DAY)
    assert (of(applicant), Application.objects.get(membership=applicant).state) == ("withdrawn", "withdrawn")


def test_sent_by_a_provider_it_ends_when_it_has_gone(community, monthly, sandbox):
    account = paying.connected(community, sandbox)
    found = take(make.member(community), monthly)
    attempt = paying.begun(found.invoices.get(), account)
    sandbox.pay(attempt.reference)
    payment = attempts.refresh(attempt, at=AT, by=SITE).payment
    sandbox.fault("refund_pending")
    made = back(payment, "now")
    assert (made.state, statuses(found)) == ("pending", ("active", "active"))
    sandbox.do("refunds", idem=made.idem, succeeded=True)
    refunds.refresh(made, at=AT, by=SITE)
    assert statuses(found) == ("ended", "lapsed")
    guard(community)


def test_ways_to_pay_what_comes_next_are_closed_first(community, monthly, sandbox):
    account = paying.connected(community, sandbox)
    found = pay(take(make.member(community), monthly))
    run(AT, AT + timedelta(days=24))
    at = AT + timedelta(days=24)
    sandbox.set_clock(at)
    attempt = paying.begun(found.invoices.get(status="open"), account, at=at)
    back(paid_of(found), "now", at=at)
    attempt.refresh_from_db()
    assert (attempt.state, statuses(found)) == ("cancelled", ("ended", "lapsed"))
    assert not Invoice.objects.filter(status="open").exists()
    guard(community)


def test_what_was_confirmed_by_mistake_is_owed_from_that_day_and_paid_once(community, monthly):
    found = taken(community, means=False, of=monthly)
    at = AT + timedelta(days=20)
    recognition.recognise_all(at=at)
    taken_back(paid_of(found), at)
    bill = found.invoices.get()
    assert statuses(found) == ("past_due", "active")
    assert (bill.status, bill.extended_to, bill.due_on) == ("open", at.date(), AT.date())
    assert letters(found.membership)[-1] == "dues.taken_back"
    assert clock.tick(at=at) == 0
    receive(bill, at + DAY)
    assert statuses(found) == ("active", "active")
    # The period that was given is the one that was paid for: none begins anew.
    assert (found.index, found.period_end, found.covered_paid) == (1, date(2026, 4, 2), 12_000)
    run(at, AT + timedelta(days=26))
    assert list(found.invoices.order_by("id").values_list("period_start", "status")) == [
        (date(2026, 3, 2), "paid"), (date(2026, 4, 2), "open"),
    ]  # fmt: skip
    guard(community)


def test_not_paid_again_access_ends_when_said_and_the_books_come_to_nothing(community, monthly):
    found = taken(community, means=False, of=monthly)
    at = AT + timedelta(days=20)
    recognition.recognise_all(at=at)
    taken_back(paid_of(found), at)
    run(at, at + timedelta(days=13))
    assert statuses(found) == ("past_due", "active")
    run(at, at + timedelta(days=14))
    assert statuses(found) == ("suspended", "suspended")
    run(at, at + timedelta(days=31))
    assert statuses(found) == ("ended", "lapsed")
    assert (found.cause, found.invoices.get().status, balances(community)) == ("payment_failed", "void", {})
    guard(community)


def test_forgiven_after_it_was_taken_back_the_period_stays(community, monthly):
    found = taken(community, means=False, of=monthly)
    taken_back(paid_of(found), AT + DAY)
    lateness.forgive(invoice=found.invoices.get(), reason="Our fault", at=AT + DAY, by=SITE)
    assert statuses(found) == ("active", "active")
    assert (found.index, found.period_end, found.covered_paid) == (1, date(2026, 4, 2), 0)
    assert found.next_at is not None


def test_what_was_cancelled_stays_so_when_it_is_paid_again(community, monthly):
    found = taken(community, means=False, of=monthly)
    subscriptions.cancel(subscription=found, at=AT, by=SITE)
    taken_back(paid_of(found), AT + DAY)
    receive(found.invoices.get(), AT + 2 * DAY)
    assert statuses(found) == ("cancelled", "active")
    run(AT, AT + timedelta(days=40))
    assert (statuses(found), found.cause) == (("ended", "lapsed"), "cancelled")


def test_a_change_that_was_made_is_owed_like_dues(community, monthly):
    found = taken(community, means=False, of=monthly)
    dear = plan(community, 36_000, name="More")
    subscriptions.change_plan(subscription=found, plan=dear, at=AT, by=SITE)
    receive(found.invoices.get(status="open"), AT)
    assert again(found).plan == dear
    taken_back(paid_of(found), AT + DAY)
    run(AT + DAY, AT + timedelta(days=10))
    bill = found.invoices.get(status="open")
    assert (statuses(found), bill.reason) == (("past_due", "active"), "change")
    receive(bill, AT + timedelta(days=10))
    assert (statuses(found), found.plan, found.covered_paid) == (("active", "active"), dear, 36_000)


def test_of_what_has_ended_nothing_lapses(community, monthly):
    found = taken(community, means=False, of=monthly)
    payment = paid_of(found)
    subscriptions.cancel(subscription=found, at=AT, by=SITE)
    run(AT, AT + timedelta(days=40))
    taken_back(payment, AT + timedelta(days=41))
    run(AT, AT + timedelta(days=90))
    assert (statuses(found), found.ended_on) == (("ended", "lapsed"), date(2026, 4, 2))
    assert payment.invoice.status == "open" or Invoice.objects.get(pk=payment.invoice_id).status == "open"


def test_a_cancelled_plan_is_written_about(community, monthly):
    found = taken(community, means=False, of=monthly)
    subscriptions.cancel(subscription=found, at=AT, by=SITE)
    assert sorted(letters(found.membership)) == ["dues.cancelled", "dues.receipt"]


@pytest.mark.parametrize(
    "taken_away", [lambda payment: back(payment, "keep"), lambda payment: taken_back(payment, AT)]
)
def test_what_went_back_pays_for_no_change_that_waits(community, monthly, taken_away):
    found = taken(community, means=False, of=monthly)
    dear = plan(community, 50_000, name="Dear")
    subscriptions.change_plan(subscription=found, plan=dear, at=AT, by=SITE)
    waiting = found.invoices.get(reason="change")
    assert waiting.gross == 38_000
    taken_away(paid_of(found))
    waiting.refresh_from_db()
    found = again(found)
    assert (waiting.status, found.next_plan, found.covered_paid) == ("void", None, 0)
    guard(community)
