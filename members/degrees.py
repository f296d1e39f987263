"""A member's place on the map: two numbers or none, by whatever hand or file they come."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

PLACE = ("latitude", "longitude")
HALF_A_PLACE = _("Latitude and longitude belong together: one of them is missing.")


def missing_half(values: Mapping[str, Any]) -> str:
    """Of latitude and longitude the one that is missing beside the other; "" where both are given, or both left out,
    or both emptied."""
    given = {name for name in PLACE if name in values}
    known = {name for name in given if values[name] is not None}
    for half in (given, known):
        if len(half) == 1:
            return next(name for name in PLACE if name not in half)
    return ""
