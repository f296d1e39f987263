"""Tables that leave as files: CSV that streams, and in which a spreadsheet finds nothing to run."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import StreamingHttpResponse

#: What makes a spreadsheet read a cell as a formula: these at its beginning, in their wide forms too; and, as many
#: take a semicolon, a tab or a line end for the end of a cell, whatever the file says, these behind such a mark.
_FORMULA = "=+\\-@＝＋－＠"
_DANGEROUS = re.compile(rf"^(?=[\t\r\n{_FORMULA}])|(?<=[;\t\r\n])(?=[{_FORMULA}])")
_DEFUSED = re.compile(rf"^'(?=[\t\r\n{_FORMULA}])|(?<=[;\t\r\n])'(?=[{_FORMULA}])")
BOM = "\ufeff"


def cell(value: Any) -> str:
    """The value as a cell: times in ISO 8601, lists by `;`, a text that a spreadsheet would run defused."""
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int | float):
        return str(value)
    text = ";".join(str(part) for part in value) if isinstance(value, list | tuple) else str(value)
    return _DANGEROUS.sub("'", text)


def restored(text: str) -> str:
    """A cell of our own files as it was before it was defused, so that they can be corrected and sent back."""
    return _DEFUSED.sub("", text)


class _Line:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def lines(header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The table as lines of CSV (RFC 4180)."""
    writer = csv.writer(_Line())
    yield writer.writerow([cell(name) for name in header])
    for row in rows:
        yield writer.writerow([cell(value) for value in row])


def answer(header: Sequence[Any], rows: Iterable[Sequence[Any]], *, name: str) -> StreamingHttpResponse:
    """A download of that (ASCII) file name, sent while it is made; it begins with the BOM Excel needs."""

    def written() -> Iterator[str]:
        yield BOM
        yield from lines(header, rows)

    response = StreamingHttpResponse(written(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
