"""How findings write numbers: no decimal where none is needed, never two."""

from collections.abc import Sequence
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from kernel import words


def percent(share: float) -> str:
    """A share of 0 to 1 as a percentage in the reader's language; one decimal below 10% only."""
    value = share * 100
    return _("%(number)s%%") % {"number": decimal(value) if value < 9.95 else count(round(value))}


def decimal(value: float) -> str:
    # Django's number_format cuts digits off; it does not round.
    rounded = round(value, 1)
    return number_format(rounded, 0 if rounded == int(rounded) else 1)


def decimal2(value: float | None) -> str:
    """For what is small and compared with 1: two decimals, of large ones one; a dash where it is not known."""
    if value is None:
        return words.NOTHING
    return decimal(value) if abs(value) >= 10 else number_format(round(value, 2), 2)


def count(value: int) -> str:
    return number_format(value, 0, force_grouping=True)


def when(period: str, rows: Sequence[dict[str, Any]], name: str = "period") -> str:
    """The period inside a sentence: "in the week of 2 Mar 2026", "in Mar 2026", "on 2 Mar 2026".

    Which it is, day, week or month, the names of the series' periods tell.
    """
    grain = words.grain_of([row[name] for row in rows])
    text = {
        "week": pgettext("when", "in the week of %(day)s"),
        "month": pgettext("when", "in %(day)s"),
    }.get(grain, pgettext("when", "on %(day)s"))
    return text % {"day": words.period(period)}
