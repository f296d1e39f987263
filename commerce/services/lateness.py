"""Dues that are not paid yet: what happens next and when, and what staff may do about it."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from commerce import ladder
from commerce.ladder import Ladder, Means, Owed, Step
from commerce.models import Invoice, Mandate, MoneySettings, PaymentAttempt, Subscription
from commerce.services import invoices, letters, money_settings, standings, terms
from kernel.clock import day_start, local_day
from kernel.errors import Refused
from kernel.locks import locked
from kernel.tenancy import Community
from members.actors import Actor
from members.roles import Status as Standing
from members.services import audit, powers

Status, Cause, Reason = Subscription.Status, Subscription.Cause, Invoice.Reason
MANAGE = "money.manage"
#: A change of plan that nobody pays is forgotten after so many days.
CHANGE_WAITS = 7


def ladder_of(subscription: Subscription, settings: MoneySettings) -> Ladder:
    lapse = settings.lapse_days
    return Ladder(
        rungs=tuple(rung for rung in ladder.LADDER.rungs if rung <= lapse),
        grace_days=min(subscription.plan.grace_days, lapse),
        lapse_days=lapse,
        lead_days=settings.ask_ahead_days,
    )


def owed_of(invoice: Invoice, subscription: Subscription, mandate: Mandate | None) -> Owed:
    """As the ladder knows it. The letters with the invoice, and that another means is wanted, go out in the moment that
    asks for them. Who has not begun has no access that could end."""
    means = Means.CHARGED if mandate else Means.PAYER
    extra = (invoice.extended_to - invoice.due_on).days if invoice.extended_to else 0
    return Owed(
        due=invoice.due_on,
        means=Means.REFUSED if invoice.needs_other_means else means,
        tried=invoice.tried_on,
        extra_days=extra,
        invoiced=True,
        asked=True,
        suspended=subscription.status in (Status.PENDING, Status.SUSPENDED),
    )


def next_step(invoice: Invoice, subscription: Subscription) -> Step:
    """What happens next while nothing is paid, and on which day."""
    settings = money_settings.of(invoice.community_id)
    owed = owed_of(invoice, subscription, terms.mandate_of(subscription))
    return ladder.what_next(owed, ladder_of(subscription, settings))


def steps(invoice: Invoice, subscription: Subscription) -> list[Step]:
    """All that is to happen while nothing is paid, in order: for staff who look at one who is late."""
    settings = money_settings.of(invoice.community_id)
    owed = owed_of(invoice, subscription, terms.mandate_of(subscription))
    return ladder.steps(owed, ladder_of(subscription, settings))


def watch(invoice: Invoice, subscription: Subscription, *, community: Community) -> None:
    """Have the clock look at an invoice that was just written."""
    if invoice.status != Invoice.Status.OPEN:
        return
    if invoice.reason == Reason.CHANGE:
        invoice.next_at = day_start(invoice.due_on + timedelta(days=CHANGE_WAITS), community.zone)
    else:
        if subscription.status == Status.PENDING:
            # Whoever has just asked for it is not reminded on the same day.
            invoice.tried_on = invoice.due_on
        invoice.next_at = ladder.instant(next_step(invoice, subscription), community.zone)
    invoice.save(update_fields=["tried_on", "next_at"])


@transaction.atomic
def declined(*, attempt: PaymentAttempt, community: Community, at: datetime, by: Actor) -> None:
    """A charge failed: the member hears what happens next; one that was refused for good is not tried again."""
    want_other_means(attempt.invoice, community=community, at=at, hard=attempt.hard)


@transaction.atomic
def to_confirm(*, attempt: PaymentAttempt, community: Community, at: datetime, by: Actor) -> None:
    """A charge waits for its owner to confirm it with their bank: it is theirs to pay now."""
    want_other_means(attempt.invoice, community=community, at=at)


@transaction.atomic
def want_other_means(invoice: Invoice, *, community: Community, at: datetime, hard: bool = True) -> None:
    """The saved means did not pay: `hard` where it is not to be charged again, so that its owner has to pay."""
    standings.hold(invoice.membership)
    subscription = subscription_of(invoice)
    invoice = locked(Invoice.objects.filter(pk=invoice.pk)).get()
    if subscription is None or invoice.status != Invoice.Status.OPEN:
        return
    if is_over(invoice, subscription):
        invoice.next_at = at
        invoice.save(update_fields=["next_at"])
        return
    invoice.needs_other_means = invoice.needs_other_means or hard
    if subscription.status in (Status.ACTIVE, Status.TRIALING):
        subscription.status, subscription.next_at = Status.PAST_DUE, None
        subscription.save(update_fields=["status", "next_at"])
    following = next_step(invoice, subscription)
    invoice.next_at = ladder.instant(following, community.zone)
    invoice.save(update_fields=["needs_other_means", "next_at"])
    letters.failed(invoice, following, community=community, at=at)


@transaction.atomic
def extend(*, invoice: Invoice, until: date, at: datetime, by: Actor) -> Invoice:
    """Let it wait: access ends, and the membership lapses, so much later as `until` is after the day it was due. Who was
    suspended for it is let in again where that day has not come.

    Raises `Refused` for one that is not to be paid (`not_open`), for a day that does not fit (`day`), and for who may not.
    """
    powers.require(by, MANAGE)
    invoice, subscription, community = _late(invoice)
    earliest = max(invoice.extended_to or invoice.due_on, invoice.due_on) + timedelta(days=1)
    if not earliest <= until <= invoice.due_on + timedelta(days=366):
        raise Refused(_("Choose a later day, within a year."), code="day", field="until")
    before, invoice.extended_to = invoice.extended_to, until
    owed = owed_of(invoice, subscription, terms.mandate_of(subscription))
    access = ladder.suspends_on(owed, ladder_of(subscription, money_settings.of(community.id)))
    if subscription.status == Status.SUSPENDED and access > local_day(at, community.zone):
        subscription.status = Status.PAST_DUE
        subscription.save(update_fields=["status"])
        standings.let_in(subscription, at=at)
    invoice.next_at = ladder.instant(next_step(invoice, subscription), community.zone)
    invoice.save(update_fields=["extended_to", "next_at"])
    _audit("invoice.extended", invoice, at=at, by=by, before={"until": before}, after={"until": until})
    return invoice


@transaction.atomic
def forgive(*, invoice: Invoice, reason: str, at: datetime, by: Actor) -> Invoice:
    """Ask no more for it, and give the period all the same. Raises `Refused` as `invoices.void` does, for what is not dues
    (`not_dues`), and for who may not."""
    powers.require(by, MANAGE)
    invoice, subscription, community = _late(invoice)
    if invoice.reason != Reason.PERIOD:
        raise Refused(_("Only dues are forgiven: take this invoice back instead."), code="not_dues")
    invoice = invoices.void(invoice=invoice, community=community, reason=reason, at=at, by=by)
    subscription.refresh_from_db()
    terms.give(subscription, invoice, community=community, at=at)
    _audit("invoice.forgiven", invoice, at=at, by=by, after={"reason": reason.strip()})
    return invoice


def ask_anew(subscription: Subscription, *, community: Community, at: datetime) -> None:
    """Staff took back what was late: nothing is, and the clock asks for the period once more, by what holds then."""
    suspended = subscription.status == Status.SUSPENDED
    if subscription.status not in (Status.PAST_DUE, Status.SUSPENDED, Status.ACTIVE):
        return
    subscription.status = Status.ACTIVE
    terms.schedule(subscription, community=community)
    subscription.save(update_fields=["status", "next_at"])
    if suspended:
        standings.let_in(subscription, at=at)


def suspend(subscription: Subscription, *, community: Community, at: datetime) -> None:
    """Grace is over. A trial that nobody paid for is over altogether."""
    if subscription.membership.status == Standing.TRIAL:
        lapse(subscription, community=community, at=at)
        return
    subscription.status = Status.SUSPENDED
    subscription.save(update_fields=["status"])
    standings.suspend(subscription, at=at)


def lapse(subscription: Subscription, *, community: Community, at: datetime) -> None:
    """It ends for want of payment, and the membership with it. Raises `Refused` while a payment is on its way."""
    begun = subscription.status != Status.PENDING
    terms.end(subscription, Cause.PAYMENT_FAILED, community=community, at=at)
    if begun:
        standings.lapse(subscription, at=at)


def forget_change(invoice: Invoice, *, community: Community, at: datetime) -> None:
    """A change that nobody paid for is not made. Raises `Refused` while a payment is on its way."""
    terms.take_back(invoice, _("The change was not paid for in time."), community=community, at=at)


def waits_to_be_made(invoice: Invoice) -> bool:
    """Whether it is of a change that is made once it is paid, and forgotten where it is not."""
    return invoice.reason == Reason.CHANGE and not terms.was_given(invoice)


def is_over(invoice: Invoice, subscription: Subscription) -> bool:
    """Whether it is asked for no more, as what it is of has ended or runs out: a payment on its way kept it from being taken
    back."""
    runs_out = subscription.status == Status.CANCELLED and not terms.was_given(invoice)
    return runs_out or subscription.status == Status.ENDED


def subscription_of(invoice: Invoice) -> Subscription | None:
    """What the invoice is of, locked."""
    if invoice.subscription_id is None:
        return None
    rows = Subscription.objects.filter(pk=invoice.subscription_id)
    locked(rows).get()
    return rows.select_related("plan__tier", "community", "membership__user").get()


def _late(invoice: Invoice) -> tuple[Invoice, Subscription, Community]:
    standings.hold(invoice.membership)
    subscription = subscription_of(invoice)
    invoice = locked(Invoice.objects.filter(pk=invoice.pk)).get()
    if subscription is None or invoice.status != Invoice.Status.OPEN:
        raise Refused(_("These dues are not to be paid any more."), code="not_open")
    return invoice, subscription, subscription.community


def _audit(
    action: str,
    invoice: Invoice,
    *,
    at: datetime,
    by: Actor,
    after: dict[str, object],
    before: dict[str, object] | None = None,
) -> None:
    plain = [
        {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
        for values in (before or {}, after)
    ]
    audit.record(
        action=action,
        object_kind="invoice",
        object_id=invoice.number,
        by=by,
        at=at,
        community_id=invoice.community_id,
        before=plain[0],
        after=plain[1] | {"member": invoice.membership.number},
    )
