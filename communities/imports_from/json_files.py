"""What other tools export as JSON, file by file: bounded, and read without trusting that anything is what it should be."""

import json
from typing import Any, BinaryIO
from zipfile import ZipFile, ZipInfo

from django.utils.translation import gettext as _

from kernel import zip_files
from kernel.cells import shown
from kernel.errors import Refused

#: A file is read into memory as a whole.
LARGEST = 64 << 20
#: Where a message stops being one: what is behind is cut off, and said to be.
LONGEST = 20_000


def of_zip(archive: ZipFile, entry: ZipInfo) -> Any:
    """What a file in a zip says. Raises `Refused` for one that is damaged, too large, or no JSON."""
    return parsed(zip_files.content(archive, entry, most=LARGEST + 1), name=zip_files.name(entry))


def of_file(file: BinaryIO) -> Any:
    """What the file says, from its beginning. Raises `Refused` for one that is too large, or no JSON."""
    file.seek(0)
    return parsed(file.read(LARGEST + 1), name=str(getattr(file, "name", None) or "JSON"))


def parsed(content: bytes, *, name: str) -> Any:
    if len(content) > LARGEST:
        message = _("“%(name)s” is larger than %(most)d MB: have the export parted into smaller files.")
        raise Refused(
            message % {"name": shown(name), "most": LARGEST >> 20}, code="json_too_large", field="file"
        )
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        message = _("“%(name)s” is no JSON: send the export as it is.")
        raise Refused(message % {"name": shown(name)}, code="json", field="file") from None


def text(found: Any, *names: str) -> str:
    """The text at the end of these names, "" where there is none; numbers count as text."""
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return (
        str(found).replace("\x00", "") if isinstance(found, str | int | float) and found is not True else ""
    )


def rows(found: Any) -> list[dict[str, Any]]:
    """The objects of a list, and nothing else that stands in it."""
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def cut(body: str) -> str:
    return body if len(body) <= LONGEST else body[: LONGEST - 1] + "…"
