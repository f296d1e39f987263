"""Gifts: a term that one member pays for somebody else, who has it by its code.

What was paid for a gift lies in deferred revenue until somebody takes it, and is earned then over the days that they have;
of one that nobody has taken when it expires, on that day (docs/adr/0028).
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from commerce.models import (
    Deferral,
    Gift,
    Invoice,
    Seat,
    Subscription,
)
from commerce.periods import Period
from commerce.recognition import spread
from commerce.services import (
    credit_notes,
    credits,
    letters,
    money_settings,
    standings,
    subscriptions,
    terms,
)
from commerce.services.groups import OUTSIDE
from communities.models import Community
from communities.services import arrivals
from kernel import sweeps
from kernel.clock import local_day
from kernel.errors import Refused
from kernel.locks import held, locked
from kernel.tenancy import Community as Tenant
from members.actors import Actor
from members.models import Membership, User

Status, Kind = Subscription.Status, Subscription.Kind
#: So long a gift can be taken: as long as the strictest laws on gift cards ask.
GOOD_FOR = timedelta(days=1827)


def paid(invoice: Invoice, *, community: Tenant, at: datetime) -> None:
    """Its invoice is paid: the code works from now on, and both hear of it."""
    gift = _of(invoice)
    if gift is None or gift.paid_at is not None:
        return
    gift.paid_at, gift.expires_at = at, at + GOOD_FOR
    gift.save(update_fields=["paid_at", "expires_at"])
    letters.gift_bought(gift, community=community, at=at)
    if gift.recipient_email:
        letters.gift(gift, community=community, at=at)


def reopened(invoice: Invoice) -> None:
    """It was not paid after all: a code that nobody has used works no more until it is."""
    gift = _of(invoice)
    if gift is not None and gift.redeemed_at is None:
        gift.paid_at = gift.expires_at = None
        gift.save(update_fields=["paid_at", "expires_at"])


def refunded(invoice: Invoice, *, reason: str, at: datetime) -> None:
    """All that was paid for it went back: nobody takes it any more, and what credit had paid of it is credit again."""
    gift = _of(invoice)
    if gift is not None and gift.redeemed_at is None and gift.revoked_at is None and _went_back(invoice):
        _revoke(gift, invoice, reason=reason, at=at)


@transaction.atomic
def come(
    *, code: str, community: Community, user: User, said: Mapping[str, Any], at: datetime, by: Actor
) -> Gift:
    """Join the community by a gift, and take it: who gave it vouches for whoever does, so they need no invitation, and no
    dues are asked of them. What the community asks newcomers is asked of them too (`said`); where its staff decide, the
    gift waits for that. Raises `Refused` as `redeem` and `joining.join` do.
    """
    gift = _by_code(code, community.pk).select_related("giver", "plan__tier").first()
    if gift is None:
        raise _unknown()
    _guard_state(gift, at)
    person = arrivals.come_in(
        community=community,
        user=user,
        at=at,
        by=by,
        vouched_by=gift.giver,
        channel="gift",
        tier=gift.plan.tier,
        **said,
    )
    return redeem(code=code, membership=person, at=at, by=Actor.person(user, person))


@transaction.atomic
def redeem(*, code: str, membership: Membership, at: datetime, by: Actor) -> Gift:
    """Take a gift. Nobody loses a day by it: it begins today for who has nothing that runs, or is suspended; on the day
    from which dues are owed for who is late with them, and what was asked for that is taken back; and else when what runs
    (a trial, paid days, a pause with its days, another gift) is over. What renewed before goes on afterwards.

    Raises `Refused`: for a code that leads nowhere (`unknown`), a gift that was taken (`redeemed`), has expired (`expired`)
    or was taken back (`revoked`), for who is no member (`ended`), has a plan for life (`for_life`), pays for a group
    (`group`), sits on a seat (`seat`), and while a payment of theirs is on its way (`being_paid`).
    """
    person = standings.hold(membership)
    subscription = locked(Subscription.objects.live().of_person(person)).first()
    gift = locked(_by_code(code, person.community_id)).first()
    if gift is None:
        raise _unknown()
    if gift.redeemed_by_id == person.pk:
        return gift
    _guard_state(gift, at)
    _guard_taker(person, subscription)
    gift.redeemed_by, gift.redeemed_at = person, at
    gift.save(update_fields=["redeemed_by", "redeemed_at"])
    community: Community = person.community
    if subscription is not None and subscription.status == Status.PENDING:
        terms.end(subscription, Subscription.Cause.REPLACED, community=community, at=at)
        subscription = None
    if subscription is None:
        admitted(person, at=at)
        gift.refresh_from_db()
        return gift
    _take_its_turn(gift, subscription, community=community, at=at)
    return gift


def admitted(person: Membership, *, at: datetime) -> bool:
    """Begin the gift that waits for somebody who has no plan, where they can have one now; whether there was one."""
    if person.status not in subscriptions.MAY_TAKE:
        return False
    gift = locked(
        Gift.objects.filter(redeemed_by=person, begins_on=None).order_by("redeemed_at", "pk")
    ).first()
    if gift is None or Subscription.objects.live().of_person(person).exists():
        return False
    begin(gift, None, on=local_day(at, person.community.zone), at=at)
    return True


def begin(gift: Gift, subscription: Subscription | None, *, on: date, at: datetime) -> None:
    """Its days begin: in the subscription that there is, whose row the caller holds, or in one of its own."""
    gift = Gift.objects.select_related("plan__tier", "redeemed_by", "community").get(pk=gift.pk)
    assert gift.redeemed_by is not None
    community, plan = gift.community, gift.plan
    term = terms.period_of(plan, on, gift.periods - 1)
    whole = Period(on, term.end)
    given = subscription or Subscription(
        community_id=community.id, membership=gift.redeemed_by, status=Status.ACTIVE, started_at=at
    )
    if subscription is not None and subscription.next_plan_id is None and terms.renews(subscription):
        terms.choose_next(
            given, subscription.plan, quantity=subscription.quantity, amount=subscription.amount
        )
    _earn_from(gift, spread(whole, money_settings.of(community.id).lifetime_days))
    # Before the subscription says when it is looked at next.
    gift.begins_on, gift.ends_on = on, whole.end
    gift.save(update_fields=["begins_on", "ends_on"])
    terms.give_days(given, kind=Kind.GIFT, plan=plan, whole=whole, community=community, at=at)
    gift.subscription = given
    gift.save(update_fields=["subscription"])


def release(person: Membership, *, at: datetime) -> None:
    """Who leaves, is not let in or has a plan for life does not begin what waits for them: the gift can be taken by somebody
    else, where it is still paid for."""
    waiting = Gift.objects.filter(redeemed_by=person, begins_on=None)
    for gift in locked(waiting.order_by("pk")):
        gift.redeemed_by = gift.redeemed_at = gift.subscription = None
        gift.save(update_fields=["redeemed_by", "redeemed_at", "subscription"])
        invoice = Invoice.objects.select_related("community", "membership").get(gift=gift)
        if invoice.status != Invoice.Status.PAID:
            reopened(invoice)
        elif _went_back(invoice):
            _revoke(gift, invoice, reason=_("It was sent back."), at=at)


def expire_due(*, at: datetime) -> int:
    """Let gifts expire whose time is over; how many did."""
    due = Gift.objects.filter(expires_at__lte=at, redeemed_at=None, revoked_at=None, expired_at=None)
    keys = due.order_by("pk").values_list("pk", flat=True)[:1000]
    return sweeps.each("Gift", keys, lambda pk: _expire(pk, at))


@transaction.atomic
def _expire(pk: int, at: datetime) -> bool:
    gift = locked(Gift.objects.filter(pk=pk, redeemed_at=None, revoked_at=None, expired_at=None)).first()
    if gift is None:
        return False
    day = local_day(at, gift.community.zone)
    gift.expired_at = at
    gift.save(update_fields=["expired_at"])
    _earn_from(gift, Period(day, day + timedelta(days=1)))
    return True


def _went_back(invoice: Invoice) -> bool:
    """Whether money came for it, and all of it went back."""
    return 0 < invoice.due.amount <= credits.sent_back(invoice)


def _revoke(gift: Gift, invoice: Invoice, *, reason: str, at: datetime) -> None:
    gift.revoked_at = at
    gift.save(update_fields=["revoked_at"])
    credit_notes.credit_back(invoice=invoice, community=gift.community, reason=reason, at=at)


def _earn_from(gift: Gift, days: Period) -> None:
    """What was paid for it is earned over these days, but for what was credited before."""
    assert days.end is not None
    invoice = Invoice.objects.get(gift=gift)
    for line in invoice.lines.exclude(net=0):
        credited = sum(
            part["net"]
            for note in invoice.credit_notes.all()
            for part in note.lines
            if part["position"] == line.position
        )
        Deferral.objects.create(
            line=line,
            community_id=invoice.community_id,
            currency=invoice.currency,
            amount=line.net,
            released=credited,
            starts_on=days.start,
            ends_on=days.end,
            begun_at=invoice.paid_at,
            closed=credited == line.net,
        )


def _take_its_turn(gift: Gift, subscription: Subscription, *, community: Tenant, at: datetime) -> None:
    """Begin where dues are owed, else wait until what runs is over; what is asked for the time to come is taken back."""
    asked = list(subscription.invoices.filter(status=Invoice.Status.OPEN, reason=Invoice.Reason.PERIOD))
    late = subscription.status in (Status.PAST_DUE, Status.SUSPENDED)
    since = [invoice.period_start for invoice in asked if invoice.period_start is not None]
    for invoice in asked:
        reason = _("A gift takes the place of these dues.")
        terms.take_back(invoice, reason, community=community, at=at)
    subscription = Subscription.objects.select_related("plan__tier", "community", "membership__user").get(
        pk=subscription.pk
    )
    gift.subscription = subscription
    gift.save(update_fields=["subscription"])
    if late:
        today = local_day(at, community.zone)
        owed_since = subscription.status == Status.PAST_DUE and since
        begin(gift, subscription, on=min([*since, today]) if owed_since else today, at=at)
        gift.refresh_from_db()
        return
    terms.schedule(subscription, community=community)
    subscription.save(update_fields=["next_at"])


def _guard_state(gift: Gift, at: datetime) -> None:
    if gift.redeemed_at is not None:
        raise Refused(_("Somebody has taken this gift already."), code="redeemed")
    if gift.revoked_at is not None:
        raise Refused(_("This gift was taken back."), code="revoked")
    if gift.expired_at is not None or (gift.expires_at is not None and gift.expires_at <= at):
        raise Refused(_("This gift has expired."), code="expired")


def _guard_taker(person: Membership, subscription: Subscription | None) -> None:
    if person.status in OUTSIDE:
        raise Refused(_("Join the community first, or ask its staff to take you back."), code="ended")
    if subscription is not None and subscription.status != Status.PENDING:
        if subscription.plan.group:
            raise Refused(_("You pay for a group: pass the gift on to somebody else."), code="group")
        if terms.ends_on(subscription) is None:
            raise Refused(_("You have a plan for life: pass the gift on to somebody else."), code="for_life")
    seat = Seat.objects.filter(membership=person, ended_at=None).exclude(subscription__membership=person)
    if subscription is None and seat.exists():
        message = _("You have a seat that somebody pays for: give it back first, or pass the gift on.")
        raise Refused(message, code="seat")


def _by_code(code: str, community_id: int) -> QuerySet[Gift]:
    """Of those that are paid for: any other leads nowhere."""
    rows = Gift.objects.filter(community=community_id, code=code.strip().upper())
    return rows.exclude(paid_at=None)


def _unknown() -> Refused:
    return Refused(_("There is no gift of this code."), code="unknown", field="code")


def _of(invoice: Invoice) -> Gift | None:
    """The gift that the invoice is for, locked after it."""
    if invoice.gift_id is None:
        return None
    return held(Gift.objects.filter(pk=invoice.gift_id)).get()
