"""The others of a series, as its pages name them."""

from datetime import datetime
from typing import Any

from gatherings.models import Event
from gatherings.selectors import seen
from kernel.tenancy import TenantRequest

SHOWN = 6


def next_of(event: Event, request: TenantRequest, at: datetime) -> list[Any]:
    """The next ones of its series besides itself, as far as whoever asks may see them."""
    if event.series_id is None:
        return []
    rows: Any = seen.shown(request).filter(series=event.series_id, starts_at__gt=at).exclude(pk=event.pk)
    found = list(rows.order_by("starts_at")[:SHOWN])
    seen.fill(found, request)
    return found
