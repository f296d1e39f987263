"""Taking a plan and what follows from paying for it: let in by every policy, changed, paused, cancelled, come back."""

from datetime import date, timedelta

import pytest

from commerce.models import Deferral, Payment, Subscription
from commerce.services import billing, clock, coupons, groups, invoices, payments, plans, subscriptions, terms
from commerce.services.subscriptions import quote, subscribe
from communities.models import Application, Community, JoinQuestion
from communities.services import applications, joining
from engagement.models import Fact
from kernel.clock import day_start
from kernel.errors import Refused
from members.actors import Actor
from members.models import Membership
from members.services import merging, standing, tiers
from tests import make
from tests.commerce.dues import AT, SITE, a_group, balances, guard, plan

pytestmark = pytest.mark.django_db

TODAY = AT.date()


@pytest.fixture
def community():
    community = make.community(currency="CNY")
    JoinQuestion.objects.filter(community=community).delete()
    return community


@pytest.fixture
def monthly(community):
    return plan(community)


def ruled(community, **fields):
    Community.objects.filter(pk=community.pk).update(**fields)
    return Community.objects.get(pk=community.pk)


def join(community, **more):
    return joining.join(community=community, user=make.person(), answers={}, at=AT, by=SITE, **more)


def take(member, of, **fields):
    return subscribe(**({"membership": member, "plan": of, "at": AT, "by": SITE} | fields))


def pay(subscription, at=AT):
    """Pay what is owed by transfer; the subscription as it is then."""
    bill = subscription.invoices.get(status="open")
    payments.receive(
        invoice=bill,
        community=bill.community,
        money=bill.due,
        method=Payment.Method.BANK,
        paid_at=at,
        at=at,
        by=SITE,
    )
    return Subscription.objects.get(pk=subscription.pk)


def refusal(act, *args, **fields):
    with pytest.raises(Refused) as no:
        act(*args, **fields)
    return no.value.code


def of(member):
    member.refresh_from_db()
    return member.status


def changes(subscription):
    return list(subscription.changes.values_list("kind", "day"))


def test_who_pays_is_let_in_and_counted_from_that_day(community, monthly):
    member = join(community)
    taken = take(member, monthly)
    bill = taken.invoices.get()
    assert (of(member), taken.status, bill.due_on, bill.gross) == (
        "awaiting_payment",
        "pending",
        TODAY,
        12_000,
    )
    late = AT + timedelta(days=3)
    taken = pay(taken, at=late)
    assert (of(member), taken.status, taken.index, taken.anchor) == ("active", "active", 1, late.date())
    assert (taken.period_start, taken.period_end) == (date(2026, 3, 5), date(2026, 4, 5))
    earned = Deferral.objects.get()
    assert (earned.starts_on, earned.ends_on, earned.begun_at) == (date(2026, 3, 5), date(2026, 4, 5), late)
    # Nobody can be charged while away: they are asked seven days ahead, at nine.
    assert taken.next_at.isoformat() == "2026-03-29T09:00:00+00:00"
    verbs = Fact.objects.filter(member=member.number).values_list("verb", flat=True)
    assert sorted(verbs) == ["joined", "paid", "subscribed"]
    assert changes(taken) == [("begun", late.date())]
    guard(community)


def test_approved_first_and_then_paid(community, monthly):
    community = ruled(community, join_policy="application", dues_first=False)
    member = join(community)
    assert refusal(take, member, monthly) == "not_now"
    applications.decide(application=Application.objects.get(), decision="approve", at=AT, by=SITE)
    assert of(member) == "awaiting_payment"
    pay(take(member, monthly))
    assert of(member) == "active"


def test_paid_first_and_then_read(community, monthly):
    community = ruled(community, join_policy="application", dues_first=True)
    member = join(community)
    pay(take(member, monthly))
    assert (of(member), Application.objects.get().state) == ("awaiting_payment", "open")
    applications.decide(application=Application.objects.get(), decision="approve", at=AT, by=SITE)
    assert of(member) == "active"


def test_rejected_after_paying_ends_what_was_taken(community, monthly):
    community = ruled(community, join_policy="application", dues_first=True)
    member = join(community)
    taken = pay(take(member, monthly))
    applications.decide(application=Application.objects.get(), decision="reject", reason="No", at=AT, by=SITE)
    taken.refresh_from_db()
    assert (of(member), taken.status, taken.cause) == ("rejected", "ended", "removed")


