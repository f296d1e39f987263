"""A file that goes in, as the rows it holds: one CSV, or, for kinds that come so, several in one zip.

The CSV files of a zip count as one that goes from the first byte of the first to the last of the last; lines are
counted through. So an import of a zip stops and goes on like any other.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import IO, Any, BinaryIO, NamedTuple, cast

from django.conf import settings
from django.core.files import File
from django.utils.translation import gettext as _

from kernel import csv_files, sheets, zip_files
from kernel.cells import shown
from kernel.csv_files import LONGEST_LINE, Head, Record, Records
from kernel.errors import Refused
from kernel.imports import ImportKind, Rejected, Row

#: Unknown columns that can be kept as custom fields; the API takes as many.
MOST_KEPT = 50


class Layout(NamedTuple):
    """Where the columns stand: the known ones, and the others that can be kept, by the names they are kept under."""

    known: list[tuple[int, str]]
    unknown: list[tuple[int, str]]
    width: int


class Part(NamedTuple):
    """One CSV. Its bytes begin at `start` among those of all."""

    name: str
    start: int
    size: int
    head: Head
    layout: Layout
    open: Callable[[], AbstractContextManager[IO[bytes]]]


class Source:
    """The rows of a file of a kind. `offset` and `line` tell where the next one begins. A zip is read through once to
    see whether it is what it says, unless that was `checked` before.

    Raises `Refused`, saying what to do, for a file that is none of that kind.
    """

    def __init__(
        self, file: BinaryIO, *, kind: ImportKind, name: str, keep_unknown: bool, checked: bool = False
    ) -> None:
        self._kind, self._keep = kind, keep_unknown
        self._parts: list[Part] = []
        if kind.takes_zip and zip_files.is_zip(file):
            self._open_zip(file, checked=checked)
        else:
            size = file.seek(0, 2)
            self._add(name, size, lambda: nullcontext(file))
        self._origin = self._missing_origin()
        first = self._parts[0].head
        self.offset, self.line = first.offset, first.line
        self.size = sum(part.size for part in self._parts)

    @property
    def header(self) -> list[str]:
        """The columns of every row's raw cells, in their order."""
        named = (label for part in self._parts for label in part.head.labels)
        if len(self._parts) == 1:
            return [*self._origin, *named]
        return [*self._origin, *dict.fromkeys(named)]

    @property
    def unknown(self) -> list[str]:
        return list(dict.fromkeys(label for part in self._parts for _place, label in part.layout.unknown))

    def rows(self, *, offset: int = 0, line: int = 0) -> Iterator[Row]:
        """The rows from there on, which a former `offset` and `line` told; by default all."""
        columns = {label: place for place, label in enumerate(self.header)}
        for part in self._parts:
            if part.start + part.size <= offset:
                continue
            with part.open() as file:
                if offset > part.start:
                    records = Records(cast(BinaryIO, file), offset=offset - part.start, line=line)
                else:
                    begin = part.head.line + max(line - 1, 0)
                    records = Records(cast(BinaryIO, file), offset=part.head.offset, line=begin)
                for record in records:
                    self.offset, self.line = part.start + records.offset, records.line
                    yield self._row(record, part, columns)
                offset, line = part.start + part.size, records.line

    def _missing_origin(self) -> list[str]:
        """The column that is put before the others, where the kind has one and the files do not."""
        origin = self._kind.origin
        has = all(any(name == origin for _place, name in part.layout.known) for part in self._parts)
        return [origin] if origin and not has else []

    def _open_zip(self, file: BinaryIO, *, checked: bool) -> None:
        archive, entries = zip_files.tables(file)
        if not checked:
            zip_files.check(archive, entries, most_bytes=settings.IMPORT_UPLOAD_MAX_BYTES)
        for entry in sorted(entries, key=lambda entry: self._kind.rank(zip_files.name(entry))):
            name = zip_files.name(entry)
            try:
                self._add(name, entry.file_size, lambda entry=entry: archive.open(entry))  # type: ignore[misc]
            except Refused as refusal:
                message = _("“%(name)s” in this zip file: %(why)s") % {"name": shown(name), "why": refusal}
                raise Refused(message, code=refusal.code, field=refusal.field) from None

    def _add(self, name: str, size: int, opened: Callable[[], AbstractContextManager[IO[bytes]]]) -> None:
        kind = self._kind
        with opened() as file:
            head = csv_files.head(
                cast(BinaryIO, file),
                known=[column.name for column in kind.columns],
                needed=kind.needed,
                aliases=kind.aliases,
                doubles=kind.doubles,
            )
        start = sum(part.size for part in self._parts)
        self._parts.append(Part(name, start, size, head, layout(kind, head.labels), opened))

    def _row(self, record: Record, part: Part, columns: Mapping[str, int]) -> Row:
        line, cells, problem = record
        known, unknown, width = part.layout
        if problem or len(cells) != width:
            rejected = _unreadable(record, width)
            if rejected is not None:
                return Row(line, {}, {}, [*(part.name for _name in self._origin), *cells], rejected)
        named = {name: cells[place].strip() for place, name in known}
        if "'" in "".join(named.values()):
            named = {name: sheets.restored(text) for name, text in named.items()}
        extra = {}
        if self._keep:
            extra = {
                label: text for place, label in unknown if (text := sheets.restored(cells[place].strip()))
            }
        if not self._kind.origin:
            return Row(line, named, extra, cells)
        named[self._kind.origin] = named.get(self._kind.origin) or part.name
        return Row(line, named, extra, self._raw(cells, part, columns))

    def _raw(self, cells: list[str], part: Part, columns: Mapping[str, int]) -> list[str]:
        """The cells in the order of `header`."""
        origin = [part.name for _name in self._origin]
        if len(self._parts) == 1:
            return [*origin, *cells]
        raw = origin + [""] * (len(columns) - len(origin))
        for label, text in zip(part.head.labels, cells, strict=False):
            raw[columns[label]] = text
        return raw


