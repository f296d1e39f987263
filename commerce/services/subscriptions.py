"""Taking a plan, and what its member decides about it afterwards. What it costs is said before anybody agrees (`quotes`)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from commerce.models import Invoice, Plan, Subscription
from commerce.services import billing, coupons, lateness, letters, plans, quotes, seats, standings, terms
from commerce.services.quotes import Quote
from kernel.clock import local_day
from kernel.errors import Refused
from kernel.locks import locked
from kernel.tenancy import Community
from members.actors import Actor
from members.models import Membership
from members.roles import Status as Standing
from members.services import audit, capacity, powers, standing

Status, Cause, Kind = Subscription.Status, Subscription.Cause, Subscription.Kind
Changed = terms.Changed
MANAGE = "money.manage"
#: Who can take a plan: whoever is to pay before they come in, is in, or was and may come back by paying.
MAY_TAKE = frozenset(
    {
        Standing.AWAITING_PAYMENT,
        Standing.ACTIVE,
        Standing.TRIAL,
        Standing.SUSPENDED,
        Standing.RESTRICTED,
        Standing.LAPSED,
    }
)
MOST_SEATS = 1000


@transaction.atomic
def subscribe(
    *, membership: Membership, plan: Plan, at: datetime, by: Actor, quantity: int = 1, coupon: str = ""
) -> Subscription:
    """Take a plan. It is pending with its first invoice, due today; on trial where the plan begins with one, which a member
    has once; active where there is nothing to pay.

    Asked again for the same, it is the one that waits to be paid; for another, that one takes its place. Raises `Refused`:
    for a plan that is not offered (`not_offered`) or whose tier is full (`full`), for seats that do not fit (`seats`), for a
    group while one sits in another's (`seat`), for a coupon (field `coupon`), for who has a plan already (`subscribed`), for
    who may not take one (`not_now`), and while the payment of another is on its way (`being_paid`).
    """
    person = standings.hold(membership)
    community: Community = person.community
    plan = Plan.objects.select_related("tier").get(pk=plan.pk)
    _guard(person, plan, by)
    guard_seats(plan, quantity)
    known = locked(Subscription.objects.live().of_person(person)).first()
    if known is not None:
        again = _again(known, plan, quantity, coupon)
        if again is not None:
            return again
        terms.end(known, Cause.REPLACED, community=community, at=at)
    found = coupons.judge(code=coupon, plan=plan, membership=person, at=at, hold=True)
    _guard_place(person, plan)
    day = local_day(at, community.zone)
    trial = quotes.trial_of(person, plan)
    first = day + timedelta(days=trial)
    subscription = Subscription.objects.create(
        community_id=community.id,
        membership=person,
        plan=plan,
        status=Status.TRIALING if trial else Status.PENDING,
        amount=plan.amount,
        currency=plan.currency,
        quantity=quantity,
        anchor=first,
        period_start=day,
        period_end=first if trial else None,
        trial_ends_on=first if trial else None,
        started_at=at,
    )
    if found is not None:
        coupons.use(found, subscription, at=at)
    if plan.group:
        seats.add(subscription, quantity, at=at, payer=person)
    if trial:
        terms.schedule(subscription, community=community)
        subscription.save(update_fields=["next_at"])
        terms.note(subscription, Changed.TRIAL, day=day, at=at)
        standings.begin_trial(subscription, at=at)
    else:
        if person.status == Standing.AWAITING_PAYMENT:
            standings.put_into(person, plan.tier, at=at)
        whole = terms.period_of(plan, day)
        invoice = billing.ask(subscription, whole, community=community, due_on=day, at=at, by=by)
        lateness.watch(invoice, subscription, community=community)
        _write(invoice, by=by, at=at)
    _audit("subscription.begun", subscription, at=at, by=by)
    return Subscription.objects.get(pk=subscription.pk)


def quote(*, membership: Membership, plan: Plan, at: datetime, quantity: int = 1, coupon: str = "") -> Quote:
    """What taking or changing to a plan would cost, before anybody agrees. Raises as `subscribe` and `change_plan` do."""
    known = live_of(membership)
    if known is not None and known.status not in (Status.PENDING, Status.ENDED):
        return quotes.of_change(known, plan, at=at, quantity=quantity)
    guard_seats(plan, quantity)
    found = None
    if known is None or coupon:
        found = coupons.judge(code=coupon, plan=plan, membership=membership, at=at)
    return quotes.of_beginning(membership, plan, at=at, quantity=quantity, coupon=found)


def live_of(membership: Membership) -> Subscription | None:
    """The subscription that a member has, pending ones too; their own before that of a record that became theirs."""
    mine = Subscription.objects.live().of_person(membership)
    return mine.select_related("plan__tier", "community", "membership").first()


@transaction.atomic
def change_plan(
    *, subscription: Subscription, plan: Plan, at: datetime, by: Actor, quantity: int | None = None
) -> Subscription:
    """Go over to another plan, or to another number of seats. What is worth more holds as soon as the difference is paid
    (an invoice of the change, due today); what is worth less, and all that is not comparable, from the period's end on.

    Raises `Refused`: `not_offered`, `full`, `seats`, `same` where nothing changes, `currency` for another one, `late` while
    dues are owed, `not_now` for what has not begun or runs out, `being_paid`.
    """
    subscription, community = hold(subscription)
    _own(subscription, by)
    plan = Plan.objects.select_related("tier").get(pk=plan.pk)
    quantity = subscription.quantity if quantity is None else quantity
    person = subscription.membership.merged_into or subscription.membership
    _guard(person, plan, by, offered=plan.pk != subscription.plan_id)
    guard_seats(plan, quantity)
    found = quotes.of_change(subscription, plan, at=at, quantity=quantity)
    _guard_place(person, plan)
    for waiting in terms.waiting_changes(subscription):
        terms.take_back(waiting, _("Another change was chosen."), community=community, at=at)
    terms.choose_next(subscription, plan, quantity=quantity)
    if found.on > local_day(at, community.zone) and found.change is None:
        terms.schedule(subscription, community=community)
    subscription.save(update_fields=["next_plan", "next_quantity", "next_amount", "next_at"])
    if found.change is not None:
        invoice = billing.ask_change(subscription, found, community=community, at=at, by=by)
        lateness.watch(invoice, subscription, community=community)
        _write(invoice, by=by, at=at)
    _audit("subscription.changed", subscription, at=at, by=by, to=plan.name)
    return Subscription.objects.get(pk=subscription.pk)


@transaction.atomic
def cancel(
    *, subscription: Subscription, at: datetime, by: Actor, reason: str = "", whatever: bool = False
) -> Subscription:
    """It goes on to the end of what is paid, and no further; in a trial to the end of that. What waits to be paid is taken
    back, and where nothing was paid it ends at once. Its member is written to.

    Raises `Refused` for one that has ended (`ended`) and while a payment is on its way (`being_paid`), unless it is to be
    cancelled `whatever` happens: what is paid then carries it on.
    """
    subscription, community = hold(subscription)
    _own(subscription, by)
    if subscription.status == Status.CANCELLED:
        return subscription
    if subscription.status in (Status.PENDING, Status.PAST_DUE, Status.SUSPENDED):
        begun = subscription.status != Status.PENDING
        terms.end(subscription, Cause.CANCELLED, community=community, at=at, whatever=whatever)
        if begun:
            standings.let_go(subscription, at=at)
            letters.ended(subscription, local_day(at, community.zone), community=community, at=at)
    else:
        terms.take_back_all(
            subscription, _("The plan was cancelled."), community=community, at=at, whatever=whatever
        )
        subscription.refresh_from_db()
        subscription.status = Status.CANCELLED
        if subscription.has_its_trial:
            subscription.period_end = subscription.trial_ends_on
        terms.forget_next(subscription)
        terms.schedule(subscription, community=community)
        subscription.save()
        terms.note(subscription, Changed.CANCELLED, day=local_day(at, community.zone), at=at)
        letters.cancelled(subscription, community=community, at=at)
    subscription.cancelled_at, subscription.cancel_reason = at, reason.strip()[:240]
    subscription.save(update_fields=["cancelled_at", "cancel_reason"])
    _audit("subscription.cancelled", subscription, at=at, by=by, reason=reason)
    return subscription


@transaction.atomic
def resume(*, subscription: Subscription, at: datetime, by: Actor) -> Subscription:
    """Keep what was cancelled and still runs, or come back from a pause. Raises `Refused` (`not_now`) for any other."""
    subscription, community = hold(subscription)
    _own(subscription, by)
    if subscription.paused_on is not None:
        person = subscription.membership
        standing.act("resume", membership=person, at=at, by=by)
        return Subscription.objects.get(pk=subscription.pk)
    if subscription.status != Status.CANCELLED:
        raise Refused(_("There is nothing to go on with: this plan runs."), code="not_now")
    if terms.went_back(subscription):
        message = _(
            "What was paid for the coming period went back: take a plan anew when this one has ended."
        )
        raise Refused(message, code="not_now")
    subscription.status = Status.TRIALING if subscription.has_its_trial else Status.ACTIVE
    subscription.cancelled_at, subscription.cancel_reason = None, ""
    terms.schedule(subscription, community=community)
    subscription.save()
    terms.note(subscription, Changed.KEPT, day=local_day(at, community.zone), at=at)
    _audit("subscription.kept", subscription, at=at, by=by)
    return subscription


@transaction.atomic
def pause(
    *, subscription: Subscription, at: datetime, by: Actor, until: datetime | None = None
) -> Subscription:
    """Rest until `until`, or until the member comes back: the paid days that are left wait for them.

    Raises `Refused` (`not_now`) for what does not run, is not paid for these days, or has an invoice to be paid.
    """
    subscription, _community = hold(subscription)
    _own(subscription, by)
    guard_pause(subscription, at=at)
    standing.act("pause", membership=subscription.membership, at=at, by=by, until=until)
    return Subscription.objects.get(pk=subscription.pk)


def guard_pause(subscription: Subscription, *, at: datetime) -> None:
    day = local_day(at, subscription.community.zone)
    runs = subscription.status == Status.ACTIVE and subscription.paused_on is None
    since, until = subscription.covered_from or subscription.period_start, subscription.period_end
    owes = subscription.invoices.filter(status=Invoice.Status.OPEN).exists()
    if not runs or until is None or not since <= day < until or owes:
        message = _("Only a plan that runs and is paid for today can be paused.")
        raise Refused(message, code="not_now")
    if len(standings.people(subscription)) > 1:
        raise Refused(_("Others sit on your seats: free them first."), code="seats")


def hold(subscription: Subscription) -> tuple[Subscription, Community]:
    """The subscription as it is from now to the end of the transaction, and its community."""
    standings.hold(subscription.membership)
    rows = Subscription.objects.filter(pk=subscription.pk)
    locked(rows).get()
    found = rows.select_related("plan__tier", "community", "membership__user").get()
    if found.status == Status.ENDED:
        raise Refused(_("This plan has ended."), code="ended")
    return found, found.community


def guard_seats(plan: Plan, quantity: int) -> None:
    if quantity != 1 and not plan.group:
        raise Refused(_("This plan is for one person."), code="seats", field="quantity")
    if not 1 <= quantity <= MOST_SEATS:
        message = _("Between 1 and %(most)d seats.")
        raise Refused(message % {"most": MOST_SEATS}, code="seats", field="quantity")


def _guard(person: Membership, plan: Plan, by: Actor, *, offered: bool = True) -> None:
    if plan.community_id != person.community_id:
        raise ValueError("A plan of another community.")
    if person.status not in MAY_TAKE:
        message = _("A plan cannot be taken now: the membership is “%(status)s”.")
        raise Refused(message % {"status": person.get_status_display()}, code="not_now")
    by_staff = by.membership is not None and by.membership.pk != person.pk
    if by_staff:
        powers.require(by, MANAGE)
    other = person.seats.filter(ended_at=None).exclude(subscription__membership=person)
    if plan.group and other.exclude(subscription__status=Status.ENDED).exists():
        raise Refused(_("You have a seat that somebody pays for: give it back first."), code="seat")
    if plan.archived_at is not None and offered:
        raise Refused(_("This plan is not offered any more."), code="not_offered", field="plan")
    if offered and not by_staff and not plans.offered_to(person).filter(pk=plan.pk).exists():
        raise Refused(_("This plan is not offered."), code="not_offered", field="plan")


def _guard_place(person: Membership, plan: Plan) -> None:
    holds = person.tier_id == plan.tier_id and person.status != Standing.LAPSED
    if not holds:
        capacity.take(tier_id=plan.tier_id)


def _again(known: Subscription, plan: Plan, quantity: int, coupon: str) -> Subscription | None:
    """The one that waits for its first payment, where the same is asked again; None where it gives way to another."""
    if known.status != Status.PENDING:
        raise Refused(_("You have a plan already: change that one."), code="subscribed")
    use = getattr(known, "coupon_use", None)
    same_coupon = (use.coupon.code if use else "") == coupon.strip().upper()
    if (known.plan_id, known.quantity) == (plan.pk, quantity) and known.amount == plan.amount and same_coupon:
        return known
    return None


def _own(subscription: Subscription, by: Actor) -> None:
    """Members decide about their own; for another it takes the permission."""
    whose = (subscription.membership_id, subscription.membership.merged_into_id)
    if by.membership is not None and by.membership.pk not in whose:
        powers.require(by, MANAGE)


def _write(invoice: Invoice, *, by: Actor, at: datetime) -> None:
    """Whoever chooses for themselves pays at once; what staff have chosen for somebody is asked for by letter."""
    chose = by.membership is None or by.membership.pk == invoice.membership_id
    if not chose and invoice.status == Invoice.Status.OPEN:
        letters.invoice(invoice, community=invoice.community, at=at)


def _audit(
    action: str, subscription: Subscription, *, at: datetime, by: Actor, reason: str = "", **told: object
) -> None:
    """What a member decides about themselves stands with the subscription; what others do is in the audit log."""
    if by.membership is not None and by.membership.pk == subscription.membership_id:
        return
    audit.record(
        action=action,
        object_kind="subscription",
        object_id=subscription.key.hex,
        by=by,
        at=at,
        community_id=subscription.community_id,
        after={
            "member": subscription.membership.number,
            "plan": subscription.plan.name,
            "reason": reason.strip(),
        }
        | told,
    )
