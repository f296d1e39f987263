"""Who asks to be let into a circle, as those see it who decide."""

from uuid import UUID

from communities.models import Circle, CircleRequest
from communities.models.circle_request import CircleRequestQuerySet
from kernel import access, keyset
from kernel.keyset import Order, Page
from kernel.tenancy import TenantRequest
from members.roles import COUNTED

PAGE = 50
OLDEST = Order("asked_at", tie="id")


def shown(request: TenantRequest) -> CircleRequestQuerySet:
    """Every request for a circle that whoever asks may see, with all that a list shows of it, in one query."""
    circles = access.shown(Circle.objects.of(request.community.id), request)
    rows = CircleRequest.objects.filter(circle__in=circles)
    return rows.select_related("circle__minimum_tier", "membership__tier", "decided_by")


def queue(request: TenantRequest, cursor: str = "", *, circle: Circle | None = None) -> Page[CircleRequest]:
    """One page of those that can be answered now, for the circle or for all, the longest wait first."""
    rows = shown(request) if circle is None else shown(request).filter(circle=circle)
    return keyset.page(_answerable(rows), order=OLDEST, size=PAGE, cursor=cursor)


def waiting(request: TenantRequest) -> CircleRequestQuerySet:
    """Those that can be answered now."""
    return _answerable(shown(request))


def one(request: TenantRequest, key: UUID) -> CircleRequest | None:
    return shown(request).filter(key=key).first()


def _answerable(rows: CircleRequestQuerySet) -> CircleRequestQuerySet:
    """Of those who left or pause meanwhile the requests lie until they are back."""
    return rows.open().filter(circle__archived_at=None, membership__status__in=COUNTED)
