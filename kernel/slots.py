"""Pages that gather from every app: each app hangs its part into a named slot.

A part is a query (what it shows, or None for nothing) and a template. Rendering happens on the server, in
the order of registration, which is the order of the line.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from kernel.tenancy import TenantRequest


@dataclass(frozen=True)
class Part:
    """`query(request, subject)` returns the template's context, or None when there is nothing to show."""

    query: Callable[[TenantRequest, Any], dict[str, Any] | None]
    template: str
    permission: str


_parts: dict[str, list[Part]] = {}


def add(
    slot: str,
    *,
    query: Callable[[TenantRequest, Any], dict[str, Any] | None],
    template: str,
    permission: str = "",
) -> None:
    """Hang a part into a slot; `permission` empty means everyone who may see the page."""
    _parts.setdefault(slot, []).append(Part(query=query, template=template, permission=permission))


def names() -> list[str]:
    return list(_parts)


def parts(slot: str) -> list[Part]:
    return list(_parts.get(slot, []))


def render(slot: str, request: TenantRequest, subject: Any = None) -> list[SafeString]:
    """The slot's parts that this person may see and that have something to show, as HTML."""
    membership = getattr(request, "membership", None)
    rendered = []
    for part in parts(slot):
        if part.permission and not (membership and membership.may(part.permission)):
            continue
        context = part.query(request, subject)
        if context is not None:
            rendered.append(render_to_string(part.template, context, request=request))
    return rendered
