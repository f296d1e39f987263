"""The weekly digest is put together from what every app has to tell of a community's week."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from kernel.mails import Section
from kernel.registry import Registry
from kernel.tenancy import Community


@dataclass(frozen=True)
class Week:
    """The week told of: `start` is included, `end` is not; both are instants at the community's midnight."""

    community: Community
    start: datetime
    end: datetime


#: Tells of the week what every member may know, in the language in force; None for nothing worth a letter.
Query = Callable[[Week], Section | None]
#: Tells one member (a `Membership`) of the week what concerns them alone; None for nothing.
OwnQuery = Callable[[Week, object], Section | None]
#: Finds once what is the same for all readers of a week, and gives what tells one member of it.
Begin = Callable[[Week], Callable[[object], Section | None]]


@dataclass(frozen=True)
class Part:
    """A part of the digest. `news` tells whether it is worth a letter by itself, or only comes along."""

    query: Query | None
    own: OwnQuery | None
    news: bool
    begin: Begin | None = None


parts: Registry[Part] = Registry("part of the digest")


def add(
    key: str,
    query: Query | None = None,
    *,
    own: OwnQuery | None = None,
    begin: Begin | None = None,
    news: bool = True,
) -> None:
    """Let an app tell its part, in the order of registration, which is the order of the line."""
    parts.add(key, Part(query, own, news, begin))
