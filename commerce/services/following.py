"""What follows elsewhere: from an invoice that was paid or taken back, and from a membership whose status changed."""

import logging
from datetime import datetime

from commerce.models import Invoice, InvoiceLine, Payment, Refund, Subscription
from commerce.periods import Period
from commerce.proration import Covered, extend
from commerce.recognition import spread
from commerce.services import (
    coverage,
    gifts,
    groups,
    lateness,
    letters,
    money_settings,
    rewards,
    standings,
    terms,
)
from kernel.clock import local_day
from kernel.locks import locked
from kernel.tenancy import Community
from members.actors import Actor
from members.models import Membership
from members.roles import GONE, NOT_JOINED
from members.roles import Status as Standing

log = logging.getLogger(__name__)

Status, Cause = Subscription.Status, Subscription.Cause
Reason = Invoice.Reason
#: Why a plan ends with a membership; of any other end, because they were removed.
OVER = {
    Standing.LEFT: Cause.CANCELLED,
    Standing.WITHDRAWN: Cause.CANCELLED,
    Standing.REJECTED: Cause.REMOVED,
}


def invoice_paid(*, invoice: Invoice, community: Community, at: datetime, by: Actor) -> None:
    """Begin, carry on or change what it was for. Nothing here turns money away."""
    if invoice.due:
        letters.receipt(invoice, community=community, at=at)
    gifts.paid(invoice, community=community, at=at)
    subscription = lateness.subscription_of(invoice)
    if subscription is None:
        return
    if subscription.status == Status.ENDED:
        log.warning("Invoice %s was paid for what has ended: staff decide what becomes of it.", invoice.pk)
    elif terms.was_given(invoice):
        paid = coverage.charged_on(invoice) if coverage.covers(invoice, subscription) else None
        terms.take_up(subscription, paid, community=community, at=at)
    elif invoice.reason == Reason.CHANGE:
        terms.change(subscription, invoice, community=community, at=at)
        if subscription.period_end is None:
            # For life nothing is over: what waited for that can be passed on.
            gifts.release(subscription.membership, at=at)
    elif invoice.reason == Reason.PERIOD and subscription.status == Status.PENDING:
        terms.begin(subscription, invoice, community=community, at=at)
    elif invoice.reason == Reason.PERIOD:
        terms.renew(subscription, invoice, community=community, at=at)


def invoice_voided(*, invoice: Invoice, community: Community, at: datetime, by: Actor) -> None:
    """A change that was not paid is not made, and dues that staff took back are asked for anew; a coupon's use for a period
    that was never paid is given back."""
    subscription = lateness.subscription_of(invoice)
    if subscription is None or subscription.status == Status.ENDED:
        return
    if terms.was_given(invoice):
        # Where staff ask for it no more, what was given stays given; where its subscription ends, nothing does.
        if by is not standings.DUES:
            terms.take_up(subscription, None, community=community, at=at)
        return
    if invoice.reason == Reason.CHANGE:
        terms.forget_next(subscription)
        terms.schedule(subscription, community=community)
        subscription.save(update_fields=["next_plan", "next_quantity", "next_amount", "next_at"])
    elif by is not standings.DUES:
        lateness.ask_anew(subscription, community=community, at=at)
    use = getattr(subscription, "coupon_use", None)
    lowered = invoice.reason == Reason.PERIOD and invoice.lines.filter(kind=InvoiceLine.Kind.COUPON).exists()
    if use is not None and lowered and use.periods_used:
        use.periods_used -= 1
        use.save(update_fields=["periods_used"])


def invoice_reopened(*, invoice: Invoice, community: Community, at: datetime, by: Actor) -> None:
    gifts.reopened(invoice)


def payment_refunded(*, refund: Refund, community: Community, at: datetime, by: Actor) -> None:
    if refund.payment.invoice is not None:
        gifts.refunded(refund.payment.invoice, reason=refund.reason, at=at)
    if refund.payment.refunded >= refund.payment.amount:
        rewards.forfeit(refund.payment, at=at)


def payment_received(*, payment: Payment, community: Community, at: datetime, by: Actor) -> None:
    rewards.received(payment=payment, community=community, at=at)


def status_changed(*, membership: Membership, before: str, at: datetime, by: Actor) -> None:
    """Who leaves, is removed or does not come in pays no more; a pause keeps the paid days, and the end of it gives them
    back."""
    out = membership.status in GONE or membership.status in OVER
    if out:
        groups.gone(membership, at=at)
        gifts.release(membership, at=at)
        if membership.status in GONE:
            standings.give_back_tier(membership, at=at)
    elif membership.status == Standing.AWAITING_PAYMENT:
        # Somebody else has paid for them: by a seat, or by a gift that waited for this.
        _ = groups.admitted(membership, at=at) or gifts.admitted(membership, at=at)
    elif before in NOT_JOINED or before == Standing.PAUSED:
        gifts.admitted(membership, at=at)
    for subscription in locked(Subscription.objects.live().of_person(membership)):
        _follow(subscription, membership, before, out=out, at=at)


def _follow(
    subscription: Subscription, membership: Membership, before: str, *, out: bool, at: datetime
) -> None:
    community = subscription.community
    if out:
        cause = OVER.get(Standing(membership.status), Cause.REMOVED)
        terms.end(subscription, cause, community=community, at=at, whatever=True)
        for person in standings.people(subscription):
            if person.pk != membership.pk:
                standings.let_one_go(person, at=at)
    elif membership.status == Standing.PAUSED:
        _pause(subscription, membership, community=community, at=at)
    elif before == Standing.PAUSED and subscription.paused_on is not None:
        _resume(subscription, community=community, at=at)


def _pause(subscription: Subscription, membership: Membership, *, community: Community, at: datetime) -> None:
    day = local_day(at, community.zone)
    since, until = subscription.covered_from or subscription.period_start, subscription.period_end
    if subscription.status != Status.ACTIVE or until is None or not since <= day < until:
        return
    if len(standings.people(subscription)) > 1:
        # The others on its seats go on, and so do the dues.
        return
    subscription.paused_on, subscription.next_at = day, None
    if membership.status_until is not None:
        subscription.resumes_on = local_day(membership.status_until, community.zone)
    subscription.save(update_fields=["paused_on", "resumes_on", "next_at"])
    terms.note(subscription, terms.Changed.PAUSED, day=day, at=at)


def _resume(subscription: Subscription, *, community: Community, at: datetime) -> None:
    """What was left of the paid days begins again today, and the next period after it."""
    day, paused, until = local_day(at, community.zone), subscription.paused_on, subscription.period_end
    assert paused is not None and until is not None
    since = subscription.covered_from or subscription.period_start
    left = extend(
        Covered(spread(Period(since, until)), subscription.covered_paid, subscription.covered_days),
        paused=paused,
        resumed=day,
    )
    assert left.period.end is not None
    terms.rest_deferrals(subscription, (day - paused).days, since=paused)
    subscription.covered_from, subscription.covered_paid = left.period.start, left.paid
    subscription.covered_days = left.whole_days
    subscription.period_end = left.period.end
    subscription.anchor, subscription.index = left.period.end, 0
    subscription.paused_on = subscription.resumes_on = None
    terms.schedule(subscription, community=community, settings=money_settings.of(community.id))
    subscription.save()
    terms.note(subscription, terms.Changed.RESUMED, day=day, at=at)
