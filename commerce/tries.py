"""How often one may guess a code. Nobody guesses one of ours; whoever tries all the same is soon told nothing more."""

from contextlib import suppress

from django.core.cache import cache
from django.http import HttpRequest

#: Wrong codes an hour, of one person or from one address.
MOST, WITHIN = 20, 3600


def are_over(request: HttpRequest) -> bool:
    """Whether this one has named too many codes that lead nowhere."""
    return (cache.get(_name(request)) or 0) >= MOST


def count(request: HttpRequest) -> None:
    """Another code that leads nowhere."""
    name = _name(request)
    cache.add(name, 0, timeout=WITHIN)
    # Better to lose count than to lose the page, where the cache does not answer.
    with suppress(ValueError):
        cache.incr(name)


def _name(request: HttpRequest) -> str:
    who = f"u{request.user.pk}" if request.user.is_authenticated else request.META.get("REMOTE_ADDR", "")
    return f"commerce.tries:{who}"
