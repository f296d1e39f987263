"""The CSV files in a zip that somebody sends, read where they lie: nothing is unpacked to disk or into memory.

A zip says how large its files are before they are unpacked. Both are bounded: what it says, and, since it may lie,
what it turns out to be; reading never gives more than was said.
"""

import struct
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import BinaryIO

from django.utils.translation import gettext as _

from kernel.cells import shown
from kernel.errors import Refused

MOST_FILES = 50
#: Entries of any kind, and bytes of the directory that lists them: it is held in memory.
MOST_ENTRIES = 1000
LARGEST_DIRECTORY = 1 << 20
#: Exports in JSON have a file a channel and day.
MOST_JSON = 30_000
BLOCK = 1 << 20
#: The end of the directory, and where a zip of the larger kind says where its own is.
_END, _END_SIZE = b"PK\x05\x06", 22
_LONGEST_COMMENT = 1 << 16
_LARGE, _LARGE_SIZE = b"PK\x06\x07", 20
#: Others can unpack into more memory than was asked for.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 1


def is_zip(file: BinaryIO) -> bool:
    file.seek(0)
    return file.read(4) in (b"PK\x03\x04", _END)


def tables(file: BinaryIO) -> tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]:
    """The zip and its CSV files that hold anything, in its order. Raises `Refused` for what is no zip and for none."""
    return files(file, suffix=".csv", most=MOST_ENTRIES)


def files(file: BinaryIO, *, suffix: str, most: int) -> tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]:
    """The zip and its files of that ending that hold anything, in its order; of entries of any kind at most so many.
    Raises `Refused` for what is no zip and for none."""
    _refuse_directory(file, most=most)
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error):
        raise _damaged() from None
    found = [entry for entry in archive.infolist() if entry.file_size and _ends(entry.filename, suffix)]
    if not found:
        message = _("There is no %(kind)s file in this zip file.") % {
            "kind": suffix.removeprefix(".").upper()
        }
        raise Refused(message, code="zip_without_tables", field="file")
    return archive, found


def paths(file: BinaryIO) -> list[str]:
    """What lies in the zip, by its path there. Raises `Refused` for what is no zip and for one of too many files."""
    _refuse_directory(file, most=MOST_ENTRIES)
    try:
        return zipfile.ZipFile(file).namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error):
        raise _damaged() from None


def name(entry: zipfile.ZipInfo) -> str:
    """What a file in the zip is called, without its folders."""
    return PurePosixPath(entry.filename).name


def check(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], *, most_bytes: int) -> None:
    """Read these files through once. Raises `Refused` for more than `most_bytes`, said or real, and for damaged ones."""
    if len(entries) > MOST_FILES:
        message = _("At most %(most)d files fit in one zip file; there are %(found)d.")
        raise Refused(
            message % {"most": MOST_FILES, "found": len(entries)}, code="zip_too_many", field="file"
        )
    if sum(entry.file_size for entry in entries) > most_bytes:
        message = _("Unpacked, this zip file would be larger than %(most)d MB.")
        raise Refused(message % {"most": most_bytes >> 20}, code="zip_too_large", field="file")
    for entry in entries:
        _refuse_packing(entry)
        try:
            with archive.open(entry) as table:
                left = entry.file_size
                while block := table.read(BLOCK):
                    left -= len(block)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError):
            raise _damaged() from None
        if left:
            raise _damaged()


def content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, *, most: int) -> bytes:
    """What the file says, as far as `most` bytes. Raises `Refused` for a damaged one."""
    _refuse_packing(entry)
    try:
        with archive.open(entry) as file:
            return file.read(most)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError):
        raise _damaged() from None


def _refuse_packing(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _METHODS:
        message = _("“%(name)s” in this zip file is encrypted or packed in an unusual way.")
        raise Refused(message % {"name": shown(name(entry))}, code="zip_packed", field="file")


def _ends(path: str, suffix: str) -> bool:
    parts = PurePosixPath(path).parts
    return path.lower().endswith(suffix) and parts[0] != "__MACOSX" and not parts[-1].startswith(".")


def _refuse_directory(file: BinaryIO, *, most: int) -> None:
    """Refuse a directory too large to be read, before anything reads it."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_SIZE - _LONGEST_COMMENT - _LARGE_SIZE))
    tail = file.read()
    end = tail.rfind(_END)
    if end < 0 or len(tail) - end < _END_SIZE:
        raise _damaged()
    entries, length = struct.unpack_from("<HI", tail, end + 10)
    large = tail[max(0, end - _LARGE_SIZE) : end].startswith(_LARGE)
    if large or entries > most or length > LARGEST_DIRECTORY * most // MOST_ENTRIES:
        message = _("There are too many files in this zip file.")
        raise Refused(message, code="zip_too_many", field="file")


def _damaged() -> Refused:
    return Refused(_("This zip file is damaged: download it again."), code="zip_damaged", field="file")
