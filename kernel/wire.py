"""Reading many rows at once: PostgreSQL's binary COPY straight into numpy, without an object a value.

The binary format is a head of 19 bytes, then for each row the number of fields and each field with its
length, big-endian, and -1 at the end (PostgreSQL documentation, COPY, "Binary Format"). Fixed rows are one
structured array; only rows without NULL can be read so.
"""

import io
import struct
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

HEAD = 19
TAIL = 2
#: What PostgreSQL counts days and instants from.
EPOCH_DAY = date(2000, 1, 1).toordinal()
EPOCH_MICROSECONDS = 946_684_800_000_000
_SIZES = {"int4": ">i4", "int8": ">i8", "float8": ">f8", "date": ">i4", "timestamptz": ">i8"}


def columns(
    sql: str, parameters: Sequence[Any] | Mapping[str, Any], kinds: Sequence[str]
) -> list[NDArray[Any]]:
    """The query's columns, in order: `kinds` are int4, int8, float8, date (as ordinals) and timestamptz (as
    microseconds since 1970 UTC). Whole numbers come as int64."""
    fields: list[tuple[str, str]] = [("width", ">i2")]
    for place, kind in enumerate(kinds):
        fields += [(f"length{place}", ">i4"), (f"value{place}", _SIZES[kind])]
    dtype = np.dtype(fields)
    raw = _copy(sql, parameters)
    rows = np.frombuffer(raw, dtype, count=(len(raw) - HEAD - TAIL) // dtype.itemsize, offset=HEAD)
    return [_native(rows[f"value{place}"], kind) for place, kind in enumerate(kinds)]


def _native(column: NDArray[Any], kind: str) -> NDArray[Any]:
    if kind == "float8":
        return column.astype(np.float64)
    shift = {"date": EPOCH_DAY, "timestamptz": EPOCH_MICROSECONDS}.get(kind, 0)
    return column.astype(np.int64) + shift


def blobs(sql: str, parameters: Sequence[Any] | Mapping[str, Any]) -> list[list[memoryview]]:
    """The query's rows as raw fields: bytea and text as they are, numbers big-endian (see `ordinal`)."""
    view = memoryview(_copy(sql, parameters))
    at, rows = HEAD, []
    while (width := struct.unpack_from(">h", view, at)[0]) != -1:
        at += 2
        row = []
        for _field in range(width):
            length = struct.unpack_from(">i", view, at)[0]
            at += 4
            row.append(view[at : at + length])
            at += length
        rows.append(row)
    return rows


def ordinal(field: memoryview) -> int:
    """The ordinal of a day that `blobs` read."""
    return int(struct.unpack(">i", field)[0]) + EPOCH_DAY


def whole(field: memoryview) -> int:
    """The whole number that `blobs` read."""
    return int.from_bytes(field, "big", signed=True)


def _copy(sql: str, parameters: Sequence[Any] | Mapping[str, Any]) -> bytes:
    sink = io.BytesIO()
    with connection.cursor() as cursor:
        query = cursor.mogrify(sql, parameters).decode()
        cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT binary)", sink, 1 << 20)
    return sink.getvalue()
