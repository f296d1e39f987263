"""When a fact may have happened: in no century of mistyped years, and not far ahead of the clock."""

from datetime import datetime

from django.utils.translation import gettext as _

from kernel.cells import AHEAD, FIRST_YEAR
from kernel.errors import Refused

__all__ = ["AHEAD", "check"]


def check(occurred_at: datetime, *, latest: datetime) -> None:
    """Raises `Refused` for a fact later than `latest` (the clock and `AHEAD`), or before the year 1900."""
    if occurred_at > latest:
        message = _("%(time)s is in the future: facts may lie at most one day ahead.")
        raise Refused(message % {"time": occurred_at.isoformat()}, code="future", field="occurred_at")
    if occurred_at.year < FIRST_YEAR:
        message = _("%(time)s is before 1900.")
        raise Refused(message % {"time": occurred_at.isoformat()}, code="too_old", field="occurred_at")
