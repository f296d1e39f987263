"""What nobody finished, settled by staff: asked for again, or said what became of it, with the reason."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from commerce.models import Payment, PaymentAttempt, ProviderEvent, Refund
from commerce.providers import base
from commerce.providers.base import ProviderRefund
from commerce.services import asking, outcomes, payments, refunds
from kernel import tasks
from kernel.errors import Refused
from kernel.locks import locked, none_open
from members.actors import Actor
from members.services import audit, powers


def ask_attempt(attempt: PaymentAttempt, *, at: datetime, by: Actor) -> PaymentAttempt:
    """Ask the provider once more. Raises `Refused` for who may not."""
    none_open()
    powers.require(by, payments.MANAGE)
    return asking.ask_again(attempt, at=at, by=by)


@transaction.atomic
def drop_attempt(attempt: PaymentAttempt, *, reason: str, at: datetime, by: Actor) -> PaymentAttempt:
    """Nothing came of it, as staff have seen with the provider; a payment that is heard of later counts all the same.
    Raises `Refused` without a reason (`required`) and for who may not."""
    _guard(by, reason)
    attempt = outcomes.drop(attempt, at=at, code="staff")
    payer = attempt.invoice.membership
    _record("attempt", attempt.key.hex, payer.number, attempt.invoice.community_id, reason, at, by)
    return attempt


def ask_refund(refund: Refund, *, at: datetime, by: Actor) -> Refund:
    none_open()
    powers.require(by, payments.MANAGE)
    return refunds.refresh(refund, at=at, by=by)


@transaction.atomic
def settle_refund(refund: Refund, *, sent: bool, reason: str, at: datetime, by: Actor) -> Refund:
    """Staff have seen with the provider that it was sent, or that it was not: then it can go another way. Raises as
    `drop_attempt`."""
    _guard(by, reason)
    if sent:
        refund = refunds.apply(
            refund, ProviderRefund(refund.idem, base.State.SUCCEEDED, refund.money), at=at, by=by
        )
    else:
        refund = refunds.fail(refund, reason.strip(), at=at)
    # What was refused and is done with all the same is done with.
    Refund.objects.filter(pk=refund.pk).update(given_up_at=None)
    payer = refund.payment.membership
    _record("refund", refund.payment.key.hex, payer.number, refund.community_id, reason, at, by)
    return refund


@transaction.atomic
def try_event(event: ProviderEvent, *, at: datetime, by: Actor) -> None:
    """Have a worker act on it once more, with all its tries before it."""
    powers.require(by, payments.MANAGE)
    rows = ProviderEvent.objects.filter(pk=event.pk, handled_at=None, next_try_at=None)
    if rows.update(next_try_at=at, tries=0):
        tasks.send("commerce.handle_events")


@transaction.atomic
def settle_event(event: ProviderEvent, *, reason: str, at: datetime, by: Actor) -> None:
    """It needs no act any more. Raises as `drop_attempt`."""
    _guard(by, reason)
    rows = ProviderEvent.objects.filter(pk=event.pk, handled_at=None, next_try_at=None)
    if rows.update(handled_at=at):
        _record("event", event.event_id, None, event.account.community_id, reason, at, by)


@transaction.atomic
def settle_payment(payment: Payment, *, reason: str, at: datetime, by: Actor) -> None:
    """It stays, as was agreed with its member. Raises as `drop_attempt`."""
    _guard(by, reason)
    payment = locked(Payment.objects.filter(pk=payment.pk)).get()
    if payment.looked_at is None:
        Payment.objects.filter(pk=payment.pk).update(looked_at=at)
        payer = payment.membership
        _record("payment", payment.key.hex, payer.number, payment.community_id, reason, at, by)


def _guard(by: Actor, reason: str) -> None:
    powers.require(by, payments.MANAGE)
    if not reason.strip():
        raise Refused(_("Say why."), code="required", field="reason")


def _record(
    what: str, name: str, member: int | None, community_id: int, reason: str, at: datetime, by: Actor
) -> None:
    audit.record(
        action=f"{'payment' if what != 'event' else 'rail'}.settled",
        object_kind="payment" if what != "event" else "rail",
        object_id=name,
        by=by,
        at=at,
        community_id=community_id,
        after={"reason": reason.strip()[:240]} | ({} if member is None else {"member": member}),
    )
