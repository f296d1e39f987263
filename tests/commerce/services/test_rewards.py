"""Rewards for who brought a member: one level, once, held until the refund window is over, and never for money that went back."""

from datetime import timedelta

import pytest

from commerce.models import Dispute, Payment, ProviderAccount, ReferralReward
from commerce.services import money_settings, payments, refunds, rewards
from kernel.money import Money
from members.models import Message
from members.services import memberships, standing
from tests import make
from tests.commerce.dues import AT, SITE, balances, guard, plan
from tests.commerce.services.test_subscriptions import pay, take

pytestmark = pytest.mark.django_db

OVER = AT + timedelta(days=14)


@pytest.fixture
def community():
    found = make.community(currency="CNY")
    money_settings.change(community=found, at=AT, by=SITE, reward_percent=1_000)
    return found


@pytest.fixture
def inviter(community):
    return make.member(community, name="Mei")


def brought(community, by, name="Jan"):
    return memberships.enrol(community=community, user=make.person(name=name), invited_by=by, at=AT, by=SITE)


def first_paid(community, by, amount=12_000, **fields):
    member = brought(community, by)
    pay(take(member, plan(community, amount, **fields)))
    return member


def states():
    return list(ReferralReward.objects.order_by("id").values_list("amount", "state"))


def test_it_is_held_and_then_given_once(community, inviter):
    member = first_paid(community, inviter)
    found = ReferralReward.objects.get()
    assert (found.inviter, found.invitee, found.amount, found.held_until) == (inviter, member, 1_200, OVER)
    assert rewards.give_due(at=OVER - timedelta(seconds=1)) == 0
    assert (rewards.give_due(at=OVER), rewards.give_due(at=OVER)) == (1, 0)
    assert states() == [(1_200, "given")]
    assert balances(community) == {"bank": 12_000, "credit": -1_200, "deferred": -12_000, "reward": 1_200}
    letter = Message.objects.get(kind="reward.given")
    assert (letter.membership, "Jan" in letter.text, "12" in letter.text) == (inviter, True, True)
    guard(community)


def test_one_level_and_the_first_payment_alone(community, inviter):
    member = first_paid(community, inviter)
    first_paid(community, member)
    assert list(ReferralReward.objects.order_by("id").values_list("inviter", flat=True)) == [
        inviter.pk,
        member.pk,
    ]
    standing.act("leave", membership=member, at=AT, by=SITE)
    standing.act("take_back", membership=member, reason="Asked", at=AT, by=SITE)
    pay(take(member, plan(community, name="Again")))
    assert ReferralReward.objects.count() == 2


def test_an_amount_is_at_most_what_was_paid_and_of_the_community_s_currency(community, inviter):
    money_settings.change(community=community, at=AT, by=SITE, reward_percent=0, reward_amount=5_000)
    first_paid(community, inviter)
    first_paid(community, inviter, 3_000, name="Small")
    first_paid(community, inviter, 8_000, name="Dollar", currency="USD")
    assert states() == [(5_000, "held"), (3_000, "held")]


def sent_back(amount, at=AT):
    payment = Payment.objects.latest("id")
    refunds.ask(payment=payment, money=Money(amount, "CNY"), reason="x", then="keep", at=at, by=SITE)


def test_money_that_went_back_earns_nothing(community, inviter):
    first_paid(community, inviter)
    sent_back(12_000)
    assert states() == [(1_200, "forfeited")]
    assert rewards.give_due(at=OVER) == 0 and balances(community) == {}


def test_of_what_went_back_in_part_it_is_the_same_share(community, inviter):
    first_paid(community, inviter)
    sent_back(4_000)
    rewards.give_due(at=OVER)
    assert states() == [(800, "given")]
    guard(community)


def test_what_went_back_later_stays_given(community, inviter):
    first_paid(community, inviter)
    rewards.give_due(at=OVER)
    sent_back(12_000, at=OVER + timedelta(days=1))
    assert states() == [(1_200, "given")]


@pytest.mark.parametrize(("state", "then"), [("open", "held"), ("lost", "forfeited"), ("won", "given")])
def test_a_dispute_is_waited_for(community, inviter, state, then):
    first_paid(community, inviter)
    account = ProviderAccount.objects.create(community=community, provider="offline", made_at=AT)
    Dispute.objects.create(
        community=community, payment=Payment.objects.get(), account=account, provider_reference="d", state=state,
        amount=12_000, currency="CNY", opened_at=AT,
    )  # fmt: skip
    rewards.give_due(at=OVER)
    assert states() == [(1_200, then)]


def test_a_payment_that_had_not_come_is_none_until_it_comes(community, inviter):
    member = first_paid(community, inviter)
    payments.take_back(payment=Payment.objects.get(), community=community, reason="No", at=AT, by=SITE)
    bill = member.invoices.get()
    payments.receive(
        invoice=bill,
        community=community,
        money=bill.due,
        method=Payment.Method.BANK,
        paid_at=AT,
        at=AT,
        by=SITE,
    )
    rewards.give_due(at=OVER)
    assert states() == [(1_200, "given")]
    guard(community)


def test_who_has_left_or_brought_nobody_gets_none(community, inviter):
    pay(take(make.member(community), plan(community)))
    assert states() == []
    first_paid(community, inviter)
    standing.act("leave", membership=inviter, at=AT, by=SITE)
    rewards.give_due(at=OVER)
    assert states() == [(1_200, "forfeited")]
