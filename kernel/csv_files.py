"""Reading CSV that people send: what is well made is read fast, what is not is named by line, and nothing that
comes after a broken row is lost.

UTF-8 with or without BOM, commas, RFC 4180 quotation marks, line ends \\n or \\r\\n. The file is read as bytes,
line by line, so that an import can stop after any row and go on there (`Records.offset`, `Records.line`).
"""

import codecs
import csv
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO, NamedTuple

from django.utils.translation import gettext as _

from kernel.cells import shown
from kernel.errors import Refused

#: No row of ours is near this; a longer line is not text with line ends.
LONGEST_LINE = 1 << 20
#: A quotation mark that is not closed within so many bytes was not meant to open a cell.
LONGEST_RECORD = 1 << 17
SAMPLE = 1 << 20


class Record(NamedTuple):
    """A row as it stands: where it begins, its cells, and a code of `imports.reasons` when it is unreadable."""

    line: int
    cells: list[str]
    problem: str = ""


class _Line(NamedTuple):
    text: str
    end: int
    problem: str


class _Unclosed(Exception):
    pass


class Records:
    """The rows of a file from `offset` on, which is the first byte of line `line`. Blank rows are passed over.

    After each row `offset` and `line` tell where the next one begins.
    """

    def __init__(self, file: BinaryIO, *, offset: int = 0, line: int = 1) -> None:
        self._file = file
        self._ahead: deque[_Line] = deque()
        self.offset = self._read = offset
        self.line = line
        file.seek(offset)

    def __iter__(self) -> Iterator[Record]:
        while (first := self._next()) is not None:
            begins = self.line
            if first.problem:
                cells, lines = first.text.split(","), 1
                problem = first.problem
            elif '"' in first.text:
                cells, lines, problem = self._quoted(first)
            else:
                cells, lines, problem = first.text.rstrip("\r\n").split(","), 1, ""
            self.line += lines
            if problem or any(cell and not cell.isspace() for cell in cells):
                yield Record(begins, cells, problem)

    def _quoted(self, first: _Line) -> tuple[list[str], int, str]:
        taken: list[_Line] = []

        def feed() -> Iterator[str]:
            line: _Line | None = first
            size = 0
            while line is not None:
                taken.append(line)
                size += len(line.text)
                if size > LONGEST_RECORD and len(taken) > 1:
                    raise _Unclosed
                yield line.text
                line = self._next()

        try:
            cells = next(csv.reader(feed(), strict=True))
        except (csv.Error, _Unclosed):
            # Only the line where it began is lost: what follows is read again as rows of its own.
            self._ahead.extendleft(reversed(taken[1:]))
            self.offset = first.end
            return first.text.rstrip("\r\n").split(","), 1, "broken"
        problem = next((line.problem for line in taken if line.problem), "")
        return cells, len(taken), problem

    def _next(self) -> _Line | None:
        if self._ahead:
            line = self._ahead.popleft()
            self.offset = line.end
            return line
        raw = self._file.readline(LONGEST_LINE)
        if not raw:
            return None
        problem = ""
        if len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
            problem = "line_too_long"
            self._read += self._skip_line()
        self._read += len(raw)
        self.offset = self._read
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            text, problem = raw.decode(errors="replace"), problem or "encoding"
        if "\x00" in text:
            text, problem = text.replace("\x00", "\ufffd"), problem or "nul"
        if "\r" in text and "\r" in text.rstrip("\r\n") and '"' not in text:
            problem = problem or "line_end"
        return _Line(text[:1000] if problem == "line_too_long" else text, self._read, problem)

    def _skip_line(self) -> int:
        skipped = 0
        while raw := self._file.readline(LONGEST_LINE):
            skipped += len(raw)
            if raw.endswith(b"\n"):
                break
        return skipped


class Head(NamedTuple):
    """The header: column names as they stand, stripped, and where the rows begin."""

    labels: list[str]
    offset: int
    line: int


