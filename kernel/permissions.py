"""The one table of role to permission. Apps add their rows in `AppConfig.ready()`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.functional import Promise

from kernel.registry import Registry


@dataclass(frozen=True)
class Permission:
    key: str
    label: str | Promise
    roles: frozenset[str]


permissions: Registry[Permission] = Registry("permission")

#: Whether somebody has the permission of a key.
May = Callable[[str], bool]


def add(key: str, *, roles: Iterable[str], label: str | Promise) -> None:
    permissions.add(key, Permission(key=key, label=label, roles=frozenset(roles)))


def allows(role: str, key: str) -> bool:
    """Whether a member of that role has the permission. Raises `KeyError` for an unknown permission."""
    return role in permissions.get(key).roles


def unlimited(_key: str) -> bool:
    """What the site may that works by itself, where nobody looks on."""
    return True
