"""When two facts are one: the 16 bytes that a community's facts are unique by.

A fact with a name of its own (an id in a file, a dedupe key of the bus) is identified by that name alone. One
without is identified by all its values: actor, verb, instant, target, object, circle and value. Whether the
actor was staff is none of them, because that is looked up and not told.

Canonical form: the instant in UTC as ISO 8601, numbers without trailing zeros, nothing as "", in the order
above, joined by U+001F; hashed with BLAKE2b. The first four bytes of an unnamed fact's identity are the minute
it happened in (since 1970, modulo 2^32) instead of hash: facts arrive by time, and an index that grows at its
end loads twice as fast as one that is hit everywhere (docs/benchmarks.md). 96 bits of hash remain, within one
community and minute.
"""

from datetime import datetime
from decimal import Decimal
from hashlib import blake2b
from typing import NamedTuple


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


def of(row: Row, utc: str) -> str:
    """The row's identity as 32 hexadecimal digits; `utc` is its instant in UTC in ISO 8601."""
    member, verb, at, target, object_kind, object_id, circle_id, value, _staff, name = row
    if name:
        return of_name(name)
    values = (
        f"{member}\x1f{verb}\x1f{utc}\x1f{'' if target is None else target}\x1f{object_kind}\x1f{object_id}\x1f"
        f"{'' if circle_id is None else circle_id}\x1f{'' if value is None else format(value.normalize(), 'f')}"
    )
    minute = int(at.timestamp()) // 60 & 0xFFFFFFFF
    return f"{minute:08x}" + blake2b(values.encode(), digest_size=12, person=b"values").hexdigest()


def of_name(name: str) -> str:
    """The identity, as 32 hexadecimal digits, of the fact with that name."""
    return blake2b(name.encode(), digest_size=16, person=b"named").hexdigest()
