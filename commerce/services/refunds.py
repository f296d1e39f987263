"""Money back: written before the provider hears of it, never more than came, posted once it has gone.

What a refund does to the membership is a choice of its own (`then`), told with `payment.refunded` to whoever acts on it.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from commerce import sealing
from commerce.models import Account, Dispute, Invoice, Payment, PaymentAttempt, Refund, Subscription
from commerce.providers import base
from commerce.providers.base import Capability, ProviderDown, ProviderRefund, ProviderRefused
from commerce.services import accounts, attempts, credit_notes, credits, ledger, payments
from commerce.services.attempts import DELAYS
from commerce.services.ledger import Side
from kernel import activity, tasks
from kernel.errors import Refused
from kernel.locks import locked, none_open
from kernel.money import Money
from members.actors import Actor
from members.services import audit, powers

log = logging.getLogger(__name__)

State, Then, Method = Refund.State, Refund.Then, Payment.Method
#: On their way: neither sent back nor refused.
LIVE = (State.CREATED, State.PENDING, State.UNKNOWN)
NOES = (base.State.SOFT_DECLINE, base.State.HARD_DECLINE, base.State.CANCELLED)


def refund(**asked: Any) -> Refund:
    """`ask`, and `send` at once: for pages, outside any transaction. Where the membership is to end, ways to pay what is
    still to be paid of it are closed first.

    Raises `Refused` as `ask` does, and `being_paid` where such a payment may be on its way."""
    none_open()
    invoice = asked["payment"].invoice
    if asked["then"] != Then.KEEP and invoice is not None and invoice.subscription_id:
        powers.require(asked["by"], payments.MANAGE)
        waiting = PaymentAttempt.objects.filter(
            invoice__subscription=invoice.subscription_id,
            invoice__status=Invoice.Status.OPEN,
            state__in=PaymentAttempt.LIVE,
        )
        for attempt in waiting:
            attempts.close(attempt, at=asked["at"], by=asked["by"])
    return send(ask(**asked), at=asked["at"], by=asked["by"])


@transaction.atomic
def ask(
    *,
    payment: Payment,
    money: Money,
    reason: str,
    then: Refund.Then,
    at: datetime,
    by: Actor,
    to_credit: bool = False,
) -> Refund:
    """Write down that so much of a payment goes back: the way it came, or into the member's credit. Of a transfer or cash
    staff say by this that they have sent it. By a provider it is sent by `send`, which a worker does else.

    Raises `Refused` for more than is left (`too_much`), for money that the payer's bank holds (`disputed`), that was taken
    back (`reversed`) or spent (`spent`), where the rail cannot (`not_by_rail`), for what is for life and so ends with no
    period (`for_life`), and without a reason (`required`).
    """
    powers.require(by, payments.MANAGE)
    payment = payments.hold(payment)
    guard_then(payment, Then(then))
    _guard(payment, money, reason, to_credit)
    to_credit = to_credit or payment.method == Method.CREDIT
    by_provider = payment.method == Method.PROVIDER and not to_credit
    payment.refunding += money.amount
    payment.save(update_fields=["refunding"])
    made = Refund.objects.create(
        community_id=payment.community_id,
        payment=payment,
        amount=money.amount,
        currency=money.currency,
        to_credit=to_credit,
        then=then,
        reason=reason.strip()[:240],
        made_at=at,
        next_ask_at=at + DELAYS[0] if by_provider else None,
    )
    audit.record(
        action="payment.refund_asked",
        object_kind="payment",
        object_id=payment.key,
        by=by,
        at=at,
        community_id=payment.community_id,
        after={
            "member": payment.membership.number,
            "amount": str(money),
            "currency": money.currency,
            "to_credit": to_credit,
            "then": str(then),
            "reason": made.reason,
        },
    )
    if by_provider:
        tasks.send("commerce.send_refund", refund=made.pk)
    else:
        _succeed(made, payment, at, by)
    return made


@dataclass(frozen=True)
class Preview:
    """What a refund would do: what is `left` of the payment afterwards, and the credit note it makes, with its tax; what it
    takes from the member's credit (`from_credit`), which the money had become."""

    money: Money
    left: Money
    note: Money
    tax: Money
    from_credit: Money


