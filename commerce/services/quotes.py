"""What a beginning or a change would cost, line by line, before anybody agrees."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from commerce import proration
from commerce.models import Coupon, Invoice, Plan, Subscription
from commerce.periods import Period
from commerce.proration import Change, Covered
from commerce.recognition import spread
from commerce.services import billing, coupons, credits, money_settings, terms
from commerce.services.billing import Charge
from commerce.services.invoices import NewLine
from commerce.tax import tax_within
from kernel.clock import local_day
from kernel.errors import Refused
from kernel.money import Money
from members.models import Membership

Status = Subscription.Status


@dataclass(frozen=True)
class Quote:
    """What is asked: `lines` now, or (with a trial, or where a change waits for the period's end) from the day `on`.

    `now` tells whether an invoice follows at once; `due` is what is left of `total` after the member's `credit`.
    `period` are the days it is for; `change` what was reckoned, for a change that holds as soon as it is paid.
    """

    plan: Plan
    quantity: int
    currency: str
    lines: tuple[NewLine, ...]
    on: date
    now: bool
    period: Period
    credit: Money
    trial_ends_on: date | None = None
    change: Change | None = None

    @property
    def total(self) -> Money:
        return Money(sum(line.gross for line in self.lines), self.currency)

    @property
    def tax(self) -> Money:
        return Money(sum(tax_within(line.gross, line.tax_rate) for line in self.lines), self.currency)

    @property
    def credit_used(self) -> Money:
        return min(self.credit, self.total) if self.now else Money.zero(self.currency)

    @property
    def due(self) -> Money:
        """What is to be paid now."""
        return self.total - self.credit_used if self.now else Money.zero(self.currency)


def trial_of(membership: Membership, plan: Plan) -> int:
    """How many days of trial the member has with this plan: a trial is had once in a community."""
    # Of one that had begun it is written when it did; what nobody paid for was nothing.
    begun = Subscription.objects.of_person(membership).filter(changes__isnull=False)
    if not plan.trial_days or begun.exists():
        return 0
    return plan.trial_days


def of_beginning(
    membership: Membership, plan: Plan, *, at: datetime, quantity: int, coupon: Coupon | None
) -> Quote:
    community = membership.community
    day = local_day(at, community.zone)
    trial = trial_of(membership, plan)
    first = day + timedelta(days=trial)
    whole = terms.period_of(plan, first)
    charge = Charge(plan, plan.amount, quantity, coupons.discount_of(coupon, plan) if coupon else None)
    return Quote(
        plan=plan,
        quantity=quantity,
        currency=plan.currency,
        lines=tuple(billing.lines_of(charge, whole, money_settings.of(community.id))),
        on=first,
        now=not trial,
        period=whole,
        credit=credits.spendable(membership, plan.currency, hold=False),
        trial_ends_on=first if trial else None,
    )


def of_change(subscription: Subscription, plan: Plan, *, at: datetime, quantity: int | None = None) -> Quote:
    """What changing to a plan costs. Raises `Refused` where a change does not fit now."""
    community = subscription.community
    quantity = subscription.quantity if quantity is None else quantity
    _guard(subscription, plan, quantity)
    settings = money_settings.of(community.id)
    old = billing.charge_of(subscription)
    keeps = plan.pk == subscription.plan_id
    price = subscription.amount if keeps else plan.amount
    use = getattr(subscription, "coupon_use", None)
    cut = coupons.discount_of(use.coupon, plan) if use and not keeps else old.discount
    new = Charge(plan, price, quantity, cut, old.used)
    found = _reckoned(subscription, old, new, day=local_day(at, community.zone))
    shared: dict[str, Any] = {
        "plan": plan,
        "quantity": quantity,
        "currency": plan.currency,
        "credit": credits.spendable(subscription.membership, plan.currency, hold=False),
    }
    if found is not None:
        span = found.lines[-1].period
        lines = billing.lines_of_change(found.lines, old, new, settings)
        return Quote(**shared, lines=tuple(lines), on=found.on, now=True, period=span, change=found)
    on = terms.ends_on(subscription)
    if on is None:
        raise Refused(_("A membership for life has no end to wait for."), code="not_now")
    whole = terms.period_of(plan, on)
    if plan.interval == subscription.plan.interval and plan.renews and subscription.is_charged:
        whole = terms.period_of(plan, subscription.anchor, subscription.index)
    return Quote(
        **shared, lines=tuple(billing.lines_of(new, whole, settings)), on=on, now=False, period=whole
    )


def _reckoned(subscription: Subscription, old: Charge, new: Charge, *, day: date) -> Change | None:
    """The change as it holds at once; None where it waits for the end: what is worth no more, what was not paid for, and
    what would give money back."""
    lifetime = money_settings.of(subscription.community_id).lifetime_days
    since, until = subscription.covered_from, subscription.period_end
    paid = subscription.is_charged and subscription.status == Status.ACTIVE
    if not paid or since is None or subscription.paused_on is not None:
        return None
    span = spread(Period(since, until), lifetime)
    on = max(day, since)
    if on not in span:
        return None
    cut = new.discount if new.discount is not None and new.discount.holds(max(old.used - 1, 0)) else None
    covered = Covered(span, subscription.covered_paid, subscription.covered_days)
    found = proration.change(
        old.terms, new.terms, covered, anchor=subscription.anchor, on=on, discount=cut, lifetime_days=lifetime
    )
    return found if found.covered is not None and found.total.gross >= 0 else None


def _guard(subscription: Subscription, plan: Plan, quantity: int) -> None:
    if subscription.status in (Status.PAST_DUE, Status.SUSPENDED):
        raise Refused(_("Pay what is due first; then change the plan."), code="late")
    if subscription.status in (Status.PENDING, Status.CANCELLED) or subscription.paused_on is not None:
        raise Refused(_("This plan does not run: there is nothing to change."), code="not_now")
    if plan.currency != subscription.currency and subscription.is_charged:
        raise Refused(_("This plan is in another currency."), code="currency", field="plan")
    same = (plan.pk, quantity) == (subscription.plan_id, subscription.quantity)
    if same and subscription.is_charged and subscription.next_plan_id is None:
        raise Refused(_("You have this plan already."), code="same", field="plan")
    taken = subscription.seats.filter(ended_at=None, membership__isnull=False).count()
    if plan.group and quantity < taken:
        message = _("%(taken)d seats are taken: free some first.")
        raise Refused(message % {"taken": taken}, code="seats", field="quantity")
    if not plan.group and taken > 1:
        raise Refused(_("Others sit on your seats: free them first."), code="seats", field="plan")
    open_now = subscription.invoices.filter(status=Invoice.Status.OPEN, reason=Invoice.Reason.PERIOD)
    if open_now.exists():
        raise Refused(_("Pay what is due first; then change the plan."), code="late")
