"""The member table's columns of dues: which plan, how far it is paid, how it stands. Only who may see the money sees them."""

from collections.abc import Callable, Collection
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from commerce.selectors import standings
from commerce.selectors.standings import Reading, Stands
from kernel.columns import Column, ColumnType, Elsewhere, add

PERMISSION = "money.view"
TONES = {
    Stands.SUSPENDED: "bad",
    Stands.GRACE: "warn",
    Stands.TO_PAY: "warn",
    Stands.TRIAL: "accent",
    Stands.PAID: "good",
    Stands.LIFE: "good",
}


def register() -> None:
    _column("plan", _("Plan"), ColumnType.TEXT, standings.PLAN)
    _column("paid_until", _("Paid until"), ColumnType.DAY, standings.PAID_UNTIL)
    _column(
        "dues",
        _("Dues"),
        ColumnType.CHOICE,
        standings.DUES,
        standings.URGENCY,
        choices=tuple(Stands.choices),
        tones=TONES,
        groups=(
            ("late", pgettext_lazy("dues", "Late"), standings.LATE),
            ("in_order", pgettext_lazy("dues", "In order"), standings.IN_ORDER),
        ),
        otherwise=Stands.NONE,
        of_choices=standings.of_words,
    )


def _column(
    key: str,
    label: Promise,
    kind: ColumnType,
    reading: Reading,
    sorted_by: Reading | None = None,
    of_choices: Callable[[int, Collection[str]], tuple[QuerySet[Any], ...]] | None = None,
    **more: Any,
) -> None:
    by = sorted_by or reading
    there = Elsewhere(reading.of_member, reading.of_community, by.order, of_choices)
    add(Column(key, "", label, kind, permission=PERMISSION, elsewhere=there, **more))
