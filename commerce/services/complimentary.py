"""Terms that staff give for nothing: until a day or for life, and what follows them."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from commerce.models import Invoice, Plan, Subscription
from commerce.periods import Period
from commerce.services import gifts, letters, standings, subscriptions, terms
from kernel.clock import local_day
from kernel.errors import Refused
from kernel.locks import locked
from kernel.tenancy import Community
from members.actors import Actor
from members.models import Membership
from members.roles import Status as Standing
from members.services import audit, capacity, powers

Status, Kind = Subscription.Status, Subscription.Kind
MANAGE = "money.manage"
#: As far ahead as a day can be; beyond it, it is for life.
FARTHEST = timedelta(days=36_525)


@transaction.atomic
def give(
    *,
    membership: Membership,
    plan: Plan,
    until: date | None,
    reason: str,
    at: datetime,
    by: Actor,
    then_paid: bool = False,
) -> Subscription:
    """Give a member a plan free of charge: through the day `until`, or for life where there is none. Then it ends, or
    (`then_paid`) is paid for at the plan's price. What is asked for now is taken back; what they have paid for goes into it.

    Raises `Refused`: without a reason (`required`), for a day that does not fit or that is paid for already (`day`), for what
    is for life and is paid for then (`both`), for a plan for groups (`group`), one put away (`not_offered`) or full (`full`),
    for who may not have one (`not_now`), is paused (`paused`), has one for life (`for_life`) or others on their seats
    (`seats`), while a payment is on its way (`being_paid`), and for who may not give any.
    """
    powers.require(by, MANAGE)
    person = standings.hold(membership)
    community: Community = person.community
    plan = Plan.objects.select_related("tier").get(pk=plan.pk)
    day = local_day(at, community.zone)
    _guard(person, plan, until, reason, then_paid, day)
    known = locked(Subscription.objects.live().of_person(person)).first()
    if known is not None and known.status == Status.PENDING:
        terms.end(known, Subscription.Cause.REPLACED, community=community, at=at)
        known = None
    if person.tier_id != plan.tier_id or person.status == Standing.LAPSED:
        capacity.take(tier_id=plan.tier_id)
    given = known or Subscription(
        community_id=community.id,
        membership=person,
        status=Status.ACTIVE,
        started_at=at,
        trial_ends_on=None,
    )
    if known is not None:
        _guard_known(given, until)
        for asked in given.invoices.filter(status=Invoice.Status.OPEN).order_by("id"):
            terms.take_back(asked, _("A plan was given free of charge."), community=community, at=at)
        given.refresh_from_db()
    terms.choose_next(given, plan if then_paid else None)
    whole = Period(day, until + timedelta(days=1) if until else None)
    terms.give_days(given, kind=Kind.COMPLIMENTARY, plan=plan, whole=whole, community=community, at=at)
    if until is None:
        # For life nothing is over: a gift that waited for that can be passed on.
        gifts.release(person, at=at)
    letters.given(given, community=community, at=at)
    audit.record(
        action="subscription.given",
        object_kind="subscription",
        object_id=given.key.hex,
        by=by,
        at=at,
        community_id=community.id,
        after={
            "member": person.number,
            "plan": plan.name,
            "until": until.isoformat() if until else None,
            "then_paid": then_paid,
            "reason": reason.strip()[:240],
        },
    )
    return given


def _guard(
    person: Membership, plan: Plan, until: date | None, reason: str, then_paid: bool, day: date
) -> None:
    if plan.community_id != person.community_id:
        raise ValueError("A plan of another community.")
    if not reason.strip():
        raise Refused(_("Say why."), code="required", field="reason")
    if person.status not in subscriptions.MAY_TAKE:
        message = _("A plan cannot be taken now: the membership is “%(status)s”.")
        raise Refused(message % {"status": person.get_status_display()}, code="not_now")
    if plan.archived_at is not None:
        raise Refused(_("This plan is not offered any more."), code="not_offered", field="plan")
    if plan.group:
        raise Refused(
            _("A plan for a group is not given: give each of them one."), code="group", field="plan"
        )
    if until is None and then_paid:
        raise Refused(_("What is for life has no end after which it is paid."), code="both", field="until")
    if until is not None and not day <= until <= day + FARTHEST:
        raise Refused(_("Choose a day that is still to come."), code="day", field="until")


def _guard_known(known: Subscription, until: date | None) -> None:
    if known.paused_on is not None:
        raise Refused(_("The plan is paused: let it go on first."), code="paused")
    if len(standings.people(known)) > 1:
        raise Refused(_("Others sit on the member's seats: free them first."), code="seats")
    last = terms.ends_on(known)
    if last is None:
        raise Refused(_("They have a plan for life already."), code="for_life")
    if until is not None and until < last - timedelta(days=1):
        raise Refused(_("That much they have already: choose a later day."), code="day", field="until")
