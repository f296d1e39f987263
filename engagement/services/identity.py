"""When two facts are one: the 16 bytes that a community's facts are unique by.

A fact with a name of its own (an id in a file, a dedupe key of the bus) is identified by that name alone. One
without is identified by all its values: actor, verb, target, object, circle, instant and value. Whether the
actor was staff is none of them, because that is looked up and not told.

Canonical form: the values in that order as PostgreSQL's COPY text has them, joined by tabs; the instant in UTC
in ISO 8601, numbers without trailing zeros. It is hashed with BLAKE2b. An unnamed fact's identity begins with
the hour it happened in (3 bytes, since 1970) instead of hash: facts arrive by time, and an index that grows at
its end loads much faster than one that is hit everywhere (docs/benchmarks.md). 104 bits of hash remain, within
one community and hour.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

NULL = "\\N"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SPECIAL = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\x00": "\ufffd"})
# Copying a hash that is set up takes half as long as setting one up.
_NAMED = blake2b(digest_size=16, person=b"named")
_VALUES = blake2b(digest_size=13, person=b"values")


class Row(NamedTuple):
    """A fact ready to be written. `at` is aware; `dedupe` is its own name, or "" when its values identify it."""

    member: int
    verb: str
    at: datetime
    target: int | None = None
    object_kind: str = ""
    object_id: str = ""
    circle_id: int | None = None
    value: Decimal | None = None
    staff: bool = False
    dedupe: str = ""


def of(row: Row) -> str:
    """The row's identity as 32 hexadecimal digits."""
    if row.dedupe:
        return of_name(row.dedupe)
    utc = row.at.astimezone(UTC).isoformat()
    return of_values(values(row, utc), utc)


def of_name(name: str) -> str:
    """The identity of the fact with that name."""
    named = _NAMED.copy()
    named.update(name.encode())
    return named.hexdigest()


def of_values(values: str, utc: str) -> str:
    """The identity of the unnamed fact with these values; `utc` is its instant in UTC in ISO 8601."""
    hashed = _VALUES.copy()
    hashed.update(values.encode())
    return _hour(utc[:13]) + hashed.hexdigest()


def values(row: Row, utc: str) -> str:
    """The values that identify the row, in canonical form: columns of COPY's text format."""
    member, verb, _at, target, kind, object_id, circle, value, _staff, _dedupe = row
    return (
        f"{member}\t{verb}\t{NULL if target is None else target}\t{kind and kind.translate(_SPECIAL)}\t"
        f"{object_id and object_id.translate(_SPECIAL)}\t{NULL if circle is None else circle}\t{utc}\t"
        f"{NULL if value is None else format(value.normalize(), 'f')}"
    )


@lru_cache(maxsize=100_000)
def _hour(text: str) -> str:
    hours = (datetime.fromisoformat(text + ":00+00:00") - _EPOCH) // timedelta(hours=1)
    return f"{hours & 0xFFFFFF:06x}"
