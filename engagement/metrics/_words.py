"""How findings write numbers: no decimal where none is needed, never two."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _


def percent(share: float) -> str:
    """A share of 0 to 1 as a percentage in the reader's language; one decimal below 10% only."""
    value = share * 100
    return _("%(number)s%%") % {"number": decimal(value) if value < 9.95 else count(round(value))}


def decimal(value: float) -> str:
    # Django's number_format cuts digits off; it does not round.
    rounded = round(value, 1)
    return number_format(rounded, 0 if rounded == int(rounded) else 1)


def count(value: int) -> str:
    return number_format(value, 0, force_grouping=True)
