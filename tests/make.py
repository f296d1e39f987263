"""Makers of the few things nearly every test needs, through the same services that the product uses."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from communities.models import Community
from communities.services import founding
from members.actors import Actor
from members.models import Membership, User
from members.roles import Role
from members.services import accounts, memberships

#: An instant long past, so that no test depends on today.
EARLY = datetime(2026, 1, 5, 9, tzinfo=UTC)
SITE = Actor.site("tests")

_numbers = count(1)


def person(email: str = "", *, name: str = "", password: str | None = None) -> User:
    """A person with a verified address."""
    user, _new = accounts.obtain(
        email=email or f"person{next(_numbers)}@example.org", password=password, name=name
    )
    return user


def community(slug: str = "", *, owner: User | None = None, at: datetime = EARLY, **fields: Any) -> Community:
    """A community founded by the service, with an owner; product type, UTC and English unless given."""
    values = {
        "slug": slug or f"community-{next(_numbers)}",
        "name": "Lantern",
        "type": "product",
        "timezone": "UTC",
        "language": "en",
        "currency": "EUR",
    } | fields
    return founding.found(owner=owner or person(), at=at, by=SITE, **values)


def member(of: Community, *, at: datetime = EARLY, role: str = Role.MEMBER, **user: Any) -> Membership:
    """A signed-up member of the community."""
    return memberships.enrol(community=of, user=person(**user), at=at, role=role, by=SITE)
