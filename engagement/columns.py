"""The member table's columns that come from the figures."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from engagement.models.standing import Stage
from kernel.columns import Column, ColumnType, add

#: What a stage means to an operator, as the badges' colours know it.
TONES = {Stage.CORE: "good", Stage.ACTIVE: "good", Stage.DRIFTING: "warn"}


def register() -> None:
    _standing("stage", "stage", _("Stage"), ColumnType.CHOICE, choices=tuple(Stage.choices), tones=TONES)
    _standing("score", "score", _("Score"), ColumnType.NUMBER)
    _standing("active_days", "active_days", _("Active days of the last 28"), ColumnType.NUMBER)
    _standing("last_active", "last_active_day", _("Last active"), ColumnType.DAY)


def _standing(key: str, column: str, label: Promise, kind: ColumnType, **more: Any) -> None:
    lookup = f"standing__{column}"
    add(Column(key=key, lookup=lookup, label=label, type=kind, home="standing__community_id", **more))
