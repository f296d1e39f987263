"""Gifts: paid for by one, had by another; no paid day is lost, and the money is earned on the days that they are had."""

from datetime import date, datetime, timedelta

import pytest

from commerce.models import Deferral, Gift, Payment, Refund, Subscription
from commerce.services import (
    attempts,
    clock,
    complimentary,
    gift_orders,
    gifts,
    inbox,
    ledger,
    money_settings,
    payments,
    recognition,
    refunds,
    subscriptions,
)
from communities.models import Application, JoinQuestion
from communities.services import applications
from kernel.money import Money
from members.actors import Actor
from members.models import AuditEntry, Message
from members.services import standing
from tests import make
from tests.commerce import paying
from tests.commerce.dues import AT, SITE, balances, guard, invoice, plan, received
from tests.commerce.services.test_subscriptions import join, of, pay, refusal, ruled, take

pytestmark = pytest.mark.django_db

TODAY = AT.date()


@pytest.fixture
def community():
    found = make.community(currency="CNY")
    JoinQuestion.objects.filter(community=found).delete()
    return found


@pytest.fixture
def monthly(community):
    return plan(community)


def ordered(of, giver=None, periods=2, **fields) -> Gift:
    giver = giver or make.member(of.community, name="Mei")
    return gift_orders.buy(giver=giver, plan=of, periods=periods, at=AT, by=SITE, **fields)


def bought(of, giver=None, at=AT, **fields) -> Gift:
    gift = ordered(of, giver, **fields)
    bill = gift.invoice
    payments.receive(
        invoice=bill,
        community=gift.community,
        money=bill.due,
        method=Payment.Method.BANK,
        paid_at=at,
        at=at,
        by=SITE,
    )
    gift.refresh_from_db()
    return gift


def redeem(gift, member, at=AT) -> Gift:
    return gifts.redeem(code=gift.code, membership=member, at=at, by=Actor.person(member.user, member))


def own(member) -> Subscription:
    return Subscription.objects.live().get(membership=member)


def days(gift):
    gift.refresh_from_db()
    return gift.begins_on, gift.ends_on


def earn(community, until: datetime):
    recognition.recognise(community=community, at=until)
    return balances(community)


# --- ordering and paying ----------------------------------------------------------------------------------


def test_a_gift_is_nobodys_until_it_is_paid(monthly):
    gift = ordered(monthly, recipient_name="Jan", recipient_email="Jan@Example.org", message="Enjoy")
    assert (gift.paid_at, gift.invoice.gross, gift.invoice.reason) == (None, 24_000, "gift")
    assert refusal(redeem, gift, make.member(monthly.community)) == "unknown"
    gift = bought(monthly, recipient_name="Jan", recipient_email="jan@example.org", message="Enjoy\n\nit")
    assert gift.expires_at == AT + timedelta(days=1_827)
    letter = Message.objects.get(kind="gift.received")
    assert letter.address == "jan@example.org" and gift.code in letter.text and "Enjoy" in letter.text
    assert gift.code in Message.objects.get(kind="gift.bought").text
    assert balances(monthly.community)["deferred"] == -2 * 24_000
    guard(monthly.community)


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"periods": 0}, "periods"), ({"periods": 25}, "periods"), ({"recipient_email": "x"}, "email")],
)
def test_what_does_not_fit_is_not_ordered(monthly, fields, code):
    assert refusal(ordered, monthly, **fields) == code
    assert not Gift.objects.exists()


def test_only_what_is_offered_to_one_can_be_given(community):
    for fields in ({"group": True}, {"visible": False}, {"amount": 0}):
        assert refusal(ordered, plan(community, **fields)) == "not_offered"
    stranger = join(ruled(community, join_policy="application"))
    assert refusal(ordered, plan(community), stranger) == "not_now"


