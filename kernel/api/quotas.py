"""How often one may ask: fixed windows counted in the cache, told in the RateLimit headers of every answer.

The headers are those of the IETF draft "RateLimit header fields for HTTP". Where the cache is away nothing
is counted and nobody is turned away.
"""

import logging
import time
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache

logger = logging.getLogger(__name__)

#: Requests a window of seconds, by the name an operation asks for; `API_RATE_LIMITS` overrides.
DEFAULTS = {"default": (600, 60), "bulk": (120, 60), "search": (120, 60), "anonymous": (60, 60)}


@dataclass(frozen=True)
class Quota:
    """What is left to one caller in the window that is running."""

    name: str
    most: int
    window: int
    left: int
    reset: int
    exceeded: bool

    def headers(self) -> dict[str, str]:
        found = {
            "RateLimit-Policy": f'"{self.name}";q={self.most};w={self.window}',
            "RateLimit": f'"{self.name}";r={self.left};t={self.reset}',
        }
        if self.exceeded:
            found["Retry-After"] = str(self.reset)
        return found


def limit(name: str) -> tuple[int, int] | None:
    """How many requests a window of how many seconds; None for no limit."""
    found: dict[str, tuple[int, int] | None] = {**DEFAULTS, **getattr(settings, "API_RATE_LIMITS", {})}
    return found[name]


def take(*, name: str, caller: str) -> Quota | None:
    """Count one request of the caller; None when there is no limit or the cache does not answer."""
    allowed = limit(name)
    if allowed is None:
        return None
    most, window = allowed
    instant = time.time()
    key = f"api-quota:{name}:{caller}:{int(instant // window)}"
    try:
        cache.add(key, 0, timeout=window + 1)
        used = cache.incr(key)
    except ValueError:
        # The cache is away, or dropped the count in this very moment: better to lose count than to lose the API.
        logger.warning("API requests are not counted: the cache does not answer.")
        return None
    reset = max(1, window - int(instant % window))
    return Quota(name, most, window, left=max(0, most - used), reset=reset, exceeded=used > most)
