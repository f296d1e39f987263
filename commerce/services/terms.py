"""How far a subscription goes: begun by its first payment, carried on by each renewal, ended for a cause. Its row is locked
by whoever calls these, after the member's."""

from datetime import date, datetime, timedelta

from django.db.models import Q

from commerce import ladder
from commerce.models import (
    CouponUse,
    Deferral,
    Gift,
    Invoice,
    InvoiceLine,
    Mandate,
    MoneySettings,
    Plan,
    Subscription,
    SubscriptionChange,
)
from commerce.periods import Interval, Period, period
from commerce.recognition import spread
from commerce.services import invoices, money_settings, seats, standings
from kernel import activity
from kernel.activity import Activity
from kernel.clock import day_start, local_day
from kernel.errors import Refused
from kernel.tenancy import Community

Status, Cause, Kind = Subscription.Status, Subscription.Cause, Subscription.Kind
Changed = SubscriptionChange.Kind
#: So many days before its end a member is told that a trial is over, or a term that does not renew.
TRIAL_NOTICE, TERM_NOTICE = 3, 7


def mandate_of(subscription: Subscription) -> Mandate | None:
    """The means that can be charged while its owner is away: the subscription's, or else the last they left."""
    live = Mandate.objects.filter(
        membership=subscription.membership_id, ended_at=None, account__ended_at=None, account__enabled=True
    )
    found = list(live.select_related("account").order_by("-id"))
    return next((one for one in found if one.pk == subscription.mandate_id), found[0] if found else None)


def period_of(plan: Plan, anchor: date, index: int = 0) -> Period:
    return period(anchor, Interval(plan.interval), index, length_days=plan.length_days)


def begin(subscription: Subscription, invoice: Invoice, *, community: Community, at: datetime) -> None:
    """The first payment: periods are counted from the day on which it came, and so is what is earned."""
    day = local_day(at, community.zone)
    whole = period_of(subscription.plan, day)
    _move_deferrals(invoice, whole, community)
    subscription.anchor, subscription.index = day, 1
    subscription.period_start, subscription.period_end = whole.start, whole.end
    subscription.started_at = at
    _covered(subscription, whole.start, invoice.gross)
    _go_on(subscription, Changed.BEGUN, community=community, at=at, day=day)
    _tell("subscribed", subscription, at=at)


def renew(subscription: Subscription, invoice: Invoice, *, community: Community, at: datetime) -> None:
    """One period more, by the schedule, whenever it was paid."""
    assert invoice.period_start is not None
    first = subscription.has_its_trial
    subscription.index += 1
    subscription.period_start, subscription.period_end = invoice.period_start, invoice.period_end
    _covered(subscription, invoice.period_start, invoice.gross)
    kind = Changed.BEGUN if first else Changed.CHANGED
    known = None if first else _last(subscription)
    day = max(invoice.period_start, local_day(at, community.zone)) if first else invoice.period_start
    _go_on(subscription, kind, community=community, at=at, day=day, known=known)
    if first:
        _tell("subscribed", subscription, at=at)


def give(subscription: Subscription, invoice: Invoice, *, community: Community, at: datetime) -> None:
    """The period of an invoice that is not asked for any more: given as if it had been paid, with nothing."""
    if was_given(invoice):
        return take_up(subscription, 0, community=community, at=at)
    unpaid = Invoice(
        period_start=invoice.period_start,
        period_end=invoice.period_end,
        community_id=invoice.community_id,
        gross=0,
    )
    if subscription.status == Status.PENDING:
        begin(subscription, unpaid, community=community, at=at)
    else:
        renew(subscription, unpaid, community=community, at=at)
    return None


def was_given(invoice: Invoice) -> bool:
    """Whether what it is for was given before: it was paid, and staff took back that the money had come."""
    return invoice.payments.filter(surplus=False, reversed_at__isnull=False).exists()