def head(
    file: BinaryIO,
    *,
    known: Sequence[str],
    needed: Sequence[str],
    aliases: Mapping[str, str] | None = None,
    doubles: bool = False,
) -> Head:
    """Read the header. Raises `Refused`, saying what to do, for a file that is no CSV of these columns.

    Names are compared in small letters; `aliases` has those of columns by what else they are called, and `doubles`
    says whether a column may be named twice.
    """
    file.seek(0)
    sample = file.read(SAMPLE)
    _refuse_other_formats(sample)
    start = len(codecs.BOM_UTF8) if sample.startswith(codecs.BOM_UTF8) else 0
    records = Records(file, offset=start)
    first = next(iter(records), None)
    if first is None:
        raise Refused(_("The file is empty."), code="empty", field="file")
    if first.problem == "encoding" or _nothing_decodes(sample):
        raise _wrong_encoding(sample)
    labels = [name.strip() for name in first.cells]
    known, needed = [name.lower() for name in known], [name.lower() for name in needed]
    names = [(aliases or {}).get(label.lower(), label.lower()) for label in labels]
    _refuse_header(names, problem=first.problem, known=known, needed=needed)
    if not doubles:
        _refuse_doubles(names)
    return Head(labels, records.offset, records.line)


def _refuse_other_formats(sample: bytes) -> None:
    if not sample.strip():
        raise Refused(_("The file is empty."), code="empty", field="file")
    if sample.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        message = _("This file is a spreadsheet. Save it as “CSV UTF-8” and send that.")
        raise Refused(message, code="spreadsheet", field="file")
    known = sample.startswith((b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"%PDF"))
    full_of_nul = sample.count(0) * 10 > len(sample)
    if not known and _is_utf16(sample):
        message = _("This file is UTF-16 text. Save it as “CSV UTF-8” and send that.")
        raise Refused(message, code="encoding", field="file")
    if known or full_of_nul or b"\x00" in sample.split(b"\n", 1)[0]:
        message = _("This file is no text. Save it as “CSV UTF-8” and send that.")
        raise Refused(message, code="binary", field="file")


def _is_utf16(sample: bytes) -> bool:
    """Whether every second byte is mostly NUL, as Latin text in UTF-16 has it, or a mark says so."""
    marked = sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    few, many = sorted((sample[0::2].count(0), sample[1::2].count(0)))
    return marked or (many * 4 > len(sample) and few * 4 < many)


def _nothing_decodes(sample: bytes) -> bool:
    """Whether every line after the header is wrong: then the whole file is in another encoding, not a row."""
    rows = [row for row in sample.split(b"\n")[1:] if row.strip()]
    if len(sample) == SAMPLE:
        rows = rows[:-1]
    return bool(rows) and not any(_decodes(row) for row in rows)


def _decodes(row: bytes, encoding: str = "utf-8") -> bool:
    try:
        row.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _wrong_encoding(sample: bytes) -> Refused:
    lines = sample.split(b"\n")
    if len(sample) == SAMPLE:
        lines = lines[:-1]
    if _decodes(b"\n".join(lines), "gb18030"):
        message = _(
            "This file is not UTF-8 text; it may be GBK or another older encoding. Save it as “CSV UTF-8”."
        )
    else:
        message = _("This file is not UTF-8 text. Save it as “CSV UTF-8” and send that.")
    return Refused(message, code="encoding", field="file")


def _refuse_header(names: list[str], *, problem: str, known: Sequence[str], needed: Sequence[str]) -> None:
    if problem == "line_end":
        message = _("The lines of this file end as on very old Macs. Save it as “CSV UTF-8” and send that.")
        raise Refused(message, code="line_end", field="file")
    missing = [name for name in needed if name not in names]
    if problem or missing:
        raise _missing(names, missing or list(needed), known)


def _refuse_doubles(names: list[str]) -> None:
    doubled = sorted({name for name in names if name and names.count(name) > 1})
    if doubled:
        message = _("The header names these columns more than once: %(names)s.")
        raise Refused(
            message % {"names": ", ".join(map(shown, doubled))}, code="doubled_columns", field="file"
        )


def _missing(names: list[str], missing: list[str], known: Sequence[str]) -> Refused:
    line = ",".join(names)
    for mark, word in ((";", _("semicolons")), ("\t", _("tabs")), ("|", _("vertical bars"))):
        if mark in line and set(known) & {part.strip().strip('"') for part in line.split(mark)}:
            message = _("The columns of this file are parted by %(marks)s. Save it with commas between them.")
            return Refused(message % {"marks": word}, code="separator", field="file")
    if not set(known) & set(names):
        message = _("The first line must name the columns. Needed are: %(missing)s. It reads: %(line)s")
        params = {"missing": ", ".join(missing), "line": shown(line)}
        return Refused(message % params, code="no_header", field="file")
    message = _("These columns are needed and not in the file: %(missing)s.")
    return Refused(message % {"missing": ", ".join(missing)}, code="missing_columns", field="file")
