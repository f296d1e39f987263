"""Messages that were reported, as those see them who keep order: who, whom and why. What they say is read by itself."""

from uuid import UUID

from django.db.models import QuerySet

from communities.models import Community, MessageReport
from kernel import keyset
from kernel.keyset import Order, Page
from kernel.tenancy import TenantRequest

PAGE = 30
OLDEST = Order("at", tie="id")
LATEST = Order("at", tie="id", descending=True)


def rows(community: Community) -> QuerySet[MessageReport]:
    found = MessageReport.objects.filter(community=community).defer("evidence")
    return found.select_related("by", "about", "settled_by", "community")


def queue(community: Community, cursor: str = "", *, settled: bool = False) -> Page[MessageReport]:
    """One page of those that wait, the longest wait first; or of those that are settled, the latest first."""
    if settled:
        return keyset.page(rows(community).exclude(outcome=""), order=LATEST, size=PAGE, cursor=cursor)
    return keyset.page(rows(community).filter(outcome=""), order=OLDEST, size=PAGE, cursor=cursor)


def waiting(request: TenantRequest) -> QuerySet[MessageReport]:
    """Those that nobody has settled."""
    return MessageReport.objects.filter(community=request.community, outcome="")


def one(community: Community, key: UUID) -> MessageReport | None:
    return rows(community).filter(key=key).first()
