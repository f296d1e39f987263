"""Disputes as staff look at them."""

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When

from commerce.models import Dispute
from kernel.tenancy import TenantRequest

State = Dispute.State
#: What somebody has to act on: to answer the bank, or to say what becomes of the membership.
WAITING = Q(state=State.OPEN) | Q(state=State.LOST, then="")


def of(community_id: int) -> QuerySet[Dispute]:
    """All there are: those to be decided first, by the day on which evidence is due; then the latest."""
    first = Case(When(state=State.OPEN, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = Dispute.objects.filter(community_id=community_id).select_related(
        "payment__membership", "payment__invoice__subscription__plan", "account", "credit_note"
    )
    return rows.order_by(first, F("evidence_due_at").asc(nulls_last=True), "-opened_at", "-id")


def waiting(request: TenantRequest) -> QuerySet[Dispute]:
    return Dispute.objects.filter(WAITING, community_id=request.community.id)
