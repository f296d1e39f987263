"""What follows when money goes back: what staff chose for the membership is done, and an invoice whose payment never came is
owed again. The member's row is held, and the subscription's locked, by whoever announces these."""

import logging
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from commerce import ladder
from commerce.models import Invoice, Refund, Subscription
from commerce.services import coverage, gifts, lateness, letters, standings, subscriptions, terms
from kernel.clock import local_day
from kernel.errors import Refused
from kernel.tenancy import Community
from members.actors import Actor
from members.services import audit, mail

log = logging.getLogger(__name__)

Status, Cause, Then = Subscription.Status, Subscription.Cause, Refund.Then


def payment_refunded(*, refund: Refund, community: Community, at: datetime, by: Actor) -> None:
    """Do with the membership what was chosen with the refund, and write to the member about both. Only what the invoice was
    for is touched: a plan that was taken since goes on."""
    invoice = refund.payment.invoice
    subscription = lateness.subscription_of(invoice) if invoice else None
    if subscription is not None and subscription.status == Status.ENDED:
        subscription = None
    if invoice is not None and subscription is not None:
        _lower_cover(subscription, invoice, refund.credit_note.gross if refund.credit_note else 0, at=at)
        then, reason = Then(refund.then), refund.reason
        with mail.withheld():
            end(then, subscription, invoice, reason=reason, community=community, at=at, by=by)
    letters.refunded(refund, subscription, community=community, at=at)


def end(
    then: Refund.Then,
    subscription: Subscription,
    invoice: Invoice,
    *,
    reason: str,
    community: Community,
    at: datetime,
    by: Actor,
) -> None:
    """Do with the membership what was chosen, whatever is on its way; the subscription is as it is then."""
    if then == Then.NOW:
        _end_now(subscription, reason, community=community, at=at, by=by)
    elif then == Then.AT_END:
        _end_later(subscription, invoice, reason, community=community, at=at, by=by)
    subscription.refresh_from_db()


def invoice_reopened(*, invoice: Invoice, community: Community, at: datetime, by: Actor) -> None:
    """It is owed again, and goes up the ladder from today where it was due before: that its payment was noted by mistake is
    nothing that its member could have known. What it was for stays given while that lasts."""
    subscription = lateness.subscription_of(invoice)
    if subscription is None or subscription.status == Status.ENDED:
        # Nothing is left that could lapse: staff decide what becomes of it.
        invoice.next_at = None
        invoice.save(update_fields=["next_at"])
        letters.taken_back(invoice, None, community=community, at=at)
        return
    if coverage.covers(invoice, subscription):
        subscription.covered_paid = 0
        subscription.save(update_fields=["covered_paid"])
        _forget_changes(subscription, at=at)
    today = local_day(at, community.zone)
    if invoice.due_on <= today:
        invoice.tried_on = today
        invoice.extended_to = max(invoice.extended_to or today, today)
        if subscription.status in (Status.ACTIVE, Status.TRIALING):
            subscription.status, subscription.next_at = Status.PAST_DUE, None
            subscription.save(update_fields=["status", "next_at"])
    following = lateness.next_step(invoice, subscription)
    invoice.next_at = ladder.instant(following, community.zone)
    invoice.save(update_fields=["tried_on", "extended_to", "next_at"])
    letters.taken_back(invoice, following, community=community, at=at)


def lower_cover_of(invoice: Invoice | None, gross: int, *, at: datetime) -> None:
    """What went back of an invoice is no more to be had as credit when the plan is changed."""
    subscription = lateness.subscription_of(invoice) if invoice else None
    if invoice is not None and subscription is not None and subscription.status != Status.ENDED:
        _lower_cover(subscription, invoice, gross, at=at)


def _lower_cover(subscription: Subscription, invoice: Invoice, gross: int, *, at: datetime) -> None:
    if gross and coverage.covers(invoice, subscription):
        subscription.covered_paid = max(subscription.covered_paid - gross, 0)
        subscription.save(update_fields=["covered_paid"])
        _forget_changes(subscription, at=at)


def _forget_changes(subscription: Subscription, *, at: datetime) -> None:
    """A change that waits to be paid has on its invoice, as the member's, what went back just now: it is reckoned anew."""
    for waiting in terms.waiting_changes(subscription):
        try:
            terms.take_back(
                waiting, _("What it counted on was sent back."), community=subscription.community, at=at
            )
        except Refused:
            log.warning("Change %s is being paid with what was sent back.", waiting.pk)
    subscription.refresh_from_db()


def _end_now(
    subscription: Subscription, reason: str, *, community: Community, at: datetime, by: Actor
) -> None:
    """The money has gone: nothing keeps it from ending, not even a payment that is on its way, which staff will find."""
    terms.end(subscription, Cause.CANCELLED, community=community, at=at, whatever=True)
    person = standings.hold(subscription.membership)
    if gifts.admitted(person, at=at):
        # What waited for its end begins: only the others on its seats go.
        for other in standings.people(subscription):
            if other.pk != person.pk:
                standings.let_one_go(other, at=at)
    else:
        standings.let_go(subscription, at=at)
        standings.withdraw(subscription, at=at)
    audit.record(
        action="subscription.ended",
        object_kind="subscription",
        object_id=subscription.key.hex,
        by=by,
        at=at,
        community_id=community.id,
        after={
            "member": subscription.membership.number,
            "plan": subscription.plan.name,
            "reason": reason,
        },
    )
    letters.ended(subscription, local_day(at, community.zone), community=community, at=at)


def _end_later(
    subscription: Subscription,
    invoice: Invoice,
    reason: str,
    *,
    community: Community,
    at: datetime,
    by: Actor,
) -> None:
    """It runs out with what is paid; a period that has not begun, and of which all went back, is not."""
    if subscription.period_end is None and subscription.status != Status.TRIALING:
        log.warning("Subscription %s is for life: it does not end with a period.", subscription.pk)
        return
    begins = invoice.period_start
    ahead = begins is not None and begins == subscription.period_start > local_day(at, community.zone)
    if ahead and coverage.left_of(invoice) == 0 and subscription.status == Status.ACTIVE:
        assert begins is not None
        subscription.period_start = min(local_day(at, community.zone), begins - timedelta(days=1))
        subscription.period_end, subscription.covered_from = begins, None
        subscription.save(update_fields=["period_start", "period_end", "covered_from"])
    try:
        subscriptions.cancel(subscription=subscription, at=at, by=by, reason=reason, whatever=True)
    except Refused as refusal:
        log.warning("Subscription %s does not end with its period: %s", subscription.pk, refusal.code)