def test_credit_pays_for_a_gift_and_comes_back(monthly):
    giver = make.member(monthly.community)
    gift = ordered(monthly, giver, periods=1)
    payments.receive(
        invoice=gift.invoice, community=gift.community, money=Money(27_000, "CNY"), method=Payment.Method.BANK,
        paid_at=AT, at=AT, by=SITE,
    )  # fmt: skip
    second = ordered(monthly, giver, periods=1)
    assert (second.paid_at, second.invoice.credit_used) == (AT, 12_000)
    gift_orders.revoke(gift=second, reason="Wrong", at=AT, by=SITE)
    assert balances(monthly.community) == {"bank": 27_000, "credit": -15_000, "deferred": -12_000}
    assert refusal(redeem, second, make.member(monthly.community)) == "revoked"
    guard(monthly.community)


def test_one_that_nobody_pays_for_is_forgotten(monthly):
    gift = ordered(monthly)
    clock.tick(at=AT + timedelta(days=8))
    gift.invoice.refresh_from_db()
    assert gift.invoice.status == "void" and balances(monthly.community) == {}


# --- taking -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rules",
    [
        {"join_policy": "open"},
        {"join_policy": "invitation", "visibility": "private"},
    ],
)
def test_a_stranger_joins_by_it(monthly, rules):
    ruled(monthly.community, **rules)
    gift = bought(monthly)
    gifts.come(
        code=gift.code,
        community=monthly.community,
        user=(jan := make.person()),
        said={"answers": {}},
        at=AT,
        by=SITE,
    )
    person = jan.memberships.get()
    assert (person.status, person.invited_by, person.channel) == ("active", gift.giver, "gift")
    assert days(gift) == (TODAY, date(2026, 5, 2))
    assert (own(person).kind, own(person).next_price) == ("gift", None)
    assert list(own(person).changes.values_list("kind", "amount")) == [("begun", 0)]


@pytest.mark.parametrize("dues_first", [True, False])
def test_where_staff_decide_it_waits_for_them_or_counts_as_paid(monthly, dues_first):
    community = ruled(monthly.community, join_policy="application", dues_first=dues_first)
    gift = bought(monthly)
    gifts.come(
        code=gift.code, community=community, user=(jan := make.person()), said={"answers": {}}, at=AT, by=SITE
    )
    person = jan.memberships.get()
    assert (person.status, days(gift)[0]) == (
        ("awaiting_payment", TODAY) if dues_first else ("applied", None)
    )
    later = AT + timedelta(days=3)
    applications.decide(application=Application.objects.get(), decision="approve", at=later, by=SITE)
    assert (of(person), days(gift)[0]) == ("active", TODAY if dues_first else later.date())


def test_who_is_not_let_in_gives_it_back(monthly):
    community = ruled(monthly.community, join_policy="application", dues_first=False)
    gift = bought(monthly)
    gifts.come(code=gift.code, community=community, user=make.person(), said={"answers": {}}, at=AT, by=SITE)
    applications.decide(application=Application.objects.get(), decision="reject", reason="No", at=AT, by=SITE)
    gift.refresh_from_db()
    assert (gift.redeemed_by, gift.redeemed_at) == (None, None)
    redeem(gift, make.member(community))
    assert days(gift)[0] == TODAY


def test_paid_days_come_first_and_what_renewed_goes_on_at_its_price(monthly):
    member = make.member(monthly.community)
    mine = pay(take(member, monthly))
    Subscription.objects.filter(pk=mine.pk).update(amount=9_900)
    clock.tick(at=AT + timedelta(days=26))
    assert mine.invoices.filter(status="open").count() == 1
    gift = redeem(bought(plan(monthly.community, 31_000, name="Gold")), member, at=AT + timedelta(days=27))
    assert (gift.begins_on, mine.invoices.filter(status="open").count()) == (None, 0)
    clock.tick(at=AT + timedelta(days=31))
    assert days(gift) == (date(2026, 4, 2), date(2026, 6, 2))
    mine = own(member)
    assert (mine.kind, mine.plan.name, mine.next_plan, mine.next_price.amount) == (
        "gift",
        "Gold",
        monthly,
        9_900,
    )
    clock.tick(at=AT + timedelta(days=86))
    assert mine.invoices.get(status="open").gross == 9_900
    mine = pay(own(member), at=AT + timedelta(days=87))
    assert (mine.kind, mine.period_start, mine.period_end) == ("paid", date(2026, 6, 2), date(2026, 7, 2))
    assert list(mine.changes.values_list("day", "amount")) == [
        (TODAY, 12_000), (date(2026, 4, 2), 0), (date(2026, 6, 2), 9_900),
    ]  # fmt: skip
    guard(monthly.community)


