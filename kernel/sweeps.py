"""Sweeps over what is due: one that cannot be gone on with keeps nobody else waiting, of another community least of all.

Why it failed stands in the log, with its number; it stays due, and the next sweep tries it again.
"""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")


def each(what: str, due: Iterable[T], act: Callable[[T], int]) -> int:
    """`alone` for all that is due; how many `act` says it did."""
    return sum(alone(what, one, act) for one in due)


def alone(what: str, one: T, act: Callable[[T], int]) -> int:
    """What `act` says it did of one that is due, in a transaction of its own where it has any; 0 where it failed. `what` is
    its kind, for the log: a row goes there by its key, so that nobody's name does."""
    try:
        return act(one)
    except Exception:
        log.exception("%s %s could not be gone on with.", what, getattr(one, "pk", None) or one)
        return 0