def take_up(subscription: Subscription, paid: int | None, *, community: Community, at: datetime) -> None:
    """Go on after what was given is paid for once more, or is asked for no more: no period begins by it. `paid` is what
    covers the present one, None where another invoice does."""
    if paid is not None:
        subscription.covered_paid = paid
    if subscription.cancelled_at is not None and subscription.period_end is not None:
        subscription.status = Status.CANCELLED
        schedule(subscription, community=community)
        subscription.save()
        standings.let_in(subscription, at=at)
        return
    known = _last(subscription)
    _go_on(
        subscription,
        Changed.CHANGED,
        community=community,
        at=at,
        day=local_day(at, community.zone),
        known=known,
    )


def waiting_changes(subscription: Subscription) -> list[Invoice]:
    """Invoices of changes that are made once they are paid. One that was paid, and is to be paid again, is made already."""
    rows = subscription.invoices.filter(status=Invoice.Status.OPEN, reason=Invoice.Reason.CHANGE)
    return [invoice for invoice in rows.order_by("id") if not was_given(invoice)]


def change(subscription: Subscription, invoice: Invoice, *, community: Community, at: datetime) -> None:
    """The difference is paid: what was chosen holds from the day it was reckoned for."""
    plan, quantity = subscription.next_plan, subscription.next_quantity
    charged = [line for line in invoice.lines.all() if line.kind != InvoiceLine.Kind.UNUSED]
    if plan is None or quantity is None or charged[0].starts_on is None:
        return
    on, old = charged[0].starts_on, subscription.plan
    paid = sum(line.gross for line in charged)
    if plan.interval == old.interval and plan.renews:
        _covered(subscription, on, paid, whole=_whole_days(subscription))
    else:
        whole = period_of(plan, on)
        subscription.anchor, subscription.index = on, 1
        subscription.period_start, subscription.period_end = whole.start, whole.end
        _covered(subscription, on, paid)
    take_next(subscription, at=at)
    _go_on(subscription, Changed.CHANGED, community=community, at=at, day=on, known=_last(subscription))


def go_over(subscription: Subscription, *, at: datetime) -> None:
    """As the next period is asked for: what was chosen for it holds. Of another interval, or after what was given, periods
    are counted anew from the day on which it begins. The caller saves it."""
    plan, old, last = subscription.next_plan, subscription.plan, ends_on(subscription)
    if plan is None or last is None:
        return
    if plan.interval != old.interval or not plan.renews or subscription.kind != Kind.PAID:
        subscription.anchor, subscription.index = last, 0
    take_next(subscription, at=at)


def take_next(subscription: Subscription, *, at: datetime) -> None:
    """What was chosen for later holds from now on; the caller saves it."""
    plan = subscription.next_plan
    if plan is None:
        return
    if plan.pk != subscription.plan_id or subscription.kind != Kind.PAID:
        agreed = plan.amount if subscription.next_amount is None else subscription.next_amount
        subscription.plan, subscription.amount, subscription.currency = plan, agreed, plan.currency
    subscription.kind = Kind.PAID
    subscription.quantity = subscription.next_quantity or 1
    forget_next(subscription)
    seats.fit(subscription, at=at)


def choose_next(
    subscription: Subscription, plan: Plan | None, *, quantity: int = 1, amount: int | None = None
) -> None:
    """What follows the present period; `amount` is a price agreed to before. The caller saves it."""
    subscription.next_plan, subscription.next_amount = plan, amount
    subscription.next_quantity = quantity if plan is not None else None


def forget_next(subscription: Subscription) -> None:
    choose_next(subscription, None)


