"""Every address there is, with its view: what the contracts walk."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


def views(prefix: str = "") -> Iterator[tuple[str, Any]]:
    """(address as it is written in the URLconf, view) of every pattern that begins with `prefix`."""
    for address, pattern in _patterns(get_resolver(), ""):
        if address.startswith(prefix):
            yield address, pattern.callback


def _patterns(resolver: URLResolver, before: str) -> Iterator[tuple[str, URLPattern]]:
    for one in resolver.url_patterns:
        address = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _patterns(one, address)
        else:
            yield address, one
