"""How many cases a property of money is tried with: some with all the other tests, ten thousand in `make long`."""

import os

import pytest
from hypothesis import settings


def sized(test):
    """The test (whose first argument is `size`) twice: in the suite, and at full length among the long ones."""
    sizes = ["some", pytest.param("all", marks=[pytest.mark.long, pytest.mark.timeout(1200)])]
    cases = 10_000 if os.environ.get("LONG") else 250
    return pytest.mark.parametrize("size", sizes)(settings(max_examples=cases)(test))