def give_days(
    subscription: Subscription, *, kind: str, plan: Plan, whole: Period, community: Community, at: datetime
) -> None:
    """Days that its member pays nothing for, by a gift or from staff: the plan is theirs for these, and nothing is
    contracted meanwhile. What follows them (`choose_next`) is the caller's."""
    begins = subscription.pk is None or subscription.status == Status.PENDING
    known = None if begins else _last(subscription)
    subscription.kind, subscription.plan, subscription.quantity = kind, plan, 1
    subscription.amount, subscription.currency = plan.amount, plan.currency
    subscription.anchor, subscription.index = whole.start, 1
    subscription.period_start, subscription.period_end = whole.start, whole.end
    subscription.cancelled_at, subscription.cancel_reason, subscription.trial_ends_on = None, "", None
    _covered(subscription, whole.start, 0)
    subscription.status = Status.ACTIVE
    subscription.save()
    seats.fit(subscription, at=at)
    day = max(whole.start, local_day(at, community.zone))
    what = Changed.BEGUN if begins else Changed.CHANGED
    _go_on(subscription, what, community=community, at=at, day=day, known=known)
    if begins:
        _tell("subscribed", subscription, at=at)


def end(
    subscription: Subscription, cause: str, *, community: Community, at: datetime, whatever: bool = False
) -> None:
    """It ends today for a cause; what was still to be paid is taken back. What becomes of the member is the caller's.

    Raises `Refused` (`being_paid`) while a payment is on its way; not so where it ends `whatever` happens.
    """
    take_back_all(subscription, str(Cause(cause).label), community=community, at=at, whatever=whatever)
    subscription.refresh_from_db()
    begun = subscription.status != Status.PENDING
    if not begun:
        CouponUse.objects.filter(subscription=subscription).delete()
    day = local_day(at, community.zone)
    subscription.status, subscription.cause, subscription.ended_on = Status.ENDED, cause, day
    subscription.next_at = None
    forget_next(subscription)
    subscription.paused_on = subscription.resumes_on = None
    subscription.save()
    if begun:
        note(subscription, Changed.ENDED, day=day, at=at)
        _tell("cancelled", subscription, at=at)


def take_back_all(
    subscription: Subscription, reason: str, *, community: Community, at: datetime, whatever: bool = False
) -> None:
    """Take back what is still to be paid. Raises `Refused` (`being_paid`) while a payment is on its way; not so where it is
    to go on `whatever` happens."""
    for invoice in subscription.invoices.filter(status=Invoice.Status.OPEN).order_by("id"):
        try:
            take_back(invoice, reason, community=community, at=at)
        except Refused:
            if not whatever:
                raise
            # The clock takes it back as soon as nothing of it is on its way.
            Invoice.objects.filter(pk=invoice.pk).update(next_at=at)


def went_back(subscription: Subscription) -> bool:
    """Whether the period that was asked for last went back before it had begun: its days cannot be asked for twice."""
    if subscription.index == 0 or subscription.period_end is None:
        return False
    last = period_of(subscription.plan, subscription.anchor, subscription.index - 1)
    return last.start >= subscription.period_end


def take_back(invoice: Invoice, reason: str, *, community: Community, at: datetime) -> None:
    invoices.void(invoice=invoice, community=community, reason=reason, at=at, by=standings.DUES)


def schedule(
    subscription: Subscription, *, community: Community, settings: MoneySettings | None = None
) -> None:
    """Set when the clock looks at it again; the caller saves it."""
    subscription.next_at = _next_look(subscription, community, settings or money_settings.of(community.id))


def note(subscription: Subscription, kind: str, *, day: date, at: datetime) -> None:
    SubscriptionChange.objects.create(
        subscription=subscription,
        kind=kind,
        day=day,
        at=at,
        plan=subscription.plan,
        amount=contracted(subscription),
        quantity=subscription.quantity,
    )


def contracted(subscription: Subscription) -> int:
    """What is owed for a period and seat: nothing for what is given."""
    return subscription.amount if subscription.kind == Kind.PAID else 0


def renews(subscription: Subscription) -> bool:
    """Whether another period is asked for when this one ends."""
    if subscription.status == Status.CANCELLED:
        return False
    if subscription.status == Status.TRIALING or subscription.next_plan_id is not None:
        return True
    return subscription.kind == Kind.PAID and subscription.plan.renews


def waiting_gift(subscription: Subscription) -> Gift | None:
    """The gift that begins when what runs is over."""
    waiting = Gift.objects.filter(subscription=subscription, begins_on=None)
    return waiting.order_by("redeemed_at", "pk").first()