def test_by_invitation_with_dues(community, monthly):
    community = ruled(community, join_policy="invitation")
    member = join(community, invited=True)
    pay(take(member, monthly))
    assert of(member) == "active"


def test_a_trial_is_had_once_and_owes_nothing_until_it_ends(community):
    trial = plan(community, trial_days=14)
    member = join(community)
    said = quote(membership=member, plan=trial, at=AT)
    assert (said.due.amount, said.now, said.trial_ends_on) == (0, False, TODAY + timedelta(days=14))
    taken = take(member, trial)
    assert (of(member), taken.status, taken.invoices.count()) == ("trial", "trialing", 0)
    subscriptions.cancel(subscription=taken, at=AT, by=SITE)
    assert Subscription.objects.get().status == "cancelled"
    standing.act("leave", membership=member, at=AT, by=SITE)
    assert Subscription.objects.get().cause == "cancelled"


def test_nothing_to_pay_is_paid_at_once(community):
    free = plan(community, amount=0)
    member = make.member(community)
    taken = take(member, free)
    assert (taken.status, taken.invoices.get().status, taken.period_end) == (
        "active",
        "paid",
        date(2026, 4, 2),
    )
    assert balances(community) == {}


def test_asked_again_is_the_same_and_another_takes_its_place(community, monthly):
    member, yearly = make.member(community), plan(community, 120_000, interval="year", name="Year")
    first = take(member, monthly)
    assert take(member, monthly) == first
    second = take(member, yearly)
    first.refresh_from_db()
    assert (first.status, first.cause, first.invoices.get().status) == ("ended", "replaced", "void")
    assert second.invoices.get().gross == 120_000
    pay(second)
    assert refusal(take, member, monthly) == "subscribed"
    guard(community)


def test_a_dearer_plan_holds_when_the_difference_is_paid(community, monthly):
    gold = tiers.create(community=community, name="Gold", at=AT, by=SITE)
    dear = plan(community, 31_000, tier=gold, name="Dear")
    member = make.member(community)
    taken = pay(take(member, monthly))
    half = AT + timedelta(days=15)
    said = quote(membership=member, plan=dear, at=half)
    # 31 days from 2 March: 15 are used, 16 left; what is earned is rounded down.
    assert [line.gross for line in said.lines] == [-6_194, 16_000]
    taken = subscriptions.change_plan(subscription=taken, plan=dear, at=half, by=SITE)
    assert (taken.plan, taken.next_plan, taken.invoices.get(status="open").due) == (monthly, dear, said.due)
    taken = pay(taken, at=half)
    member.refresh_from_db()
    assert (taken.plan, taken.amount, taken.period_end, member.tier) == (dear, 31_000, date(2026, 4, 2), gold)
    assert (taken.covered_from, taken.covered_paid, taken.covered_days) == (date(2026, 3, 17), 16_000, 31)
    assert changes(taken) == [("begun", TODAY), ("changed", date(2026, 3, 17))]
    guard(community)


def test_a_cheaper_plan_waits_for_the_end(community, monthly):
    cheap = plan(community, 5_000, name="Cheap")
    taken = pay(take(make.member(community), monthly))
    taken = subscriptions.change_plan(subscription=taken, plan=cheap, at=AT, by=SITE)
    assert (taken.plan, taken.next_plan, taken.invoices.count()) == (monthly, cheap, 1)
    assert (
        refusal(subscriptions.change_plan, subscription=taken, plan=cheap, quantity=3, at=AT, by=SITE)
        == "seats"
    )


def test_a_change_nobody_pays_is_not_made(community, monthly):
    dear = plan(community, 31_000, name="Dear")
    taken = pay(take(make.member(community), monthly))
    taken = subscriptions.change_plan(subscription=taken, plan=dear, at=AT, by=SITE)
    invoices.void(invoice=taken.invoices.get(status="open"), community=community, reason="No", at=AT, by=SITE)
    taken.refresh_from_db()
    assert (taken.plan, taken.next_plan) == (monthly, None)