@transaction.atomic
def preview(
    *, payment: Payment, money: Money, reason: str, then: Refund.Then, by: Actor, to_credit: bool = False
) -> Preview:
    """What `ask` would do, without doing it. Raises `Refused` as it does."""
    powers.require(by, payments.MANAGE)
    payment = payments.hold(payment)
    guard_then(payment, Then(then))
    _guard(payment, money, reason, to_credit)
    noted = money.amount - _over(payment, money)
    tax = credit_notes.reckon(payment.invoice, noted).tax if noted and payment.invoice else 0
    left = payment.amount - payment.refunded - payment.refunding - money.amount
    amounts = (left, noted, tax, money.amount - noted)
    return Preview(money, *(Money(amount, money.currency) for amount in amounts))


def send(refund: Refund, *, at: datetime, by: Actor) -> Refund:
    """Have the provider send it, with its one key: asked twice, sent once."""
    none_open()
    refund = _whole(refund)
    if refund.state not in LIVE:
        return refund
    payment = refund.payment
    try:
        rail, attempt = _peer(payment)
        found = rail.refund(
            attempt.reference,
            refund.money,
            idem=refund.idem,
            total=payment.money,
            provider_reference=attempt.provider_reference,
            reason=refund.reason,
        )
    except ProviderDown:
        Refund.objects.filter(pk=refund.pk, state=State.CREATED).update(state=State.UNKNOWN)
        refund.refresh_from_db()
        return refund
    except (ProviderRefused, sealing.Unreadable) as no:
        log.warning("Refund %s was refused: %s", refund.pk, getattr(no, "code", "") or type(no).__name__)
        return fail(refund, getattr(no, "message", "") or "keys", at=at)
    return apply(refund, found, at=at, by=by)


def refresh(refund: Refund, *, at: datetime, by: Actor) -> Refund:
    """Ask the provider what became of it; told once more, with the same key, where it never heard of it."""
    none_open()
    refund = _whole(refund)
    if refund.state not in LIVE:
        return refund
    try:
        rail, attempt = _peer(refund.payment)
        found = rail.fetch_refund(
            refund.idem, payment_reference=attempt.reference, provider_reference=refund.provider_reference
        )
    except (ProviderDown, ProviderRefused, sealing.Unreadable):
        return refund
    if found.state is base.State.ABSENT:
        return send(refund, at=at, by=by)
    return apply(refund, found, at=at, by=by)


@transaction.atomic
def apply(refund: Refund, found: ProviderRefund, *, at: datetime, by: Actor) -> Refund:
    """Take over what the provider says of it. Sent back is for good; done twice, or in another order, it comes to the same."""
    payment = payments.hold(refund.payment)
    refund = locked(Refund.objects.filter(pk=refund.pk)).get()
    refund.provider_reference = (found.provider_reference or refund.provider_reference)[:200]
    if refund.state == State.SUCCEEDED:
        return refund
    if found.state is base.State.SUCCEEDED:
        if refund.state == State.FAILED and not _made_room(refund, payment):
            log.error("Refund %s was sent after it had been refused; an operator has to look.", refund.pk)
            refund.given_up_at = at
            refund.save(update_fields=["given_up_at"])
            return refund
        _succeed(refund, payment, at, by)
    elif refund.state != State.FAILED and found.state in NOES:
        _fail(refund, payment, "", at)
    elif refund.state in (State.CREATED, State.UNKNOWN) and found.state is base.State.PENDING:
        refund.state = State.PENDING
        refund.save(update_fields=["state", "provider_reference"])
    return refund


@transaction.atomic
def fail(refund: Refund, problem: str, *, at: datetime) -> Refund:
    """The provider said no: nothing was sent, and the money can be sent another way."""
    payment = payments.hold(refund.payment)
    refund = locked(Refund.objects.filter(pk=refund.pk)).get()
    if refund.state in LIVE:
        _fail(refund, payment, problem, at)
    return refund


def _succeed(refund: Refund, payment: Payment, at: datetime, by: Actor) -> None:
    """It has gone: what was asked for is taken back by a credit note, what was over from the member's credit."""
    community, membership = payment.community, payment.membership
    noted = min(refund.amount, credits.creditable(payment))
    if noted and payment.invoice is not None:
        refund.credit_note = credit_notes.issue(
            invoice=payment.invoice, community=community, gross=noted, reason=refund.reason, at=at
        )
    back = Side(Account.CREDIT, -refund.amount, membership=membership)
    ledger.post(
        community=community,
        kind="refund",
        source_type="refund",
        source_id=refund.pk,
        currency=refund.currency,
        sides=[
            Side(Account.REFUNDS, noted),
            Side(Account.CREDIT, refund.amount - noted, membership=membership),
            back if refund.to_credit else payments.where_it_lies(payment, -refund.amount),
        ],
        at=at,
    )
    payment.refunding -= refund.amount
    payment.refunded += refund.amount
    payment.save(update_fields=["refunding", "refunded"])
    refund.state, refund.settled_at = State.SUCCEEDED, at
    refund.next_ask_at = refund.given_up_at = None
    refund.save()
    payments.tell_back(payment, membership, refund.money, name=refund.key.hex, at=at)
    activity.announce("payment.refunded", refund=refund, community=community, at=at, by=by)


