"""A community in which dues stand in every way they can, written as rows; and how each stands, by hand."""

from datetime import date
from typing import Any

from commerce.models import Payment, Plan, Seat, Subscription
from members.models import Membership
from tests import make
from tests.commerce.dues import plan

BEGAN, ENDS, LAST = date(2026, 3, 1), date(2026, 4, 1), date(2026, 3, 31)
SOON, SOON_LAST = date(2026, 3, 11), date(2026, 3, 10)

#: name: how the subscription of their own is, and what the table says: plan, paid until, dues.
OWN: dict[str, tuple[dict[str, Any], tuple[str, date | None, str]]] = {
    "Active": ({"status": "active"}, ("Monthly", LAST, "paid")),
    "Asked": ({"status": "pending", "period_end": None}, ("Monthly", None, "to_pay")),
    "Cancelled": ({"status": "cancelled"}, ("Monthly", LAST, "cancelled")),
    "Cancelled trial": (
        {"status": "cancelled", "trial_ends_on": SOON, "period_end": SOON},
        ("Monthly", SOON_LAST, "cancelled"),
    ),
    "Ended": (
        {"status": "ended", "ended_on": ENDS, "cause": "term_ended"},
        ("", None, "none"),
    ),
    "Free": ({"status": "active", "kind": "complimentary"}, ("Monthly", LAST, "free")),
    "Free for life": (
        {"status": "active", "kind": "complimentary", "period_end": None},
        ("Monthly", None, "free"),
    ),
    "Given": ({"status": "active", "kind": "gift", "period_end": SOON}, ("Monthly", SOON_LAST, "gift")),
    "Grace": ({"status": "past_due"}, ("Monthly", LAST, "grace")),
    "Lifelong": ({"status": "active", "plan": "For life", "period_end": None}, ("For life", None, "life")),
    "Paused": ({"status": "active", "paused_on": BEGAN}, ("Monthly", LAST, "paused")),
    "Suspended": ({"status": "suspended", "period_end": SOON}, ("Monthly", SOON_LAST, "suspended")),
    "Suspended gift": ({"status": "past_due", "kind": "gift"}, ("Monthly", LAST, "grace")),
    "Trial": (
        {"status": "trialing", "trial_ends_on": SOON, "period_end": SOON},
        ("Monthly", SOON_LAST, "trial"),
    ),
}
NONE = ("", None, "none")


def every_way(community: Any) -> dict[str, tuple[str, date | None, str]]:
    """Make them; what the table says of each, by name."""
    monthly, life = plan(community, name="Monthly"), plan(community, name="For life", interval="lifetime")
    shared = plan(community, name="Shared", group=True)
    plans = {"Monthly": monthly, "For life": life}
    told = {}
    for name, (fields, says) in OWN.items():
        own = dict(fields)
        subscribed(make.member(community, name=name), plans[own.pop("plan", "Monthly")], **own)
        told[name] = says
    # Whoever came back after their plan had ended has the new one.
    again = make.member(community, name="Again")
    subscribed(again, life, status="ended", ended_on=ENDS, cause="cancelled")
    subscribed(again, monthly, status="active")
    told["Again"] = ("Monthly", LAST, "paid")
    told |= _groups(community, monthly, shared) | _merged(community, monthly, shared)
    Payment.objects.create(
        community=community,
        membership=make.member(community, name="Imported"),
        method=Payment.Method.IMPORTED,
        amount=9_000,
        currency="CNY",
        paid_at=make.EARLY,
        recorded_at=make.EARLY,
        external_id="p1",
    )
    return told | {"Imported": NONE, "Owner": NONE}


def _groups(community: Any, monthly: Plan, shared: Plan) -> dict[str, tuple[str, date | None, str]]:
    """Who pays for a group, who sits in it, and who does not any more or has a plan of their own besides."""
    payer = make.member(community, name="Payer")
    group = subscribed(payer, shared, status="active", quantity=5)
    seated(group, payer)
    seated(group, make.member(community, name="Seated"))
    seated(group, make.member(community, name="Stood up"), ended_at=make.EARLY)
    seated(group, None)
    both = make.member(community, name="Seated and active")
    seated(group, both)
    subscribed(both, monthly, status="active")
    waiting = make.member(community, name="Seated and asked")
    seated(group, waiting)
    subscribed(waiting, monthly, status="pending", period_end=None)
    late = subscribed(make.member(community, name="Late payer"), shared, status="past_due", period_end=SOON)
    seated(late, make.member(community, name="In a late group"))
    over = subscribed(
        make.member(community, name="Over"), shared, status="ended", ended_on=ENDS, cause="cancelled"
    )
    seated(over, make.member(community, name="In a group that ended"))
    return {
        "Payer": ("Shared", LAST, "paid"),
        "Seated": ("Shared", LAST, "seat"),
        "Stood up": NONE,
        "Seated and active": ("Monthly", LAST, "paid"),
        "Seated and asked": ("Shared", LAST, "seat"),
        "Late payer": ("Shared", SOON_LAST, "grace"),
        "In a late group": ("Shared", SOON_LAST, "seat"),
        "Over": NONE,
        "In a group that ended": NONE,
    }


def _merged(community: Any, monthly: Plan, shared: Plan) -> dict[str, tuple[str, date | None, str]]:
    """Books stay with the record that was merged, and are those of who is kept."""
    subscribed(merged_into(make.member(community, name="Merged")), monthly, status="past_due")
    kept = make.member(community, name="Merged and active")
    subscribed(kept, monthly, status="active")
    subscribed(merged_into(kept), shared, status="suspended", period_end=SOON)
    asked = make.member(community, name="Merged and asked")
    subscribed(asked, shared, status="pending", period_end=None)
    subscribed(merged_into(asked), monthly, status="trialing", period_end=SOON)
    seat = make.member(community, name="Merged with a seat")
    seated(
        subscribed(make.member(community, name="Second payer"), shared, status="active"), merged_into(seat)
    )
    return {
        "Merged": ("Monthly", LAST, "grace"),
        "Merged and active": ("Monthly", LAST, "paid"),
        "Merged and asked": ("Monthly", SOON_LAST, "trial"),
        "Merged with a seat": ("Shared", LAST, "seat"),
        "Second payer": ("Shared", LAST, "paid"),
    }


def subscribed(member: Membership, to: Plan, **fields: Any) -> Subscription:
    given: dict[str, Any] = {
        "community": member.community,
        "amount": to.amount,
        "currency": to.currency,
        "anchor": BEGAN,
        "period_start": BEGAN,
        "period_end": ENDS,
        "started_at": make.EARLY,
    }
    return Subscription.objects.create(membership=member, plan=to, **(given | fields))


def seated(group: Subscription, member: Membership | None, **fields: Any) -> Seat:
    code = f"{group.pk}-{group.seats.count()}"
    taken = None if member is None else make.EARLY
    return Seat.objects.create(
        subscription=group, membership=member, code=code, made_at=make.EARLY, taken_at=taken, **fields
    )


def merged_into(kept: Membership) -> Membership:
    record = make.member(kept.community, name=f"Record of {kept.name}")
    Membership.objects.filter(pk=record.pk).update(merged_into=kept)
    return record