def test_a_pause_keeps_the_days_that_are_left(community, monthly):
    member = make.member(community)
    taken = pay(take(member, monthly))
    taken = subscriptions.pause(subscription=taken, at=AT + timedelta(days=11), by=SITE)
    assert (of(member), taken.paused_on, taken.next_at) == ("paused", date(2026, 3, 13), None)
    taken = subscriptions.resume(subscription=taken, at=AT + timedelta(days=51), by=SITE)
    assert (of(member), taken.paused_on, taken.index) == ("active", None, 0)
    assert (taken.period_end, taken.anchor) == (date(2026, 5, 12), date(2026, 5, 12))
    earned = Deferral.objects.get()
    assert (earned.starts_on, earned.ends_on) == (date(2026, 4, 11), date(2026, 5, 12))


def test_cancelled_runs_out_and_can_be_kept(community, monthly):
    member = make.member(community)
    by = Actor.person(member.user, member)
    taken = subscriptions.cancel(subscription=pay(take(member, monthly)), reason="Dear", at=AT, by=by)
    assert (taken.status, taken.cancel_reason, of(member)) == ("cancelled", "Dear", "active")
    assert taken.next_at.isoformat() == "2026-04-02T00:00:00+00:00"
    kept = subscriptions.resume(subscription=taken, at=AT, by=by)
    assert (kept.status, kept.cancelled_at) == ("active", None)
    assert [kind for kind, _day in changes(kept)] == ["begun", "cancelled", "kept"]


def test_a_group_has_its_seats(community):
    group = plan(community, 1_000, group=True)
    member = make.member(community)
    assert refusal(take, member, group, quantity=0) == "seats"
    taken = pay(take(member, group, quantity=3))
    assert (taken.price.amount, taken.seats.count(), taken.seats.filter(membership=member).count()) == (
        3_000,
        3,
        1,
    )


def test_who_may_not_take_or_decide(community, monthly):
    member, other = make.member(community), make.member(community)
    nosy = Actor.person(other.user, other)
    assert refusal(take, member, monthly, by=nosy) == "no_longer_allowed"
    taken = pay(take(member, monthly))
    assert refusal(subscriptions.cancel, subscription=taken, at=AT, by=nosy) == "no_longer_allowed"
    assert Subscription.objects.get().status == "active"


def test_after_a_trial_and_a_pause_the_paid_days_are_kept_when_it_is_cancelled(community):
    found = plan(community, trial_days=7)
    member = make.member(community)
    taken = take(member, found)
    end = taken.trial_ends_on
    at = day_start(end, community.zone) + timedelta(hours=10)
    clock.tick(at=at)
    taken = pay(taken, at=at)
    subscriptions.pause(subscription=taken, at=at + timedelta(days=2), by=SITE)
    taken = subscriptions.resume(subscription=taken, at=at + timedelta(days=5), by=SITE)
    paid_until = taken.period_end
    later = at + timedelta(days=6)
    taken = subscriptions.cancel(subscription=taken, at=later, by=SITE)
    assert (taken.status, taken.period_end) == ("cancelled", paid_until)
    taken = subscriptions.resume(subscription=taken, at=later, by=SITE)
    assert (taken.status, taken.period_end) == ("active", paid_until)
    guard(community)


def test_a_coupon_goes_over_to_no_plan_that_it_is_not_for(community, monthly):
    dear = plan(community, 50_000, name="Dear")
    coupons.create(community=community, code="FREE", percent=10_000, plans=[monthly], at=AT, by=SITE)
    member = make.member(community)
    taken = take(member, monthly, coupon="FREE")
    assert taken.status == "active"
    assert quote(membership=member, plan=dear, at=AT).total.amount == 50_000
    subscriptions.change_plan(subscription=taken, plan=dear, at=AT, by=SITE)
    assert taken.invoices.get(status="open").gross == 50_000
    taken = pay(taken)
    assert billing.charge_of(taken).discount is None


def test_a_coupon_of_an_amount_takes_nothing_off_in_another_currency(community, monthly):
    coupons.create(community=community, code="TEN", amount=1_000, currency="CNY", at=AT, by=SITE)
    taken = take(make.member(community), monthly, coupon="TEN")
    taken.plan = plan(community, 50_000, name="Yen", currency="JPY")
    assert billing.charge_of(taken).discount is None