@contextmanager
def as_csv(file: "File[bytes]", kind: ImportKind) -> "Iterator[File[bytes]]":
    """The file as one that is read, gone on with and reported line by line: itself, where its kind is CSV, else the
    rows that the kind finds in it, on disk where they are many. Raises `Refused` for what is none of the kind."""
    table = kind.as_table(cast(BinaryIO, file))
    if table is None:
        yield file
        return
    with tempfile.SpooledTemporaryFile(max_size=1 << 20) as made:
        for line in sheets.lines([column.name for column in kind.columns], table):
            made.write(line.encode(errors="replace"))
            if made.tell() > settings.IMPORT_UPLOAD_MAX_BYTES:
                message = _("Unpacked, this file would be larger than %(most)d MB.")
                words = {"most": settings.IMPORT_UPLOAD_MAX_BYTES >> 20}
                raise Refused(message % words, code="zip_too_large", field="file")
        made.seek(0)
        yield File(cast(Any, made))


def layout(kind: ImportKind, labels: list[str]) -> Layout:
    """Where the columns stand. Of two that could be the same one, the first is it that is spelled exactly so, else the
    first that is when case does not matter, else the first by another name."""
    names = {column.name.lower(): column.name for column in kind.columns}
    ways: list[Callable[[str], Any]] = [
        lambda label: label if label in names.values() else None,
        lambda label: names.get(label.lower()),
        lambda label: names.get(kind.aliases.get(label.lower(), "")),
    ]
    known: dict[str, int] = {}
    taken: set[int] = set()
    for way in ways:
        for place, label in enumerate(labels):
            name = way(label)
            if name and name not in known and place not in taken:
                known[name] = place
                taken.add(place)
    unknown: list[tuple[int, str]] = []
    for place, label in enumerate(labels):
        if label and place not in taken:
            same = sum(labels[other] == label for other in range(place))
            unknown.append((place, f"{label} ({same + 1})" if same else label))
    return Layout([(place, name) for name, place in known.items()], unknown, len(labels))


def _unreadable(record: Record, width: int) -> Rejected | None:
    if record.problem:
        return Rejected(record.problem, most=LONGEST_LINE)
    found = len(record.cells)
    # Spreadsheets like to write empty cells after the last column.
    if found > width and not any(cell.strip() for cell in record.cells[width:]):
        return None
    return Rejected("cells", found=found, expected=width)