def _fail(refund: Refund, payment: Payment, problem: str, at: datetime) -> None:
    payment.refunding -= refund.amount
    payment.save(update_fields=["refunding"])
    refund.state, refund.settled_at, refund.problem = State.FAILED, at, problem[:240]
    refund.next_ask_at = refund.given_up_at = None
    refund.save()


def _made_room(refund: Refund, payment: Payment) -> bool:
    """Whether what was thought refused still fits beside what was asked for since; it does from now on."""
    if payment.refunded + payment.refunding + refund.amount > payment.amount:
        return False
    payment.refunding += refund.amount
    return True


def _guard(payment: Payment, money: Money, reason: str, to_credit: bool) -> None:
    if not reason.strip():
        raise Refused(_("Say why: the member will read it."), code="required", field="reason")
    if payment.reversed_at is not None:
        raise Refused(_("This payment was taken back."), code="reversed")
    if payment.disputes.exclude(state=Dispute.State.WON).exists():
        raise Refused(_("The payer's bank holds this money."), code="disputed")
    left = payment.amount - payment.refunded - payment.refunding
    if money.currency != payment.currency or not 0 < money.amount <= left:
        raise Refused(_("This is more than is left of the payment."), code="too_much", field="amount")
    if payment.method == Method.IMPORTED:
        raise Refused(_("It was taken elsewhere: send it back there."), code="not_by_rail")
    over = _over(payment, money)
    if over > 0 and not to_credit and credits.spendable(payment.membership, payment.currency).amount < over:
        raise Refused(_("It became credit, and the credit was spent."), code="spent")
    if over > 0 and to_credit:
        raise Refused(_("It is credit already."), code="spent")
    if payment.method == Method.PROVIDER and not to_credit:
        _guard_rail(payment, money)


def _over(payment: Payment, money: Money) -> int:
    """What more of it would go back from the member's credit, besides what is on its way already."""
    before = credits.over(payment, payment.refunding)
    return credits.over(payment, payment.refunding + money.amount) - before


def can_be_asked(payment: Payment) -> bool:
    """Whether anything of it could go back, as far as it says itself."""
    left = payment.amount - payment.refunded - payment.refunding
    return left > 0 and payment.reversed_at is None and payment.method != Method.IMPORTED


def guard_then(payment: Payment, then: Refund.Then) -> None:
    """Raises `Refused` (`for_life`) where the plan that a payment was for ends with no period."""
    of = payment.invoice.subscription if payment.invoice else None
    running = of is not None and of.status not in (Subscription.Status.ENDED, Subscription.Status.TRIALING)
    if then == Then.AT_END and running and of is not None and of.period_end is None:
        words = _("It is for life, so no period ends it: let it go on, or end it now.")
        raise Refused(words, code="for_life", field="then")


def _guard_rail(payment: Payment, money: Money) -> None:
    try:
        can = _peer(payment)[0].capabilities
    except sealing.Unreadable:
        raise Refused(
            _("Its provider is disconnected: give it as credit, or send it by hand."), code="not_by_rail"
        ) from None
    if Capability.REFUND not in can or (money < payment.money and Capability.PARTIAL_REFUND not in can):
        raise Refused(_("This provider cannot send that back."), code="not_by_rail")


def _peer(payment: Payment) -> tuple[base.Provider, PaymentAttempt]:
    """Who took it, and as what they know it. Raises `sealing.Unreadable` where nobody can be spoken to."""
    if payment.account is None or payment.attempt is None:
        raise sealing.Unreadable("No provider took this.")
    return accounts.adapter(payment.account), payment.attempt


def _whole(refund: Refund) -> Refund:
    rows = Refund.objects.select_related("payment__account__community", "payment__attempt")
    return rows.get(pk=refund.pk)
