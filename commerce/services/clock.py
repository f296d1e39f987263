"""The clock of dues: asks for the next period when it is time, and goes on with what is late.

What is due stands in rows (`next_at`), and each row is done in a transaction of its own: so a worker that dies loses
nothing, several take nothing twice, and after days without any the same is done, later. Nobody is charged inside a
transaction, and what is to be charged is written down before.
"""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from commerce import ladder
from commerce.ladder import Kind
from commerce.models import Invoice, PaymentAttempt, Subscription
from commerce.services import attempts, billing, gifts, lateness, letters, standings, terms
from kernel import sweeps
from kernel.clock import day_start, local_day
from kernel.errors import Refused
from kernel.tenancy import Community

log = logging.getLogger(__name__)

Status, Cause = Subscription.Status, Subscription.Cause
PORTION = 200
#: So often one row is looked at in one run: whoever was away goes up several steps at once, and none for ever.
MOST_STEPS = 30
#: Where a payment is on its way, it is awaited.
LATER = timedelta(hours=1)


def tick(*, at: datetime, community_id: int | None = None) -> int:
    """Do all that is due, in one community or in every one; how many things that were."""
    return _each(Subscription, _look, at, community_id) + _each(Invoice, _step, at, community_id)


def _each(
    model: type[models.Model], act: Callable[[int, datetime], bool], at: datetime, community_id: int | None
) -> int:
    looked: Counter[int] = Counter()
    left: set[int] = set()
    while True:
        due = model._default_manager.filter(next_at__lte=at).exclude(pk__in=left)
        if community_id is not None:
            due = due.filter(community_id=community_id)
        found = list(due.order_by("next_at", "pk").values_list("pk", flat=True)[:PORTION])
        if not found:
            return looked.total()
        for pk in found:
            looked[pk] += 1
            done = sweeps.alone(model.__name__, pk, lambda pk: act(pk, at))
            if not done or looked[pk] >= MOST_STEPS:
                left.add(pk)


@transaction.atomic
def _look(pk: int, at: datetime) -> bool:
    """One subscription; False where somebody else has it in hand."""
    rows = Subscription.objects.filter(pk=pk)
    standings.hold(rows.select_related("membership").get().membership)
    if not rows.filter(next_at__lte=at).select_for_update(skip_locked=True, of=("self",)).exists():
        return False
    subscription = rows.select_related(
        "plan__tier", "next_plan__tier", "community", "membership__user", "membership__merged_into"
    ).get()
    community, last = subscription.community, terms.ends_on(subscription)
    assert last is not None
    over = at >= day_start(last, community.zone)
    gift = terms.waiting_gift(subscription)
    if gift is not None and over:
        gifts.begin(gift, subscription, on=last, at=at)
        return True
    if gift is not None:
        terms.schedule(subscription, community=community)
        subscription.save(update_fields=["next_at"])
        return True
    if terms.renews(subscription):
        if over or terms.mandate_of(subscription) is None:
            _ask(subscription, community=community, at=at)
            return True
    elif over:
        _end(subscription, community=community, at=at)
        return True
    if subscription.told_of != last:
        letters.ends_soon(subscription, last, community=community, at=at)
        subscription.told_of = last
    terms.schedule(subscription, community=community)
    subscription.save(update_fields=["told_of", "next_at"])
    return True


def _ask(subscription: Subscription, *, community: Community, at: datetime) -> None:
    """Write the invoice of the next period; who is not charged by themselves gets it with a link to pay."""
    try:
        with transaction.atomic():
            for waiting in terms.waiting_changes(subscription):
                lateness.forget_change(waiting, community=community, at=at)
    except Refused:
        subscription.next_at = at + LATER
        subscription.save(update_fields=["next_at"])
        return
    subscription = Subscription.objects.select_related(
        "plan__tier", "next_plan__tier", "community", "membership__user", "membership__merged_into"
    ).get(pk=subscription.pk)
    terms.go_over(subscription, at=at)
    subscription.next_at = None
    subscription.save()
    whole = billing.next_period(subscription)
    # Whoever is asked late, after workers were away or an invoice was taken back, has as long to pay as anybody.
    due_on = max(whole.start, local_day(at, community.zone))
    invoice = billing.ask(subscription, whole, community=community, due_on=due_on, at=at, by=standings.DUES)
    if invoice.status == Invoice.Status.OPEN:
        lateness.watch(invoice, subscription, community=community)
        if terms.mandate_of(subscription) is None:
            letters.invoice(invoice, community=community, at=at)


def _end(subscription: Subscription, *, community: Community, at: datetime) -> None:
    """What was paid for is over, and nothing follows."""
    cancelled = subscription.status == Status.CANCELLED
    last = terms.ends_on(subscription)
    assert last is not None
    try:
        with transaction.atomic():
            cause = Cause.CANCELLED if cancelled else Cause.TERM_ENDED
            terms.end(subscription, cause, community=community, at=at)
    except Refused:
        Subscription.objects.filter(pk=subscription.pk).update(next_at=at + LATER)
        return
    standings.let_go(subscription, at=at)
    letters.ended(subscription, last, community=community, at=at)


