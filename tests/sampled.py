"""What is asked of everything there is, and takes minutes: the suite asks a sample of it, `make exhaustive` the rest.

Whoever names a file, or a folder, asks all of it.
"""

from collections.abc import Callable, Iterable
from typing import Any

import pytest


def sample(values: Iterable[Any], of: Callable[[int, Any], bool]) -> list[Any]:
    """Parameters, a tuple for several at once: those of which `of` (place, value) is true run with the suite."""
    return [
        pytest.param(
            *(value if isinstance(value, tuple) else (value,)),
            marks=() if of(place, value) else pytest.mark.exhaustive,
        )
        for place, value in enumerate(values)
    ]


def one_in(many: int) -> Callable[[int, Any], bool]:
    return lambda place, _value: place % many == 0


def those(*chosen: Any) -> Callable[[int, Any], bool]:
    return lambda _place, value: value in chosen
