"""Columns and filters of the member table that live in apps above it.

A column reads a lookup over reverse relations (`standing__stage`, say), so that the table stays one query.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.functional import Promise

from kernel.registry import Registry


class ColumnType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    CHOICE = "choice"


@dataclass(frozen=True)
class Column:
    """`lookup` is a Django lookup from `Membership`; `choices` are (value, label) for a CHOICE.

    `tones` give some of the choices a colour of meaning ("good", "warn", ...), as badges know them. `home` is the
    lookup of the community's id beside the value, where an index begins with it. `order` is what the table is sorted by
    where that is not the value itself.
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


columns: Registry[Column] = Registry("column")


def add(column: Column) -> None:
    columns.add(column.key, column)
