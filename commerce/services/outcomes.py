"""What becomes of an attempt to pay: a state that only moves on. Paid is for good, wins over everything, and is recorded once.

Created, unknown, pending and to be confirmed are on their way; declined and closed are ends that a payment still overrules.
So whatever a provider says, and in whatever order, the last state is the same.
"""

import logging
from datetime import datetime
from typing import Any

from django.db import transaction

from commerce.models import Invoice, Mandate, Payment, PaymentAttempt, Subscription
from commerce.providers import base, wire
from commerce.providers.base import ProviderPayment
from commerce.services import payments
from kernel import activity
from kernel.locks import held, locked
from kernel.money import Money
from members.actors import Actor
from members.models import Membership

log = logging.getLogger(__name__)

State = PaymentAttempt.State
#: How far on each state is; an attempt never goes back.
RANKS = {
    State.CREATED: 0,
    State.UNKNOWN: 1,
    State.PENDING: 2,
    State.REQUIRES_ACTION: 3,
    State.DECLINED: 4,
    State.CANCELLED: 4,
    State.SUCCEEDED: 5,
}
DECLINES = (base.State.SOFT_DECLINE, base.State.HARD_DECLINE)


@transaction.atomic
def apply(attempt: PaymentAttempt, found: ProviderPayment, *, at: datetime, by: Actor) -> PaymentAttempt:
    """Take over what the provider says of the attempt. Done twice, or in another order, it comes to the same.

    Raises `ValueError` for another payment than this one.
    """
    if found.reference != attempt.reference:
        raise ValueError("The provider speaks of another payment.")
    if found.state in (base.State.ABSENT, base.State.UNKNOWN):
        return attempt
    attempt = hold(attempt)
    if attempt.state == State.SUCCEEDED:
        _note_fee(attempt, found.fee, at)
    elif found.state is base.State.SUCCEEDED:
        _succeed(attempt, found, at, by)
    elif not attempt.is_live:
        pass
    elif found.state is base.State.CANCELLED:
        _end(attempt, State.CANCELLED, at)
    elif found.state in DECLINES:
        _declined(attempt, found.decline_code, found.state is base.State.HARD_DECLINE, at, by)
    else:
        _move_on(attempt, found, at, by)
    return attempt


@transaction.atomic
def decline(attempt: PaymentAttempt, code: str, *, hard: bool, at: datetime, by: Actor) -> PaymentAttempt:
    """The provider said no before it took anything."""
    attempt = hold(attempt)
    if attempt.is_live:
        _declined(attempt, code, hard, at, by)
    return attempt


@transaction.atomic
def drop(attempt: PaymentAttempt, *, at: datetime, code: str = "") -> PaymentAttempt:
    """Nothing came of it: the provider knows of none, or refused to open it."""
    attempt = hold(attempt)
    if attempt.is_live:
        _end(attempt, State.CANCELLED, at, decline_code=code[:80])
    return attempt


@transaction.atomic
def presented(
    attempt: PaymentAttempt, presentation: dict[str, Any], provider_reference: str, *, at: datetime
) -> PaymentAttempt:
    """The way to pay is open."""
    attempt = hold(attempt)
    if not attempt.is_live:
        return attempt
    fields: dict[str, Any] = {"presentation": presentation, "provider_reference": provider_reference[:200]}
    if RANKS[State(attempt.state)] < RANKS[State.PENDING]:
        fields["state"] = State.PENDING
    if presentation["kind"] == wire.INSTRUCTIONS:
        # Nobody can be asked what became of it.
        fields["next_ask_at"] = None
    _save(attempt, **fields)
    return attempt


@transaction.atomic
def unknown(attempt: PaymentAttempt, *, at: datetime) -> PaymentAttempt:
    """No answer came: it may have happened, and is asked for again."""
    attempt = hold(attempt)
    if attempt.state == State.CREATED:
        _save(attempt, state=State.UNKNOWN)
    return attempt


@transaction.atomic
def settled_by_hand(attempt: PaymentAttempt, *, at: datetime) -> PaymentAttempt:
    """Staff say that what it asked for came: nobody else can know."""
    attempt = hold(attempt)
    if attempt.is_live:
        _end(attempt, State.SUCCEEDED, at)
    return attempt


def called(attempt: PaymentAttempt, *, at: datetime) -> None:
    """The provider is told to act now."""
    PaymentAttempt.objects.filter(pk=attempt.pk).update(called_at=at)
    attempt.called_at = at