def test_in_a_trial_it_begins_when_that_ends(community):
    member = make.member(community)
    take(member, plan(community, trial_days=14))
    gift = redeem(bought(plan(community, name="Gift")), member)
    clock.tick(at=AT + timedelta(days=15))
    assert days(gift)[0] == TODAY + timedelta(days=14)
    assert (of(member), own(member).invoices.count()) == ("active", 0)


def test_late_dues_are_what_it_pays_for(monthly):
    member = make.member(monthly.community)
    mine = pay(take(member, monthly))
    clock.tick(at=AT + timedelta(days=26))
    clock.tick(at=AT + timedelta(days=33))
    assert own(member).status == "past_due"
    gift = redeem(bought(monthly), member, at=AT + timedelta(days=34))
    assert days(gift) == (date(2026, 4, 2), date(2026, 6, 2))
    assert (own(member).status, mine.invoices.filter(status="open").count()) == ("active", 0)
    assert own(member).next_plan == monthly


def test_who_is_suspended_begins_today(monthly):
    member = make.member(monthly.community)
    pay(take(member, monthly))
    for day in (26, 33, 46):
        clock.tick(at=AT + timedelta(days=day))
    assert (of(member), own(member).status) == ("suspended", "suspended")
    later = AT + timedelta(days=47)
    gift = redeem(bought(monthly), member, at=later)
    assert (days(gift)[0], of(member)) == (later.date(), "active")


def test_a_pause_comes_first_with_its_days(monthly):
    member = make.member(monthly.community)
    mine = pay(take(member, monthly))
    subscriptions.pause(subscription=mine, at=AT + timedelta(days=11), by=SITE)
    gift = redeem(bought(monthly), member, at=AT + timedelta(days=12))
    clock.tick(at=AT + timedelta(days=50))
    assert days(gift)[0] is None
    subscriptions.resume(subscription=own(member), at=AT + timedelta(days=51), by=SITE)
    clock.tick(at=AT + timedelta(days=72))
    assert days(gift)[0] == date(2026, 5, 12)


def test_a_pause_of_a_gift_moves_what_is_earned(monthly):
    member = make.member(monthly.community)
    gift = redeem(bought(monthly, periods=1), member)
    subscriptions.pause(subscription=own(member), at=AT + timedelta(days=11), by=SITE)
    earn(monthly.community, AT + timedelta(days=41))
    assert Deferral.objects.get(line__invoice__gift=gift).recognised == 12_000 * 11 // 31
    subscriptions.resume(subscription=own(member), at=AT + timedelta(days=51), by=SITE)
    moved = Deferral.objects.get(line__invoice__gift=gift)
    assert (moved.starts_on, moved.ends_on) == (date(2026, 4, 11), date(2026, 5, 12))


def test_gifts_follow_one_another(monthly):
    member = make.member(monthly.community)
    first, second = bought(monthly, periods=1), bought(monthly, periods=1)
    redeem(first, member)
    redeem(second, member)
    clock.tick(at=AT + timedelta(days=40))
    assert (days(first), days(second)) == ((TODAY, date(2026, 4, 2)), (date(2026, 4, 2), date(2026, 5, 2)))
    clock.tick(at=AT + timedelta(days=80))
    assert of(member) == "lapsed"


def test_to_whom_it_is_of_no_use(community, monthly):
    gift = bought(monthly)
    life = make.member(community)
    pay(take(life, plan(community, 99_000, interval="lifetime", name="Life")))
    assert refusal(redeem, gift, life) == "for_life"
    payer = make.member(community)
    pay(take(payer, plan(community, 1_000, group=True, name="Group"), quantity=2))
    assert refusal(redeem, gift, payer) == "group"
    gone = make.member(community)
    standing.act("leave", membership=gone, at=AT, by=SITE)
    assert refusal(redeem, gift, gone) == "ended"
    stranger = make.member(make.community())
    assert refusal(redeem, gift, stranger) == "unknown"
    gift.refresh_from_db()
    assert gift.redeemed_at is None