def ends_on(subscription: Subscription) -> date | None:
    """The first day after what it has: of its trial, or of what is paid; None where there is none."""
    return subscription.trial_ends_on if subscription.status == Status.TRIALING else subscription.period_end


def _next_look(subscription: Subscription, community: Community, settings: MoneySettings) -> datetime | None:
    if subscription.status not in (Status.TRIALING, Status.ACTIVE, Status.CANCELLED):
        return None
    if subscription.paused_on is not None:
        return None
    last = ends_on(subscription)
    if last is None:
        return None
    over = day_start(last, community.zone)
    if waiting_gift(subscription) is not None:
        return over
    if renews(subscription):
        if mandate_of(subscription) is None:
            return at_nine(last - timedelta(days=settings.ask_ahead_days), community)
        notice = TRIAL_NOTICE if subscription.status == Status.TRIALING else None
    else:
        notice = TERM_NOTICE if subscription.status == Status.ACTIVE else None
    if notice is not None and subscription.told_of != last:
        return min(at_nine(last - timedelta(days=notice), community), over)
    return over


def last_day(end: date) -> date:
    """The last day of what ends with that first day after it."""
    return end - timedelta(days=1)


def at_nine(day: date, community: Community) -> datetime:
    """When letters about that day go out."""
    return ladder.instant(ladder.Step(ladder.Kind.REMIND, day), community.zone)


def _go_on(
    subscription: Subscription,
    kind: str,
    *,
    community: Community,
    at: datetime,
    day: date,
    known: SubscriptionChange | None = None,
) -> None:
    subscription.status = Status.ACTIVE
    if subscription.mandate_id is None:
        subscription.mandate = mandate_of(subscription)
    schedule(subscription, community=community)
    subscription.save()
    what = (subscription.plan_id, contracted(subscription), subscription.quantity)
    if known is None or (known.plan_id, known.amount, known.quantity) != what:
        note(subscription, kind, day=day, at=at)
    standings.let_in(subscription, at=at)


def _covered(subscription: Subscription, since: date, paid: int, *, whole: int | None = None) -> None:
    subscription.covered_from, subscription.covered_paid, subscription.covered_days = since, paid, whole


def _whole_days(subscription: Subscription) -> int | None:
    if subscription.covered_days is not None or subscription.covered_from is None:
        return subscription.covered_days
    assert subscription.period_end is not None
    return (subscription.period_end - subscription.covered_from).days


def _last(subscription: Subscription) -> SubscriptionChange | None:
    return subscription.changes.order_by("id").last()


def _move_deferrals(invoice: Invoice, whole: Period, community: Community) -> None:
    """Of an invoice that was paid later than it was written: what it is for is earned over the days that it is good for."""
    if invoice.period_start == whole.start or invoice.pk is None:
        return
    earned = spread(whole, money_settings.of(community.id).lifetime_days)
    Deferral.objects.filter(line__invoice=invoice).update(starts_on=earned.start, ends_on=earned.end)


def rest_deferrals(subscription: Subscription, days: int, *, since: date) -> None:
    """After a pause: what was still to be earned when it began is earned over the days that were left then."""
    later = timedelta(days=days)
    its = Q(line__invoice__subscription=subscription) | Q(line__invoice__gift__subscription=subscription)
    for deferral in Deferral.objects.filter(its, closed=False, ends_on__gt=since):
        deferral.starts_on += later
        deferral.ends_on += later
        deferral.save(update_fields=["starts_on", "ends_on"])


def _tell(verb: str, subscription: Subscription, *, at: datetime) -> None:
    member = subscription.membership
    value = subscription.price.decimal if subscription.kind == Kind.PAID else None
    activity.publish(
        Activity(
            community_id=subscription.community_id,
            member=member.number,
            verb=verb,
            at=at,
            object_kind="subscription",
            object_id=subscription.key.hex,
            value=value,
            staff=member.is_staff,
            dedupe=f"{verb}:{subscription.key.hex}",
        )
    )
