"""What waits for somebody's decision: every app says which rows do, and a page asks once for all that it may tell of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, QuerySet, Subquery

from kernel.tenancy import TenantRequest

Rows = Callable[[TenantRequest], QuerySet[Any]]


@dataclass(frozen=True)
class Queue:
    """`rows` are those that wait for whoever asks; `permission` empty: the rows themselves say who decides."""

    rows: Rows
    permission: str


class _Many(Subquery):
    """How many rows there are, whatever stands around it."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) _waiting)"
    output_field = BigIntegerField()
    empty_result_set_value = 0


_queues: dict[str, Queue] = {}


def add(key: str, rows: Rows, *, permission: str = "") -> None:
    """Let an app say what waits with it, for those who hold the permission."""
    _queues[key] = Queue(rows, permission)


def many(request: TenantRequest, *keys: str) -> int:
    """How many wait in these queues together for whoever asks, none where they may not decide. All queues are counted
    in one query, when the page first asks for any of them."""
    counted: dict[str, int] | None = getattr(request, "_waiting", None)
    if counted is None:
        counted = request._waiting = _counted(request)  # type: ignore[attr-defined]
    return sum(counted.get(key, 0) for key in keys)


def _counted(request: TenantRequest) -> dict[str, int]:
    may = request.membership.may
    open_to = {key: queue for key, queue in _queues.items() if not queue.permission or may(queue.permission)}
    if not open_to:
        return {}
    communities = type(request.community)._default_manager.filter(pk=request.community.pk)
    counts = [_Many(queue.rows(request).order_by().values("pk")) for queue in open_to.values()]
    return dict(zip(open_to, communities.values_list(*counts).get(), strict=True))
