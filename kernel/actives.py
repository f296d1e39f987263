"""How many of some members were active lately: known to an app above, asked by those below."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

#: How far back "lately" goes, in days (`rolling28` of the figure `active_members`).
DAYS = 28
Actives = Callable[[Any, Collection[Collection[int]], datetime], list[int]]
_known: list[Actives] = []


def known_by(query: Actives) -> None:
    """Let an app answer `of_each`."""
    if query not in _known:
        _known.append(query)


def of_each(community: Any, groups: Collection[Collection[int]], at: datetime) -> list[int] | None:
    """Of each group of members' numbers, how many had an act on one of the last 28 complete days of the community; None
    where nobody counts acts."""
    return _known[0](community, groups, at) if _known else None
