"""Where two sets of a figure's data differ: counts exactly, reals from the twelfth significant digit on."""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

#: Two reals whose difference is at most this share of the larger one are the same in 12 significant digits.
SHARE = 1e-12
#: What rows of periods call theirs.
PERIODS = ("period", "cohort")


class Difference(NamedTuple):
    """`at` is where, in the words of the API's data; `by` is what is counted less what is stored, None where they are no
    numbers."""

    at: str
    stored: Any
    counted: Any
    by: float | None


def between(stored: Any, counted: Any, at: str = "data") -> Iterator[Difference]:
    """Every place in which the two, as JSON has them, differ."""
    if isinstance(stored, dict) and isinstance(counted, dict):
        for name in [*stored, *(name for name in counted if name not in stored)]:
            yield from between(stored.get(name), counted.get(name), f"{at}.{name}")
    elif isinstance(stored, list) and isinstance(counted, list):
        if len(stored) != len(counted):
            yield _difference(f"{at}.length", len(stored), len(counted))
        for place, (one, other) in enumerate(zip(stored, counted, strict=False)):
            yield from between(one, other, f"{at}[{_called(one, place)}]")
    elif not _same(stored, counted):
        yield _difference(at, stored, counted)


def _called(row: Any, place: int) -> str:
    """A row of a period or a cohort is called by that, any other one by its place."""
    names = (row.get(name) for name in PERIODS) if isinstance(row, dict) else ()
    return next((name for name in names if isinstance(name, str)), str(place))


def _same(one: Any, other: Any) -> bool:
    if not (_is_number(one) and _is_number(other)):
        return bool(type(one) is type(other) and one == other)
    if isinstance(one, int) and isinstance(other, int):
        return one == other
    return math.isclose(one, other, rel_tol=SHARE, abs_tol=0.0)


def _difference(at: str, stored: Any, counted: Any) -> Difference:
    numbers = _is_number(stored) and _is_number(counted)
    return Difference(at, stored, counted, counted - stored if numbers else None)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
