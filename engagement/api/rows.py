"""Activities as programs send them: JSON or NDJSON, turned into the rows that files are made of.

From there on a program's row is judged exactly as a file's (`services.activities`).
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.services.activities import COLUMNS
from kernel import cells, imports
from kernel.api import parsers
from kernel.api.fields import plain
from kernel.api.problems import Malformed
from kernel.imports import Rejected, Row

MOST = 10_000
NAMES = tuple(column.name for column in COLUMNS)
NDJSON = "application/x-ndjson"

imports.reasons.update(
    {
        "not_json": gettext_lazy("This line is not JSON."),
        "not_object": gettext_lazy("An activity is an object; this is none."),
        "unknown_column": gettext_lazy("There is no column “%(value)s”; there are %(known)s."),
        "not_text": gettext_lazy("A text or a number is expected here."),
    }
)


class NDJSONParser(parsers.StrictJSONParser):
    """One JSON value a line; a line that is none becomes a rejected row and stops no other."""

    media_type = NDJSON

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        lines = parsers.read(stream, parser_context or {}).split(b"\n")
        return [_line(line) for line in lines if line.strip()]


def _line(line: bytes) -> Any:
    try:
        return parsers.loads(line)
    except Malformed:
        return Rejected("not_json")


def of(data: Any) -> list[Row]:
    """The rows of a body; `line` is the place in it, from 0. Raises `Malformed` for what is no list of rows."""
    if isinstance(data, Mapping):
        data = [data]
    if not isinstance(data, list):
        raise Malformed(_("An activity or an array of activities is expected."), location="pointer", name="#")
    if len(data) > MOST:
        words = _("At most %(most)d activities go into one request; these are %(found)d.")
        raise Malformed(
            words % {"most": MOST, "found": len(data)}, code="too_many", location="pointer", name="#"
        )
    return [_row(index, one) for index, one in enumerate(data)]


def _row(index: int, one: Any) -> Row:
    try:
        return Row(index, _cells(one))
    except Rejected as rejected:
        return Row(index, {}, problem=rejected)


def _cells(one: Any) -> dict[str, str]:
    if isinstance(one, Rejected):
        raise one
    if not isinstance(one, Mapping):
        raise Rejected("not_object")
    unknown = next((name for name in one if name not in NAMES), None)
    if unknown is not None:
        shown = cells.shown(unknown) if plain(unknown) else "?"
        raise Rejected("unknown_column", value=shown, known=", ".join(NAMES))
    return {name: _text(name, value) for name, value in one.items() if value is not None}


def _text(name: str, value: Any) -> str:
    """The value as a file's cell would hold it."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Rejected("not_text", column=name)
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    text = str(value).strip() if isinstance(value, str) or abs(value) < 10**30 else "9" * 31
    if not plain(text):
        raise Rejected("nul" if "\x00" in text else "encoding", column=name)
    return text