@pytest.fixture
def became(community, monthly):
    """A member, and the plan of a record that became theirs; taken with a coupon, after a trial."""
    coupons.create(community=community, code="ONCE", percent=1_000, at=AT, by=SITE)
    other = make.member(community)
    taken = pay(take(other, monthly, coupon="ONCE"))
    Membership.objects.filter(pk=other.pk).update(user=None)
    kept = make.member(community)
    merging.merge(kept=kept, merged=Membership.objects.get(pk=other.pk), at=AT, by=SITE)
    return kept, taken


def test_the_plan_of_a_record_that_became_theirs_is_theirs(community, monthly, became):
    kept, taken = became
    mine = Actor.person(kept.user, kept)
    assert subscriptions.live_of(kept) == taken
    assert refusal(take, kept, monthly) == "subscribed"
    dear = plan(community, 50_000, name="Dear")
    changed = subscriptions.change_plan(subscription=taken, plan=dear, at=AT, by=mine)
    assert changed.invoices.get(status="open").gross == 45_000 - 10_800
    taken = subscriptions.cancel(subscription=taken, at=AT, by=mine)
    assert (taken.status, taken.invoices.filter(status="open").count()) == ("cancelled", 0)
    nosy = make.member(community)
    with pytest.raises(Refused):
        subscriptions.resume(subscription=taken, at=AT, by=Actor.person(nosy.user, nosy))
    guard(community)


def test_two_who_both_have_a_plan_are_made_one_only_when_one_has_ended(community, monthly):
    kept, other, seated, waits = (make.member(community) for _n in range(4))
    theirs, also = pay(take(kept, monthly)), pay(take(other, monthly))
    groups.take(code=a_group(make.member(community)).seats.get().code, membership=seated, at=AT, by=SITE)
    take(waits, monthly)
    Membership.objects.filter(pk__in=[other.pk, seated.pk, waits.pk]).update(user=None)

    def made_one(record):
        merging.merge(kept=kept, merged=Membership.objects.get(pk=record.pk), at=AT, by=SITE)

    assert (refusal(made_one, other), refusal(made_one, seated)) == ("hindered", "hindered")
    # What was not paid yet is no plan; and what has ended is none any more.
    made_one(waits)
    terms.end(also, "cancelled", community=community, at=AT)
    made_one(other)
    assert subscriptions.live_of(kept) == theirs
    # The seat is still in the way of what two records have become.
    assert refusal(made_one, seated) == "hindered"


def test_who_leaves_ends_it_and_begins_no_trial_and_no_coupon_again(community, became):
    kept, taken = became
    standing.act("leave", membership=kept, at=AT, by=SITE)
    taken.refresh_from_db()
    assert (taken.status, taken.cause, taken.next_at) == ("ended", "cancelled", None)
    standing.act("take_back", membership=kept, reason="Asked", at=AT, by=SITE)
    kept.refresh_from_db()
    on_trial = plan(community, name="On trial", trial_days=7)
    assert take(kept, on_trial).status == "pending"
    assert refusal(quote, membership=kept, plan=on_trial, coupon="ONCE", at=AT) == "used"


def test_who_leaves_and_comes_back_has_not_for_nothing_what_they_paid_for(community):
    """A tier whose plan is not offered any more asks nothing of newcomers: who comes back is one of those."""
    usual = community.tiers.get(is_default=True)
    gold = tiers.create(community=community, name="Gold", rank=5, at=AT, by=SITE)
    found = plan(community, tier=gold, name="Gold")
    member = make.member(community)
    pay(take(member, found))
    member.refresh_from_db()
    assert member.tier == gold
    plans.archive(plan=found, at=AT, by=SITE)
    standing.act("leave", membership=member, at=AT, by=SITE)
    joining.join(community=community, user=member.user, answers={}, at=AT, by=SITE)
    member.refresh_from_db()
    assert (member.status, member.tier) == ("active", usual)


def test_what_was_given_up_before_it_was_paid_takes_no_trial_away(community, monthly):
    member = make.member(community)
    subscriptions.cancel(subscription=take(member, monthly), at=AT, by=SITE)
    assert take(member, plan(community, name="On trial", trial_days=7)).status == "trialing"
