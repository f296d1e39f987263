"""How often a scenario is gone through: a few times with the whole suite, in full by `make faults`."""

import os

import pytest

#: What needs a peer that only `make faults` fetches.
in_full_only = pytest.mark.skipif(not os.environ.get("FAULTS"), reason="by `make faults` alone")


def times(bounded: int, full: int) -> int:
    return full if os.environ.get("FAULTS") else bounded
