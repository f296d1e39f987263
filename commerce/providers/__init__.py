"""The shelf of payment rails: one file an entry, one line here."""

from collections.abc import Mapping

from commerce.providers.base import Provider
from kernel.registry import Registry

providers: Registry[type[Provider]] = Registry("payment rail")


def add(rail: type[Provider]) -> None:
    providers.add(rail.key, rail)


def connect(key: str, keys: Mapping[str, str], *, notify_url: str = "") -> Provider:
    """The adapter of that rail for an account with these keys. Raises `KeyError` for an unknown rail."""
    return providers.get(key)(keys, notify_url=notify_url)
