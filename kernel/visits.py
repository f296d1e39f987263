"""When a member was here before: known to an app above, asked by those below."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

Visits = Callable[[Any, datetime], datetime | None]
_known: list[Visits] = []


def known_by(query: Visits) -> None:
    """Let an app answer `last_before`."""
    if query not in _known:
        _known.append(query)


def last_before(membership: Any, at: datetime) -> datetime | None:
    """The member's first page of the last day before this one (a day of the community's zone) on which they came by;
    None where none is known."""
    return next((found for query in _known if (found := query(membership, at)) is not None), None)
