"""What dues do to a membership: who has paid is let in, who has not is let go; of a group, everyone with a seat."""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from commerce.models import Plan, Subscription
from communities.services import joining
from kernel import dues
from kernel.errors import Refused
from kernel.locks import held
from members.actors import Actor
from members.models import Membership, Tier
from members.roles import Role, Status
from members.services import mail, memberships, standing

log = logging.getLogger(__name__)

#: Who acts where a payment, or its absence, does.
DUES = Actor.site("Dues")


def hold(membership: Membership) -> Membership:
    """The member's row, held with those that a change of status holds too, in their order. Books stay with a record that
    was merged; whom they are about is the record that is kept."""
    kept = membership.merged_into_id or membership.pk
    rows = Membership.objects.records_of(membership.community_id).filter(
        Q(pk__in={membership.pk, kept}) | Q(role=Role.OWNER)
    )
    found = {row.pk: row for row in held(rows.order_by("pk"))}
    return found[kept]


def people(subscription: Subscription) -> list[Membership]:
    """Whose membership hangs on this subscription: the member's own, and those who sit on its seats."""
    payer = subscription.membership
    mine = [payer.merged_into or payer]
    seats = subscription.seats.filter(ended_at=None, membership__isnull=False)
    # Whoever has taken a plan of their own since does not hang on the seat any more.
    seats = seats.exclude(membership__subscriptions__in=_running().exclude(pk=subscription.pk))
    others = [seat.membership for seat in seats.select_related("membership__merged_into").order_by("id")]
    mine += [one.merged_into or one for one in others if one is not None]
    return list({one.pk: one for one in mine}.values())


def has_own(person: Membership) -> bool:
    """Whether they have a plan of their own that has begun."""
    return _running().filter(membership=person).exists()


def _running() -> QuerySet[Subscription]:
    return Subscription.objects.exclude(status__in=[Subscription.Status.ENDED, Subscription.Status.PENDING])


def let_in(subscription: Subscription, *, at: datetime) -> None:
    """Everybody on it is a member of the plan's tier now."""
    for person in people(subscription):
        let_one_in(person, subscription.plan.tier, at=at)


def let_one_in(person: Membership, tier: Tier, *, at: datetime) -> None:
    person.refresh_from_db()
    act = {Status.TRIAL: "activate", Status.SUSPENDED: "renew", Status.LAPSED: "renew"}
    put_into(person, tier, at=at)
    try:
        with transaction.atomic():
            if person.status == Status.AWAITING_PAYMENT:
                joining.paid(membership=person, at=at, by=DUES)
            elif person.status in act:
                standing.act(act[Status(person.status)], membership=person, at=at, by=DUES)
    except Refused as refusal:
        # Money that came is never turned away: it is for staff to find a place.
        log.warning("Member %s has paid and is not let in: %s", person.pk, refusal.code)


def put_into(person: Membership, tier: Tier, *, at: datetime) -> None:
    """Give them the tier; where it has become full meanwhile they keep their own, and staff find it."""
    if person.tier_id == tier.pk:
        return
    try:
        with transaction.atomic():
            moved = memberships.change_tier(membership=person, tier=tier, at=at, by=DUES)
    except Refused as refusal:
        log.warning("Member %s has paid for a tier they cannot get: %s", person.pk, refusal.code)
    else:
        person.tier = moved.tier


def give_back_tier(person: Membership, *, at: datetime) -> None:
    """Who goes keeps no tier that is paid for: who comes back begins where newcomers do, also where its plans are offered no
    more, so that nothing would be asked of them."""
    usual = Tier.objects.of(person.community_id).filter(is_default=True).first()
    costs = Plan.objects.filter(tier=person.tier_id, amount__gt=0)
    if usual is not None and person.tier_id != usual.pk and costs.exists():
        put_into(person, usual, at=at)


def begin_trial(subscription: Subscription, *, at: datetime) -> None:
    """In for a trial; where staff decide after the dues, they can read the application now."""
    person = hold(subscription.membership)
    put_into(person, subscription.plan.tier, at=at)
    if person.status != Status.AWAITING_PAYMENT:
        return
    if person.applications.filter(state="unpaid").exists():
        joining.paid(membership=person, at=at, by=DUES)
    else:
        standing.act("begin_trial", membership=person, at=at, by=DUES)


def suspend(subscription: Subscription, *, at: datetime) -> None:
    for person in people(subscription):
        if person.status == Status.ACTIVE:
            standing.act("suspend", membership=person, at=at, by=DUES)


def lapse(subscription: Subscription, *, at: datetime, told: bool = True) -> None:
    """Their membership ends for want of dues. `told` is False where another letter says so."""
    for person in people(subscription):
        lapse_one(person, at=at, told=told)


def lapse_one(person: Membership, *, at: datetime, told: bool = True) -> None:
    if not told:
        with mail.withheld():
            return lapse_one(person, at=at)
    person.refresh_from_db()
    if person.status == Status.PAUSED:
        with mail.withheld():
            person = standing.act("resume", membership=person, at=at, by=DUES)
    if person.status == Status.ACTIVE:
        with mail.withheld():
            person = standing.act("suspend", membership=person, at=at, by=DUES)
    if person.status in (Status.SUSPENDED, Status.TRIAL):
        standing.act("lapse", membership=person, at=at, by=DUES)
    return None


def let_go(subscription: Subscription, *, at: datetime) -> None:
    """What was paid for is over: they go back to the tier that newcomers are given, where that costs nothing; else their
    membership lapses, and renewing brings them back."""
    for person in people(subscription):
        let_one_go(person, at=at)


def let_one_go(person: Membership, *, at: datetime) -> None:
    usual = Tier.objects.of(person.community_id).filter(is_default=True).first()
    if usual is not None and not dues.asked(usual.pk) and person.status != Status.TRIAL:
        put_into(person, usual, at=at)
    else:
        lapse_one(person, at=at, told=False)


def withdraw(subscription: Subscription, *, at: datetime) -> None:
    """Whoever is still on the way in, and has their money back, comes no further."""
    for person in people(subscription):
        person.refresh_from_db()
        if person.status == Status.AWAITING_PAYMENT:
            standing.act("withdraw", membership=person, at=at, by=DUES)
