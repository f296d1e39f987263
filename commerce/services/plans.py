"""Plans: what a tier costs. Made, worded and put away by staff; the price of one never changes."""

from datetime import datetime
from typing import Any

from babel.numbers import list_currencies
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from commerce.models import Plan
from commerce.periods import Interval
from commerce.services import money_settings
from kernel import words
from kernel.errors import Refused
from kernel.locks import locked
from kernel.money import LARGEST
from kernel.tenancy import Community
from members.actors import Actor
from members.models import Membership, Tier
from members.services import audit, powers

MANAGE = "plans.manage"
#: What may change of a plan that somebody may have taken already.
FIELDS = ("name", "description", "trial_days", "grace_days", "tax_rate", "visible", "position")
#: What is fixed with it: who wants another price makes another plan.
FIXED = ("tier", "amount", "currency", "interval", "length_days", "group")


@transaction.atomic
def create(
    *,
    community: Community,
    tier: Tier,
    name: str,
    amount: int,
    currency: str,
    interval: str,
    at: datetime,
    by: Actor,
    length_days: int | None = None,
    group: bool = False,
    **fields: Any,
) -> Plan:
    """A new plan of a tier; `amount` is gross, in smallest units. `fields` are of `FIELDS`.

    Raises `Refused` for what does not fit, with the field at fault, and for who may not make plans.
    """
    _known(fields)
    powers.require(by, MANAGE)
    if tier.community_id != community.id:
        raise ValueError("A tier of another community.")
    plan = Plan(
        community_id=community.id,
        tier=tier,
        name=words.one_line(name),
        amount=amount,
        currency=currency,
        interval=interval,
        length_days=length_days,
        group=group,
        created_at=at,
        **_tidy(fields),
    )
    _guard_price(plan)
    _guard(plan)
    plan.save(force_insert=True)
    after = {field: _plain(plan, field) for field in ("name", *FIXED)}
    _record("plan.created", plan, at=at, by=by, after=after)
    return plan


@transaction.atomic
def change(*, plan: Plan, at: datetime, by: Actor, **fields: Any) -> Plan:
    """Change what is given of `FIELDS`: who has taken the plan reads them too, and keeps the price.

    Raises `Refused` for what does not fit, for a plan that is put away (`archived`) and for who may not change plans.
    """
    _known(fields)
    powers.require(by, MANAGE)
    plan = locked(Plan.objects.filter(pk=plan.pk)).get()
    if plan.archived_at is not None:
        raise Refused(_("This plan has been put away."), code="archived")
    fields = _tidy(fields)
    before, after = audit.changed({name: getattr(plan, name) for name in fields}, fields)
    if not after:
        return plan
    for name, value in after.items():
        setattr(plan, name, value)
    _guard(plan)
    plan.save(update_fields=list(after))
    _record("plan.changed", plan, at=at, by=by, before=before, after=after)
    return plan


@transaction.atomic
def archive(*, plan: Plan, at: datetime, by: Actor) -> Plan:
    """Offer it to nobody any more; who has taken it goes on with it. Raises `Refused` for who may not."""
    powers.require(by, MANAGE)
    plan = locked(Plan.objects.filter(pk=plan.pk)).get()
    if plan.archived_at is None:
        plan.archived_at = at
        plan.save(update_fields=["archived_at"])
        _record("plan.archived", plan, at=at, by=by, after={"name": plan.name})
    return plan


def offered_to(membership: Membership) -> QuerySet[Plan]:
    """The plans that a member can take: of the tiers that everyone sees, and of the one they were let into."""
    here = Plan.objects.of(membership.community_id).filter(archived_at=None, visible=True)
    return here.filter(Q(tier__visible=True) | Q(tier=membership.tier_id)).select_related("tier")


def are_asked(tier_id: int) -> bool:
    """Whether who enters this tier pays first: it has a plan that is offered and costs something."""
    return Plan.objects.filter(tier=tier_id, archived_at=None, visible=True, amount__gt=0).exists()


def _known(fields: dict[str, Any]) -> None:
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise ValueError(f"Not what may change of a plan: {', '.join(sorted(unknown))}")


def _tidy(fields: dict[str, Any]) -> dict[str, Any]:
    lines = {name: words.one_line(fields[name]) for name in ("name", "description") if name in fields}
    return fields | lines


def _guard_price(plan: Plan) -> None:
    if not 0 <= plan.amount <= LARGEST:
        raise Refused(_("A price is not less than nothing, and can be meant."), code="amount", field="amount")
    if plan.currency not in list_currencies():
        raise Refused(_("There is no such currency."), code="unknown", field="currency")
    if plan.interval not in Interval.values:
        raise Refused(_("There is no such interval."), code="unknown", field="interval")
    once = plan.interval == Interval.ONCE
    if once and not (plan.length_days and 1 <= plan.length_days <= 36_525):
        message = _("Say how many days it lasts: between one and a hundred years.")
        raise Refused(message, code="days", field="length_days")
    if not once and plan.length_days is not None:
        message = _("Only what is paid once has a term in days.")
        raise Refused(message, code="days", field="length_days")


def _guard(plan: Plan) -> None:
    if not plan.name:
        raise Refused(_("A plan needs a name."), code="required", field="name")
    for field, longest in (("name", 80), ("description", 240)):
        if len(getattr(plan, field)) > longest:
            message = _("%(longest)d characters at most.")
            raise Refused(message % {"longest": longest}, code="too_long", field=field)
    if not 0 <= plan.trial_days <= 365:
        raise Refused(_("Between 0 and 365 days."), code="days", field="trial_days")
    most = money_settings.of(plan.community_id).lapse_days
    if not 0 <= plan.grace_days <= most:
        message = _("Between 0 and %(most)d days: then a membership lapses.")
        raise Refused(message % {"most": most}, code="days", field="grace_days")
    if not 0 <= plan.tax_rate <= 10_000:
        raise Refused(_("Between 0% and 100%."), code="range", field="tax_rate")
    if not 0 <= plan.position <= 32_767:
        raise Refused(_("Between 0 and 32767."), code="range", field="position")


def _plain(plan: Plan, field: str) -> Any:
    return plan.tier.name if field == "tier" else getattr(plan, field)


def _record(
    action: str, plan: Plan, *, at: datetime, by: Actor, after: dict[str, Any], before: Any = None
) -> None:
    audit.record(
        action=action,
        object_kind="plan",
        object_id=plan.key.hex,
        by=by,
        at=at,
        community_id=plan.community_id,
        before=before or {},
        after=after,
    )
