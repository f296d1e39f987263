"""How many places one may take: enough for a family, not for who would take them all."""

from contextlib import suppress

from django.core.cache import cache
from django.http import HttpRequest

#: As guests from one address, within an hour.
MOST, WITHIN = 20, 3600
#: At one gathering by one person, for themselves and for whom they bring along.
MOST_PLACES = 10


def is_over(request: HttpRequest) -> bool:
    return (cache.get(_name(request)) or 0) >= MOST


def count(request: HttpRequest, many: int = 1) -> None:
    name = _name(request)
    cache.add(name, 0, timeout=WITHIN)
    # Better to lose count than to lose the page, where the cache does not answer.
    with suppress(ValueError):
        cache.incr(name, many)


def _name(request: HttpRequest) -> str:
    return f"gatherings.guests:{request.META.get('REMOTE_ADDR', '')}"
