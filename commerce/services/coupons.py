"""Coupons: something off the dues, for who knows the code. Each member uses one once."""

from collections.abc import Iterable
from datetime import datetime

from babel.numbers import list_currencies
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from commerce.discounts import Discount
from commerce.models import Coupon, CouponUse, Plan, Subscription
from kernel.errors import Refused
from kernel.locks import locked
from kernel.money import LARGEST
from kernel.tenancy import Community
from members.actors import Actor
from members.models import Membership
from members.services import audit, powers

MANAGE = "plans.manage"


@transaction.atomic
def create(
    *,
    community: Community,
    code: str,
    at: datetime,
    by: Actor,
    percent: int | None = None,
    amount: int | None = None,
    currency: str = "",
    periods: int | None = None,
    plans: Iterable[Plan] = (),
    limit: int | None = None,
    expires_at: datetime | None = None,
    good_for: str = Coupon.GoodFor.DUES,
) -> Coupon:
    """A coupon of `percent` (in hundredths of a per cent) or of an `amount` in a currency; without `plans` it is good for
    all. A code reads the same in capitals.

    Raises `Refused` for what does not fit, for a code that was used before (`taken`) and for who may not make coupons.
    """
    powers.require(by, MANAGE)
    coupon = Coupon(
        community_id=community.id,
        code=_written(code),
        good_for=Coupon.GoodFor(good_for),
        percent=percent,
        amount=amount,
        currency=currency if amount is not None else "",
        periods=periods,
        limit=limit,
        expires_at=expires_at,
        created_at=at,
    )
    plans = list(plans)
    if plans and coupon.good_for != Coupon.GoodFor.DUES:
        raise Refused(_("Plans are named for a coupon that is good for dues."), code="plans", field="plans")
    if any(plan.community_id != community.id for plan in plans):
        raise ValueError("A plan of another community.")
    _guard(coupon, at)
    try:
        with transaction.atomic():
            coupon.save(force_insert=True)
    except IntegrityError:
        message = _("There is, or was, a coupon of this code: choose another one.")
        raise Refused(message, code="taken", field="code") from None
    coupon.plans.set(plans)
    told = {name: getattr(coupon, name) for name in ("percent", "amount", "currency", "periods", "limit")}
    _record("coupon.created", coupon, at=at, by=by, after=told | {"plans": [plan.name for plan in plans]})
    return coupon


@transaction.atomic
def end(*, coupon: Coupon, at: datetime, by: Actor) -> Coupon:
    """Take it from nobody new; who uses it keeps what was promised. Raises `Refused` for who may not."""
    powers.require(by, MANAGE)
    coupon = locked(Coupon.objects.filter(pk=coupon.pk)).get()
    if coupon.ended_at is None:
        coupon.ended_at = at
        coupon.save(update_fields=["ended_at"])
        _record("coupon.ended", coupon, at=at, by=by, after={})
    return coupon


def judge(
    *, code: str, plan: Plan, membership: Membership, at: datetime, hold: bool = False
) -> Coupon | None:
    """The coupon of that code, where this member can use it now for this plan; None for no code at all.

    `hold` locks it until the transaction ends, so that the last use goes to one. Raises `Refused` (field `coupon`).
    """
    if not code.strip():
        return None
    coupon = _found(code, membership.community_id, hold)
    _guard_good(coupon, Coupon.GoodFor.DUES, at)
    if not _is_for(coupon, plan):
        raise _no(_("This coupon is for another plan."), "other_plan")
    if coupon.currency and coupon.currency != plan.currency:
        message = _("This coupon is in %(currency)s, and the plan is not.")
        raise _no(message % {"currency": coupon.currency}, "currency")
    _guard_unused(coupon, membership)
    return coupon


