"""What a lower app needs to know of a community, without importing the app that keeps it."""

from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.http import HttpRequest


class Community(Protocol):
    """A tenant, as seen from below: `communities.Community` fits it."""

    id: int
    slug: str
    name: str
    type: str
    language: str
    timezone: str
    currency: str
    members_invite: bool

    @property
    def zone(self) -> ZoneInfo: ...


class TenantRequest(HttpRequest):
    """A request under a community's address, as the tenancy middleware hands it on.

    `community` is the tenant and `membership` who the person is there, None for a stranger. Both are models
    of apps above this floor, so they are known here by their use only.
    """

    community: Any
    membership: Any
    user: Any
    htmx: Any
