"""Who has taken which plan, as staff see it."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from commerce.models import Plan, Subscription
from members.models import Membership

Status, Kind = Subscription.Status, Subscription.Kind
#: What an operator chooses among; "alive" stands for all that have not ended.
ALIVE = "alive"
STATUSES = [(ALIVE, _("All that run")), *Status.choices]
SOON = 30
TONES = {
    Status.ACTIVE: "good",
    Status.TRIALING: "accent",
    Status.PENDING: "warn",
    Status.PAST_DUE: "warn",
    Status.SUSPENDED: "bad",
}


def at_the_desk(community_id: int, wanted: Mapping[str, str], *, today: date) -> QuerySet[Subscription]:
    """Those that fit what is wanted (`status`, `plan`, `kind`, `soon`, `q`), the latest first; what is no such value narrows
    nothing."""
    rows = Subscription.objects.of(community_id)
    status = wanted.get("status", "")
    rows = rows.filter(status=status) if status in Status.values else rows.live()
    if wanted.get("kind", "") in Kind.values:
        rows = rows.filter(kind=wanted["kind"])
    plan = next((one for one in plans_of(community_id) if str(one.key) == wanted.get("plan")), None)
    if plan is not None:
        rows = rows.filter(plan=plan)
    if wanted.get("soon"):
        rows = rows.filter(period_end__gt=today, period_end__lte=today + timedelta(days=SOON + 1))
        rows = rows.filter(Q(status=Status.CANCELLED) | ~Q(kind=Kind.PAID) | ~Q(plan__interval__in=_RENEWING))
        rows = rows.filter(Q(next_plan=None) | Q(status=Status.CANCELLED))
    if wanted.get("q", "").strip():
        people = Membership.objects.of(community_id).search(wanted["q"][:120])
        rows = rows.filter(membership__in=people.values("pk"))
    return rows.select_related("plan", "next_plan", "membership__user").order_by("-id")


_RENEWING = ("month", "quarter", "year")


def plans_of(community_id: int) -> list[Plan]:
    """Every plan, those put away too: somebody may have them."""
    return list(Plan.objects.of(community_id).order_by("position", "id"))


def to_give(community_id: int) -> list[Plan]:
    """Plans that staff can take for a member, those that are not shown to everyone too."""
    rows = Plan.objects.of(community_id).filter(archived_at=None)
    return list(rows.select_related("tier").order_by("position", "id"))