def judge_order(
    *,
    code: str,
    community_id: int,
    membership: Membership | None,
    currency: str,
    at: datetime,
    hold: bool = False,
) -> Coupon | None:
    """The coupon of that code, where this member (None for a guest whom nobody knows yet) can use it now for what they
    order in this currency; as `judge`."""
    if not code.strip():
        return None
    coupon = _found(code, community_id, hold)
    _guard_good(coupon, Coupon.GoodFor.ORDERS, at)
    if coupon.currency and coupon.currency != currency:
        message = _("This coupon is in %(currency)s, and the price is not.")
        raise _no(message % {"currency": coupon.currency}, "currency")
    _guard_unused(coupon, membership)
    return coupon


def _found(code: str, community_id: int, hold: bool) -> Coupon:
    rows = Coupon.objects.of(community_id).filter(code=_written(code))
    coupon = (locked(rows) if hold else rows).first()
    if coupon is None or coupon.ended_at is not None:
        raise _no(_("There is no coupon of this code."), "unknown")
    return coupon


def _guard_good(coupon: Coupon, wanted: Coupon.GoodFor, at: datetime) -> None:
    if coupon.expires_at is not None and coupon.expires_at <= at:
        raise _no(_("This coupon is not good any more."), "expired")
    if coupon.good_for != wanted:
        raise _no(_("This coupon is for something else."), "other_plan")


def _guard_unused(coupon: Coupon, membership: Membership | None) -> None:
    used = coupon.uses.filter(Q(membership=membership) | Q(membership__merged_into=membership))
    if membership is not None and used.exists():
        raise _no(_("You have used this coupon already."), "used")
    if coupon.limit is not None and coupon.uses.count() >= coupon.limit:
        raise _no(_("This coupon has been used up."), "used_up")


def use(coupon: Coupon, subscription: Subscription, *, at: datetime) -> CouponUse:
    """Take note that it is used. The caller has judged and holds it."""
    return CouponUse.objects.create(
        coupon=coupon, membership=subscription.membership, subscription=subscription, used_at=at
    )


def discount_of(coupon: Coupon, plan: Plan) -> Discount | None:
    """What it takes off this plan; None where it is for others, or in another currency: who goes over to such a plan pays
    that one's price."""
    if not _is_for(coupon, plan) or (coupon.currency and coupon.currency != plan.currency):
        return None
    return Discount(percent=coupon.percent or 0, amount=coupon.amount or 0, periods=coupon.periods)


def _is_for(coupon: Coupon, plan: Plan) -> bool:
    named = set(coupon.plans.values_list("pk", flat=True))
    return not named or plan.pk in named


def _written(code: str) -> str:
    return code.strip().upper()


def _no(message: str, code: str) -> Refused:
    return Refused(message, code=code, field="coupon")


def _guard(coupon: Coupon, at: datetime) -> None:
    code = coupon.code
    if not (2 <= len(code) <= 40 and code.replace("-", "").isalnum()):
        message = _("A code is 2 to 40 letters, digits and hyphens.")
        raise Refused(message, code="code", field="code")
    if (coupon.percent is None) == (coupon.amount is None):
        raise Refused(_("A coupon takes off a share or an amount."), code="both", field="percent")
    if coupon.percent is not None and not 1 <= coupon.percent <= 10_000:
        raise Refused(_("More than nothing, and 100% at most."), code="range", field="percent")
    if coupon.amount is not None and not 1 <= coupon.amount <= LARGEST:
        raise Refused(_("More than nothing, please."), code="range", field="amount")
    if coupon.amount is not None and coupon.currency not in list_currencies():
        raise Refused(_("There is no such currency."), code="unknown", field="currency")
    for field, most in (("periods", 32_767), ("limit", 2_147_483_647)):
        value = getattr(coupon, field)
        if value is not None and not 1 <= value <= most:
            raise Refused(_("One at least; leave it empty for any number."), code="range", field=field)
    if coupon.expires_at is not None and coupon.expires_at <= at:
        raise Refused(_("This time has passed already."), code="past", field="expires_at")


def _record(action: str, coupon: Coupon, *, at: datetime, by: Actor, after: dict[str, object]) -> None:
    audit.record(
        action=action,
        object_kind="coupon",
        object_id=coupon.code,
        by=by,
        at=at,
        community_id=coupon.community_id,
        after=after,
    )