def test_it_is_taken_once(monthly):
    gift, ada = bought(monthly), make.member(monthly.community)
    assert redeem(gift, ada) == redeem(gift, ada)
    assert refusal(redeem, gift, make.member(monthly.community)) == "redeemed"
    assert refusal(gift_orders.revoke, gift=gift, reason="No", at=AT, by=SITE) == "redeemed"


# --- its money --------------------------------------------------------------------------------------------


def test_it_is_earned_on_the_days_that_are_had(monthly):
    community = monthly.community
    gift = bought(monthly)
    later = AT + timedelta(days=30)
    assert earn(community, later) == {"bank": 24_000, "deferred": -24_000}
    redeem(gift, make.member(community), at=later)
    # 61 days from 1 April; ten of them are over.
    assert earn(community, later + timedelta(days=10)) == {
        "bank": 24_000, "deferred": -24_000 + 24_000 * 10 // 61, "revenue": -(24_000 * 10 // 61),
    }  # fmt: skip
    assert earn(community, later + timedelta(days=70)) == {"bank": 24_000, "revenue": -24_000}
    guard(community)


def test_what_nobody_takes_is_earned_when_it_expires(monthly):
    community = monthly.community
    money_settings.change(community=community, at=AT, by=SITE, refund_days=14)
    gift, late = bought(monthly), AT + timedelta(days=1_827)
    assert (gifts.expire_due(at=late - timedelta(hours=1)), gifts.expire_due(at=late)) == (0, 1)
    assert gifts.expire_due(at=late) == 0
    assert refusal(redeem, gift, make.member(community), at=late) == "expired"
    assert earn(community, late) == {"bank": 24_000, "deferred": -24_000}
    assert earn(community, late + timedelta(days=1)) == {"bank": 24_000, "revenue": -24_000}
    guard(community)


def test_staff_take_it_back_and_the_money_goes_back(monthly):
    gift = bought(monthly)
    gift_orders.revoke(gift=gift, reason="Asked", at=AT, by=SITE)
    assert balances(monthly.community) == {}
    assert refusal(redeem, gift, make.member(monthly.community)) == "revoked"
    assert AuditEntry.objects.filter(action="gift.revoked", object_id=gift.key.hex).count() == 1
    assert refusal(gift_orders.revoke, gift=gift, reason="Asked", at=AT, by=SITE) == "revoked"
    guard(monthly.community)


def test_members_take_back_only_what_they_have_not_paid(monthly):
    giver = make.member(monthly.community)
    by = Actor.person(giver.user, giver)
    gift = ordered(monthly, giver)
    gift_orders.revoke(gift=gift, reason="Mine", at=AT, by=by)
    gift.invoice.refresh_from_db()
    assert gift.invoice.status == "void"
    paid = bought(monthly, giver)
    assert refusal(gift_orders.revoke, gift=paid, reason="Mine", at=AT, by=by) == "no_longer_allowed"


def test_a_payment_that_had_not_come_closes_it(monthly):
    gift = bought(monthly)
    payment = Payment.objects.get(invoice=gift.invoice)
    payments.take_back(payment=payment, community=monthly.community, reason="Not ours", at=AT, by=SITE)
    assert refusal(redeem, gift, make.member(monthly.community)) == "unknown"
    guard(monthly.community)


# --- what goes back ---------------------------------------------------------------------------------------


def by_card(gift, sandbox):
    """Paid by a provider; its attempt."""
    attempt = paying.begun(gift.invoice, paying.connected(gift.community, sandbox))
    sandbox.pay(attempt.reference)
    return attempts.refresh(attempt, at=AT, by=SITE)


@pytest.fixture
def partly(monthly, sandbox):
    """A gift of 120.00, of which 40.00 came from the giver's credit and 80.00 by a provider."""
    giver = make.member(monthly.community, name="Mei")
    received(invoice(giver, 1_000), money=Money(5_000, "CNY"))
    gift = ordered(monthly, giver, periods=1)
    assert (gift.invoice.credit_used, by_card(gift, sandbox).state) == (4_000, "succeeded")
    gift.refresh_from_db()
    return gift


