"""Disputes: a payer's bank takes money back until it is decided. The provider says how one stands; the state only moves on,
and whatever order its words come in, the ledger is the same.

What it does to the membership is chosen by staff and by nobody else: a dispute can be a mistake of the bank's.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from commerce import mail_kinds, sealing
from commerce.models import Account, Dispute, Mandate, Payment, PaymentAttempt, Refund, Subscription
from commerce.providers.base import ProviderDispute, ProviderDown, ProviderRefused
from commerce.services import (
    accounts,
    billing,
    credit_notes,
    credits,
    gifts,
    lateness,
    ledger,
    outcomes,
    payments,
    refunds,
    terms,
    undoing,
)
from commerce.services.ledger import Side
from communities.services import notices
from kernel import words
from kernel.errors import Refused
from kernel.locks import locked, none_open
from kernel.money import Money
from members.actors import Actor
from members.services import audit, mail, powers

log = logging.getLogger(__name__)

State, Then = Dispute.State, Refund.Then


def refresh(dispute: Dispute, *, at: datetime, by: Actor) -> Dispute:
    """Ask the provider how it stands; without an answer it stays as it is. Raises `Refused` (`no_answer`) then."""
    none_open()
    silent = _("The provider does not answer now.")
    rows = PaymentAttempt.objects.select_related("account__community")
    attempt = rows.filter(payment=dispute.payment_id).first()
    if attempt is None:
        raise Refused(silent, code="no_answer")
    try:
        found = accounts.adapter(attempt.account).fetch_dispute(dispute.provider_reference)
    except (ProviderDown, ProviderRefused, sealing.Unreadable) as trouble:
        raise Refused(silent, code="no_answer") from trouble
    return apply(attempt, found, at=at, by=by)


def heard(attempt: PaymentAttempt, found: ProviderDispute, *, at: datetime, by: Actor) -> Dispute:
    """Word of a dispute, which may come before the word that its payment was made: then that is asked for first. Raises
    `ProviderDown` where the provider does not know of a payment yet."""
    none_open()
    if not Payment.objects.filter(attempt=attempt).exists():
        paid = accounts.adapter(attempt.account).fetch_payment(attempt.reference, attempt.provider_reference)
        outcomes.apply(attempt, paid, at=at, by=by)
    if not Payment.objects.filter(attempt=attempt).exists():
        raise ProviderDown("A dispute of what is not paid.")
    return apply(attempt, found, at=at, by=by)


@transaction.atomic
def apply(attempt: PaymentAttempt, found: ProviderDispute, *, at: datetime, by: Actor) -> Dispute:
    """Take over how it stands. Decided is for good; done twice, or in another order, it comes to the same.

    Raises `ValueError` for a dispute of another payment, of other money or of more than came.
    """
    if found.payment_reference != attempt.reference:
        raise ValueError("The provider speaks of another payment.")
    payment = payments.hold(Payment.objects.get(attempt=attempt))
    if found.amount.currency != payment.currency or not 0 <= found.amount.amount <= payment.amount:
        raise ValueError("Other money than was paid is disputed.")
    given = {
        "community_id": payment.community_id,
        "payment": payment,
        "amount": 0,
        "currency": payment.currency,
        "opened_at": found.opened_at or at,
    }
    name = found.provider_reference[:200]
    dispute, new = Dispute.objects.get_or_create(
        account=attempt.account, provider_reference=name, defaults=given
    )
    dispute = locked(Dispute.objects.filter(pk=dispute.pk)).get()
    dispute.payment = payment
    dispute.reason = found.reason[:120] or dispute.reason
    dispute.evidence_due_at = found.evidence_due_at or dispute.evidence_due_at
    _hold_money(dispute, found.amount, at)
    _note_fee(dispute, found.fee, at)
    if new:
        _charge_no_more(dispute, attempt, at)
        _record("dispute.opened", dispute, at=at, by=by)
    decided = State(found.state.value)
    if dispute.state == State.OPEN and decided != State.OPEN:
        _decide(dispute, decided, at, by)
    elif decided not in (State.OPEN, dispute.state):
        log.error(
            "Dispute %s was decided otherwise after it was decided; an operator has to look.", dispute.pk
        )
    dispute.save()
    if new or decided == dispute.state != State.OPEN:
        _tell_staff(dispute, at=at, by=by)
    return dispute


@transaction.atomic
def choose(*, dispute: Dispute, then: Refund.Then, reason: str, at: datetime, by: Actor) -> Dispute:
    """What staff decide about the membership whose payment is disputed; a second time is refused.

    Raises `Refused` for one that was won (`won`), that was decided about (`chosen`), for what is for life (`for_life`),
    without a reason (`required`), and for who may not.
    """
    powers.require(by, payments.MANAGE)
    payment = payments.hold(dispute.payment)
    dispute = locked(Dispute.objects.filter(pk=dispute.pk)).get()
    if dispute.state == State.WON:
        raise Refused(_("The money is back: nothing is to be decided."), code="won")
    if dispute.then:
        raise Refused(_("This was decided already."), code="chosen")
    if not reason.strip():
        raise Refused(_("Say why."), code="required", field="reason")
    refunds.guard_then(payment, then)
    dispute.then = then
    dispute.save(update_fields=["then"])
    after = {"then": str(then), "reason": reason.strip()[:240]}
    _record("dispute.settled", dispute, at=at, by=by, **after)
    subscription = lateness.subscription_of(payment.invoice) if payment.invoice else None
    if payment.invoice is not None and subscription and subscription.status != Subscription.Status.ENDED:
        undoing.end(
            then,
            subscription,
            payment.invoice,
            reason=reason.strip()[:240],
            community=payment.community,
            at=at,
            by=by,
        )
    return dispute


def _hold_money(dispute: Dispute, amount: Money, at: datetime) -> None:
    """What the bank took is held until it is decided. A mere question has taken nothing, and may take later."""
    if dispute.amount or not amount:
        return
    dispute.amount = amount.amount
    _post(
        dispute, "dispute", [Side(Account.DISPUTES, dispute.amount), _clearing(dispute, -dispute.amount)], at
    )


def _note_fee(dispute: Dispute, fee: Money | None, at: datetime) -> None:
    """What the provider keeps for it; what it gives back of that when it is decided is posted as a correction."""
    if fee is None or fee.currency != dispute.currency or fee.amount == dispute.fee:
        return
    more = fee.amount - (dispute.fee or 0)
    kind = "fee" if ledger.posted("fee", "dispute", dispute.pk) is None else "correction"
    if ledger.posted(kind, "dispute", dispute.pk) is not None:
        log.error("The fee of dispute %s changed once more; an operator has to look.", dispute.pk)
        return
    dispute.fee = fee.amount
    _post(dispute, kind, [Side(Account.FEES, more), _clearing(dispute, -more)], at)


def _decide(dispute: Dispute, state: Dispute.State, at: datetime, by: Actor) -> None:
    """Won, the money is back with the provider. Lost, it is gone: what was asked for is taken back by a credit note, which
    takes first what was not earned; what had become credit, from that."""
    payment, community = dispute.payment, dispute.payment.community
    dispute.state, dispute.decided_at = state, at
    if state == State.WON:
        back = [_clearing(dispute, dispute.amount), Side(Account.DISPUTES, -dispute.amount)]
        _post(dispute, "dispute_won", back, at)
        _record("dispute.won", dispute, at=at, by=by)
        return
    noted = min(dispute.amount, credits.creditable(payment))
    with translation.override(payment.invoice.language if payment.invoice else None):
        reason = _("Disputed with the payer's bank, and lost.")
    if noted and payment.invoice is not None:
        dispute.credit_note = credit_notes.issue(
            invoice=payment.invoice,
            community=community,
            gross=noted,
            reason=reason,
            at=at,
            against=Account.DISPUTES,
        )
    rest = dispute.amount - noted
    gone = [Side(Account.CREDIT, rest, membership=payment.membership), Side(Account.DISPUTES, -rest)]
    _post(dispute, "dispute_lost", gone, at)
    undoing.lower_cover_of(payment.invoice, noted, at=at)
    if payment.invoice is not None and noted:
        # What it counts is whose note this is.
        dispute.save(update_fields=["credit_note"])
        gifts.refunded(payment.invoice, reason=reason, at=at)
    _record("dispute.lost", dispute, at=at, by=by)


def _charge_no_more(dispute: Dispute, attempt: PaymentAttempt, at: datetime) -> None:
    """Nothing else happens by itself. But whoever says to their bank that they did not want this charge has taken back the
    leave to charge, whatever comes of it; each further charge would be one more dispute, and cost its fee."""
    ended = Mandate.objects.filter(attempts=attempt, ended_at=None).update(ended_at=at)
    invoice = dispute.payment.invoice
    subscription = lateness.subscription_of(invoice) if ended and invoice else None
    if subscription is not None and subscription.status == Subscription.Status.ACTIVE:
        # Who is not charged is asked some days ahead.
        terms.schedule(subscription, community=dispute.payment.community)
        subscription.save(update_fields=["next_at"])


def _clearing(dispute: Dispute, amount: int) -> Side:
    return Side(Account.CLEARING, amount, provider_account=dispute.payment.account)


def _post(dispute: Dispute, kind: str, sides: list[Side], at: datetime) -> None:
    ledger.post(
        community=dispute.payment.community,
        kind=kind,
        source_type="dispute",
        source_id=dispute.pk,
        currency=dispute.currency,
        sides=sides,
        at=at,
    )


def _record(action: str, dispute: Dispute, *, at: datetime, by: Actor, **after: str) -> None:
    audit.record(
        action=action,
        object_kind="payment",
        object_id=dispute.payment.key,
        by=by,
        at=at,
        community_id=dispute.community_id,
        after={
            "member": dispute.payment.membership.number,
            "amount": str(dispute.money),
            "currency": dispute.currency,
        }
        | after,
    )


def _tell_staff(dispute: Dispute, *, at: datetime, by: Actor) -> None:
    """Those who may send money back hear of it, and of how it was decided."""
    community, payment = dispute.payment.community, dispute.payment
    kind = mail_kinds.DISPUTED if dispute.state == State.OPEN else mail_kinds.DISPUTE_DECIDED
    for reader in notices.who_may(community, payments.MANAGE):
        with translation.override(billing.language_of(reader, community)):
            due = dispute.evidence_due_at
            told = {
                "payer": payment.membership.display_name,
                "amount": words.money(dispute.money if dispute.amount else payment.money),
                "due": words.day(due.astimezone(community.zone)) if due else words.NOTHING,
                "outcome": str(dispute.get_state_display()),
            }
        mail.send(
            kind=kind,
            to=reader,
            community=community,
            words=told,
            at=at,
            by=by,
            url=reverse("commerce:disputes", args=[community.slug]),
            dedupe=f"{kind}:{dispute.pk}:{dispute.state}:{reader.pk}",
        )
