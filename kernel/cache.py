"""The cache, which may be lost at any moment: what is in it is a convenience, never the only copy.

While its server does not answer, reading finds nothing and writing does nothing, each at once and with a word
in the log; a signed-in person goes on from the database. `add` then says that the key was new: who marks with it
what is done does it once more. Counts are not to be had: `incr` raises `ValueError`, as for a key that is missing.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

#: Seconds in which a server that did not answer is not asked again.
PAUSE = 5.0


class ForgivingCache(RedisCache):
    """Django's Redis cache, without its exceptions for a server that is away."""

    _away_until = 0.0

    def add(self, *args: Any, **options: Any) -> bool:
        return bool(self._try(super().add, True, *args, **options))

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._try(super().get, default, key, default, version)

    def set(self, *args: Any, **options: Any) -> None:
        self._try(super().set, None, *args, **options)

    def touch(self, *args: Any, **options: Any) -> bool:
        return bool(self._try(super().touch, False, *args, **options))

    def delete(self, *args: Any, **options: Any) -> bool:
        return bool(self._try(super().delete, False, *args, **options))

    def get_many(self, *args: Any, **options: Any) -> dict[str, Any]:
        return dict(self._try(super().get_many, {}, *args, **options))

    def has_key(self, *args: Any, **options: Any) -> bool:
        return bool(self._try(super().has_key, False, *args, **options))

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        found = self._try(super().incr, None, key, delta, version)
        if found is None:
            raise ValueError(f"Key {key!r} not found: the cache does not answer.")
        return int(found)

    def set_many(self, data: dict[str, Any], *args: Any, **options: Any) -> list[str]:
        return list(self._try(super().set_many, list(data), data, *args, **options))

    def delete_many(self, *args: Any, **options: Any) -> None:
        self._try(super().delete_many, None, *args, **options)

    def _try(self, call: Callable[..., Any], without: Any, *args: Any, **options: Any) -> Any:
        if time.monotonic() < self._away_until:
            return without
        try:
            return call(*args, **options)
        except (RedisError, OSError) as error:
            self._away_until = time.monotonic() + PAUSE
            logger.warning("The cache does not answer (%s); going on without it.", type(error).__name__)
            return without
