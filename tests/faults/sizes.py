"""How often a scenario is gone through: a few times with the whole suite, in full by `make faults`."""

import os


def times(bounded: int, full: int) -> int:
    return full if os.environ.get("FAULTS") else bounded