def credit(gift):
    return ledger.credit_of(gift.giver, "CNY").amount


def test_credit_that_paid_for_a_part_is_kept_when_the_provider_has_sent_the_rest(partly):
    gift_orders.revoke(gift=partly, reason="Wrong", at=AT, by=SITE)
    assert refunds.send(Refund.objects.get(), at=AT, by=SITE).state == "succeeded"
    assert credit(partly) == 4_000
    assert balances(partly.community)["deferred"] == -1_000
    assert sum(note.gross for note in partly.invoice.credit_notes.all()) == 12_000
    guard(partly.community)


def test_refunded_by_hand_its_credit_is_given_back_too(partly):
    payment = partly.invoice.payments.get()
    refunds.refund(payment=payment, money=payment.money, reason="Asked", then="keep", at=AT, by=SITE)
    assert (credit(partly), refusal(redeem, partly, make.member(partly.community))) == (4_000, "revoked")
    assert sum(note.gross for note in partly.invoice.credit_notes.all()) == 12_000
    guard(partly.community)


def test_whose_payment_the_bank_took_back_for_good_gives_nothing(partly, sandbox):
    payment = partly.invoice.payments.get()
    sandbox.do("decide", dispute=sandbox.dispute(payment.attempt.reference), won=False)
    for headers, body in sandbox.messages():
        inbox.take(payment.account, headers, body, at=AT)
        inbox.handle_due(at=AT, by=SITE)
    assert (credit(partly), refusal(redeem, partly, make.member(partly.community))) == (4_000, "revoked")
    guard(partly.community)


def test_one_that_was_sent_back_while_it_waited_is_had_by_nobody_else(monthly):
    gift, taker = bought(monthly), make.member(monthly.community)
    pay(take(taker, monthly))
    redeem(gift, taker)
    payment = gift.invoice.payments.get()
    refunds.refund(payment=payment, money=payment.money, reason="Asked", then="keep", at=AT, by=SITE)
    standing.act("leave", membership=taker, at=AT, by=SITE)
    gift.refresh_from_db()
    assert (gift.redeemed_by, gift.revoked_at) == (None, AT)
    assert refusal(redeem, gift, make.member(monthly.community)) == "revoked"


def test_one_that_waited_begins_when_what_ran_is_sent_back_and_ends(monthly):
    gift, taker = bought(monthly), make.member(monthly.community)
    paid = pay(take(taker, monthly)).invoices.get().payments.get()
    redeem(gift, taker)
    refunds.refund(payment=paid, money=paid.money, reason="Asked", then="now", at=AT, by=SITE)
    assert (of(taker), days(gift)) == ("active", (TODAY, date(2026, 5, 2)))
    assert own(taker).kind == "gift"
    guard(monthly.community)


@pytest.mark.parametrize("given", [False, True])
def test_one_that_waits_for_what_is_for_life_by_now_can_be_passed_on(monthly, given):
    gift, taker = bought(monthly), make.member(monthly.community)
    taken = pay(take(taker, monthly))
    redeem(gift, taker)
    life = plan(monthly.community, 90_000, name="For life", interval="lifetime")
    if given:
        complimentary.give(membership=taker, plan=life, until=None, reason="Thanks", at=AT, by=SITE)
    else:
        pay(subscriptions.change_plan(subscription=own(taker), plan=life, at=AT, by=SITE))
    taken.refresh_from_db()
    other = make.member(monthly.community)
    assert (taken.period_end, redeem(gift, other).redeemed_by) == (None, other)
    guard(monthly.community)


def test_one_whose_payment_never_came_is_had_by_nobody_else(monthly):
    gift, taker = bought(monthly), make.member(monthly.community)
    pay(take(taker, monthly))
    redeem(gift, taker)
    payments.take_back(
        payment=gift.invoice.payments.get(), community=gift.community, reason="Another's", at=AT, by=SITE
    )
    standing.act("leave", membership=taker, at=AT, by=SITE)
    assert refusal(redeem, gift, make.member(monthly.community)) == "unknown"