def hold(attempt: PaymentAttempt) -> PaymentAttempt:
    """The attempt as it is now, locked after its member, subscription and invoice."""
    invoice = Invoice.objects.get(pk=attempt.invoice_id)
    held(Membership.objects.filter(pk=invoice.membership_id)).get()
    if invoice.subscription_id:
        locked(Subscription.objects.filter(pk=invoice.subscription_id)).get()
    locked(Invoice.objects.filter(pk=invoice.pk)).get()
    locked(PaymentAttempt.objects.filter(pk=attempt.pk)).get()
    rows = PaymentAttempt.objects.select_related("invoice__membership", "account__community", "mandate")
    return rows.get(pk=attempt.pk)


def _succeed(attempt: PaymentAttempt, found: ProviderPayment, at: datetime, by: Actor) -> None:
    money = found.captured if found.captured else found.amount
    if money.currency != attempt.currency or money.amount <= 0:
        log.error("Attempt %s was paid with something else; an operator has to look.", attempt.pk)
        _save(attempt, given_up_at=attempt.given_up_at or at, next_ask_at=None)
        return
    _keep_mandate(attempt, found, at)
    _end(
        attempt,
        State.SUCCEEDED,
        at,
        provider_reference=found.provider_reference or attempt.provider_reference,
    )
    payments.receive(
        invoice=attempt.invoice,
        community=attempt.account.community,
        money=money,
        method=Payment.Method.PROVIDER,
        paid_at=found.paid_at or at,
        at=at,
        by=by,
        account=attempt.account,
        attempt=attempt,
        fee=found.fee,
    )
    attempt.invoice.refresh_from_db()
    # Other ways to pay the same are closed as soon as somebody can.
    others = PaymentAttempt.objects.filter(invoice=attempt.invoice, state__in=PaymentAttempt.LIVE)
    others.exclude(next_ask_at=None).update(next_ask_at=at)


def _keep_mandate(attempt: PaymentAttempt, found: ProviderPayment, at: datetime) -> None:
    """A means that the payer left to be charged later, and the dues that it is to pay."""
    if attempt.kind != PaymentAttempt.Kind.CHECKOUT or found.mandate is None:
        return
    invoice = attempt.invoice
    attempt.mandate, _new = Mandate.objects.get_or_create(
        account=attempt.account,
        reference=found.mandate.reference[:200],
        membership=invoice.membership,
        defaults={
            "payer": found.mandate.payer[:200],
            "label": found.mandate.label[:120],
            "made_at": at,
        },
    )
    attempt.save(update_fields=["mandate"])
    if invoice.subscription_id:
        Subscription.objects.filter(pk=invoice.subscription_id).update(mandate=attempt.mandate)


def _note_fee(attempt: PaymentAttempt, fee: Money | None, at: datetime) -> None:
    payment = Payment.objects.filter(attempt=attempt).first()
    if payment is not None:
        payments.note_fee(payment, fee, community=attempt.account.community, at=at)


def _declined(attempt: PaymentAttempt, code: str, hard: bool, at: datetime, by: Actor) -> None:
    """Of a charge that is its end. A page to pay on stays open for another try."""
    if attempt.kind == PaymentAttempt.Kind.CHECKOUT:
        _save(attempt, decline_code=code[:80])
        return
    _end(attempt, State.DECLINED, at, hard=hard, decline_code=code[:80])
    if hard and attempt.mandate is not None:
        Mandate.objects.filter(pk=attempt.mandate.pk, ended_at=None).update(ended_at=at)
    community = attempt.account.community
    activity.announce("attempt.declined", attempt=attempt, community=community, at=at, by=by)


def _move_on(attempt: PaymentAttempt, found: ProviderPayment, at: datetime, by: Actor) -> None:
    fields: dict[str, Any] = {}
    state = State.REQUIRES_ACTION if found.state is base.State.REQUIRES_ACTION else State.PENDING
    if RANKS[state] > RANKS[State(attempt.state)]:
        fields["state"] = state
    if found.action_url:
        fields["action_url"] = found.action_url[:2000]
    if found.provider_reference and not attempt.provider_reference:
        fields["provider_reference"] = found.provider_reference[:200]
    if fields:
        _save(attempt, **fields)
    if fields.get("state") is State.REQUIRES_ACTION and attempt.kind == PaymentAttempt.Kind.OFF_SESSION:
        community = attempt.account.community
        activity.announce("attempt.to_confirm", attempt=attempt, community=community, at=at, by=by)


def _end(attempt: PaymentAttempt, state: State, at: datetime, **fields: Any) -> None:
    """Nothing is asked any more, and what the provider was told is forgotten."""
    _save(attempt, state=state, settled_at=at, next_ask_at=None, given_up_at=None, asked={}, **fields)


def _save(attempt: PaymentAttempt, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(attempt, name, value)
    attempt.save(update_fields=list(fields))
