"""Columns and filters of the member table that live in apps above it.

A column reads a lookup over reverse relations (`standing__stage`, say), so that the table stays one query; or, where no
lookup leads to the value, what `Elsewhere` says.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db.models import F, QuerySet
from django.utils.functional import Promise

from kernel.permissions import May
from kernel.registry import Registry


class ColumnType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    CHOICE = "choice"


@dataclass(frozen=True)
class Elsewhere:
    """Where a value lies that no lookup leads to: the same value read in three ways, each for what it is needed for.

    `value` is that of the member in hand, for the rows of a page or a file. `rows` are the keys of the members of a community,
    as `member`, with their `value`, for filters: in any number of sets, together everybody whose value is known. `order` is
    what the members of a community are sorted by, and what makes the relations that it joins (`keyset.Order.joins`).
    `of_choices`, where it is given, are the rows of whose value is one of some choices, found by what indexes know.
    """

    value: Callable[[], Any]
    rows: Callable[[int], tuple[QuerySet[Any], ...]]
    order: Callable[[int], tuple[Any, Callable[[], Mapping[str, Any]]]]
    of_choices: Callable[[int, Collection[str]], tuple[QuerySet[Any], ...]] | None = None


@dataclass(frozen=True)
class Note:
    """What the table says beside a value, in a few words: told from the value and others of the member, by their lookups."""

    lookups: tuple[str, ...]
    words: Callable[..., str]


@dataclass(frozen=True)
class Column:
    """`lookup` is a Django lookup from `Membership`; `choices` are (value, label) for a CHOICE.

    `tones` give some of the choices a colour of meaning ("good", "warn", ...), as badges know them. `home` is the
    lookup of the community's id beside the value, where an index begins with it. `order` is what the table is sorted by
    where that is not the value itself. Who lacks the `permission` is not told of the column in any way, nor of anything
    that is found by it. `groups` are (key, label, values): names for several choices, that filters know too. `otherwise` is
    the choice of who stands in none of the rows of `elsewhere`. `note` is for people alone: files and programs have the
    columns that it is told from. `anything` is what a filter of choices says that asks for none of them, where "any" and the
    label is no phrase.
    """

    key: str
    lookup: str
    label: str | Promise
    type: ColumnType
    choices: tuple[tuple[str, str | Promise], ...] = field(default=())
    select_related: tuple[str, ...] = field(default=())
    tones: Mapping[str, str] = field(default_factory=dict)
    home: str = ""
    order: str = ""
    permission: str = ""
    elsewhere: Elsewhere | None = None
    groups: tuple[tuple[str, str | Promise, frozenset[str]], ...] = field(default=())
    otherwise: str = ""
    note: Note | None = None
    anything: str | Promise = ""

    @property
    def is_read(self) -> bool:
        """Whether the database reads it by itself; not so what stands in the community's own fields."""
        return bool(self.lookup) or self.elsewhere is not None

    def value(self) -> Any:
        """The value of the member in hand, as an expression."""
        return F(self.lookup) if self.elsewhere is None else self.elsewhere.value()

    @property
    def asked(self) -> tuple[tuple[str, str | Promise], ...]:
        """What filters choose among: groups first."""
        return (*((key, label) for key, label, _values in self.groups), *self.choices)


columns: Registry[Column] = Registry("column")


def add(column: Column) -> None:
    columns.add(column.key, column)


def seen(may: May) -> list[Column]:
    """The columns of which somebody who may do that is told."""
    return [column for column in columns if not column.permission or may(column.permission)]


def withheld(may: May) -> list[Column]:
    """The others."""
    return [column for column in columns if column.permission and not may(column.permission)]
