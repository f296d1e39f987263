"""What is held on a person, and how it is erased: each app says both of what it keeps.

A contract test fails for every field that points at a person and that nobody here speaks for.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from django.db.models import QuerySet
from django.utils.functional import Promise

from kernel.registry import Registry

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """Who a person is in one community."""

    community_id: int
    membership_id: int
    number: int


@dataclass(frozen=True)
class Person:
    """Whom it is about: a person with all their memberships, or (`user_id` None) memberships alone.

    `addresses` are the e-mail addresses they are known by, in lower case.
    """

    user_id: int | None
    places: tuple[Place, ...]
    addresses: tuple[str, ...] = ()

    @property
    def membership_ids(self) -> list[int]:
        return [place.membership_id for place in self.places]


@dataclass(frozen=True)
class Table:
    """One table of what is held: `rows` begins anew at each call and may be long, so it is never all in memory."""

    name: str
    columns: Sequence[str]
    rows: Callable[[], Iterable[Row]]


@dataclass(frozen=True)
class Attachment:
    """A file that is held: its path within the zip, and how it is opened."""

    path: str
    open: Callable[[], IO[bytes]]


def nothing(person: Person) -> Iterator[Any]:
    """What a holder gives that has nothing of this sort."""
    return iter(())


@dataclass(frozen=True)
class Holding:
    """`fields` are the fields that point at the person ("app.Model.field"). `export` gives the tables for the
    person; `erase` takes out whatever says who they are, in the caller's transaction, and may be called again."""

    key: str
    label: str | Promise
    fields: frozenset[str]
    export: Callable[[Person], Iterable[Table]]
    erase: Callable[[Person, datetime], None]
    attachments: Callable[[Person], Iterable[Attachment]] = nothing


holdings: Registry[Holding] = Registry("holding of personal data")
#: Fields that keep pointing at a bare number or an emptied row, by name, and why that says nothing about anybody.
kept: dict[str, str] = {}
#: Models that point at nobody and could hold something of people all the same ("app.Model"): who sees to what they hold,
#: or why it says nothing about anybody.
beside: dict[str, str] = {}


def add(
    key: str,
    *,
    label: str | Promise,
    fields: Iterable[str],
    export: Callable[[Person], Iterable[Table]],
    erase: Callable[[Person, datetime], None],
    attachments: Callable[[Person], Iterable[Attachment]] = nothing,
) -> None:
    holdings.add(key, Holding(key, label, frozenset(fields), export, erase, attachments))


def keep(field: str, reason: str) -> None:
    """Say why a field may go on pointing at who was erased. Raises `ValueError` when it has been said."""
    if field in kept:
        raise ValueError(f"{field} is spoken for already.")
    kept[field] = reason


def stand_beside(model: str, reason: str) -> None:
    """Say how it is with a model that points at nobody. Raises `ValueError` when it has been said."""
    if model in beside:
        raise ValueError(f"{model} is spoken for already.")
    beside[model] = reason


def table(name: str, rows: QuerySet[Any], columns: Sequence[str]) -> Table:
    """A table of these columns of the rows (lookups, as they are named), read in portions."""
    ordered = rows.order_by("pk")
    return Table(name, columns, lambda: ordered.values(*columns).iterator(chunk_size=2000))


def never_erased(person: Person, at: datetime) -> None:
    """For what holds nothing that says who somebody is."""
