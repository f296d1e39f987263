"""What waits with money for somebody's decision."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commerce.selectors import disputes, stuck, transfers
from kernel import needs, waiting, words
from kernel.needs import Need
from kernel.tenancy import TenantRequest

MANAGE = "money.manage"
#: What nobody finished, by the queues in which it waits.
STUCK: dict[str, Callable[[int], QuerySet[Any]]] = {
    "stuck_attempts": stuck.attempts,
    "stuck_refunds": stuck.refunds,
    "stuck_events": stuck.events,
    "stuck_payments": stuck.payments,
}


def register() -> None:
    waiting.add("disputes", disputes.waiting, permission=MANAGE)
    waiting.add("bank_lines", transfers.waiting, permission=MANAGE)
    for key, rows in STUCK.items():
        waiting.add(key, _of(rows), permission=MANAGE)
    needs.add(_stuck, permission=MANAGE)
    needs.add(_disputed, permission=MANAGE)


def _of(rows: Callable[[int], QuerySet[Any]]) -> waiting.Rows:
    return lambda request: rows(request.community.id)


def _stuck(request: TenantRequest) -> Iterator[Need]:
    """Money whose fate nobody knows, or that is for nothing that is there."""
    many = waiting.many(request, *STUCK)
    if many:
        yield Need(
            weight=60,
            words=ngettext("%(n)s payment needs you.", "%(n)s payments need you.", many)
            % {"n": words.number(many)},
            hint=_("No provider says what became of it, or it came for what had ended."),
            act=_("Look at it"),
            url=reverse("commerce:payments", args=[request.community.slug]),
            icon="money",
        )


def _disputed(request: TenantRequest) -> Iterator[Need]:
    """A payer's bank waits for an answer, and takes its absence for one."""
    many = waiting.many(request, "disputes")
    if many:
        yield Need(
            weight=65,
            words=ngettext("%(n)s payment is disputed.", "%(n)s payments are disputed.", many)
            % {"n": words.number(many)},
            hint=_("Who does not answer the bank in time loses the money."),
            act=_("See what to do"),
            url=reverse("commerce:disputes", args=[request.community.slug]),
            icon="shield",
        )
