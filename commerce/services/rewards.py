"""What a member gets for whom they brought themselves, once that one has paid for the first time: credit, held until the
refund window is over. One level, never more.

It is a share of what was paid or an amount in the community's currency, and never more than what is left of the payment:
so nobody earns by paying for others.
"""

import logging
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from commerce.models import Account, Dispute, Invoice, MoneySettings, Payment, ReferralReward
from commerce.services import ledger, letters, money_settings
from commerce.services.ledger import Side
from kernel import sweeps
from kernel.locks import held, locked
from kernel.tenancy import Community
from members.models import Membership
from members.roles import GONE
from members.selectors import merged

log = logging.getLogger(__name__)

State = ReferralReward.State


def received(*, payment: Payment, community: Community, at: datetime) -> ReferralReward | None:
    """Hold a reward for who brought the payer, where this is the first payment of their dues; None where there is none.
    The caller holds the payer."""
    invoice = payment.invoice
    if payment.surplus or invoice is None or invoice.reason != Invoice.Reason.PERIOD:
        return None
    settings = money_settings.of(community.id)
    payer = merged.stands_for(payment.membership)
    inviter = merged.stands_for(payer.invited_by) if payer.invited_by else None
    if inviter is None or inviter.pk == payer.pk or inviter.status in GONE:
        return None
    amount = _of(payment, settings, community)
    if amount <= 0 or not _is_first(payment, payer):
        return None
    held_until = at + timedelta(days=settings.refund_days)
    shared = {
        "inviter": inviter,
        "payment": payment,
        "amount": amount,
        "currency": payment.currency,
        "made_at": at,
        "held_until": held_until,
    }
    known = locked(ReferralReward.objects.filter(invitee=payer)).first()
    if known is not None:
        # The payment that it was for had not come after all: this one has.
        if known.state == State.GIVEN or known.payment.reversed_at is None:
            return None
        ReferralReward.objects.filter(pk=known.pk).update(**shared, state=State.HELD, settled_at=None)
        return ReferralReward.objects.get(pk=known.pk)
    try:
        with transaction.atomic():
            return ReferralReward.objects.create(community_id=community.id, invitee=payer, **shared)
    except IntegrityError:
        log.info("Member %s has brought a reward already.", payer.pk)
        return None


def give_due(*, at: datetime) -> int:
    """Settle the rewards whose time has come: given, or forfeited where the money went back; how many were settled."""
    due = ReferralReward.objects.filter(state=State.HELD, held_until__lte=at).order_by("held_until", "pk")
    return sweeps.each("Reward", due.values_list("pk", flat=True)[:1000], lambda pk: _settle(pk, at))


@transaction.atomic
def forfeit(payment: Payment, *, at: datetime) -> None:
    """The money went back while the reward was held: nobody gets one."""
    for reward in locked(ReferralReward.objects.filter(payment=payment, state=State.HELD)):
        _end(reward, State.FORFEITED, at)


@transaction.atomic
def _settle(pk: int, at: datetime) -> bool:
    """One reward; False where it waits for a dispute, or somebody else has settled it."""
    rows = ReferralReward.objects.filter(pk=pk)
    found = rows.select_related("inviter", "community").get()
    inviter = merged.stands_for(found.inviter)
    held(Membership.objects.filter(pk=inviter.pk)).get()
    payment = held(Payment.objects.filter(pk=found.payment_id)).select_related("invoice").get()
    reward = locked(rows.filter(state=State.HELD)).select_related("invitee").first()
    if reward is None:
        return False
    disputes = set(payment.disputes.values_list("state", flat=True))
    if Dispute.State.OPEN in disputes:
        return False
    left = payment.amount - payment.refunded - payment.refunding
    itself = merged.stands_for(reward.invitee).pk == inviter.pk
    back = payment.reversed_at is not None or left <= 0 or Dispute.State.LOST in disputes
    if back or itself or inviter.status in GONE:
        _end(reward, State.FORFEITED, at)
        return True
    # Of what was sent back in part, the same share.
    reward.amount = min(reward.amount * left // payment.amount, reward.amount)
    if not reward.amount:
        _end(reward, State.FORFEITED, at)
        return True
    ledger.post(
        community=found.community,
        kind="reward",
        source_type="reward",
        source_id=reward.pk,
        currency=reward.currency,
        at=at,
        sides=[
            Side(Account.REWARD, reward.amount),
            Side(Account.CREDIT, -reward.amount, membership=inviter),
        ],
    )
    _end(reward, State.GIVEN, at)
    letters.reward(reward, inviter, community=found.community, at=at)
    return True


def _end(reward: ReferralReward, state: ReferralReward.State, at: datetime) -> None:
    reward.state, reward.settled_at = state, at
    reward.save(update_fields=["state", "settled_at", "amount"])


def _of(payment: Payment, settings: MoneySettings, community: Community) -> int:
    """How much a payment is worth to who brought the payer."""
    if settings.reward_percent:
        return payment.amount * settings.reward_percent // 10_000
    # An amount is in the community's currency: of another it says nothing.
    return min(settings.reward_amount, payment.amount) if payment.currency == community.currency else 0


def _is_first(payment: Payment, payer: Membership) -> bool:
    """Whether none paid dues of theirs before, nor of records that were merged into theirs."""
    records = [payer.pk, *payer.merged_records.values_list("pk", flat=True)]
    before = Payment.objects.filter(membership__in=records, surplus=False, reversed_at=None)
    before = before.filter(invoice__reason=Invoice.Reason.PERIOD).exclude(method=Payment.Method.CREDIT)
    imported = Payment.objects.filter(membership__in=records, method=Payment.Method.IMPORTED)
    return not before.exclude(pk=payment.pk).exists() and not imported.exists()