def _step(pk: int, at: datetime) -> bool:
    """One invoice that is not paid; False where somebody else has it in hand."""
    _close_ways_to_pay(pk, at)
    done, attempt = _take_step(pk, at)
    if attempt is not None:
        attempts.ask_to_charge(attempt, at=at, by=standings.DUES)
    return done


@transaction.atomic
def _take_step(pk: int, at: datetime) -> tuple[bool, PaymentAttempt | None]:
    """What is next for it; the charge that is to be asked for once this is committed, None for none."""
    rows = Invoice.objects.filter(pk=pk)
    standings.hold(rows.select_related("membership").get().membership)
    subscription = lateness.subscription_of(rows.get())
    due = rows.filter(next_at__lte=at, status=Invoice.Status.OPEN)
    invoice = due.select_for_update(skip_locked=True, of=("self",)).first()
    if invoice is None:
        return False, None
    if subscription is None:
        _forget_gift(invoice, at)
        return True, None
    community = subscription.community
    if lateness.is_over(invoice, subscription):
        reason = subscription.get_cause_display() or _("The plan was cancelled.")
        _unless_being_paid(invoice, at, lambda: terms.take_back(invoice, reason, community=community, at=at))
        return True, None
    if lateness.waits_to_be_made(invoice):
        _unless_being_paid(invoice, at, lambda: lateness.forget_change(invoice, community=community, at=at))
        return True, None
    step = lateness.next_step(invoice, subscription)
    if ladder.instant(step, community.zone) > at:
        invoice.next_at = ladder.instant(step, community.zone)
        invoice.save(update_fields=["next_at"])
        return True, None
    if step.kind == Kind.LAPSE or (step.kind == Kind.SUSPEND and subscription.membership.status == "trial"):
        _unless_being_paid(invoice, at, lambda: lateness.lapse(subscription, community=community, at=at))
        return True, None
    if step.kind == Kind.SUSPEND:
        lateness.suspend(subscription, community=community, at=at)
    else:
        invoice.tries, invoice.tried_on = invoice.tries + 1, local_day(at, community.zone)
    following = lateness.next_step(invoice, subscription)
    invoice.next_at = ladder.instant(following, community.zone)
    invoice.save(update_fields=["tries", "tried_on", "next_at"])
    if step.kind == Kind.CHARGE:
        return True, _intend(invoice, subscription, at)
    if step.kind == Kind.REMIND:
        if subscription.status in (Status.ACTIVE, Status.TRIALING):
            subscription.status, subscription.next_at = Status.PAST_DUE, None
            subscription.save(update_fields=["status", "next_at"])
        letters.reminder(invoice, following, community=community, at=at)
    return True, None


def _forget_gift(invoice: Invoice, at: datetime) -> None:
    """A gift that nobody paid for is not given."""
    rows = Invoice.objects.filter(pk=invoice.pk)
    rows.update(next_at=None)
    if invoice.gift_id is not None:
        found = rows.select_related("community").get()
        reason = _("The gift was not paid for in time.")
        _unless_being_paid(
            found, at, lambda: terms.take_back(found, reason, community=found.community, at=at)
        )


def _unless_being_paid(invoice: Invoice, at: datetime, act: Callable[[], Any]) -> None:
    try:
        with transaction.atomic():
            act()
    except Refused:
        Invoice.objects.filter(pk=invoice.pk).update(next_at=at + LATER)


def _intend(invoice: Invoice, subscription: Subscription, at: datetime) -> PaymentAttempt | None:
    """Write the charge with the step that it is: whoever dies before it was asked for leaves it to the janitor."""
    mandate = terms.mandate_of(subscription)
    assert mandate is not None
    try:
        with transaction.atomic():
            return attempts.intend(invoice=invoice, mandate=mandate, at=at)
    except Refused as refusal:
        log.info("Invoice %s is not charged: %s", invoice.pk, refusal.code)
        if refusal.code in ("no_mandate", "not_offered"):
            lateness.want_other_means(invoice, community=subscription.community, at=at)
        return None


def _close_ways_to_pay(pk: int, at: datetime) -> None:
    """Before an invoice is taken back the ways to pay it are closed with their providers; whoever pays in that moment has
    paid."""
    invoice = Invoice.objects.select_related("subscription", "community").get(pk=pk)
    if invoice.status != Invoice.Status.OPEN or (invoice.subscription is None and invoice.gift_id is None):
        return
    asks = invoice.reason == Invoice.Reason.PERIOD or terms.was_given(invoice)
    dues = invoice.subscription if asks else None
    if dues is not None and lateness.is_over(invoice, dues):
        dues = None
    step = lateness.next_step(invoice, dues) if dues is not None else None
    if step is not None and step.kind not in (Kind.LAPSE, Kind.SUSPEND):
        return
    if step is not None and ladder.instant(step, invoice.community.zone) > at:
        return
    for attempt in invoice.attempts.filter(state__in=PaymentAttempt.LIVE):
        try:
            attempts.close(attempt, at=at, by=standings.DUES)
        except Refused:
            log.info("A payment of invoice %s is on its way", pk)
