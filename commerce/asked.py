"""What waits with money for somebody's decision."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from commerce.selectors import disputes, stuck, transfers
from kernel import needs, waiting

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
    needs.add_waiting(
        *STUCK,
        weight=60,
        words=ngettext_lazy("%(n)s payment needs you.", "%(n)s payments need you.", "many"),
        hint=_("No provider says what became of it, or it came for what had ended."),
        act=_("Look at it"),
        url="commerce:payments",
        icon="money",
        permission=MANAGE,
    )
    # A payer's bank waits for an answer, and takes its absence for one.
    needs.add_waiting(
        "disputes",
        weight=65,
        words=ngettext_lazy("%(n)s payment is disputed.", "%(n)s payments are disputed.", "many"),
        hint=_("Who does not answer the bank in time loses the money."),
        act=_("See what to do"),
        url="commerce:disputes",
        icon="shield",
        permission=MANAGE,
    )


def _of(rows: Callable[[int], QuerySet[Any]]) -> waiting.Rows:
    return lambda request: rows(request.community.id)
