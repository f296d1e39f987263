"""The member table's columns that come from the figures."""

from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from engagement.models.standing import Risk, Stage
from kernel import words
from kernel.columns import Column, ColumnType, Note, add

#: What a stage means to an operator, as the badges' colours know it.
TONES = {Stage.CORE: "good", Stage.ACTIVE: "good", Stage.DRIFTING: "warn"}
RISK_TONES = {Risk.FADING: "warn"}


def register() -> None:
    _standing("stage", "stage", _("Stage"), ColumnType.CHOICE, choices=tuple(Stage.choices), tones=TONES)
    _standing(
        "at_risk",
        "at_risk",
        _("At risk"),
        ColumnType.CHOICE,
        choices=tuple(Risk.choices),
        tones=RISK_TONES,
        anything=_("Fading or not"),
        note=Note(("standing__days_before", "standing__active_days", "standing__last_active_day"), _came),
    )
    _standing("score", "score", _("Score"), ColumnType.NUMBER)
    _standing("active_days", "active_days", _("Active days of the last 28"), ColumnType.NUMBER)
    _standing("last_active", "last_active_day", _("Last active"), ColumnType.DAY)


def _standing(key: str, column: str, label: Promise, kind: ColumnType, **more: Any) -> None:
    lookup = f"standing__{column}"
    add(Column(key=key, lookup=lookup, label=label, type=kind, home="standing__community_id", **more))


def _came(risk: str | None, before: int, since: int, last: date) -> str:
    """How often a fading member came before and since, and when they last did; nothing beside the others."""
    if risk != Risk.FADING:
        return ""
    return gettext("%(before)s days in 8 weeks, then %(since)s in 4; last on %(day)s") % {
        "before": words.number(before),
        "since": words.number(since),
        "day": words.day(last),
    }
