"""What is asked for a period: its lines, and the invoice that has them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from django.conf import settings as site
from django.utils import translation
from django.utils.translation import gettext as _

from commerce.discounts import Discount, off
from commerce.models import Invoice, InvoiceLine, MoneySettings, Plan, Subscription
from commerce.periods import Interval, Period
from commerce.proration import Line as ChangeLine
from commerce.proration import LineKind, Terms
from commerce.recognition import spread
from commerce.services import coupons, invoices, money_settings, terms
from commerce.services.invoices import NewLine
from kernel import words
from kernel.clock import local_day
from kernel.tenancy import Community
from members.actors import Actor
from members.models import Membership

Kind = InvoiceLine.Kind
_OF_CHANGE = {
    LineKind.UNUSED: Kind.UNUSED,
    LineKind.CHARGE: Kind.DUES,
    LineKind.DISCOUNT: Kind.COUPON,
}


class Asked(Protocol):
    """What was quoted: the lines, and the days they are for."""

    @property
    def lines(self) -> tuple[NewLine, ...]: ...

    @property
    def period(self) -> Period: ...


@dataclass(frozen=True)
class Charge:
    """A plan at the price that was agreed to, for so many seats."""

    plan: Plan
    amount: int
    quantity: int = 1
    #: What a coupon takes off it, and for how many periods it has done so before.
    discount: Discount | None = None
    used: int = 0

    @property
    def terms(self) -> Terms:
        plan = self.plan
        return Terms(self.amount, Interval(plan.interval), self.quantity, plan.tax_rate, plan.length_days)


def charge_of(subscription: Subscription) -> Charge:
    use = getattr(subscription, "coupon_use", None)
    return Charge(
        subscription.plan,
        subscription.amount,
        subscription.quantity,
        coupons.discount_of(use.coupon, subscription.plan) if use else None,
        use.periods_used if use else 0,
    )


def lines_of(charge: Charge, whole: Period, settings: MoneySettings) -> list[NewLine]:
    """The lines of a whole period, in the language in force."""
    plan, days = charge.plan, spread(whole, settings.lifetime_days)
    gross = charge.terms.whole
    lines = [NewLine(Kind.DUES, _called(plan, whole), gross, plan.tax_rate, charge.quantity, days)]
    less = off(charge.discount, [gross], charge.used)[0] if charge.discount else 0
    if less:
        lines.append(NewLine(Kind.COUPON, _("Coupon"), less, plan.tax_rate, 1, days))
    return lines


def lines_of_change(
    found: tuple[ChangeLine, ...], old: Charge, new: Charge, settings: MoneySettings
) -> list[NewLine]:
    """The lines of a change as reckoned: what is unused of the old plan is taken back over the days it was for, so that
    old and new together earn what they should on each day."""
    said = {
        LineKind.UNUSED: _("Unused time of %(plan)s") % {"plan": old.plan.name},
        LineKind.DISCOUNT: _("Coupon"),
    }
    return [
        NewLine(
            _OF_CHANGE[line.kind],
            said.get(line.kind) or _called(new.plan, line.period),
            line.amount.gross,
            (old if line.kind == LineKind.UNUSED else new).plan.tax_rate,
            new.quantity if line.kind == LineKind.CHARGE else 1,
            spread(line.period, settings.lifetime_days),
        )
        for line in found
    ]


def ask(
    subscription: Subscription, whole: Period, *, community: Community, due_on: date, at: datetime, by: Actor
) -> Invoice:
    """The invoice of a period. Where nothing is left to pay it is paid at once, and so all that follows has happened."""
    settings, charge = money_settings.of(community.id), charge_of(subscription)
    with translation.override(language_of(subscription.membership, community)):
        lines = lines_of(charge, whole, settings)
    if len(lines) > 1:
        subscription.coupon_use.periods_used += 1
        subscription.coupon_use.save(update_fields=["periods_used"])
    return invoices.issue(
        community=community,
        membership=subscription.membership,
        reason=Invoice.Reason.PERIOD,
        lines=lines,
        currency=subscription.currency,
        due_on=due_on,
        at=at,
        by=by,
        subscription=subscription,
        period=whole,
    )


def ask_change(
    subscription: Subscription, found: Asked, *, community: Community, at: datetime, by: Actor
) -> Invoice:
    """The invoice of a change that was quoted; it holds as soon as this is paid."""
    return invoices.issue(
        community=community,
        membership=subscription.membership,
        reason=Invoice.Reason.CHANGE,
        lines=found.lines,
        currency=subscription.currency,
        due_on=local_day(at, community.zone),
        at=at,
        by=by,
        subscription=subscription,
        period=found.period,
    )


def language_of(membership: Membership, community: Community) -> str:
    wanted = membership.user.language if membership.user else community.language
    return wanted if wanted in dict(site.LANGUAGES) else site.LANGUAGE_CODE


def next_period(subscription: Subscription) -> Period:
    return terms.period_of(subscription.plan, subscription.anchor, subscription.index)


def _called(plan: Plan, days: Period) -> str:
    if days.end is None:
        return _("%(plan)s, for life") % {"plan": plan.name}
    told = {"plan": plan.name, "from": words.day(days.start), "to": words.day(terms.last_day(days.end))}
    return _("%(plan)s, %(from)s to %(to)s") % told
