"""Files in: what a kind of file is, what becomes of each row, and the registry of kinds.

A kind names its columns and opens a `Load`, which takes rows chunk by chunk, each chunk in the runner's
transaction, and says for every row what became of it. Reasons are kept as a code and its parameters and put
into words when they are shown, in the reader's language.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, BinaryIO, ClassVar, NamedTuple
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.registry import Registry
from kernel.tenancy import Community

Words = str | Promise


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


class Rejected(Exception):
    """A row that cannot be taken: the column at fault ("" for the row as a whole), a code of `reasons`, and
    the parameters of its sentence (JSON-able)."""

    def __init__(self, code: str, *, column: str = "", **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.column = column
        self.params = params


class Row(NamedTuple):
    """One row of data. `line` is where it begins, counted from 1 as an editor does; `cells` are its named and
    known columns, stripped; `extra` the unknown ones that are kept; `raw` the cells as they stand in the file."""

    line: int
    cells: Mapping[str, str]
    extra: Mapping[str, str] = {}
    raw: Sequence[str] = ()
    #: Set when the row could not even be read.
    problem: Rejected | None = None


class Verdict(NamedTuple):
    """What became of a row. A rejected one has a code, and a column unless the row as a whole is at fault; one that
    was taken may have them too: then something in it was left out, and this remark says what."""

    outcome: Outcome
    column: str = ""
    code: str = ""
    params: Mapping[str, Any] = {}

    @classmethod
    def of(cls, rejected: Rejected) -> "Verdict":
        return cls(Outcome.REJECTED, rejected.column, rejected.code, rejected.params)

    @property
    def words(self) -> str:
        """The reason in the language in force; "" when there is none."""
        return reason(self.code, self.params) if self.code else ""


CREATED, UPDATED, UNCHANGED = Verdict(Outcome.CREATED), Verdict(Outcome.UPDATED), Verdict(Outcome.UNCHANGED)


@dataclass(frozen=True)
class Column:
    """A column of a kind of file, in the spelling that its file has it: `hint` says what stands in it."""

    name: str
    hint: Words
    needed: bool = False


@dataclass(frozen=True)
class Job:
    """One import. `at` is when it was asked for and the clock of everything in it, so that a second attempt
    decides as the first did; `by` is a `members.actors.Actor`."""

    id: UUID
    community: Community
    at: datetime
    by: Any
    options: Mapping[str, Any] = field(default_factory=dict)


class Load:
    """One import under way."""

    def survey(self, rows: Callable[[], Iterator[Row]], *, resume_line: int) -> None:
        """Read the whole file, if the kind must know it before it takes any row.

        Called once before the first chunk, also when an interrupted import goes on at `resume_line`.
        """

    def take(self, rows: Sequence[Row]) -> list[Verdict]:
        """Take these rows, in the caller's transaction; a verdict for each, in their order.

        When it raises, the transaction is undone and the same rows may be offered again, in other portions.
        """
        raise NotImplementedError


class ImportKind:
    """The base of every kind of file."""

    key: ClassVar[str]
    title: ClassVar[Words]
    hint: ClassVar[Words]
    columns: ClassVar[tuple[Column, ...]]
    #: Rows of a small file to begin from, in the order of `columns`; none where nobody writes such files by hand.
    sample: ClassVar[tuple[tuple[str, ...], ...]]
    #: Whether unknown columns can be kept, as custom fields.
    keeps_unknown: ClassVar[bool] = False
    #: Whether what such a file brought can be taken back as a whole, because its rows only ever add.
    retractable: ClassVar[bool] = False
    #: What else somebody has to be allowed who sends such a file; "" for nothing more.
    permission: ClassVar[str] = ""
    #: Rows taken in one transaction.
    chunk: ClassVar[int] = 1000
    #: What else a column is called in such files: its name by the other one, both in small letters.
    aliases: ClassVar[Mapping[str, str]] = {}
    #: Whether a header may name a column twice, as tools write it that let people name theirs.
    doubles: ClassVar[bool] = False
    #: Whether several such files come in one zip.
    takes_zip: ClassVar[bool] = False
    #: The column that tells which file a row stood in; files that do not have it get it as they are read.
    origin: ClassVar[str] = ""

    def open(self, job: Job) -> Load:
        raise NotImplementedError

    def as_table(self, file: BinaryIO) -> Iterator[Sequence[str]] | None:
        """Rows in the order of `columns`, of a kind whose files are not CSV; None where they are. Raises `Refused`,
        saying what to do, for a file that is none of the kind."""
        return None

    def rank(self, name: str) -> int:
        """Where a file of this name has its turn among those of a zip; equal ones keep their order."""
        return 0

    @property
    def needed(self) -> list[str]:
        return [column.name for column in self.columns if column.needed]


kinds: Registry[ImportKind] = Registry("kind of import")


def add(kind: ImportKind) -> None:
    kinds.add(kind.key, kind)


#: Why a row is rejected, by code. Kinds add their own.
reasons: dict[str, Words] = {
    "broken": _("This row cannot be read as CSV: a quotation mark is opened and not closed as it should be."),
    "encoding": _("This row is not UTF-8 text."),
    "nul": _("This row holds a character that is no text (NUL)."),
    "line_end": _("This row holds a line end in the middle; put the cell into quotation marks."),
    "line_too_long": _("This line is longer than %(most)d bytes."),
    "cells": _("The row has %(found)d cells where the header has %(expected)d columns."),
    "needed": _("This cell is needed and empty."),
    "too_long": _("At most %(most)d characters fit here; there are %(found)d."),
    "time": _(
        "“%(value)s” is no time; one such as 2026-03-02T14:30:00Z or a day such as 2026-03-02 is expected."
    ),
    "too_old": _("“%(value)s” is before 1900."),
    "future": _("“%(value)s” is in the future: at most one day ahead is taken."),
    "number": _("“%(value)s” is no number such as 12.50."),
    "currency": _("“%(value)s” is no currency; a code of ISO 4217 such as CNY is expected."),
    "decimals": _("%(value)s has more decimals than %(currency)s, or is too large."),
    "range": _("%(value)s is not between %(least)s and %(most)s."),
    "choice": _("“%(value)s” is not known here; known are: %(known)s."),
    "unknown_member": _("There is no member “%(value)s” in this community."),
    "too_many": _("At most %(most)d fit here; there are %(found)d."),
    "stored": _("The database does not take this row: %(value)s"),
    "emptied": _("This row was about somebody who has been erased: what stood in it is not kept."),
}


def reason(code: str, params: Mapping[str, Any]) -> str:
    """The sentence, in the language in force."""
    words = reasons.get(code)
    return code if words is None else str(words) % params
