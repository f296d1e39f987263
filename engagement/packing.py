"""Columns of whole numbers in a few bytes each, readable by numpy without a loop.

A packed column is its smallest value, a width and the differences to it, each as an unsigned number of that
many bytes (1, 2, 4, 5 or 8; little-endian). Five bytes are what an instant within a day needs.
"""

import struct
from array import array
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

Whole = NDArray[np.int64]

_HEAD = struct.Struct("<qIB")
_WIDTHS = ((1, 1 << 8), (2, 1 << 16), (4, 1 << 32), (5, 1 << 40))


def pack(*columns: Whole) -> bytes:
    """The columns as bytes; `unpack` gives them back."""
    return b"".join(_pack(np.asarray(column, np.int64)) for column in columns)


def unpack(packed: bytes | memoryview) -> list[Whole]:
    columns, at, view = [], 0, memoryview(packed)
    while at < len(view):
        column, at = _unpack(view, at)
        columns.append(column)
    return columns


def member_set(numbers: Sequence[int] | Whole) -> BitMap:
    """The set of these member numbers. Of an `array` its numbers are taken at once, of anything else one by one."""
    return BitMap(array("I", np.asarray(numbers, np.uint32).tobytes()))


def pack_members(numbers: Sequence[int] | Whole) -> bytes:
    """A set of member numbers as a serialised roaring bitmap, in its smallest form."""
    members = member_set(numbers)
    members.run_optimize()
    members.shrink_to_fit()
    return members.serialize()


def _pack(column: Whole) -> bytes:
    if not len(column):
        return _HEAD.pack(0, 0, 1)
    base = int(column.min())
    offsets = (column - base).astype("<u8")
    span = int(offsets.max())
    width = next((width for width, limit in _WIDTHS if span < limit), 8)
    if width == 5:
        body = np.ascontiguousarray(offsets.view(np.uint8).reshape(-1, 8)[:, :5]).tobytes()
    else:
        body = offsets.astype(f"<u{width}").tobytes()
    return _HEAD.pack(base, len(column), width) + body


def _unpack(view: memoryview, at: int) -> tuple[Whole, int]:
    base, length, width = _HEAD.unpack_from(view, at)
    at += _HEAD.size
    body = view[at : at + length * width]
    if width == 5:
        wide = np.zeros((length, 8), np.uint8)
        wide[:, :5] = np.frombuffer(body, np.uint8).reshape(length, 5)
        offsets = wide.view("<u8").reshape(length)
    else:
        offsets = np.frombuffer(body, f"<u{width}")
    return offsets.astype(np.int64) + base, at + length * width
