"""What a lower app needs to know of a community, without importing the app that keeps it."""

from typing import Protocol
from zoneinfo import ZoneInfo


class Community(Protocol):
    """A tenant, as seen from below: `communities.Community` fits it."""

    id: int
    slug: str
    name: str
    type: str
    language: str
    timezone: str
    currency: str

    @property
    def zone(self) -> ZoneInfo: ...
